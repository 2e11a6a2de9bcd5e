"""Whether a camera shows what it should: looks at pictures, a second or a GOP apart. Pure: time is the pictures'.

Every judgement is against what this camera usually shows from where it points (streams.health.reference), never
against an absolute idea of a good picture: fog is not defocus, and a quiet night is not a frozen picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.health.comparison import View, changed, compared
from streams.health.condition import Condition
from streams.health.measures import Measures
from streams.health.reference import Appearance, Reference
from streams.health.stillness import Stillness

# s until a view in which nothing is found again is another one: a lorry fills it for less
_STRANGE_FOR = 60.0
_WHITE = 0.25  # share of saturated pixels beyond the usual: a bright sky is nobody's lamp
_GLARE = 0.6  # share of them where nothing usual is known
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

    reference: what is known of the view already. still: False for a camera that moves about (a drone), which has
    no usual picture to compare with.
    """

    def __init__(self, reference: Reference | None = None, *, still: bool = True) -> None:
        self._still = still
        self.reference = reference or Reference()
        self._signs = {condition: _Sign() for condition in Condition}
        self._stillness = Stillness()
        self._strange: float | None = None
        self._view = View.USUAL
        self._held: tuple[Condition, ...] = ()

    def update(self, look: Measures, time: float, *, key: bool = True) -> Verdict:
        """time: s, any epoch. key: whether it is a key frame; only these can tell frozen from still."""
        values = {"brightness": look.mean, "edges": float(look.texture.mean()), "white": look.white}
        shown = self._judge(look, time, values)
        if self._stillness.update(look, time, values, key=key):
            shown.add(Condition.FROZEN)
        for condition, sign in self._signs.items():
            sign.see(condition in shown, time, _LASTS[condition])
        if self._still and not shown and not self._held and self._view is View.USUAL:
            self._learn(look, time)
        before, self._held = self._held, self._holding()
        since = {each: self._signs[each].held or time for each in self._held}
        return Verdict(self._held, since, values, before != self._held)

    def _holding(self) -> tuple[Condition, ...]:
        held = [condition for condition, sign in self._signs.items() if sign.held is not None]
        # A covered lens is also dark, defocused and not where it was.
        if Condition.COVERED in held:
            return tuple(each for each in held if each in {Condition.FROZEN, Condition.COVERED})
        return tuple(held)

    def _judge(self, look: Measures, time: float, values: dict[str, float]) -> set[Condition]:
        shown: set[Condition] = {Condition.DARK} if look.black > _BLACK else set()
        usual = self.reference.nearest(look) if self._still else None
        before = self._before(time)
        known = usual or before
        if look.white > (_GLARE if known is None else min(_GLARE, known.white + _WHITE)):
            return shown | {Condition.BLINDED}  # a glaring lamp takes the edges too
        found: Condition | None = None
        self._view = View.USUAL if usual is None else View.UNSURE
        if usual is not None and usual.telling:
            found, self._view = compared(look, usual, values)
        elif before is not None and before.telling:
            found, self._view = changed(look, before, values)
        shown |= {found} if found is not None else set()
        return shown | ({Condition.MOVED} if self._is_another(time) else set())

    def _is_another(self, time: float) -> bool:
        if self._view is not View.STRANGE or (self._strange is not None and time < self._strange):
            self._strange = None
            return False
        self._strange = time if self._strange is None else self._strange
        return time - self._strange >= _STRANGE_FOR

    def _before(self, time: float) -> Appearance | None:
        newest = self.reference.newest()
        return newest if newest is not None and self._sudden(newest, time) else None

    def _sudden(self, before: Appearance, time: float) -> bool:
        """Whether it looked like that until just now: night falls slowly, a hand does not."""
        return 0 <= time - before.seen < _JUMP or bool(self._held)

    def _learn(self, look: Measures, time: float) -> None:
        usual = self.reference.nearest(look)
        if usual is None or not usual.telling:
            self.reference.propose(look, time)
        else:
            usual.learn(look, time)
