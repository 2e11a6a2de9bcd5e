"""The best picture of a track: large, sharp, whole, and no more of them than there is room for."""

import hashlib
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.best import BestShots, sharpness, worth
from inference.detections import Picture
from inference.findings import Finding, Phase, Severity, Sighting
from inference.snapshot import opened, write_kept
from inference.tracks import Tracks
from streams.frame import Frame

SIZE = (640, 360)
CLASSES = ("car", "truck")
NOISE = np.random.default_rng(3).integers(0, 255, (360, 640, 3), np.uint8)


def frame(time: float, picture: Picture = NOISE) -> Frame:
    return Frame(av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p"), time, 0)


def tracks(*boxes: tuple[float, float, float, float], score: float = 0.8, seen: bool = True) -> Tracks:
    count = len(boxes)
    return Tracks(
        ids=np.arange(1, count + 1),
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.full(count, score, np.float32),
        labels=np.ones(count, np.int32),
        seen=np.full(count, seen),
        first=np.zeros(count),
        last=np.zeros(count),
    )


def finding(*track_ids: int, phase: Phase = Phase.NEW, key: str = "a") -> Finding:
    seen = tuple(Sighting(track, "truck", 0.8, (0.1, 0.1, 0.2, 0.2)) for track in track_ids)
    return Finding("vehicle.zone", phase, key, "zone", None, Severity.HIGH, None, seen, 0.0, 0.0)


def following(*track_ids: int) -> BestShots:
    shots = BestShots(CLASSES)
    shots.follow(finding(*track_ids))
    return shots


SMALL, LARGE, CUT = (100, 100, 140, 130), (100, 100, 300, 250), (0, 100, 300, 250)


def test_the_larger_picture_wins_and_the_smaller_one_that_follows_does_not() -> None:
    shots = following(1)
    for time, box in enumerate((SMALL, LARGE, SMALL)):
        shots.look(frame(2.0 * time), tracks(box), SIZE)
    best = shots.best(finding(1))
    assert best is not None
    assert (best.time, best.sighting.track, best.sighting.label) == (2.0, 1, "truck")
    assert best.sighting.box == pytest.approx((100 / 640, 100 / 360, 300 / 640, 250 / 360))
    assert opened(best.data).shape == (360, 640, 3)
    assert best.crop().shape == (150, 200, 3)


def test_a_blurred_one_and_one_that_is_cut_off_are_worth_less() -> None:
    blurred = np.asarray(cv2.GaussianBlur(NOISE, (0, 0), 6), np.uint8)
    for worse in ((frame(0, blurred), LARGE), (frame(0), CUT)):
        shots = following(1)
        shots.look(worse[0], tracks(worse[1]), SIZE)
        shots.look(frame(2), tracks(LARGE), SIZE)
        shots.look(replace(worse[0], time=4), tracks(worse[1]), SIZE)
        best = shots.best(finding(1))
        assert best is not None
        assert best.time == 2


def test_at_most_one_picture_a_second_is_kept_also_after_the_clock_was_set_back() -> None:
    shots = following(1)
    kept = []
    growing = [(100, 100, 140 + 12 * number, 130 + 8 * number) for number in range(20)]
    for number, box in enumerate(growing):
        shots.look(frame(number * 0.2 - (3600 if number >= 10 else 0)), tracks(box), SIZE)
        best = shots.best(finding(1))
        assert best is not None
        kept.append(best.time)
    assert list(dict.fromkeys(kept)) == pytest.approx([0, 1, -3598, -3597])


def test_who_has_no_picture_yet_does_not_wait_for_the_next_second() -> None:
    shots = following(1)
    shots.look(frame(0), tracks(LARGE), SIZE)
    shots.follow(finding(2, key="b"))
    shots.look(frame(0.2), tracks(LARGE, SMALL), SIZE)
    first, second = shots.best(finding(1)), shots.best(finding(2))
    assert first is not None
    assert second is not None
    assert (first.time, second.time) == (0, 0.2)


def test_only_what_is_seen_of_an_open_case_is_kept() -> None:
    shots = following(1)
    shots.look(frame(0), tracks(LARGE, seen=False), SIZE)
    assert shots.best(finding(1)) is None
    shots.look(frame(2), tracks(LARGE, LARGE), SIZE)
    assert shots.best(finding(2)) is None
    assert shots.best(finding(1)) is not None
    shots.follow(finding(1, phase=Phase.END))
    assert shots.best(finding(1)) is None


def test_a_track_of_two_cases_is_kept_until_both_are_over() -> None:
    shots = following(1)
    shots.follow(finding(1, key="b"))
    shots.look(frame(0), tracks(LARGE), SIZE)
    shots.follow(finding(1, phase=Phase.END))
    assert shots.best(finding(1)) is not None
    shots.follow(finding(1, phase=Phase.END, key="b"))
    assert shots.best(finding(1)) is None


def test_of_a_group_the_best_of_all_is_shown() -> None:
    shots = following(1, 2)
    shots.look(frame(0), tracks(SMALL, LARGE), SIZE)
    best = shots.best(finding(1, 2))
    assert best is not None
    assert best.sighting.track == 2


def test_no_more_pictures_are_kept_than_there_is_room_for() -> None:
    many = tuple(range(1, 41))
    shots = following(*many)
    shots.look(frame(0), tracks(*[LARGE] * 40), SIZE)
    assert sum(shots.best(finding(track)) is not None for track in many) == 16


def test_the_better_stream_is_asked_for_the_picture() -> None:
    other = np.full((720, 1280, 3), 200, np.uint8)
    shots = BestShots(CLASSES, lambda looked: frame(looked.time, other))
    shots.follow(finding(1))
    shots.look(frame(0), tracks(LARGE), SIZE)
    best = shots.best(finding(1))
    assert best is not None
    assert opened(best.data).shape == (720, 1280, 3)
    assert best.crop().shape == (300, 400, 3)


def test_what_was_kept_is_written_as_it_is_and_drawn(tmp_path: Path) -> None:
    shots = following(1)
    shots.look(frame(0, np.full((360, 640, 3), 90, np.uint8)), tracks(LARGE), SIZE)
    best = shots.best(finding(1))
    assert best is not None
    drawn, clean = write_kept(
        tmp_path, "gate/x", best.data, replace(finding(1), objects=(best.sighting,)), {}
    )
    assert (tmp_path / clean.path).read_bytes() == best.data
    assert clean.sha256 == hashlib.sha256(best.data).hexdigest()
    assert np.abs(opened((tmp_path / drawn.path).read_bytes()).astype(int) - 90).max() > 100


shares = st.floats(0, 1)


@given(st.tuples(shares, shares, shares, shares), shares, shares)
def test_worth_is_a_share(box: tuple[float, float, float, float], score: float, sharp: float) -> None:
    x1, x2 = sorted(box[::2])
    y1, y2 = sorted(box[1::2])
    assert 0 <= worth((x1, y1, x2, y2), SIZE, score, sharp) <= 1


@pytest.mark.parametrize("shape", [(0, 0), (0, 40), (2, 2), (1, 500), (500, 400)])
def test_any_cut_has_a_sharpness(shape: tuple[int, int]) -> None:
    assert 0 <= sharpness(np.zeros(shape, np.uint8)) <= 1
