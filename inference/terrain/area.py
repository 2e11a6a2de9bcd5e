"""How large an outline is on the ground, and how sure that is: rather nothing than a wrong area. Pure."""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from inference.terrain.points import WIDTH
from inference.terrain.sight import Sight
from streams.problem import Text

Floats = NDArray[np.float64]

WORST = 0.30  # of the area, at 95 %: beyond it no area is told
SURE = 1.96  # sigmas of 95 %
_FARTHEST = 1.0  # of the control points' own extent: so far outside them a bend of the ground goes unnoticed


@runtime_checkable
class Marked(Protocol):
    """A Sight that was solved from points on the ground."""

    @property
    def marks(self) -> Floats:
        """[N, 2] m; none where it rests on no points."""
        ...


@dataclass(frozen=True, slots=True)
class Measured:
    """area_m2: on the level; None where `withheld` says why; sigma_m2: its standard deviation.
    sigma_m: 1 standard deviation of the worst corner's place; infinite where one may lie beyond the horizon."""

    area_m2: float | None
    sigma_m2: float | None
    sigma_m: float
    withheld: Text | None = None


def measured(
    sight: Sight, outline: Floats, aspect: float = 16 / 9, noise_px: float = 1.0, relief_m: float = 0.0
) -> Measured:
    """outline: [N, 2] relative, the last corner joined to the first. aspect: of the picture, width by height.

    noise_px: 1 sigma of where each side of the outline's box lies, in px of a picture 1920 wide. Sides err as a whole
    (a threshold moves all of an edge), so an outline of many corners is no surer than one of four.
    relief_m: how high a heap inside may be. Seen from a mast a heap hides ground behind it, and on the plane that
    counts as its area (12 to 22 % on rendered heaps): the bound of it goes into sigma_m2; see `relief_bound`.
    Withheld where 1.96 sigma is more than 30 % of the area, where a corner may lie beyond the horizon, and farther
    outside the control points than they are apart.
    """
    noise = _noise(noise_px, aspect)
    sigma = float(spread(sight, outline, aspect, noise_px).max(initial=0.0))
    if not math.isfinite(sigma):
        return Measured(None, None, sigma, _NO_GROUND)
    area = _area(sight.metres(outline))
    if area <= 0:
        return Measured(None, None, sigma, _NO_AREA)
    known = float(_areas(sight.draws(outline)).std(ddof=1))
    edges = _edges(sight, outline, noise)
    relief = relief_bound(sight, outline, relief_m, aspect) / math.sqrt(3)  # anything up to the bound
    doubt = math.sqrt(known**2 + edges**2 + relief**2)
    if isinstance(sight, Marked) and _outside(sight.metres(outline), sight.marks) > _FARTHEST:
        return Measured(None, None, sigma, _OUTSIDE)
    if not SURE * doubt <= WORST * area:
        return Measured(None, None, sigma, _unsure(SURE * doubt / area))
    return Measured(area, doubt, sigma)


def spread(sight: Sight, pixels: Floats, aspect: float = 16 / 9, noise_px: float = 1.0) -> Floats:
    """[N] m: 1 standard deviation of where each pixel lies, in the direction it is least sure of; infinite where there
    may be no ground. noise_px: of the pixel itself."""
    steps = np.diag(_noise(noise_px, aspect))
    drawn = sight.draws(pixels)
    with np.errstate(invalid="ignore"):  # a draw may lie beyond the horizon: told apart below
        known = drawn - drawn.mean(axis=0)
        covariance = np.einsum("kni,knj->nij", known, known) / (len(drawn) - 1)
    for step in steps:
        # One of the two may fall off the picture's ground, at the horizon: then so may the pixel.
        moved = (sight.metres(pixels + step) - sight.metres(pixels - step)) / 2
        covariance = covariance + moved[:, :, None] * moved[:, None, :]
    sure = np.isfinite(covariance).all(axis=(1, 2))
    found = np.full(len(pixels), np.inf)
    found[sure] = np.sqrt(np.linalg.eigvalsh(covariance[sure])[:, -1])
    return found


def relief_bound(sight: Sight, outline: Floats, relief_m: float, aspect: float = 16 / 9) -> float:
    """m2 by which a heap that high can make an outline on the ground too large, at most: its top is seen
    relief / tan(depression) behind its foot, over the outline's whole width across the line of sight.

    0 for pits: their rim lies in the plane.
    """
    if relief_m == 0:
        return 0.0
    middle = outline.mean(axis=0, keepdims=True)
    step = 0.25 / WIDTH * np.diag([1.0, aspect])
    turned = np.stack([(sight.metres(middle + one) - sight.metres(middle - one))[0] for one in step], axis=1)
    # A square pixel's footprint is long along the line of sight and short across, by the sine of the depression.
    axes, lengths, _ = np.linalg.svd(turned)
    sine = min(float(lengths[1] / lengths[0]), 1.0)
    width = float(np.ptp(sight.metres(outline) @ axes[:, 1]))
    return width * relief_m * math.sqrt(1 - sine**2) / sine


def _noise(noise_px: float, aspect: float) -> Floats:
    return noise_px / WIDTH * np.array([1.0, aspect])


def _edges(sight: Sight, outline: Floats, noise: Floats) -> float:
    """m2, 1 sigma: each of the four sides of the outline's box moves by the noise, and the outline stretches along."""
    least = outline.min(axis=0)
    share = (outline - least) / np.maximum(np.ptp(outline, axis=0), 1e-9)
    total = 0.0
    for axis in (0, 1):
        for side in (share[:, axis], 1 - share[:, axis]):
            step = np.zeros_like(outline)
            step[:, axis] = side * noise[axis]
            change = (_area(sight.metres(outline + step)) - _area(sight.metres(outline - step))) / 2
            total += change**2
    return math.sqrt(total) if math.isfinite(total) else math.inf


def _area(corners: Floats) -> float:
    return float(_areas(corners[None])[0])


def _areas(corners: Floats) -> Floats:
    """[K] m2 of outlines [K, N, 2]."""
    near = corners - corners[:, :1]
    following = np.roll(near, -1, axis=1)
    doubled = near[..., 0] * following[..., 1] - near[..., 1] * following[..., 0]
    return np.asarray(np.abs(doubled.sum(axis=1)) / 2, np.float64)


def _outside(corners: Floats, marks: Floats) -> float:
    """How far the worst corner lies from the nearest control point, in their extent; 0 without control points."""
    if not len(marks):
        return 0.0
    apart = np.linalg.norm(corners[:, None] - marks[None], axis=2).min(axis=1)
    return float(apart.max() / max(float(np.linalg.norm(np.ptp(marks, axis=0))), 1e-9))


_NO_GROUND = Text(
    "reaches to the horizon, or to where no ground is known: no area", "延伸至地平线或地面未知处：不给出面积"
)
_NO_AREA = Text("is no area: fewer than three corners, or all in a row", "不构成面积：角点不足三个或共线")
_OUTSIDE = Text(
    "lies farther outside the control points than they are apart: measure points near it",
    "距标定点过远（超出标定点自身范围）：请在附近补测标定点",
)


def _unsure(share: float) -> Text:
    return Text(
        f"uncertain by ±{100 * share:.0f} % (95 %), more than 30 %: no area",
        f"不确定度 ±{100 * share:.0f} %（95 %），超过 30 %：不给出面积",
    )
