"""How large an occupied area is that a person outlined in one picture, or in several of an orbit. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.change import Place
from inference.survey.georeferenced import Georeferenced
from inference.survey.refusal import NotMeasured, disagreeing, not_outlined
from inference.terrain.area import Measured, measured
from streams.problem import Text

Floats = NDArray[np.float64]

_HAND = 3.0  # px of a picture 1920 wide, 1 sigma of where a person draws a side
_DISAGREE = 3.0  # sigmas that a picture may lie off the others


@dataclass(frozen=True, slots=True)
class Sketch:
    """outline: float64 [N, 2], corners in the picture, relative. name: of the picture, for the person."""

    place: Georeferenced
    outline: Floats
    name: str


@dataclass(frozen=True, slots=True)
class Survey:
    """place: what all pictures say together. each: what each says, in their order; those without an area did not
    count."""

    place: Place
    each: tuple[Measured, ...]


def surveyed(sketches: Sequence[Sketch], relief_m: float = 0.0) -> Survey:
    """Of one picture its area; of several the mean weighted by certainty. All of one LocalFrame.

    The pictures of a flight share the errors of their poses (compass, barometer, lens): only those of the drawing
    average out. The outline told is that of the surest picture. relief_m: how high a heap inside may be (see
    `measured`). Raises NotMeasured where an outline is none, or where a picture contradicts the others.
    """
    _check(sketches)
    each = tuple(_measured(sketch, relief_m) for sketch in sketches)
    known = [(sketch, size) for sketch, size in zip(sketches, each, strict=True) if size.area_m2 is not None]
    if not known:
        return Survey(_told(sketches[0], each[0], None, None), each)
    areas = np.array([size.area_m2 for _, size in known], np.float64)
    sigmas = np.array([size.sigma_m2 for _, size in known], np.float64)
    _agree(known)
    # By what share of itself each is unsure of: a sigma grows with its area, and would favour what is too small.
    weights = (areas / sigmas) ** 2 / ((areas / sigmas) ** 2).sum()
    area = float(weights @ areas)
    best, size = known[int(np.argmin(sigmas / areas))]
    return Survey(_told(best, size, area, _fused([sketch for sketch, _ in known], sigmas, weights)), each)


def _check(sketches: Sequence[Sketch]) -> None:
    for sketch in sketches:
        good = len(sketch.outline) >= 3 and np.isfinite(sketch.outline).all()
        if not good or (sketch.outline < 0).any() or (sketch.outline > 1).any():
            raise NotMeasured(not_outlined(sketch.name, _NO_OUTLINE))
        if _crossing(sketch.outline):
            raise NotMeasured(not_outlined(sketch.name, _CROSSING))


def _measured(sketch: Sketch, relief_m: float) -> Measured:
    return measured(sketch.place.sight, sketch.outline, sketch.place.camera.aspect, _HAND, relief_m)


def _fused(sketches: Sequence[Sketch], sigmas: Floats, weights: Floats) -> float:
    """m2. Draw k of every sight rests on the same errors: over the draws the mean errs as the poses do together; what
    is left of each picture's sigma is its drawing's own."""
    drawn = np.stack([_areas(sketch.place.sight.draws(sketch.outline)) for sketch in sketches], axis=1)
    alone = np.maximum(sigmas**2 - drawn.var(axis=0, ddof=1), 0)
    return float(np.sqrt((drawn @ weights).var(ddof=1) + weights**2 @ alone))


def _agree(known: Sequence[tuple[Sketch, Measured]]) -> None:
    """An outline of something else, or a pose that lies, is off by more than its sigma. The worst is named."""
    middles = np.array([sketch.place.sight.metres(sketch.outline).mean(axis=0) for sketch, _ in known])
    areas = np.array([(size.area_m2, size.sigma_m2, size.sigma_m) for _, size in known], np.float64)
    apart = np.linalg.norm(middles - np.median(middles, axis=0), axis=1)
    usual = float(np.median(areas[:, 0]))
    wrong = np.maximum(np.abs(areas[:, 0] - usual) / areas[:, 1], apart / areas[:, 2])
    worst = int(np.argmax(wrong))
    if len(known) > 1 and wrong[worst] > _DISAGREE:
        name = known[worst][0].name
        raise NotMeasured(disagreeing(name, float(areas[worst, 0]), usual, float(apart[worst])))


def _told(sketch: Sketch, size: Measured, area: float | None, sigma: float | None) -> Place:
    withheld = size.withheld if area is None else None
    return Place(sketch.place.outline(sketch.outline), size.sigma_m, area, sigma, withheld)


def _areas(corners: Floats) -> Floats:
    """[K] m2 of outlines [K, N, 2]."""
    x, y = (corners - corners[:, :1]).transpose(2, 0, 1)
    doubled = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    return np.asarray(np.abs(doubled.sum(axis=1)) / 2, np.float64)


def _crossing(outline: Floats) -> bool:
    from shapely.geometry import Polygon  # noqa: PLC0415 - not for those who only georeference

    return not Polygon(outline).is_valid


_NO_OUTLINE = Text(
    "an outline has three corners or more, all inside the picture", "轮廓至少三个角点，且均在画面内"
)
_CROSSING = Text("the outline crosses itself", "轮廓自相交")
