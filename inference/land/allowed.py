"""Ground that may be disturbed until a date: a building site with its papers. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inference.change import Corner
from inference.geometry import Points, inside
from inference.land.persist import Mask
from inference.terrain.sight import Sight

_MARGIN: Final = 2  # px of the evidence, on every side: an outline's and a registration's error
_COARSE: Final = 4  # px of the evidence between places that are looked up on the ground


@dataclass(frozen=True, slots=True)
class Allowance:
    """name: for people. outline: corners, relative 0-1 of the reference picture; where `ground`, metres east and north
    of the site's origin. until: s since 1970."""

    name: str
    outline: tuple[Corner, ...]
    until: float
    ground: bool = False


def allowed(
    allowances: Iterable[Allowance], now: float, shape: tuple[int, int], sight: Sight | None
) -> Mask | None:
    """bool [h, w]: pixels that are allowed now, with a margin; None: none are.

    sight: what allowances on the ground are looked up with. Raises ValueError where one needs it and there is none.
    """
    covers = [_cover(each, shape, sight) for each in allowances if now < each.until]
    if not covers:
        return None
    grown = cv2.dilate(
        np.any(covers, axis=0).astype(np.uint8), np.ones((2 * _MARGIN + 1, 2 * _MARGIN + 1), np.uint8)
    )
    return np.asarray(grown, np.bool_)


def polygons(outlines: Sequence[Points], shape: tuple[int, int]) -> Mask:
    """bool [h, w]: pixels that any of these polygons [N, 2], relative 0-1, covers."""
    cover = np.zeros(shape, np.uint8)
    for corners in outlines:
        pixels = np.rint(np.asarray(corners) * shape[::-1] - 0.5).astype(np.int32)
        cv2.fillPoly(cover, [pixels], 1)
    return np.asarray(cover, np.bool_)


def _cover(allowance: Allowance, shape: tuple[int, int], sight: Sight | None) -> Mask:
    corners = np.array(allowance.outline, np.float64)
    if not allowance.ground:
        return polygons([corners], shape)
    if sight is None:
        raise ValueError(f"{allowance.name}: an allowance on the ground needs a calibrated camera")
    rows, columns = (-(-side // _COARSE) for side in shape)
    y, x = np.mgrid[:rows, :columns] + 0.5
    places = sight.metres(np.stack([x.ravel() / columns, y.ravel() / rows], axis=1))
    on = np.zeros(len(places), np.uint8)
    known = np.isfinite(places).all(axis=1)
    on[known] = inside(places[known], corners)
    fine = cv2.resize(on.reshape(rows, columns), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(fine, np.bool_)
