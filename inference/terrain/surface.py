"""What the ground is like under a camera: flat, or what a map of heights says. Pure."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FINER = 12  # halvings of the step in which a ray meets the ground: 15 m become 4 mm
_HAIR = 0.001  # m before the highest ground: there a ray is above it whatever the rounding
# of the way gone, and of a cell: the steps along a ray. A ridge thinner than that may be missed
_SHARE, _CELLS = 0.005, 0.5


class Surface(Protocol):
    """Heights in m over one zero, which a camera's height counts from too."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest there is."""
        ...

    @property
    def cell(self) -> float | None:
        """m between what is known; None: flat."""
        ...

    def height(self, metres: Floats) -> Floats:
        """[N] of places east and north [N, 2]; NaN where nothing is known."""
        ...


@dataclass(frozen=True, slots=True)
class Flat:
    """A level plane."""

    level: float = 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        return self.level, self.level

    @property
    def cell(self) -> None:
        return None

    def height(self, metres: Floats) -> Floats:
        return np.full(len(metres), self.level)


def struck(eyes: Floats, rays: Floats, surface: Surface, reach: float) -> Floats:
    """[N, 2] east and north where rays first meet the surface. eyes: [N, 3]; rays: unit [N, 3]; reach: m along the
    ground. NaN: into the sky, beyond reach, where no height is known, from below the ground."""
    low, high = surface.bounds
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(eyes[:, 2] > high, (high - eyes[:, 2]) / rays[:, 2], 0.0)
        last = np.minimum((low - eyes[:, 2]) / rays[:, 2], reach / np.linalg.norm(rays[:, :2], axis=1))
        last = np.where(rays[:, 2] < 0, last, reach / np.linalg.norm(rays[:, :2], axis=1))
    meets = np.isfinite(first) & (first >= 0) & (first <= last + 1e-6)
    if surface.cell is None:
        there = np.where(meets & (rays[:, 2] < 0) & (eyes[:, 2] > high), first, np.nan)
    else:
        there = np.full(len(rays), np.nan)
        there[meets] = _marched(eyes[meets], rays[meets], surface, (first[meets], last[meets]))
    return np.asarray((eyes + there[:, None] * rays)[:, :2], np.float64)


def _marched(eyes: Floats, rays: Floats, surface: Surface, way: tuple[Floats, Floats]) -> Floats:
    """m along each ray [N] to where it goes under the surface for the first time; NaN where that is not known."""
    assert surface.cell is not None
    at, last = np.maximum(way[0] - _HAIR, 0), way[1]
    before, found = at.copy(), np.full(len(rays), np.nan)
    above = _clear(eyes, rays, surface, at) >= 0  # unknown is not above: what lies hidden there, nobody says
    going = np.arange(len(rays))
    while len(going):
        before[going] = at[going]
        at[going] += np.maximum(_CELLS * surface.cell, _SHARE * at[going])
        clear = _clear(eyes[going], rays[going], surface, at[going])
        under = clear < 0
        hit = going[under & above[going]]
        found[hit] = _narrowed(eyes[hit], rays[hit], surface, (before[hit], at[hit]))
        above[going] = clear >= 0
        going = going[~under & (before[going] <= last[going])]
    return found


def _narrowed(eyes: Floats, rays: Floats, surface: Surface, between: tuple[Floats, Floats]) -> Floats:
    near, far = between[0].copy(), between[1].copy()
    for _ in range(_FINER):
        middle = (near + far) / 2
        under = _clear(eyes, rays, surface, middle) < 0
        near, far = np.where(under, near, middle), np.where(under, middle, far)
    return np.asarray((near + far) / 2, np.float64)


def _clear(eyes: Floats, rays: Floats, surface: Surface, at: Floats) -> Floats:
    """m that the rays are above the surface there."""
    places = eyes + at[:, None] * rays
    return np.asarray(places[:, 2] - surface.height(places[:, :2]), np.float64)
