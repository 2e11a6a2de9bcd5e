"""One flight against an earlier one, or against an orthophoto: the ground that changed, on the ground. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Polygon

from inference.change import Place
from inference.survey.difference import MOST_EVERYWHERE, differing
from inference.survey.grid import Grid
from inference.survey.patches import Patch, patches
from inference.survey.refusal import ANOTHER_SEASON, APART, NotCompared
from inference.survey.registration import Registration, registered
from inference.survey.view import Mask, Picture, View
from inference.terrain.area import measured
from inference.terrain.points import WIDTH
from inference.terrain.sight import Sight
from streams.problem import Text

Floats = NDArray[np.float64]

LEAST_M2 = 20.0
_ACROSS = 15  # cells across the smallest patch: more only costs time
_MOST = 3_000_000  # cells: 90 m2 each for a square kilometre would be too few, 0.3 m2 is enough
_REACH = 3.0  # sigmas of both poses
_SLACK = 2.0  # m beside them: the ground is not level
_SAME = 0.3  # of the smaller of two patches that lies in both: one patch, seen in two pairs


@dataclass(frozen=True, slots=True)
class Disturbed:
    """place: on the ground. confidence: 0 to 1. soil: 0 to 1, how much it looks like bare soil now."""

    place: Place
    confidence: float
    soil: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one pair. judged_m2: ground that both show. cell_m: what it was compared at."""

    patches: tuple[Disturbed, ...]
    registration: Registration
    judged_m2: float
    cell_m: float


def compared(earlier: View, later: View, least_m2: float = LEAST_M2) -> Comparison:
    """Two views in the same LocalFrame. Everything is measured by the one that knows better where it lies; the other
    is registered onto it. Raises NotCompared."""
    grid = _grid(earlier, later, least_m2)
    before, after = earlier.laid(grid), later.laid(grid)
    reach = _REACH * float(np.hypot(earlier.off, later.off)) + _SLACK
    if earlier.off <= later.off:
        found = registered(before, after, grid.cell, reach)
        after, sight = _moved(after, found.onto), earlier.sight(grid)
    else:
        found = registered(after, before, grid.cell, reach)
        before, sight = _moved(before, found.onto), later.sight(grid)
    both = before[1] & after[1]
    difference = differing(before[0], after[0], both, found.residual_m / grid.cell)
    if difference.everywhere > MOST_EVERYWHERE:
        raise NotCompared(ANOTHER_SEASON)
    outlined = patches(difference, least_m2 / grid.cell**2)
    placed = tuple(_placed(patch, grid, sight, found.residual_m, earlier) for patch in outlined)
    return Comparison(placed, found, float(both.sum()) * grid.cell**2, grid.cell)


def paired(earlier: Sequence[View], later: Sequence[View]) -> list[tuple[View, View]]:
    """Each later view with the earlier one that shows most of its ground; left out where none does."""
    hulls = [MultiPoint(view.edge).convex_hull for view in earlier]
    pairs: list[tuple[View, View]] = []
    for view in later:
        hull = MultiPoint(view.edge).convex_hull
        shared = [hull.intersection(other).area for other in hulls]
        if shared and max(shared) > 0:
            pairs.append((earlier[int(np.argmax(shared))], view))
    return pairs


def merged(comparisons: Sequence[Comparison]) -> list[Disturbed]:
    """Every patch once: of those that lie on each other the one whose place is surest."""
    found = [patch for each in comparisons for patch in each.patches]
    kept: list[tuple[Polygon, Disturbed]] = []
    for patch in sorted(found, key=_doubt):
        shape = Polygon(patch.place.outline).buffer(0)
        if not any(_same(shape, other) for other, _ in kept):
            kept.append((shape, patch))
    return [patch for _, patch in kept]


def _doubt(patch: Disturbed) -> tuple[bool, float]:
    """Small is sure."""
    area, sigma = patch.place.area_m2, patch.place.area_sigma_m2
    return area is None, patch.place.sigma_m if area is None or sigma is None else sigma / area


def _same(one: Polygon, other: Polygon) -> bool:
    return bool(one.intersection(other).area > _SAME * min(one.area, other.area))


def _grid(earlier: View, later: View, least_m2: float) -> Grid:
    both = MultiPoint(earlier.edge).convex_hull.intersection(MultiPoint(later.edge).convex_hull)
    if both.is_empty or both.area == 0:
        raise NotCompared(APART)
    cell = max(earlier.cell, later.cell, float(np.sqrt(least_m2)) / _ACROSS)
    return Grid.over(np.array(both.bounds), cell, _MOST)


def _moved(laid: tuple[Picture, Mask], onto: Floats) -> tuple[Picture, Mask]:
    """The picture as it lies on the other."""
    size = laid[0].shape[1::-1]
    back = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpPerspective(laid[0], onto, size, flags=back)
    shown = cv2.warpPerspective(laid[1].astype(np.uint8) * 255, onto, size, flags=back)
    return np.asarray(picture, np.uint8), np.asarray(shown == 255, np.bool_)


def _placed(patch: Patch, grid: Grid, sight: Sight, residual_m: float, view: View) -> Disturbed:
    """A side of the patch is as sure as half a cell and the registration let it be."""
    relative = (patch.outline + 0.5) / [grid.width, grid.height]
    noise = float(np.hypot(0.5, residual_m / grid.cell)) * WIDTH / grid.width
    size = measured(sight, relative, grid.width / grid.height, noise)
    degrees = view.frame.degrees(sight.metres(relative))
    outline = tuple((float(lon), float(lat)) for lon, lat in degrees)
    if patch.cut:
        return Disturbed(Place(outline, size.sigma_m, None, None, _CUT), patch.confidence, patch.soil)
    place = Place(outline, size.sigma_m, size.area_m2, size.sigma_m2, size.withheld)
    return Disturbed(place, patch.confidence, patch.soil)


_CUT = Text(
    "it reaches the edge of what both pictures show, and may go on beyond: no area",
    "已达到两幅画面共同范围的边缘，可能继续延伸：不给出面积",
)
