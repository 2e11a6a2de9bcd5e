"""What is looked at, and at what cost: the real pictures of a made-up place, and a detector that finds white."""

import tracemalloc
from collections.abc import Callable, Sequence

import av
import numpy as np
import pytest

from inference.detections import Detections, Fit, Picture
from inference.look import Look
from inference.pipeline import Pipeline, Step
from inference.sheets import packed
from inference.stages import Stages
from inference.views import Cut, View
from streams.frame import Frame

SIZE = (640, 360)
Lorry = tuple[float, float, float]  # left, top, width in px; half as high
GRAIN = np.random.default_rng(1).integers(50, 70, (1080, 1920, 1), np.uint8)


class White:
    """Finds white rectangles shown `least` px wide and more, as a detector that is blind for small things does."""

    classes = ("truck",)
    fit: Fit = "letterbox"
    flexible = True
    problem = None

    def __init__(self, size: tuple[int, int] = (640, 384), least: int = 4) -> None:
        self.size, self.least = size, least
        self.runs = self.pixels = 0

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.runs += len(pictures)
        self.pixels += sum(picture.shape[0] * picture.shape[1] for picture in pictures)
        for picture in pictures:
            assert picture.shape[0] <= self.size[1]
            assert picture.shape[1] <= self.size[0]
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        import cv2  # noqa: PLC0415

        mask = (picture[..., 0] > 180).view(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        found = [[x, y, x + w, y + h] for x, y, w, h, _ in stats[1:].tolist() if w >= self.least]
        count = len(found)
        boxes = np.array(found, np.float32).reshape(-1, 4)
        return Detections(boxes, np.full(count, 0.9, np.float32), np.zeros(count, np.int32))


def shown(lorries: Sequence[Lorry], size: tuple[int, int] = SIZE) -> av.VideoFrame:
    picture = np.repeat(GRAIN[: size[1], : size[0]], 3, axis=2)
    for left, top, width in lorries:
        picture[round(top) : round(top + width / 2), round(left) : round(left + width)] = 255
    return av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def played(
    detector: White, scene: Callable[[float], Sequence[Lorry]], seconds: float, size: tuple[int, int] = SIZE
) -> list[Step]:
    """Five pictures per second."""
    pipeline = Pipeline(detector, [])
    times = (number / 5 for number in range(round(seconds * 5)))
    return [pipeline.step(Frame(shown(scene(time), size), time, number)) for number, time in enumerate(times)]


def test_a_quiet_place_costs_one_whole_look_a_second() -> None:
    detector = White()
    steps = played(detector, lambda _: [], 5)
    assert detector.runs == 5
    assert detector.pixels == 5 * 640 * 360, "nothing but the picture, in its own shape"
    assert sum(bool(step.sheets) for step in steps) == 5


def test_a_parked_lorry_is_found_by_the_second_picture_and_costs_little_more() -> None:
    detector = White()
    steps = played(detector, lambda _: [(300, 150, 60)], 10)
    assert [len(step.tracks) for step in steps[1:]] == [1] * 49
    assert detector.runs <= 10 + 2
    assert set(steps[-1].tracks.ids.tolist()) == {1}


def test_a_far_lorry_the_whole_picture_does_not_show_is_found_as_it_drives() -> None:
    detector = White(least=40)
    steps = played(detector, lambda time: [(100 + 8 * time, 120, 16)], 6)
    assert all(len(step.tracks) for step in steps[10:])
    box = steps[-1].tracks.boxes[0]
    assert box == pytest.approx([100 + 8 * 5.8, 120, 116 + 8 * 5.8, 128], abs=3)


def test_a_far_lorry_that_stands_is_found_where_lorries_were_before() -> None:
    """Three drive by; the fourth comes and stops in fog, and moves no more when that lifts."""
    detector = White(least=40)

    def scene(time: float) -> list[Lorry]:
        detector.least = 40 if time < 45 or time >= 60 else 1000
        if time >= 47:
            return [(200, 120, 16)]
        return [(100 + 16 * (time % 15), 120, 16)] if time < 45 and time % 15 < 11 else []

    steps = played(detector, scene, 80)
    assert len(steps[59 * 5].tracks) == 0
    assert all(len(step.tracks) for step in steps[68 * 5 :])


def test_many_movers_cost_two_inputs_and_none_is_forgotten() -> None:
    detector = White(size=(416, 416))
    grid = [(40.0 + 120 * column, 30.0 + 60 * row) for column in range(5) for row in range(5)]
    steps = played(detector, lambda time: [(x + 12 * time, y, 40) for x, y in grid], 6)
    assert detector.runs <= 2 * len(steps)
    assert len(steps[-1].tracks) == len(grid)
    assert sorted(steps[-1].tracks.ids.tolist()) == list(range(1, len(grid) + 1))


def test_tiles_of_a_large_picture_are_gone_through_one_by_one() -> None:
    size = (1920, 1080)
    detector = White(least=30)
    steps = played(detector, lambda _: [(1500, 800, 64)], 12, size)
    assert max(len(step.sheets) for step in steps) <= 2
    tiles = {
        pane.cut.view
        for step in steps
        for sheet in step.sheets
        for pane in sheet.panes
        if pane.cut.view != View.whole(size) and pane.cut.view.width > 900
    }
    assert len(tiles) == 9
    assert len(steps[-1].tracks) == 1, "21 px in the whole picture, 43 px in its tile"


def test_a_clock_set_back_puts_no_whole_look_off() -> None:
    detector = White()
    pipeline = Pipeline(detector, [])
    for number, time in enumerate([1000.0, 1000.2, 10.0, 10.2]):
        pipeline.step(Frame(shown([]), time, number))
    assert detector.runs == 2


def test_a_picture_is_copied_once_at_most_between_decoder_and_detector() -> None:
    """Into a sheet that it shares with others; what a sheet shows alone is not copied at all."""
    look, frame = Look(White(), Stages()), shown([], (1920, 1080))
    crops = [Cut(View(300 * number, 200, 240, 240), 192, 192) for number in range(3)]
    shared, alone = (packed(cuts, (640, 384), 1)[0] for cuts in (crops, crops[:1]))
    assert [len(sheet.panes) for sheet in (shared, alone)] == [3, 1]
    for sheet, copies in ((shared, 1), (alone, 0)):
        look._drawn(frame, sheet)  # warm
        tracemalloc.start()
        drawn = look._drawn(frame, sheet)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < (copies + 0.1) * drawn.nbytes  # of NumPy; what swscale writes to is not traced
