"""Files of polygons as they are written, before anything is concluded from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.geodesy.flaws import Flaw, ParcelFinding, ParcelsRefused, refused
from streams.problem import Text

Floats = NDArray[np.float64]
Polygon = tuple[Floats, ...]

# A county's parcels near one site are a few thousand polygons of some hundred corners. The bounds keep what is held at
# once below some 200 MB, on a box that has 2 GB for everything.
MOST_BYTES = 256 << 20
MOST_FEATURES = 50_000
MOST_CORNERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """One feature. number: in the file, from 1. polygons: each its outer ring and then its holes, float64 [N, 2], x and
    y as the file has them, the last corner the first again. flaws: what is wrong with it by itself."""

    number: int
    key: str | None
    label: str | None
    polygons: tuple[Polygon, ...]
    flaws: tuple[ParcelFinding, ...] = ()

    @property
    def corners(self) -> int:
        return sum(len(ring) for polygon in self.polygons for ring in polygon)


@dataclass(slots=True)
class Sheet:
    """A whole file. crs: what it says of its reference system (WKT or a name). findings: about no single feature."""

    shapes: list[Shape]
    crs: str | None = None
    findings: list[ParcelFinding] = field(default_factory=list)


def weigh(*files: Path) -> None:
    """Before any of it is read. Raises ParcelsRefused on what is not there or too large."""
    try:
        size = sum(file.stat().st_size for file in files)
    except OSError as error:
        raise refused("missing", files[0], Text("cannot be read", "无法读取"), _PATH) from error
    if size > MOST_BYTES:
        raise refused("size", files[0], _too_large(size), _CUT)


def counted(file: Path, shapes: Iterator[Shape]) -> list[Shape]:
    """All of them, while they are within bounds. Raises ParcelsRefused."""
    kept: list[Shape] = []
    corners = 0
    for shape in shapes:
        kept.append(shape)
        corners += shape.corners
        if len(kept) > MOST_FEATURES:
            raise refused("features", file, _too_many(MOST_FEATURES, "features", "要素"), _CUT)
        if corners > MOST_CORNERS:
            raise refused("corners", file, _too_many(MOST_CORNERS, "corners", "顶点"), _CUT)
    return kept


def sound(shape: Shape) -> Shape:
    """The same with what is wrong with its rings, and whether they run the way RFC 7946 (3.1.6) has them: the outer
    one counter-clockwise, holes clockwise."""
    if shape.flaws:
        return shape
    return Shape(shape.number, shape.key, shape.label, shape.polygons, tuple(_flaws(shape)))


def turn(ring: Floats) -> float:
    """Twice its area, in its own units squared: positive where it runs counter-clockwise, x to the right, y up."""
    x, y = (ring - ring[:1]).T  # about its first corner: millions of metres squared leave no digits
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))


def text(value: object) -> str | None:
    """An attribute as a word; None where it says nothing. .dbf files pad with blanks and zero bytes."""
    if value is None or isinstance(value, dict | list):
        return None
    word = str(value).strip(" \0\t\r\n")
    return word or None


def _flaws(shape: Shape) -> Iterator[ParcelFinding]:
    if not shape.polygons or any(not polygon for polygon in shape.polygons):
        yield found(shape, Flaw.EMPTY, Text("has no geometry", "没有几何图形"))
        return
    rings = [ring for polygon in shape.polygons for ring in polygon]
    if any(not np.isfinite(ring).all() for ring in rings):
        yield found(
            shape, Flaw.NOT_A_NUMBER, Text("has a coordinate that is no number", "含有无效坐标（NaN 或无穷）")
        )
    elif any(len(ring) < 4 for ring in rings):
        yield found(shape, Flaw.TOO_FEW, Text("has a ring of fewer than three corners", "有环少于三个角点"))
    elif any((ring[0] != ring[-1]).any() for ring in rings):
        yield found(shape, Flaw.UNCLOSED, Text("has a ring that is not closed", "有环未闭合"))
    elif not all(_in_order(polygon) for polygon in shape.polygons):
        yield found(
            shape, Flaw.RING_ORDER, Text("has rings that run the wrong way", "环的绕行方向不符合规范")
        )


def _in_order(polygon: Sequence[Floats]) -> bool:
    return turn(polygon[0]) >= 0 and all(turn(hole) <= 0 for hole in polygon[1:])


def found(shape: Shape, flaw: Flaw, detail: Text) -> ParcelFinding:
    return ParcelFinding(flaw, shape.number, shape.key, detail)


def attribute(file: Path, wanted: str, there: Sequence[str]) -> ParcelsRefused:
    """No feature has the attribute that the settings name."""
    listed = ", ".join(there[:20]) or "-"
    return refused(
        "attribute",
        file,
        Text(f"no feature has an attribute {wanted}", f"没有名为 {wanted} 的属性"),
        Text(f"use one of: {listed}", f"可用的属性：{listed}"),
    )


def damaged(file: Path) -> ParcelsRefused:
    return refused(
        "damaged",
        file,
        Text("is damaged, incomplete or of another format", "文件损坏、不完整或格式不符"),
        Text("deliver it again as GeoJSON (UTF-8) or Shapefile", "请重新提供 GeoJSON（UTF-8）或 Shapefile"),
    )


_PATH = Text(
    "check the path, and that the service may read it; a Shapefile is .shp with .dbf and .prj beside it",
    "请检查路径和读取权限；Shapefile 需要 .shp 及同名的 .dbf、.prj",
)
_CUT = Text(
    f"cut it to the surroundings of the site; at most {MOST_BYTES >> 20} MiB, {MOST_FEATURES} features "
    f"and {MOST_CORNERS} corners are read",
    f"请裁剪到站点周边；最多读取 {MOST_BYTES >> 20} MiB、{MOST_FEATURES} 个要素、{MOST_CORNERS} 个顶点",
)


def _too_large(size: int) -> Text:
    return Text(f"has {size >> 20} MiB", f"大小为 {size >> 20} MiB")


def _too_many(most: int, en: str, zh: str) -> Text:
    return Text(f"has more than {most} {en}", f"{zh}超过 {most} 个")
