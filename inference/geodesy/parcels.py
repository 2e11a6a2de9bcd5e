"""Whose ground it is: parcels of a county, and which of them an outline touches. Loads shapely and pyproj."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import shapely

from inference.change import Corner, Overlap
from inference.findings import Severity
from inference.geodesy.intake import Intake, taken
from inference.geodesy.layer import LayerSpec
from inference.geodesy.overlap import area, shared
from inference.geodesy.placing import Surroundings

_GRAVITY = tuple(Severity)  # from the lightest on
_LEAST = 0.01  # m2 that make a touch: neighbours' lines, drawn twice, cross by less


class Parcels:
    """One file of parcels. Unchanging: threads may share it."""

    def __init__(self, spec: LayerSpec, intake: Intake) -> None:
        self.name, self.severity = spec.name, spec.severity
        self.findings, self.crs, self.total = intake.findings, intake.crs, intake.total
        self._polygons, self._keys, self._labels = intake.polygons, intake.keys, intake.labels
        self._tree = shapely.STRtree(self._polygons)

    @classmethod
    def load(cls, spec: LayerSpec, near: tuple[float, float] | None = None, reach_km: float = 100.0) -> Self:
        """near: the site's latitude and longitude; a parcel with a corner farther than reach_km from it is of another
        county, or was placed wrongly. Raises ParcelsRefused."""
        return cls(spec, taken(spec, Surroundings(near, reach_km)))

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, degrees."""
        west, south, east, north = shapely.total_bounds(self._polygons)
        return float(west), float(south), float(east), float(north)

    @property
    def area_m2(self) -> float:
        """Of all of them, on the ellipsoid; what two of them share counts twice."""
        return sum(area(polygon) for polygon in self._polygons)

    def touched(self, outline: Sequence[Corner]) -> tuple[Overlap, ...]:
        """The parcels that it shares ground with, the largest share first.

        outline: longitude and latitude, the last corner joined to the first; one that crosses itself stands for what
        it encloses an odd number of times. Empty where that has no area. Areas are on the ellipsoid. Raises
        ValueError on NaN.
        """
        ground = _ground(outline)
        whole = area(ground) if ground is not None else 0.0
        if whole <= 0:
            return ()
        near = self._tree.query(ground, predicate="intersects")
        common = ((int(place), shared(self._polygons[place], ground)) for place in near)
        overlaps = (self._overlap(place, each, whole) for place, each in common if each >= _LEAST)
        return tuple(sorted(overlaps, key=_larger))

    def _overlap(self, place: int, common: float, whole: float) -> Overlap:
        return Overlap(self.name, self._keys[place], self._labels[place], common, min(common / whole, 1.0))


class Layers:
    """Several files, as one question."""

    def __init__(self, layers: Sequence[Parcels]) -> None:
        self._layers = tuple(layers)
        self._severities = {layer.name: layer.severity for layer in self._layers}

    def touched(self, outline: Sequence[Corner]) -> tuple[Overlap, ...]:
        """As Parcels.touched; those of the gravest layer first, and the largest first among them."""
        overlaps = (overlap for layer in self._layers for overlap in layer.touched(outline))
        return tuple(sorted(overlaps, key=lambda each: (-self._gravity(each), *_larger(each))))

    def severity(self, overlaps: Sequence[Overlap]) -> Severity | None:
        """The gravest of the layers that are touched; None where none is."""
        return max((self._severities[each.layer] for each in overlaps), key=_GRAVITY.index, default=None)

    def _gravity(self, overlap: Overlap) -> int:
        return _GRAVITY.index(self._severities[overlap.layer])


def _larger(overlap: Overlap) -> tuple[float, str]:
    return -(overlap.area_m2 or 0.0), overlap.key


def _ground(outline: Sequence[Corner]) -> shapely.Geometry | None:
    corners = np.array(outline, np.float64).reshape(-1, 2)
    if not np.isfinite(corners).all():
        raise ValueError("a corner of the outline is no number")
    if len(corners) < 3:
        return None
    drawn = shapely.Polygon(corners)
    if drawn.is_valid:
        return drawn
    return shapely.union_all([part for part in shapely.get_parts(shapely.make_valid(drawn)) if part.area > 0])
