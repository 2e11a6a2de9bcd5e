"""A camera measured in by points of the ground: what the console, the command line and the daemon all use. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.ground import Ground, plane_fit
from inference.terrain.adjust import Fit
from inference.terrain.area import spread
from inference.terrain.consensus import agreed, doubtful, others
from inference.terrain.homography import View, mirrored, seen
from inference.terrain.points import NOISE_PX, WIDTH, GroundRefused, Marks, Pair, marks
from inference.terrain.posed import PosedCamera, PosedSight
from inference.terrain.resect import field_of_view, posed, resected
from inference.terrain.sight import Sight
from inference.terrain.surface import Flat, Surface
from streams.problem import Text

Floats = NDArray[np.float64]

_STEEP = 0.1  # of a right angle's cosine: a camera that looks down more steeply heads nowhere


@dataclass(frozen=True, slots=True)
class Residual:
    """Of one pair. metres, px: between where it was measured and seen (px of a picture 1920 wide). others: m from where
    the other pairs alone put it, and `strange` the same in standard deviations (5 is no chance any more); None where
    they are too few, or were not asked."""

    metres: float
    px: float
    others: float | None
    strange: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """sight: what areas are measured through. ground: the level plane that speeds are measured on. camera: its pose;
    None where a flat ground alone does not tell it. covariance: [9, 9] of the fit's parameters (of
    inference.terrain.homography.View, or PosedCamera). scale: how much larger than stated the errors of the pairs are,
    by their residuals; at least 1, and already in all sigmas."""

    sight: Sight
    ground: Ground
    camera: PosedCamera | None
    residuals: tuple[Residual, ...]
    covariance: Floats
    scale: float

    @property
    def worst(self) -> int:
        """Index of the pair to measure again, if any: the one the others agree with least."""
        return max(range(len(self.residuals)), key=lambda each: self.residuals[each].strange or 0.0)


def calibrated(
    pairs: Sequence[Pair],
    *,
    aspect: float = 16 / 9,
    noise_px: float = NOISE_PX,
    surface: Surface | None = None,
    thorough: bool = False,
) -> Calibration:
    """A plane through the pairs where none has a height and no surface is given; else a camera over that surface (flat
    at 0 m by default), its pose solved from them. The lens is fitted too: a few pairs leave it as unsure as
    lenses are. aspect: of the picture, width by height. noise_px: 1 sigma of a pixel, in px of a picture 1920 wide.
    thorough: also what the others say of each pair, which takes as many fits as there are pairs. Raises GroundRefused.
    """
    found = marks(pairs, aspect, noise_px)
    if surface is None and all(pair.height is None for pair in pairs):
        return _plane(found, thorough)
    surface = surface or Flat()
    return _pose(_lifted(found, pairs, surface), surface, thorough)


def _plane(found: Marks, thorough: bool) -> Calibration:
    fit = plane_fit(found)
    ground = Ground.of(fit, found)
    residuals = _residuals(fit, found, others(seen, found) if thorough else None)
    return Calibration(ground, ground, _stand(ground), residuals, fit.covariance, fit.scale)


def _pose(found: Marks, surface: Surface, thorough: bool) -> Calibration:
    fit = resected(found)
    if (fit is None or doubtful(fit)) and _turned_over(found):
        raise GroundRefused(_FROM_BELOW)
    fit = agreed(resected, found, lambda some: resected(some, searches=1))
    sight = PosedSight(fit.model, surface, fit.covariance, marks=found.points[:, :2])
    ground = Ground.under(fit, found, float(np.median(surface.height(found.points[:, :2]))))
    apart = others(lambda some: resected(some, near=fit.model), found) if thorough else None
    residuals = _residuals(fit, found, apart)
    return Calibration(sight, ground, fit.model, residuals, fit.covariance, fit.scale)


def _turned_over(found: Marks) -> bool:
    flat = seen(found)
    return flat is not None and mirrored(flat.model)


def _lifted(found: Marks, pairs: Sequence[Pair], surface: Surface) -> Marks:
    """Points without a height of their own put on the surface."""
    points = found.points.copy()
    lying = np.array([pair.height is None for pair in pairs])
    points[lying, 2] = surface.height(points[lying, :2])
    if not np.isfinite(points[:, 2]).all():
        index = int(np.isfinite(points[:, 2]).argmin())
        raise GroundRefused(_no_height(index), [index])
    return found._replace(points=points)


def _residuals(
    fit: Fit[View] | Fit[PosedCamera], found: Marks, apart: tuple[Floats, Floats] | None
) -> tuple[Residual, ...]:
    places = fit.model.places(found.pixels, found.points[:, 2])
    metres = np.linalg.norm(places - found.points[:, :2], axis=1)
    off = (fit.model.pixels(found.points) - found.pixels) * WIDTH / np.array([1.0, found.aspect])
    px = np.linalg.norm(off, axis=1)
    nothing = np.full(len(px), np.nan)
    told = [[_known(each) for each in one] for one in apart or (nothing, nothing)]
    return tuple(
        Residual(float(one), float(two), *others) for one, two, *others in zip(metres, px, *told, strict=True)
    )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _stand(ground: Ground) -> PosedCamera | None:
    view = np.asarray(np.linalg.inv(ground.plane), np.float64)
    field = field_of_view(view, ground.aspect)
    return None if field is None else posed(view, field, ground.aspect, ground.lens)


def sigma_at(calibration: Calibration, distance: float) -> float | None:
    """m, 1 sigma of a place that far from the camera's foot, straight ahead (a pixel of noise included); infinite where
    it may be beyond the horizon, None where it is not in the picture or nobody knows where the camera stands."""
    camera = calibration.camera
    if camera is None or math.hypot(*camera.turn[:2, 2]) < _STEEP:
        return None
    ahead = camera.turn[:2, 2] / np.linalg.norm(camera.turn[:2, 2])
    place = np.array([camera.place[:2] + distance * ahead])
    pixel = calibration.ground.pixels(place)
    if not ((pixel >= 0) & (pixel <= 1)).all():
        return None
    return float(spread(calibration.sight, pixel, camera.aspect)[0])


_FROM_BELOW = Text(
    "the ground would be seen from below: left and right are exchanged, or east and north, or heights are wrong",
    "相机会位于地面以下：可能左右写反，或东、北坐标写反，或高程有误",
)


def _no_height(index: int) -> Text:
    return Text(
        f"pair {index + 1}: the map of heights knows nothing there", f"第{index + 1}个点对：该处没有高程数据"
    )
