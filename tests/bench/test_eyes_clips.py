"""What a clip was to raise, and what the pipeline made of it."""

import json
import tempfile
from pathlib import Path

import pytest

from bench.eyes.clips import Truth, clips, matched, truth_of
from bench.eyes.contestants import contestants
from bench.eyes.footage import Event, Footage, doubled, standing, watch
from bench.eyes.judging import Box
from inference.rules import zone
from tests.support.clips import make_clip

TIMES = tuple(number / 10 for number in range(100))
PARKED: Box = (0.1, 0.1, 0.2, 0.2)


def under_way(time: float, lane: float = 0.5) -> Box:
    return (time / 10, lane, time / 10 + 0.1, lane + 0.1)


def event(time: float, box: Box, track: int = 1) -> Event:
    return Event(time, track, "truck", box)


TRUTH = Truth(
    {
        "parked": dict.fromkeys(TIMES, PARKED),
        "passing": {time: under_way(time) for time in TIMES[:60]},
        "far": dict.fromkeys(TIMES, (0.9, 0.9, 0.901, 0.901)),
        "short": dict.fromkeys(TIMES[:20], (0.3, 0.3, 0.4, 0.4)),
    },
    TIMES,
    (640, 360),
)


def test_only_what_is_large_and_there_for_long_enough_is_due() -> None:
    assert TRUTH.due(3.0) == {"parked", "passing"}
    assert TRUTH.due(8.5) == {"parked"}


def test_each_object_is_right_once() -> None:
    events = [
        event(3.0, PARKED),
        event(5.0, PARKED),
        event(4.0, under_way(4.1)),
        event(4.0, (0.7, 0.1, 0.8, 0.2)),  # nothing is there
        event(8.0, under_way(8.0)),  # it has left
        event(10.5, PARKED),  # nobody knows what is there by then
    ]
    told = matched(TRUTH, events, dwell=3.0)
    assert (told.due, told.found, told.events, told.right, told.again) == (2, 2, 6, 2, 1)


@pytest.mark.parametrize(("camera", "name"), [("camera", "class"), ("cam", "cls")])
def test_truth_is_read_as_the_proving_ground_writes_it(tmp_path: Path, camera: str, name: str) -> None:
    objects = [
        {"id": "truck1", name: "dump_truck", "box": [64, 36, 128, 72]},
        {"id": "car2", name: "car", "box": [0, 0, 64, 36]},
        {"id": "loader3", name: "wheel_loader", "box": None},
    ]
    path = tmp_path / "clip.json"
    path.write_text(json.dumps({camera: {"size": [640, 360]}, "frames": [{"t": 0.5, "objects": objects}]}))
    truth = truth_of(path)
    assert truth.objects == {"truck1": {0.5: (0.1, 0.1, 0.2, 0.2)}}
    assert (truth.times, truth.size) == ((0.5,), (640, 360))


def test_without_data_only_clips_that_ship_with_their_truth_are_watched() -> None:
    assert all(clip.truth is not None and clip.truth.is_file() for clip in clips(None))


def test_a_track_that_stays_is_no_vehicle_under_way() -> None:
    shaking = {time: (0.1 + 0.01 * (number % 2), 0.1, 0.2, 0.2) for number, time in enumerate(TIMES)}
    assert standing(shaking)
    assert not standing({time: shaking[time] for time in TIMES[:20]})  # too short to tell
    assert not standing({time: under_way(time) for time in TIMES[:40]})


def test_two_tracks_on_one_vehicle_are_one_too_many() -> None:
    first = {time: under_way(time) for time in TIMES[:40]}
    late = {time: under_way(time) for time in TIMES[22:50]}
    beside = {time: under_way(time, lane=0.7) for time in TIMES[:40]}
    assert doubled(first, late)
    assert not doubled(first, beside)
    assert not doubled(first, {time: under_way(time) for time in TIMES[50:]})
    events = tuple(event(1.0, PARKED, track) for track in (1, 2, 3))
    assert Footage(10.0, events, {1: first, 2: late, 3: beside}).phantoms() == 1


def test_a_clip_runs_through_the_daemons_own_pipeline(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=30)
    with tempfile.TemporaryDirectory() as desk:
        shipped = contestants(None, Path(desk))[0]
        footage = watch(clip, shipped.detector(), shipped.model(), zone.Spec(), {})
    assert footage.seconds == pytest.approx(2.9, abs=0.11)
    assert footage.events == ()
