"""The latest poses of a moving camera, and where it was at a given moment: never guessed beyond what was told."""

import math
import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from streams.telemetry.blend import blended
from streams.telemetry.clock import ClockOffset, Verdict
from streams.telemetry.pose import Pose, position


class Reason(StrEnum):
    """What a Fix rests on."""

    EXACT = "exact"  # a pose of that very moment
    INTERPOLATED = "interpolated"  # between two poses that are close enough
    HELD = "held"  # the last one before it, not yet too old
    STALE = "stale"  # the last one before it, too old
    NO_FIX = "no_fix"  # the last one before it, and the device did not know its position
    TOO_EARLY = "too_early"  # poses are known, but none as old as that
    NO_POSE = "no_pose"  # none at all


class Refusal(StrEnum):
    """Why a pose was not taken."""

    BAD_TIME = "bad_time"
    OUT_OF_RANGE = "out_of_range"
    LATE = "late"
    OLDER_THAN_KEPT = "older_than_kept"
    DUPLICATE = "duplicate"
    TOO_MANY_SOURCES = "too_many_sources"


@dataclass(frozen=True, slots=True)
class Fix:
    """pose: at the asked moment if interpolated, else as the device told it, at its own time. age: s from the real
    fix before the asked moment. fresh: fit to place something on the ground."""

    pose: Pose | None
    age: float | None
    fresh: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class BookStatistics:
    """taken: poses in the book at some time. refused: by reason. clock_set: how often a device's clock jumped.
    offsets: s to add to each device's clock, as far as it is known."""

    taken: int
    refused: Mapping[Refusal, int]
    clock_set: int
    offsets: Mapping[str, float]


@dataclass(slots=True)
class _Track:
    """One source's poses in order of the device's own clock."""

    clock: ClockOffset = field(default_factory=ClockOffset)
    times: list[float] = field(default_factory=list)
    poses: list[Pose] = field(default_factory=list)

    def forget(self) -> None:
        self.times.clear()
        self.poses.clear()


class PoseBook:
    """Poses in, in any order; `at(time)` out. No clock of its own. Safe between threads.

    max_age: s, a pose older than this is stale. A drone at 15 m/s is 30 m away after two seconds.
    max_gap: s, no interpolation between poses further apart than this.
    capacity: poses kept per source; the oldest go first. sources: at most so many.
    """

    def __init__(
        self, *, max_age: float = 2.0, max_gap: float = 3.0, capacity: int = 4096, sources: int = 8
    ) -> None:
        self._max_age, self._max_gap = max_age, max_gap
        self._capacity, self._sources = capacity, sources
        self._tracks: dict[str, _Track] = {}
        self._refused: Counter[Refusal] = Counter()
        self._taken = self._clock_set = 0
        self._lock = threading.Lock()

    def add(self, pose: Pose) -> Refusal | None:
        """None: taken. Two poses of one moment: the one that tells more stays."""
        with self._lock:
            refusal = _wrong(pose) or self._insert(_without_zeros(pose))
            self._taken += refusal is None
            if refusal is not None:
                self._refused[refusal] += 1
            return refusal

    def at(self, time: float) -> Fix:
        """Where it was at `time` (s since 1970, our clock), by the source that knows best."""
        with self._lock:
            fixes = [self._fix(track, time) for track in self._tracks.values()]
        return min(fixes, key=_rank, default=Fix(None, None, False, Reason.NO_POSE))

    def latest(self) -> Pose | None:
        """The newest pose of all, at its corrected time."""
        with self._lock:
            newest = [self._told(track, -1) for track in self._tracks.values() if track.poses]
        return max(newest, key=lambda pose: pose.time, default=None)

    def statistics(self) -> BookStatistics:
        with self._lock:
            offsets = {name: track.clock.offset for name, track in self._tracks.items()}
            known = {name: offset for name, offset in offsets.items() if offset is not None}
            return BookStatistics(self._taken, dict(self._refused), self._clock_set, known)

    def _insert(self, pose: Pose) -> Refusal | None:
        track = self._tracks.get(pose.source)
        if track is None:
            if len(self._tracks) >= self._sources:
                return Refusal.TOO_MANY_SOURCES
            track = self._tracks[pose.source] = _Track()
        if pose.device_time is None or pose.arrival is None:
            # A recording, or a device that told no time yet: its time is ours already.
            return self._place(track, pose, pose.time - track.clock.correction)
        match track.clock.observe(pose.device_time, pose.arrival):
            case Verdict.LATE:
                return Refusal.LATE
            case Verdict.SET:
                track.forget()
                self._clock_set += 1
            case Verdict.GOOD:
                pass
        return self._place(track, pose, pose.device_time)

    def _place(self, track: _Track, pose: Pose, time: float) -> Refusal | None:
        index = bisect_left(track.times, time)
        if index < len(track.times) and track.times[index] == time:
            if _fullness(pose) <= _fullness(track.poses[index]):
                return Refusal.DUPLICATE
            track.poses[index] = pose
            return None
        if index == 0 and len(track.times) >= self._capacity:
            return Refusal.OLDER_THAN_KEPT
        track.times.insert(index, time)
        track.poses.insert(index, pose)
        if len(track.times) > self._capacity:
            del track.times[0], track.poses[0]
        return None

    def _fix(self, track: _Track, time: float) -> Fix:
        if not track.times:
            return Fix(None, None, False, Reason.NO_POSE)
        moment = time - track.clock.correction
        index = bisect_right(track.times, moment) - 1
        if index < 0:
            return Fix(None, None, False, Reason.TOO_EARLY)
        age = moment - track.times[index]
        if track.poses[index].position is None:
            return Fix(self._told(track, index), age, False, Reason.NO_FIX)
        if age > 0 and (between := self._between(track, index, moment)) is not None:
            told = replace(between, time=time, device_time=None, arrival=None)  # no device said so
            return Fix(told, age, True, Reason.INTERPOLATED)
        fresh = age <= self._max_age
        held = Reason.HELD if fresh else Reason.STALE
        return Fix(self._told(track, index), age, fresh, Reason.EXACT if age == 0 else held)

    def _between(self, track: _Track, index: int, moment: float) -> Pose | None:
        if index + 1 >= len(track.times) or track.poses[index + 1].position is None:
            return None
        began, gap = track.times[index], track.times[index + 1] - track.times[index]
        if gap > self._max_gap:
            return None
        return blended(track.poses[index], track.poses[index + 1], (moment - began) / gap)

    @staticmethod
    def _told(track: _Track, index: int) -> Pose:
        return replace(track.poses[index], time=track.times[index] + track.clock.correction)


def _wrong(pose: Pose) -> Refusal | None:
    times = [t for t in (pose.time, pose.device_time, pose.arrival) if t is not None]
    if not all(map(math.isfinite, times)):
        return Refusal.BAD_TIME
    here = pose.position
    if here is not None and not (abs(here.lat) <= 90 and abs(here.lon) <= 180):
        return Refusal.OUT_OF_RANGE
    return None


def _without_zeros(pose: Pose) -> Pose:
    here = pose.position
    return replace(pose, position=None) if here is not None and position(*here) is None else pose


def _fullness(pose: Pose) -> int:
    """How much a pose tells."""
    return sum(_weight(getattr(pose, part.name)) for part in fields(pose))


def _weight(value: object) -> int:
    if value is None:
        return 0
    parts = getattr(value, "__dataclass_fields__", None)
    return 1 if parts is None else 1 + sum(getattr(value, name) is not None for name in parts)


def _rank(fix: Fix) -> tuple[bool, bool, float]:
    """Smallest is best."""
    return not fix.fresh, fix.pose is None, fix.age if fix.age is not None else math.inf
