"""Patches of disturbed ground on one view, from the first suspicion to the end. Pure: time comes with the evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inference.change import Reference
from inference.detections import Boxes
from inference.findings import Finding, Phase
from inference.land.allowed import Allowance, allowed, polygons
from inference.land.book import Book
from inference.land.evidence import Evidence
from inference.land.life import Placed, Teller
from inference.land.patch import Patch
from inference.land.persist import OFF, Bytes, Ground, Mask, Persistence, encoded, settled
from inference.land.settings import LandSettings
from inference.land.vehicles import Standing, Worked
from inference.steady import SteadyClock
from inference.terrain.sight import Sight
from streams.problem import Text

UNSETTLED: Final = "unsettled"
_UNSETTLED_TEXT = Text(
    "much of the view changed at once (snow, rain, light, or the camera's picture was set anew): no judgement",
    "画面大面积同时变化（降雪、降雨、光照或摄像机图像参数调整），暂不判断",
)
_WIDER: Final = 7  # px: what lies so near a suspected pixel may be the rim of the same dig
_EVEN: Final = 128  # encoded change that says nothing
_HEAP: Final = 0.5  # of a dig's mass, from which what lies beside it was dug, too
_MOSTLY: Final = 0.5  # share of a patch that is allowed
_KEPT: Final = (
    30 * 86400.0
)  # s that an allowance is kept for after its date: a clock may be wrong for a while


@dataclass(frozen=True, slots=True)
class Pair:
    """Pictures to keep as proof of the case `key`: that of the reference, and that of this look."""

    key: str
    before: Reference
    same_light: bool


@dataclass(frozen=True, slots=True)
class LandStep:
    """condition: None: the look was judged; else why not, `told` to people. keep: with each NEW and UPDATE, and once
    more when a case that began in another light is first seen in its reference's own."""

    findings: tuple[Finding, ...] = ()
    condition: str | None = None
    told: Text | None = None
    keep: tuple[Pair, ...] = ()


@dataclass(slots=True)
class Grids:
    """All that has the evidence's shape."""

    persistence: Persistence
    ground: Ground
    standing: Standing
    worked: Worked
    book: Book

    @classmethod
    def over(cls, shape: tuple[int, int], last: int = 0) -> "Grids":
        fresh = np.zeros(shape, np.uint8)
        book = Book(np.zeros_like(fresh), last=last)
        return cls(Persistence(fresh), Ground.over(shape), Standing.over(shape), Worked.over(shape), book)

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.book.names.shape
        return rows, columns


@dataclass(slots=True)
class Moment:
    """last: s since 1970, of the last look. ahead: what steady time was ahead of the clock when it was saved."""

    last: float
    ahead: float


class Patches:
    """One view's. Looks in order; a clock set back stands still for that look, one set forward makes a gap, which
    counts as much as three looks in a row, whatever its length.

    place: None where the camera is not calibrated: sizes are in pixels then. sight: for allowances on the ground.
    """

    def __init__(
        self, settings: LandSettings, place: Placed | None = None, sight: Sight | None = None
    ) -> None:
        self._settings, self._sight = settings, sight
        self._teller = Teller(settings, place, sight)
        self._clock, self._ahead = SteadyClock(), 0.0
        self._seen: float | None = None  # steady s of the last look
        self._last = 0.0
        self._shut: tuple[tuple[Allowance, ...], tuple[int, int], Mask | None] | None = None
        self.allowances: tuple[Allowance, ...] = ()
        self.grids: Grids | None = None

    @property
    def moment(self) -> Moment | None:
        return None if self._seen is None else Moment(self._last, self._seen - self._last)

    def resume(self, grids: Grids | None, moment: Moment | None, allowances: Iterable[Allowance]) -> None:
        """Goes on from what was saved."""
        self.grids, self.allowances = grids, tuple(allowances)
        if moment is not None:
            self._ahead, self._last = moment.ahead, moment.last
            self._seen = self._clock.at(moment.last) + moment.ahead

    def update(self, evidence: Evidence, occupied: Boxes, working: Boxes) -> LandStep:
        """occupied, working: float32 [N, 4], relative 0-1: all vehicles and people, and machines."""
        ended = self._fit(evidence)
        assert self.grids is not None
        now, passed = self._tick(evidence.time)
        told = encoded(evidence.change)
        self.grids.standing.take(occupied, passed)
        self.grids.standing.hide(told)
        self.grids.worked.take(working, passed)
        trust = settled(told, self.grids.persistence.level)
        if trust == 0:
            return LandStep(tuple(ended), UNSETTLED, _UNSETTLED_TEXT)
        # First what the look says of what was known, then what it adds: pixels that it has just raised speak for it.
        self.grids.ground.take(evidence.soil, told, passed)
        self._work(self.grids, told, passed)
        for slot, patch in self.grids.book:
            patch.busy = self.grids.worked.busy(patch.box)
            patch.hear(self.grids.book.mine(slot), told, evidence.soil, evidence.light, now, passed, trust)
        self.grids.persistence.take(told, passed, trust)
        # Where a machine worked, earth hangs together with what else changed: a pit with its heap and its shade.
        own = self.grids.ground.bare | self.grids.worked.ground(self.grids.shape) | self.grids.book.dug()
        merged = self.grids.book.regroup(self.grids.persistence.level, own, self._closed(evidence.time), now)
        ended += [self._teller.end(patch, "merged", evidence.time) for patch in merged if patch.open]
        return self._step(ended, evidence, now)

    def allow(self, allowance: Allowance, now: float) -> list[Finding]:
        """END "allowed" of open patches that lie in it for the better part; the rest of them, and what grows beyond
        it, is told as ever. It takes the place of one of the same name. Raises ValueError where it is on the ground
        and the camera is not calibrated."""
        if allowance.ground and self._sight is None:
            raise ValueError(f"{allowance.name}: an allowance on the ground needs a calibrated camera")
        others = (
            each for each in self.allowances if each.name != allowance.name and now < each.until + _KEPT
        )
        self.allowances = (*others, allowance)
        return [] if self.grids is None else self._excused(self.grids, now)

    def allow_patch(self, key: str, until: float, now: float, note: str = "") -> list[Finding]:
        """The same for an open patch as it is now. Raises KeyError: there is none of that key."""
        for finding in self.open:
            if finding.key == key and finding.change is not None:
                name = f"{key}: {note}" if note else key
                return self.allow(Allowance(name, finding.change.outline, until), now)
        raise KeyError(key)

    def close(self, now: float, reason: str) -> list[Finding]:
        """END of all that is open; what is known of the ground stays known."""
        if self.grids is None:
            return []
        gone = [self.grids.book.forget(slot) for slot, patch in self.grids.book if patch.open]
        return [self._teller.end(patch, reason, now) for patch in gone]

    def forget(self, now: float, reason: str = "unreferenced") -> list[Finding]:
        """The ground as it is today is the usual one: everything starts from nothing."""
        ended = self.close(now, reason)
        if self.grids is not None:
            self.grids = Grids.over(self.grids.shape, self.grids.book.last)
        return ended

    @property
    def open(self) -> tuple[Finding, ...]:
        """The last message of each open case."""
        patches = self.grids.book.patches.values() if self.grids else ()
        return tuple(patch.told for patch in patches if patch.open and patch.told is not None)

    def suspects(self) -> Mask | None:
        """bool [h, w]: ground that may be disturbed, with a rim, told or not; None before the first look."""
        if self.grids is None:
            return None
        held = (self.grids.book.names > 0) | (self.grids.persistence.level >= OFF)
        return np.asarray(cv2.dilate(held.astype(np.uint8), np.ones((_WIDER, _WIDER), np.uint8)), np.bool_)

    def _fit(self, evidence: Evidence) -> list[Finding]:
        """A reference of another size is another view."""
        rows, columns = evidence.change.shape
        if self.grids is not None and self.grids.shape == (rows, columns):
            return []
        ended = self.close(evidence.time, "unreferenced")
        self.grids = Grids.over((rows, columns), self.grids.book.last if self.grids else 0)
        return ended

    def _tick(self, time: float) -> tuple[float, float]:
        """Steady s, and s since the look before."""
        now = self._clock.at(time) + self._ahead
        passed = 0.0 if self._seen is None else now - self._seen
        self._seen, self._last = now, time
        return now, passed

    def _work(self, grids: Grids, told: Bytes, passed: float) -> None:
        """A machine's weight speaks for the dig: for the largest of what changed, and changed most, where it worked, and
        for a heap of about its size. Its shade, ruts, a river within its reach have to be seen for themselves."""
        pieces = grids.worked.pieces()
        masses: dict[int, dict[int, float]] = {}
        for slot, patch in grids.book:
            patch.doubt(passed)
            seen = told[patch.cut][grids.book.mine(slot)]
            piece = grids.worked.piece(pieces, patch.box)
            if piece and seen.any() and not patch.parted:
                mass = patch.px * max(float(seen[seen > 0].mean()) - _EVEN, 0.0)
                masses.setdefault(piece, {})[slot] = mass
        for each in masses.values():
            enough = _HEAP * max(each.values())
            for slot, mass in each.items() if enough > 0 else ():
                patch = grids.book.patches[slot]
                if mass >= enough:
                    patch.worked = max(patch.worked, grids.worked.beside(patch.box))
                elif not patch.open:
                    patch.worked = 0.0

    def _closed(self, time: float) -> Mask | None:
        """Where nothing is told now: outside what is watched, and where it is allowed."""
        assert self.grids is not None
        shape = self.grids.shape
        active = tuple(each for each in self.allowances if time < each.until)
        if self._shut is None or self._shut[:2] != (active, shape):
            shut = allowed(active, time, shape, self._sight)
            if self._settings.watch:
                outside = ~polygons(list(self._settings.watch.values()), shape)
                shut = outside if shut is None else shut | outside
            self._shut = active, shape, shut
        return self._shut[2]

    def _excused(self, grids: Grids, now: float) -> list[Finding]:
        mask = allowed(self.allowances, now, grids.shape, self._sight)
        if mask is None:
            return []
        ended = []
        for slot, patch in grids.book:
            mine = grids.book.mine(slot)
            if np.count_nonzero(mine & mask[patch.cut]) >= _MOSTLY * np.count_nonzero(mine):
                grids.book.forget(slot)
                ended += [self._teller.end(patch, "allowed", now)] if patch.open else []
        return ended

    def _step(self, ended: Sequence[Finding], evidence: Evidence, now: float) -> LandStep:
        assert self.grids is not None
        findings, pairs = list(ended), []
        for slot, patch in self.grids.book:
            finding = None
            if patch.open and patch.restored(now):
                finding = self._teller.end(self.grids.book.forget(slot), "restored", evidence.time)
            elif patch.vain:
                self.grids.book.forget(slot)
            elif not patch.parted:
                since = self._clock.back(patch.since - self._ahead)
                finding = self._teller.said(patch, self.grids.book, slot, evidence, now, since)
            findings += [] if finding is None else [finding]
            pairs += _paired(patch, finding, evidence)
        return LandStep(tuple(findings), keep=tuple(pairs))


def _paired(patch: Patch, finding: Finding | None, evidence: Evidence) -> list[Pair]:
    same = evidence.light == evidence.reference.light
    late = patch.open and not patch.paired and same and evidence.light in patch.lights
    if patch.told is None or not (late or (finding is not None and finding.phase is not Phase.END)):
        return []
    patch.paired = patch.paired or same
    return [Pair(patch.told.key, evidence.reference, same)]
