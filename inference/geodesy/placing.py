"""Whether the parcels of a file lie where they can, and if not, what was mixed up. Loads pyproj."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.geodesy.crs import Crs, declared
from inference.geodesy.flaws import Flaw, ParcelFinding
from inference.geodesy.shapes import Shape, found
from streams.problem import Text

Floats = NDArray[np.float64]
Position = tuple[float, float]

_RADIUS = 6371.0  # km, mean: distances here tell a county from the next province
# EPSG: CGCS2000 in 3-degree zones with their number before the easting, without; then in 6-degree zones, the same
_ZONES = (*range(4513, 4555), *range(4491, 4513))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """near: latitude and longitude that parcels have to lie within reach_km of; None where nothing is known."""

    near: Position | None
    reach_km: float

    def holds(self, degrees: Floats) -> NDArray[np.bool_]:
        """bool [N] of places [N, 2], longitude and latitude."""
        with np.errstate(invalid="ignore"):
            on_earth = (np.abs(degrees) <= (180.0, 90.0)).all(axis=1)
            return np.asarray(on_earth & (self.away(degrees) <= self.reach_km), np.bool_)

    def away(self, degrees: Floats) -> Floats:
        """float64 [N], km from `near` on a great circle; 0 where there is none."""
        return distance(degrees, self.near) if self.near is not None else np.zeros(len(degrees))


def distance(degrees: Floats, place: Position) -> Floats:
    """float64 [N], km on a sphere from each of [N, 2], longitude and latitude, to a latitude and longitude."""
    lon, lat = np.radians(degrees).T
    lat0, lon0 = np.radians(place)
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.asarray(2 * _RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1))), np.float64)


def misplaced(
    shapes: Sequence[Shape], corners: Floats, degrees: Floats, crs: Crs, around: Surroundings
) -> list[ParcelFinding]:
    """One for each shape that has a corner where none can be. corners: float64 [N, 2] of all shapes, one after the
    other, as the file has them; degrees: the same in longitude and latitude."""
    ends = np.cumsum([shape.corners for shape in shapes])
    outside = ~around.holds(degrees)
    if crs.metric and around.near is None and (np.abs(corners) <= 360).all():
        outside[:] = True  # no county lies in one yard: these are degrees
    findings = []
    zone: str | None = None
    for place in sorted({int(each) for each in np.searchsorted(ends, np.flatnonzero(outside), side="right")}):
        part = slice(int(ends[place]) - shapes[place].corners, int(ends[place]))
        if crs.metric and zone is None and around.near is not None:
            zone = _zone(corners[part], around)
        findings.append(_why(shapes[place], corners[part], degrees[part], crs, around, zone))
    return findings


def _why(
    shape: Shape, corners: Floats, degrees: Floats, crs: Crs, around: Surroundings, zone: str | None
) -> ParcelFinding:
    """From the surest explanation to none."""
    like_degrees = (np.abs(corners) <= 360).all()
    if crs.metric == like_degrees:
        return found(shape, Flaw.UNITS, _units(crs, corners[0]))
    if around.holds(crs.degrees(corners[:, ::-1])).all():
        return found(shape, Flaw.SWAPPED, _swapped(corners[0]))
    if zone and around.holds(declared(zone).degrees(corners)).all():
        return found(shape, Flaw.ZONE, _other_zone(crs, corners[0], zone))
    if not Surroundings(None, 0).holds(degrees).all():
        return found(shape, Flaw.NOWHERE, _nowhere(crs, corners[0]))
    return found(shape, Flaw.FAR, _far(float(around.away(degrees).max())))


def _zone(corners: Floats, around: Surroundings) -> str | None:
    """The zone of CGCS2000 in which they would lie in the surroundings, "" where there is none."""
    codes = (f"EPSG:{code}" for code in _ZONES)
    return next((code for code in codes if around.holds(declared(code).degrees(corners)).all()), "")


def _at(corner: Floats) -> str:
    return f"{corner[0]:.10g}, {corner[1]:.10g}"


def _units(crs: Crs, corner: Floats) -> Text:
    meant, written = ("metres", "degrees") if crs.metric else ("degrees", "metres")
    names = {"metres": "米", "degrees": "度"}
    return Text(
        f"{_at(corner)} looks like {written}, and {crs.name} is in {meant}",
        f"{_at(corner)} 像是以{names[written]}为单位，而 {crs.name} 以{names[meant]}为单位",
    )


def _swapped(corner: Floats) -> Text:
    return Text(
        f"{_at(corner)} has its axes the wrong way round: the other way it would lie in place",
        f"{_at(corner)} 坐标轴顺序颠倒：对调后位置正确",
    )


def _other_zone(crs: Crs, corner: Floats, zone: str) -> Text:
    name = declared(zone).name
    return Text(
        f"{_at(corner)} lies elsewhere in {crs.name}, and in place in {name} ({zone})",
        f"{_at(corner)} 按 {crs.name} 位置不符，按 {name}（{zone}）则位置正确",
    )


def _nowhere(crs: Crs, corner: Floats) -> Text:
    return Text(f"{_at(corner)} is no place in {crs.name}", f"{_at(corner)} 不是 {crs.name} 中的有效位置")


def _far(km: float) -> Text:
    return Text(f"has a corner {km:.0f} km from the site", f"有角点距站点 {km:.0f} 公里")
