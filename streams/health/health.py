"""Whether a camera shows what it should: looks at pictures, a second or a GOP apart. Pure: time is the pictures'.

Every judgement is against what this camera usually shows from where it points (streams.health.reference), never
against an absolute idea of a good picture: fog is not defocus, and a quiet night is not a frozen picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.health.condition import Condition
from streams.health.measures import Measures, sameness, shift
from streams.health.reference import Appearance, Reference

_IDENTICAL = 1e-5  # share of sampled pixels: a digital copy
_ALIKE = 5e-4  # share: a copy that was encoded again; live sensors at rest change some per cent
_COPIES_FOR = 60.0  # s that pictures must be alike, where they are not identical
_EMPTY = 0.8  # grey levels per px: a picture with fewer edges has nothing to freeze
_LOST = 0.35  # share of its usual edges below which a cell has lost them
_COVERED = 0.7  # share of textured cells that lost them
_SPRAYED = 0.18  # share, next to each other: a lorry that stops takes as much, and drives on
_SOFTENED = 0.5  # share of textured cells that are that soft; a sprayed lens stays sharp elsewhere
_SOFT = 0.5  # share of its usual edges that a cell of a defocused picture keeps at most
_GONE = 0.3  # share of cells that may still resemble themselves behind a hand: noise does, by chance
_NIGHT = 0.5  # share of black pixels from which focus cannot be judged
_KEPT = 0.35  # share of cells that show the same thing below which the view is another one
_AGREES = 0.6  # share of cells from which nothing has moved
_SURE = 0.06  # response of the phase correlation: noise gives 0.02
_FAR = 0.012  # share of the picture's width: 23 px of 1920; a mast sways by less
_WHITE = 0.25  # share of saturated pixels
_BLACK = 0.9  # share of black pixels
_LOOKS = 3  # looks in a row before anything is said
_CLEAR = 10.0  # s it must be well before it is well
_JUMP = 60.0  # s without a look, or back in time: what was under way is forgotten


@dataclass(frozen=True, slots=True)
class Verdict:
    """conditions: what holds, the gravest first, and since when (s). values: what was measured last.
    changed: whether conditions differ from those before this look."""

    conditions: tuple[Condition, ...]
    since: Mapping[Condition, float]
    values: Mapping[str, float]
    changed: bool

    @property
    def worst(self) -> Condition | None:
        return self.conditions[0] if self.conditions else None


# s that a sign must last. A lorry stands before the lens for a minute at a barrier; headlights pass in seconds.
_LASTS: Mapping[Condition, float] = {
    Condition.FROZEN: 15.0,
    Condition.COVERED: 5.0,
    Condition.SPRAYED: 30.0,
    Condition.BLINDED: 10.0,
    Condition.MOVED: 10.0,
    Condition.BLURRED: 15.0,
    Condition.DARK: 60.0,
}


@dataclass(slots=True)
class _Sign:
    """One condition between two looks."""

    first: float | None = None
    looks: int = 0
    well: float | None = None
    held: float | None = None

    def see(self, shown: bool, time: float, lasts: float) -> None:
        if shown:
            self.first = time if self.first is None else self.first
            self.looks += 1
            self.well = None
            if self.held is None and self.looks >= _LOOKS and time - self.first >= lasts:
                self.held = self.first
            return
        self.first, self.looks = None, 0
        self.well = time if self.well is None else self.well
        if self.held is not None and time - self.well >= _CLEAR:
            self.held = None


class Health:
    """One camera's, from one place it points at. One thread at a time; looks in order of time.

    still: False for a camera that moves about (a drone), which has no usual picture to compare with.
    """

    def __init__(self, *, still: bool = True) -> None:
        self._still = still
        self._reference = Reference()
        self._signs = {condition: _Sign() for condition in Condition}
        self._last: tuple[float, Measures] | None = None
        self._alike: float | None = None
        self._held: tuple[Condition, ...] = ()

    def update(self, look: Measures, time: float) -> Verdict:
        values, shown = self._judge(look, time)
        for condition, sign in self._signs.items():
            sign.see(condition in shown, time, _LASTS[condition])
        if self._still and not shown and not self._held:
            self._learn(look, time)
        self._last = (time, look)
        before, self._held = self._held, self._holding()
        since = {each: self._signs[each].held or time for each in self._held}
        return Verdict(self._held, since, values, before != self._held)

    def _holding(self) -> tuple[Condition, ...]:
        held = [condition for condition, sign in self._signs.items() if sign.held is not None]
        # A covered lens is also dark, defocused and not where it was.
        if Condition.COVERED in held:
            return tuple(each for each in held if each in {Condition.FROZEN, Condition.COVERED})
        return tuple(held)

    def _judge(self, look: Measures, time: float) -> tuple[dict[str, float], set[Condition]]:
        values = {"brightness": look.mean, "edges": float(look.texture.mean()), "white": look.white}
        shown: set[Condition] = set()
        if self._frozen(look, time, values):
            shown.add(Condition.FROZEN)
        if look.white > _WHITE:
            shown.add(Condition.BLINDED)
        if look.black > _BLACK:
            shown.add(Condition.DARK)
        usual = self._reference.nearest(look) if self._still else None
        if usual is not None and usual.textured.any():
            shown |= self._compared(look, usual, values)
        elif (before := self._reference.newest()) is not None and self._sudden(before, time):
            shown |= self._changed(look, before, values)
        if Condition.BLINDED in shown:  # a glaring lamp takes the edges too
            shown -= {Condition.COVERED, Condition.SPRAYED, Condition.BLURRED, Condition.MOVED}
        return values, shown

    def _frozen(self, look: Measures, time: float, values: dict[str, float]) -> bool:
        if self._last is None or not 0 < time - self._last[0] < _JUMP:
            self._alike = None
            return False
        changed = values["changed"] = sameness(look, self._last[1])
        if changed > _ALIKE or look.texture.mean() < _EMPTY:
            self._alike = None
            return False
        self._alike = self._last[0] if self._alike is None else self._alike
        return changed <= _IDENTICAL or time - self._alike >= _COPIES_FOR

    def _compared(self, look: Measures, usual: Appearance, values: dict[str, float]) -> set[Condition]:
        """Against a picture of about the same brightness."""
        cells = usual.textured
        lost = values["lost"] = float((look.texture[cells] < _LOST * usual.texture[cells]).mean())
        soft = values["soft"] = float((look.detail[cells] < _SOFT * usual.detail[cells]).mean())
        kept = values["kept"] = usual.kept(look)
        if lost > _COVERED and kept < _GONE:
            return {Condition.COVERED}
        if kept < _KEPT and lost <= _COVERED:
            return {Condition.MOVED}
        if soft > _SOFTENED and look.black < _NIGHT:
            return {Condition.BLURRED}
        if lost > _SPRAYED and look.black < _NIGHT:
            return {Condition.SPRAYED}
        return {Condition.MOVED} if kept < _AGREES and self._displaced(look, usual, values) else set()

    def _changed(self, look: Measures, before: Appearance, values: dict[str, float]) -> set[Condition]:
        """Against a picture of another brightness: only what light alone cannot do."""
        cells = before.textured
        if not cells.any():
            return set()
        lost = values["lost"] = float((look.texture[cells] < _LOST * before.texture[cells]).mean())
        kept = values["kept"] = before.kept(look)
        if lost > _COVERED and kept < _GONE:
            return {Condition.COVERED}
        across, down, sure = shift(before.measures, look)
        moved = kept < _KEPT and sure > _SURE and max(abs(across), abs(down)) > _FAR * look.size[0]
        return {Condition.MOVED} if moved else set()

    def _displaced(self, look: Measures, usual: Appearance, values: dict[str, float]) -> bool:
        across, down, sure = shift(usual.measures, look)
        values |= {"shift_x": across, "shift_y": down, "shift_sure": sure}
        return sure > _SURE and max(abs(across), abs(down)) > _FAR * look.size[0]

    def _sudden(self, before: Appearance, time: float) -> bool:
        """Whether it looked like that until just now: night falls slowly, a hand does not."""
        return 0 <= time - before.seen < _JUMP or bool(self._held)

    def _learn(self, look: Measures, time: float) -> None:
        usual = self._reference.nearest(look)
        if usual is None or not usual.textured.any():
            self._reference.propose(look, time)
        else:
            usual.learn(look, time)
