"""How a camera's picture usually looks, from one place it points at. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from streams.health.measures import Floats, Measures, match

CALM = 5  # looks that agree before they are taken for the usual picture: nobody learns from a passing lorry
_APART = 35.0  # grey levels of mean brightness between two appearances: day, dusk, lamps, infrared
_MOST = 4  # appearances kept; the one seen longest ago goes
_AGE = 600.0  # s: time constant with which an appearance follows the seasons of a day (shadows, wet ground)
_TEXTURED = 1.2  # grey levels per px of edges that a cell needs before its loss says anything
_ENOUGH = 0.1  # share of the cells that must be textured
_SAME = 0.35  # correlation of a cell's edges from which it shows the same thing


@dataclass(slots=True)
class Appearance:
    """measures: a typical look. texture, sharpness: float32 [rows, columns], averaged; white: share,
    averaged. seen: s, of the last look like it. taken: s, of the typical one."""

    measures: Measures
    texture: Floats
    sharpness: Floats
    white: float
    seen: float
    taken: float

    @classmethod
    def of(cls, looks: Sequence[Measures], time: float) -> Self:
        """What several looks, the last of them just now, have in common."""

        def usual(values: Iterable[Floats]) -> Floats:
            return np.asarray(np.median(list(values), axis=0), np.float32)

        return cls(
            looks[-1],
            usual(look.texture for look in looks),
            usual(look.sharpness for look in looks),
            float(np.median([look.white for look in looks])),
            time,
            time,
        )

    @property
    def telling(self) -> bool:
        """Whether enough of the picture has edges for their loss to say anything."""
        return bool(self.textured.mean() >= _ENOUGH)

    @property
    def textured(self) -> NDArray[np.bool_]:
        return np.asarray(self.texture > _TEXTURED, np.bool_)

    def kept(self, now: Measures) -> float:
        """Share of the textured cells that still show the same thing, 0 to 1."""
        cells = self.textured
        return float((match(self.measures, now)[cells] > _SAME).mean()) if cells.any() else 0.0

    def learn(self, now: Measures, time: float) -> None:
        """Only from looks that surely show the same place, in order of time: a turned camera is never learnt."""
        share = 1 - float(np.exp(-max(0.0, time - self.seen) / _AGE))
        self.texture = np.asarray(self.texture + share * (now.texture - self.texture), np.float32)
        self.sharpness = np.asarray(self.sharpness + share * (now.sharpness - self.sharpness), np.float32)
        self.white += share * (now.white - self.white)
        self.seen = time
        if not 0 <= time - self.taken < _AGE:
            self.measures, self.taken = now, time


@dataclass(slots=True)
class Reference:
    """The appearances of one view. `judge` finds the one to compare with; `calm` makes new ones."""

    appearances: list[Appearance] = field(default_factory=list)
    _waiting: list[tuple[float, Measures]] = field(default_factory=list)

    def nearest(self, now: Measures) -> Appearance | None:
        """The appearance of about this brightness; None: it never looked like this."""
        near = [each for each in self.appearances if abs(each.measures.mean - now.mean) < _APART]
        return min(near, key=lambda each: abs(each.measures.mean - now.mean), default=None)

    def newest(self) -> Appearance | None:
        return max(self.appearances, key=lambda each: each.seen, default=None)

    def propose(self, now: Measures, time: float) -> None:
        """A look at something unknown: learned once several in a row agree with each other."""
        if self._waiting and float(np.mean(match(self._waiting[-1][1], now))) < _SAME / 2:
            self._waiting.clear()
        self._waiting.append((time, now))
        if len(self._waiting) < CALM:
            return
        self.appearances.append(Appearance.of([look for _, look in self._waiting], time))
        self.appearances.sort(key=lambda each: each.seen)
        del self.appearances[:-_MOST]
        self._waiting.clear()
