"""The tracker: how long one update takes, and how often it takes one object for another."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from bench.naive_tracker import NaiveTracker
from bench.report import Figure, Figures, Goal, Report, spread
from bench.traffic import CLASSES, Moment, Traffic
from inference.assignment import best_pairs
from inference.detections import Detections
from inference.geometry import overlap
from inference.tracker import Tracker, TrackerSettings

QUESTION = "How long does one update with 40 objects take, and how often are identities confused?"

_OBJECTS = 40
_SEED = 7
_WARM_UP = 50  # updates: until as many tracks live as will
_RATES = (5.0, 2.0)  # analysed pictures per second: the usual, and a box that is short of breath

Seen = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Ids [N] and boxes [N, 4] of the tracks seen in one picture."""
Update = Callable[[Moment], Seen]


def run(quick: bool) -> Report:
    moments = list(Traffic(_OBJECTS, _SEED).moments(500 if quick else 5000, _RATES[0]))
    ours, naive, floor = _timed(moments)
    figures: Figures = {
        "ours_ms": spread(ours),
        "floor_ms": spread(floor),
        "naive_ms": spread(naive),
        "ours_over_floor": _median(ours) / _median(floor),
        "naive_over_ours": _median(naive) / _median(ours),
        "quality": {f"at_{rate:g}_hz": _quality(rate, 300 if quick else 2000) for rate in _RATES},
    }
    return Report(figures, {"update_40_ms": Goal(_median(ours), "ms", at_most=1.0)})


def _timed(moments: Sequence[Moment]) -> tuple[list[float], list[float], list[float]]:
    """ms per update: ours, naive, floor. In turns, so that all three meet the same disturbances."""
    tracker, naive = Tracker(TrackerSettings(CLASSES)), NaiveTracker()
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for before, moment in pairwise(moments):
        times[0].append(_clocked(tracker.update, moment.detections, moment.time))
        times[1].append(_clocked(naive.update, moment.detections, moment.time))
        times[2].append(_clocked(_floor, before.detections, moment.detections))
    return times[0][_WARM_UP:], times[1][_WARM_UP:], times[2][_WARM_UP:]


def _floor(before: Detections, now: Detections) -> object:
    """The least any IoU tracker does: the matrix of this picture against the last, and each row's best."""
    return overlap(before.boxes.astype(np.float64), now.boxes.astype(np.float64)).argmax(axis=1)


def _clocked(work: Callable[..., object], *arguments: object) -> float:
    start = perf_counter_ns()
    work(*arguments)
    return (perf_counter_ns() - start) / 1e6


def _median(samples: Sequence[float]) -> float:
    return float(np.median(samples))


def _quality(rate: float, count: int) -> dict[str, dict[str, Figure]]:
    moments = list(Traffic(_OBJECTS, _SEED + 1).moments(count, rate))
    return {"ours": _judged(moments, _our_update()), "naive": _judged(moments, _naive_update())}


def _our_update() -> Update:
    tracker = Tracker(TrackerSettings(CLASSES))

    def update(moment: Moment) -> Seen:
        tracks = tracker.update(moment.detections, moment.time)
        return tracks.ids[tracks.seen], tracks.boxes[tracks.seen].astype(np.float64)

    return update


def _naive_update() -> Update:
    tracker = NaiveTracker()

    def update(moment: Moment) -> Seen:
        tracks = tracker.update(moment.detections, moment.time)
        ids = np.array([track.id for track in tracks], np.int64)
        return ids, np.array([track.box for track in tracks], np.float64).reshape(-1, 4)

    return update


def _judged(moments: Sequence[Moment], update: Update) -> dict[str, Figure]:
    """An identity switches when the track on it (IoU >= 0.5) is not the one that was on it before."""
    known: dict[int, int] = {}
    switches = followed = there = 0
    for moment in moments:
        ids, boxes = update(moment)
        rows, columns = best_pairs(overlap(moment.boxes, boxes) - 0.5)
        for identity, track in zip(moment.identities[rows].tolist(), ids[columns].tolist(), strict=True):
            switches += known.get(identity, track) != track
            known[identity] = track
        followed += len(rows)
        there += len(moment.identities)
    return {
        "id_switches": switches,
        "switches_per_1000_sightings": 1000 * switches / max(followed, 1),
        "followed_ratio": followed / there,
    }
