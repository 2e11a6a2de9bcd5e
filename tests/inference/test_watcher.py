"""One camera watched: when everything is decoded, when key frames only, and what is looked for in them."""

from collections.abc import Sequence

import numpy as np
from av.video.frame import VideoFrame

from inference.attention import Level
from inference.detections import Detections, Fit, Picture
from inference.pipeline import Pipeline
from inference.watcher import Watcher
from streams.eye import Eye, Gaze
from streams.frame import Frame
from streams.latest import Latest
from streams.ring import Ring

WIDTH, HEIGHT = 640, 360
GROUND = np.random.default_rng(3).integers(60, 120, (HEIGHT, WIDTH)).astype(np.uint8)


class Counting:
    """A detector that finds nothing, or one parked lorry, and counts the pictures it was shown."""

    classes = ("truck",)
    size = (416, 416)
    fit: Fit = "letterbox"
    flexible = False
    problem = None

    def __init__(self) -> None:
        self.shown, self.parked = 0, False

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.shown += len(pictures)
        return [self._lorry(picture) if self.parked else Detections.none() for picture in pictures]

    def _lorry(self, picture: Picture) -> Detections:
        height, width = picture.shape[:2]
        box = np.array([[0.4 * width, 0.6 * height, 0.6 * width, 0.8 * height]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.array([0], np.int32))


class Site:
    """A watcher with all of its parts; the pictures are handed to it instead of being decoded."""

    def __init__(self) -> None:
        self.eye = Eye(Ring(), Latest[Frame](), Gaze())
        self.detector = Counting()
        self.calmed = 0
        self.watcher = Watcher(Pipeline(self.detector, []), self.eye, self._calm)

    def _calm(self) -> None:
        self.calmed += 1

    def look(self, start: float, seconds: float, *, lorry: bool = False) -> float | None:
        """Five pictures a second for so long, or until it rests: when (s), None: it does not."""
        for number in range(round(seconds * 5)):
            time = start + number / 5
            self.watcher.step(picture(time, lorry=lorry))
            if self.eye.resting:
                return time
        return None

    def glimpse(self, time: float, *, lorry: bool = False) -> None:
        self.watcher.step(picture(time, lorry=lorry, glimpse=True))


def picture(time: float, *, lorry: bool = False, glimpse: bool = False) -> Frame:
    """The ground, and a lorry that crosses it in ten seconds."""
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    planes[:HEIGHT] = GROUND
    if lorry:
        left = int(time * WIDTH / 10) % (WIDTH - 90)
        planes[150:200, left : left + 90] = 230
    return Frame(VideoFrame.from_ndarray(planes, format="yuv420p"), time, round(time * 5), glimpse)


def resting(at: float) -> Site:
    site = Site()
    assert site.look(at - 20, 20) is not None
    return site


def test_a_quiet_camera_comes_to_rest() -> None:
    site = resting(100)
    assert site.watcher.level is Level.LISTEN


def test_a_quiet_camera_costs_a_look_at_the_whole_picture_twice_a_minute() -> None:
    site = resting(100)
    before = site.detector.shown
    for time in range(100, 400, 2):
        site.glimpse(time)
    assert site.eye.resting
    assert 9 <= site.detector.shown - before <= 11


def test_a_parked_lorry_is_one_track_while_the_camera_rests_and_costs_few_looks() -> None:
    site = Site()
    site.detector.parked = True
    assert site.look(80, 20) is not None
    glimpses = (site.watcher.step(picture(time, glimpse=True)) for time in range(100, 400, 2))
    looks = [step for step in glimpses if step is not None]
    assert {int(track) for step in looks for track in step.tracks.ids} == {1}
    assert len(looks) <= 300 / 8 + 1


def test_motion_between_key_frames_wakes_it() -> None:
    """From the key frame before, in which nothing moved; no wake goes back beyond that."""
    site = resting(100)
    assert 80 < site.eye.looked < 100
    site.glimpse(100)
    site.glimpse(102, lorry=True)
    assert site.eye.looked == 100
    assert not site.eye.resting
    assert site.watcher.level is Level.LOOK


def test_after_a_visit_it_rests_and_stays_at_rest() -> None:
    site = resting(100)
    site.glimpse(100)
    site.glimpse(102, lorry=True)
    assert site.look(100.2, 8, lorry=True) is None
    rested = site.look(108.2, 20)
    assert rested is not None
    assert rested <= 118  # what it left in the learned background has to fade, then the calm
    for time in range(116, 176, 2):
        site.glimpse(time)
        assert site.eye.resting
    assert site.eye.statistics().wakes == 1
    assert site.calmed <= 1  # of its arrival


def test_a_wake_for_nothing_is_told_to_what_woke_it() -> None:
    site = resting(100)
    calmed = site.calmed
    site.eye.wake(110)
    rested = site.look(110, 20)
    assert rested is not None
    assert rested <= 113
    assert site.calmed == calmed + 1


def test_without_an_eye_every_picture_is_looked_at() -> None:
    detector = Counting()
    watcher = Watcher(Pipeline(detector, []))
    steps = [watcher.step(picture(time)) for time in range(0, 200, 10)]
    assert all(step is not None for step in steps)
    assert detector.shown == len(steps)


def test_nothing_is_looked_for_while_nobody_knows_where_it_points() -> None:
    site = resting(100)
    shown = site.detector.shown
    site.watcher.turn(None, 110)
    assert site.watcher.step(picture(110, lorry=True)) is None
    assert site.detector.shown == shown
    assert not site.eye.resting
