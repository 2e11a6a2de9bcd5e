"""What a site really shows, seen by an imperfect detector: who is followed, under how many names, and as what."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.decoders import iou
from inference.detections import Detections
from inference.tracker import Tracker, TrackerSettings
from tests.support.truth import Known, boxes, frames

CLASSES = ("truck", "excavator", "loader", "bus", "car", "person")
LABELS = {"truck": 0, "dump_truck": 0, "excavator": 1, "loader": 2, "wheel_loader": 2}
TRUCK, BUS, CAR = 0, 3, 4
CLIP_FPS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Eyes:
    """A detector that misses this share of sightings, is off by this share of an object's size, and calls this share
    of lorries a bus."""

    misses: float
    wobble: float = 0.03
    flips: float = 0.3

    def find(self, rng: np.random.Generator, known: tuple[Known, ...]) -> Detections:
        truth = boxes(known)
        size = (truth[:, 2:] - truth[:, :2]).mean(axis=1, keepdims=True)
        seen = truth + rng.normal(0, 1, truth.shape) * np.maximum(self.wobble * size, 0.5)
        labels = np.array([LABELS[each.label] for each in known], np.int32)
        labels[(labels == TRUCK) & (rng.random(len(known)) < self.flips)] = BUS
        scores = rng.uniform(0.3, 0.9, len(known)).astype(np.float32)
        return Detections(seen.astype(np.float32), scores, labels).keep(rng.random(len(known)) >= self.misses)


class Story:
    """names: of each object, the ids it was followed under. labels: the last vote on each. phantoms: ids seen where
    nothing was. seen, followed: sightings of objects, and those that a track lay on."""

    def __init__(self) -> None:
        self.names: dict[str, set[int]] = {}
        self.labels: dict[str, str] = {}
        self.phantoms: set[int] = set()
        self.seen = self.followed = 0


def machines(number: int) -> tuple[Known, ...]:
    """Of one picture of the demo clip, 20 px and wider."""
    return tuple(
        each for each in frames()[number] if each.label in LABELS and each.box[2] - each.box[0] >= 20
    )


def watched(eyes: Eyes, every: int, seed: int) -> Story:
    """The demo clip's machines, in every so manyth picture."""
    rng, tracker, story = (
        np.random.default_rng(seed),
        Tracker(TrackerSettings.paced(CLASSES, every / CLIP_FPS)),
        Story(),
    )
    for number in range(0, len(frames()), every):
        known = machines(number)
        tracks = tracker.update(eyes.find(rng, known), number / CLIP_FPS)
        shared = iou(tracks.boxes, boxes(known))
        story.phantoms |= {
            int(each) for each in tracks.ids[tracks.seen & (shared.max(axis=1, initial=0) < 0.05)]
        }
        story.seen += len(known)
        for column, each in enumerate(known):
            if len(tracks) and shared[:, column].max() >= 0.3:
                row = int(shared[:, column].argmax())
                story.followed += 1
                story.names.setdefault(each.name, set()).add(int(tracks.ids[row]))
                story.labels[each.name] = CLASSES[int(tracks.labels[row])]
    return story


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("misses", "every"), [(0.3, 2), (0.5, 2), (0.2, 5)])
def test_the_clips_machines_keep_their_names_through_drop_outs(misses: float, every: int, seed: int) -> None:
    """At 5 pictures/s with every second sighting missed, and at 2 with every fifth."""
    story = watched(Eyes(misses), every, seed)
    truth = {each.name: each.label for number in range(len(frames())) for each in machines(number)}
    assert story.followed / story.seen >= 0.94
    assert set(story.names) == set(truth)
    assert sum(len(ids) - 1 for ids in story.names.values()) <= 1, story.names
    assert story.labels == {name: CLASSES[LABELS[label]] for name, label in truth.items()}
    assert not story.phantoms


def lorry(time: float, speed: float) -> tuple[Known, ...]:
    """40 px in size; speed in sizes per second."""
    left = 50 + 40 * speed * time
    return (Known("lorry", "truck", (left, 100, left + 48, 132)),)


@pytest.mark.parametrize("rate", [2, 5])
@pytest.mark.parametrize("speed", [0.0, 0.3, 1.5, 3.0])
@pytest.mark.parametrize("hidden", [1.0, 2.0, 2.5])
def test_what_was_behind_something_comes_out_as_itself(rate: int, speed: float, hidden: float) -> None:
    kept = 0
    for seed in range(10):
        rng, tracker = np.random.default_rng(seed), Tracker(TrackerSettings.paced(CLASSES, 1 / rate))
        ids = set[int]()
        for number in range(9 * rate):
            time = number / rate
            known = () if 4.0 <= time < 4.0 + hidden else lorry(time, speed)
            ids |= set(tracker.update(Eyes(0.1).find(rng, known), time).ids.tolist())
        kept += len(ids) == 1
    assert kept >= 9


@pytest.mark.parametrize(("gap", "speed"), [(2.5, 1.0), (3.5, 0.0), (10.0, 0.0)])
def test_names_stay_through_a_short_gap_of_the_camera(gap: float, speed: float) -> None:
    """No pictures at all: what moved is found where it must be by now, what stood where it stood."""
    rng, tracker, ids = np.random.default_rng(1), Tracker(TrackerSettings(CLASSES)), set[int]()
    for time in (*np.arange(0, 4, 0.2), *np.arange(4 + gap, 8 + gap, 0.2)):
        ids |= set(tracker.update(Eyes(0.0).find(rng, lorry(float(time), speed)), float(time)).ids.tolist())
    assert ids == {1}


def test_a_lorry_that_is_now_truck_now_bus_is_no_car() -> None:
    tracker = Tracker(TrackerSettings(CLASSES))
    box = np.array([[100, 100, 148, 132]], np.float32)
    for number, label in enumerate([CAR, TRUCK, BUS, CAR, TRUCK, BUS, CAR, TRUCK]):
        score = np.array([0.6 if label == CAR else 0.5], np.float32)
        tracks = tracker.update(Detections(box, score, np.array([label], np.int32)), number * 0.2)
    assert [CLASSES[label] for label in tracks.labels] == ["truck"]


def test_noise_that_never_stays_is_never_a_track() -> None:
    """A false box somewhere in every third picture."""
    rng, tracker = np.random.default_rng(2), Tracker(TrackerSettings(CLASSES))
    shown = set[int]()
    for number in range(600):
        corner = rng.uniform(0, 580, 2)
        false = Known("nothing", "truck", (corner[0], corner[1], corner[0] + 40, corner[1] + 25))
        known = (false,) if number % 3 == 0 else ()
        shown |= set(tracker.update(Eyes(0.0).find(rng, known), number * 0.2).ids.tolist())
    assert len(shown) <= 2
