"""Points of the ground in a site file: seen in the picture, and measured."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from edge.settings.fields import Coordinate, Name, wrong
from edge.settings.part import Part
from inference.terrain.calibration import calibrated
from inference.terrain.points import SIGMA_M, GroundRefused, Pair


def _degrees(place: tuple[float, float]) -> tuple[float, float]:
    lon, lat = place
    if abs(lat) > 90 >= abs(lon):
        raise wrong(
            "longitude and latitude are swapped? Longitude comes first", "经度与纬度是否写反？应先写经度"
        )
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise wrong("there is no such longitude and latitude", "经纬度超出范围")
    return place


class GroundPoint(Part):
    """streams[n].ground[n]: a point of the ground.

    pixel: x, y relative 0-1. metres: east and north of site.position, where the site gives it, else of a point of its
    choice; or lonlat: WGS84, degrees, longitude first. height: m above the other points' zero. sigma_m: 1 standard
    deviation of how well it was measured. preset: of a camera that can be turned, where it points.
    """

    pixel: tuple[Coordinate, Coordinate]
    metres: tuple[float, float] | None = None
    lonlat: Annotated[tuple[float, float], AfterValidator(_degrees)] | None = None
    height: Annotated[float, Field(ge=-500, le=9000)] | None = None
    sigma_m: Annotated[float, Field(gt=0, le=100)] | None = None
    preset: Name | None = None

    @model_validator(mode="after")
    def _is_measured_once(self) -> Self:
        if (self.metres is None) == (self.lonlat is None):
            raise wrong("needs exactly one of metres and lonlat", "metres、lonlat 须且只能填写一个")
        return self


def grounds(points: Iterable[GroundPoint]) -> dict[str | None, tuple[GroundPoint, ...]]:
    """The points by preset; under None those of a camera that does not turn."""
    held: dict[str | None, tuple[GroundPoint, ...]] = {}
    for point in points:
        held[point.preset] = (*held.get(point.preset, ()), point)
    return held


def pairs(points: Sequence[GroundPoint], position: tuple[float, float] | None) -> tuple[Pair, ...]:
    """Of one preset, all in metres or all in lonlat; the latter as metres east and north of `position` (latitude,
    longitude), and without one of their own middle. Loads pyproj for lonlat alone."""
    return tuple(
        Pair(point.pixel, place, point.height, SIGMA_M if point.sigma_m is None else point.sigma_m)
        for point, place in zip(points, _metres(points, position), strict=True)
    )


def _metres(points: Sequence[GroundPoint], position: tuple[float, float] | None) -> list[tuple[float, float]]:
    degrees = [point.lonlat for point in points if point.lonlat is not None]
    if not degrees:
        return [point.metres for point in points if point.metres is not None]
    from inference.geodesy.frame import LocalFrame  # noqa: PLC0415 (pyproj: not in the main process)

    lon, lat = np.mean(degrees, axis=0).tolist()
    frame = LocalFrame(*(position or (lat, lon)))
    return [(east, north) for east, north in frame.metres(np.array(degrees, np.float64)).tolist()]


def agree(points: tuple[GroundPoint, ...]) -> tuple[GroundPoint, ...]:
    """Refuses points that fix no ground, as far as that can be told of them alone: those in lonlat are looked at
    by edge.land.checked, with the site's position. Raises ValueError(Text)."""
    for held in grounds(points).values():
        given = {point.metres is None for point in held}
        if len(given) > 1:
            raise wrong(
                "gives some points in metres and some in lonlat", "部分点用 metres，部分点用 lonlat；须一致"
            )
        if given == {False}:
            try:
                calibrated(pairs(held, None))
            except GroundRefused as refused:
                raise ValueError(refused.text) from None
    return points
