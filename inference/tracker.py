"""Follows objects from picture to picture.

Two-stage association in the manner of ByteTrack (Zhang et al., ECCV 2022, arXiv:2110.06864): strong
detections look for a track first, then the weak ones are used to keep tracks alive that found no strong one.
Pairs are judged by buffered IoU (arXiv:2211.14317), the buffer being the uncertainty of the prediction: at
5 pictures per second a lorry of 40 px may move more than its own width before its speed is known.
"""

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from inference.assignment import Rows, best_pairs
from inference.columns import Columns
from inference.detections import Detections
from inference.geometry import overlap
from inference.motion_model import Floats, Motion
from inference.tracks import Tracks
from inference.vocabulary import GROUPS, families, plain

_STRONG_FLOOR = 0.2  # buffered IoU below which a strong detection is another object (ByteTrack's figure)
_WEAK_FLOOR = 0.3  # plain IoU: a weak detection must lie where the track is, or noise would lead it astray
_UNLIKE = 0.3  # affinity left to a pair such as person and truck: only all but equal boxes still match
_TENTATIVE = 0.8  # affinity left to a track seen once: established ones choose first
_TWIN = 0.7  # IoU of two detections that are one object found twice (as truck and as bus, or by two crops)
_FAR = 1e5  # px: no picture is this large, a box that is was made of rubbish
_USUAL_STEP = 0.2  # s between two analysed pictures: what has likely passed when the clock cannot say
_PATIENCE = 2.5  # periods: one picture may be missing or show it hidden
_STANDING = 0.25  # sizes/s: slower than this, it will be found where it was after the picture was gone


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """classes: the detector's. Scores: `low` <= weak < `high` <= strong. Durations in s of frame time.

    hits: sightings where they were expected that confirm a track. A very high score confirms nothing by itself: what flickers
        up once is no lorry, and every rule waits longer than two pictures anyway.
    max_lost: a confirmed track unseen for longer is dropped.
    max_tentative: the same before it is confirmed: long enough for the next whole look, a second later.
    max_standing: the same where it stood still, for a parked lorry is found in one picture and missed in the
        next, and each new track of it would be a new alarm.
    max_gap: after a gap in the pictures (camera reconnecting) longer than max_lost, but not than this, tracks
        that stood still are kept; nobody looked, so not being seen says nothing.
    most: tracks, and detections per picture, that are followed at once; the lowest scores are left out.
    """

    classes: tuple[str, ...]
    high: float = 0.3
    low: float = 0.1
    hits: int = 2
    max_lost: float = 3.0
    max_tentative: float = 1.1
    max_standing: float = 15.0
    max_gap: float = 30.0
    most: int = 300

    @staticmethod
    def paced(classes: tuple[str, ...], period: float) -> "TrackerSettings":
        """Settings for pictures that are `period` s apart.

        In time-lapse nothing can be followed by its motion, and waiting for a second sighting would lose
        whatever is gone by then: one confirms a track, every step is a gap, and what stands where it stood
        is the same thing.
        """
        usual = TrackerSettings(classes)
        if period <= usual.max_tentative:
            # Slow pictures: the one before it was hidden, and the one after, may lie a period away each.
            return replace(usual, max_lost=usual.max_lost + (2 * period if period > _USUAL_STEP else 0))
        return replace(usual, hits=1, max_gap=max(usual.max_gap, _PATIENCE * period))


@dataclass(slots=True)
class _Lives(Columns):
    """What is known of N tracks besides their motion. unseen: s of looking since the last match."""

    ids: NDArray[np.int64]
    hits: NDArray[np.int64]
    scores: NDArray[np.float32]
    votes: Floats  # [N, classes]: sum of scores; what wins is the best class of the best group
    labels: NDArray[np.int32]
    first: Floats
    last: Floats
    unseen: Floats
    seen: NDArray[np.bool_]

    @staticmethod
    def born(ids: NDArray[np.int64], found: Detections, classes: int, time: float) -> "_Lives":
        count = len(ids)
        votes = np.zeros((count, classes))
        votes[np.arange(count), found.labels] = found.scores
        return _Lives(
            ids=ids,
            hits=np.ones(count, np.int64),
            scores=found.scores,
            votes=votes,
            labels=found.labels,
            first=np.full(count, time),
            last=np.full(count, time),
            unseen=np.zeros(count),
            seen=np.ones(count, np.bool_),
        )

    def meet(
        self, rows: Rows, found: Detections, expected: NDArray[np.bool_], groups: Floats, time: float
    ) -> None:
        """expected: bool [N], found where it had to be. groups: float64 [classes, classes], 1 where two are alike."""
        self.hits[rows] += expected
        self.scores[rows] = found.scores
        self.votes[rows, found.labels] += found.scores
        # A lorry that is now truck, now bus, now train is first of all no car.
        ours = self.votes[rows] @ groups
        best = ours >= ours.max(axis=1, keepdims=True)
        self.labels[rows] = np.where(best, self.votes[rows], -1).argmax(axis=1)
        self.last[rows] = time
        self.unseen[rows] = 0
        self.seen[rows] = True


class Tracker:
    """One stream's tracker. Pure: its only clock is the `time` of the pictures. Not safe between threads."""

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        self._family = np.array(families(settings.classes), np.int64)
        self._groups = _groups(settings.classes)
        self._time: float | None = None
        self._next_id = 1
        self._ignored = 0
        nothing = Detections.none()
        self._lives = _Lives.born(np.zeros(0, np.int64), nothing, len(settings.classes), 0.0)
        self._motion = Motion.born(nothing.boxes.astype(np.float64))

    @property
    def ignored(self) -> int:
        """Detections left out so far: not finite, empty, off the picture, of unknown class, or too many."""
        return self._ignored

    def update(self, detections: Detections, time: float, size: tuple[int, int] | None = None) -> Tracks:
        """The confirmed tracks after one picture, seen or lost for the moment, in order of their ids.

        time: seconds, frame clock. Where it runs backwards, tracks go on as after the usual step, their
        velocities forgotten and their times moved along. size: width and height of the picture in px; boxes
        that lie outside it are ignored. Raises ValueError where time is not finite.
        """
        if not isfinite(time):
            raise ValueError(f"time must be finite, is {time}")
        self._pass_time(time)
        found, boxes = self._sound(detections, size)
        strong = np.flatnonzero(found.scores >= self._settings.high)
        weak = np.flatnonzero(found.scores < self._settings.high)
        free = np.ones(len(found), np.bool_)
        self._lives.seen[:] = False
        places = self._motion.boxes()
        for rows, columns in self._associate(found, boxes, strong, weak):
            # Two false boxes may lie a jump apart; a third would have to lie where that jump leads.
            expected = _touching(places[rows], boxes[columns])
            self._lives.meet(rows, found.keep(columns), expected, self._groups, time)
            self._motion.correct(rows, boxes[columns])
            free[columns] = False
        self._bear(found, boxes, strong[free[strong]], np.flatnonzero(~free), time)
        return self._tracks()

    def _pass_time(self, time: float) -> None:
        step = 0.0 if self._time is None else time - self._time
        self._time = time
        if step < 0:
            self._lives.first += step
            self._lives.last += step
            self._motion.halt()
            self._motion.predict(_USUAL_STEP)
        elif step > self._settings.max_lost:
            self._bridge(time)
        else:
            self._motion.predict(step)
            self._lives.unseen += step
            self._keep(self._lives.unseen <= self._patience())

    def _patience(self) -> Floats:
        """Seconds each track may go unseen."""
        settings = self._settings
        standing = self._motion.pace < _STANDING
        confirmed = np.where(standing, settings.max_standing, settings.max_lost)
        return np.where(self._confirmed(), confirmed, settings.max_tentative)

    def _bridge(self, time: float) -> None:
        """Nobody looked for a while: only what stood still, and was seen not too long ago, may be the same."""
        recent = time - self._lives.last <= self._settings.max_gap
        self._keep(self._confirmed() & (self._motion.pace < _STANDING) & recent)
        self._motion.halt()

    def _keep(self, chosen: NDArray[np.bool_]) -> None:
        if not chosen.all():
            self._lives, self._motion = self._lives.keep(chosen), self._motion.keep(chosen)

    def _confirmed(self) -> NDArray[np.bool_]:
        return self._lives.hits >= self._settings.hits

    def _sound(self, detections: Detections, size: tuple[int, int] | None) -> tuple[Detections, Floats]:
        """What can be believed, highest score first, and its boxes in float64."""
        boxes, scores, labels = detections.boxes, detections.scores, detections.labels
        width, height = size or (_FAR, _FAR)
        fine = (np.abs(boxes) <= _FAR).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)  # NaN fails
        fine &= (boxes[:, 2:] > 0).all(axis=1) & (boxes[:, 0] < width) & (boxes[:, 1] < height)
        fine &= np.isfinite(scores) & (labels >= 0) & (labels < len(self._family))
        heard = fine & (scores >= self._settings.low)
        order = np.flatnonzero(heard)
        order = order[np.argsort(-scores[order], kind="stable")][: self._settings.most]
        self._ignored += len(scores) - int(fine.sum()) + int(heard.sum()) - len(order)
        found = detections.keep(order)
        return found, found.boxes.astype(np.float64)

    def _associate(
        self, found: Detections, boxes: Floats, strong: Rows, weak: Rows
    ) -> list[tuple[Rows, Rows]]:
        """Pairs of both stages: rows of tracks and rows of detections."""
        expected, confirmed = self._motion.boxes(), self._confirmed()
        affinity = overlap(expected, boxes[strong], self._motion.reach) * self._likeness(found.labels[strong])
        affinity[~confirmed] *= _TENTATIVE
        rows, columns = best_pairs(affinity - _STRONG_FLOOR)
        confirmed[rows] = False
        waiting = np.flatnonzero(confirmed)
        affinity = overlap(expected[waiting], boxes[weak]) * self._likeness(found.labels[weak])[waiting]
        late, faint = best_pairs(affinity - _WEAK_FLOOR)
        return [(rows, strong[columns]), (waiting[late], weak[faint])]

    def _likeness(self, labels: NDArray[np.int32]) -> Floats:
        """float64 [N, M]: 1 where track and detection may be the same kind of thing."""
        same = self._family[self._lives.labels][:, None] == self._family[labels]
        return np.where(same, 1.0, _UNLIKE)

    def _bear(self, found: Detections, boxes: Floats, fresh: Rows, claimed: Rows, time: float) -> None:
        if not len(fresh):
            return
        family = self._family[found.labels]
        others = np.concatenate((claimed, fresh))
        twin = (overlap(boxes[fresh], boxes[others]) >= _TWIN) & (family[fresh][:, None] == family[others])
        # Among the fresh, only the one of the higher score counts: they are in the order of their scores.
        twin[:, len(claimed) :] = np.tril(twin[:, len(claimed) :], -1)
        born = fresh[~twin.any(axis=1)][: max(self._settings.most - len(self._lives.ids), 0)]
        ids = np.arange(self._next_id, self._next_id + len(born), dtype=np.int64)
        self._next_id += len(born)
        lives = _Lives.born(ids, found.keep(born), len(self._family), time)
        self._lives, self._motion = self._lives.joined(lives), self._motion.joined(Motion.born(boxes[born]))

    def _tracks(self) -> Tracks:
        shown = self._confirmed()
        lives = self._lives
        return Tracks(
            ids=lives.ids[shown],
            boxes=self._motion.boxes()[shown].astype(np.float32),
            scores=lives.scores[shown],
            labels=lives.labels[shown],
            seen=lives.seen[shown],
            first=lives.first[shown],
            last=lives.last[shown],
        )


def _groups(classes: tuple[str, ...]) -> Floats:
    """float64 [classes, classes]: 1 where both are of one group of the vocabulary, or the same class."""
    names = [plain(name) for name in classes]
    member = np.array([[name in group for group in GROUPS.values()] for name in names], np.float64)
    return np.maximum(np.minimum(member @ member.T, 1), np.eye(len(names)))


def _touching(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """bool [N]: which pairs of boxes share some area."""
    low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
    return np.asarray((high > low).all(axis=1), np.bool_)
