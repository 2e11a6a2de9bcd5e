"""The reference system a file's coordinates are in, as somebody declared it. Loads pyproj."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from inference.geodesy import gcj
from streams.problem import Misconfigured, Problem, Text

Floats = NDArray[np.float64]

_WGS84 = "EPSG:4326"
_CGCS2000 = "China 2000"  # PROJ's name of the datum, in whatever words a .prj has it
# m. CGCS2000 is ITRF97 at 2000.0, held to the Chinese plate; WGS84 follows the ITRF of the day. The plate drifts 3 cm a
# year, so the two part by less than a metre until about 2030; PROJ knows no transformation between them.
_DRIFT = 1.0
_MOST_ERROR = 2.0  # m: parcels that may lie farther off name the wrong neighbour
_SHIFTED: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "GCJ02": ("GCJ-02", gcj.from_gcj),
    "BD09": ("BD-09", gcj.from_bd),
}


class CrsRefused(Misconfigured):
    """The reference system is unknown, or leads to WGS84 too coarsely; `problem` says which."""


@dataclass(frozen=True, slots=True)
class Crs:
    """name: for people. accuracy_m: how far its places may lie from WGS84; None where nobody publishes it.
    metric: its coordinates are metres, not degrees. shifted: GCJ-02 or BD-09."""

    name: str
    accuracy_m: float | None
    metric: bool
    shifted: bool
    _to_wgs84: Callable[[Floats], Floats]

    def degrees(self, points: Floats) -> Floats:
        """float64 [N, 2], longitude and latitude WGS84 of points [N, 2]: x (east) first, in whatever order the system
        itself names its axes; NaN for what lies outside it."""
        return self._to_wgs84(np.asarray(points, np.float64).reshape(-1, 2))


@lru_cache(maxsize=128)
def declared(text: str) -> Crs:
    """From "EPSG:4490", "GCJ-02", "BD-09", WKT (a .prj) or anything PROJ reads. Raises CrsRefused."""
    short = text.strip().upper().replace("-", "").replace("_", "")
    if short in _SHIFTED:
        name, inverse = _SHIFTED[short]
        return Crs(name, None, metric=False, shifted=True, _to_wgs84=inverse)
    try:
        crs = CRS.from_user_input(text.strip())
    except CRSError as error:
        raise CrsRefused(_unknown(text)) from error
    crs = crs.to_2d()
    if not (crs.is_geographic or crs.is_projected):
        raise CrsRefused(_unknown(crs.name))
    transformer, accuracy = _way(crs)
    return Crs(crs.name, accuracy, crs.is_projected, shifted=False, _to_wgs84=partial(_through, transformer))


def _way(crs: CRS) -> tuple[Transformer, float]:
    geodetic = crs.geodetic_crs
    if geodetic is not None and crs.datum is not None and crs.datum.name == _CGCS2000:
        return Transformer.from_crs(crs, geodetic, always_xy=True), _DRIFT
    known = TransformerGroup(crs, _WGS84, always_xy=True, allow_ballpark=False).transformers
    ways = [way for way in known if _everywhere(way, crs)]
    if not ways:
        raise CrsRefused(_no_way(crs.name))
    accuracy = float(ways[0].accuracy)
    if not 0 <= accuracy <= _MOST_ERROR:  # below 0: PROJ does not know it
        raise CrsRefused(_coarse(crs.name, accuracy))
    return ways[0], accuracy


def _everywhere(way: Transformer, crs: CRS) -> bool:
    """Whether it holds all over the system's own area: some datums have parameters for one oil field only."""
    if way.area_of_use is None:
        return True
    west, south, east, north = crs.area_of_use.bounds if crs.area_of_use else (-180.0, -90.0, 180.0, 90.0)
    good = way.area_of_use
    return good.west <= west and good.south <= south and good.east >= east and good.north >= north


def _through(transformer: Transformer, points: Floats) -> Floats:
    found = np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    found[~np.isfinite(found).all(axis=1)] = np.nan
    return np.asarray(found, np.float64)


_USUAL = Text(
    "declare it, for instance EPSG:4490 (CGCS2000), EPSG:4534 to 4554 (its 3-degree zones) or GCJ-02",
    "请声明坐标系，例如 EPSG:4490（CGCS2000）、EPSG:4534 至 4554（三度带）或 GCJ-02",
)
_DELIVER = Text(
    "have the file delivered in CGCS2000, converted with the parameters of the local survey office",
    "请由当地测绘部门用本地参数转换为 CGCS2000 后重新提供",
)


def _unknown(text: str) -> Problem:
    said = text.strip()[:60]
    return Problem(
        "parcels.crs",
        Text(f"{said!r} is no reference system of places on the ground", f"“{said}”不是可用的地面坐标系"),
        _USUAL,
    )


def _no_way(name: str) -> Problem:
    return Problem(
        "parcels.datum",
        Text(
            f"no public transformation leads from {name} to WGS84: parcels could lie a hundred metres off",
            f"没有从 {name} 到 WGS84 的公开转换参数：地块可能偏差上百米",
        ),
        _DELIVER,
    )


def _coarse(name: str, accuracy: float) -> Problem:
    known = accuracy >= 0
    return Problem(
        "parcels.datum",
        Text(
            f"from {name} to WGS84 parcels could lie {f'{accuracy:g} m' if known else 'nobody knows how far'} off",
            f"从 {name} 转换到 WGS84 的误差{f'可达 {accuracy:g} 米' if known else '未知'}",
        ),
        _DELIVER,
    )
