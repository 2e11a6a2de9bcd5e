"""From a file of parcels to polygons that can be trusted, or a refusal that names what is wrong. Loads shapely, pyproj.

Nothing is repaired: a feature is as it was delivered, or it is not in.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from inference.geodesy import geojson, shp
from inference.geodesy.crs import Crs, CrsRefused, declared
from inference.geodesy.flaws import Flaw, ParcelFinding, bad_features, of_file, refused
from inference.geodesy.layer import LayerSpec
from inference.geodesy.placing import Surroundings, distance, misplaced
from inference.geodesy.shapes import Floats, Shape, Sheet, found
from streams.problem import Text

_SAME = 1.0  # m: two declarations that agree so well mean the same (CGCS2000 and WGS84)

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Intake:
    """polygons: [N] of shapely's multipolygons, valid, in longitude and latitude. keys, labels: of each. total: features
    in the file. findings: what was left out, and what is only told."""

    polygons: Shapes
    keys: tuple[str, ...]
    labels: tuple[str | None, ...]
    crs: Crs
    total: int
    findings: tuple[ParcelFinding, ...]


def taken(spec: LayerSpec, around: Surroundings) -> Intake:
    """Raises ParcelsRefused."""
    sheet = _read(spec)
    if not sheet.shapes:
        raise refused("empty", spec.file, Text("has no features", "没有任何要素"), _EXPORT)
    crs = _system(spec, sheet)
    whole = [shape for shape in sheet.shapes if not _unfit(shape)]
    corners = _corners(whole)
    degrees = crs.degrees(corners)
    polygons = _built(whole, degrees)
    findings = [*sheet.findings, *(flaw for shape in sheet.shapes for flaw in shape.flaws)]
    misplacings = misplaced(whole, corners, degrees, crs, around)
    findings += [*misplacings, *_crossing(whole, polygons, {each.number for each in misplacings})]
    findings += _keyless(whole)
    bad = [each for each in findings if not each.flaw.only_told]
    left = {each.number for each in bad}
    if left and (spec.bad == "refuse" or len(left) == len(sheet.shapes)):
        raise bad_features(spec.file, len(sheet.shapes), sorted(bad, key=lambda each: each.number))
    kept = [place for place, shape in enumerate(whole) if shape.number not in left]
    return Intake(
        polygons[kept],
        tuple(whole[place].key or "" for place in kept),
        tuple(whole[place].label for place in kept),
        crs,
        len(sheet.shapes),
        tuple(each for each in findings if not (each.flaw.only_told and each.number in left)),
    )


def _read(spec: LayerSpec) -> Sheet:
    match spec.file.suffix.lower():
        case ".shp":
            return shp.read(spec.file, spec.key, spec.label)
        case ".geojson" | ".json":
            return geojson.read(spec.file, spec.key, spec.label)
        case other:
            what = Text(
                f"is no GeoJSON or Shapefile ({other or 'no suffix'})",
                f"不是 GeoJSON 或 Shapefile（{other or '无后缀'}）",
            )
            raise refused("format", spec.file, what, _EXPORT)


def _system(spec: LayerSpec, sheet: Sheet) -> Crs:
    """The declared one, if the file does not say another; without it the file's own."""
    if spec.crs is None:
        if sheet.crs is None:
            raise refused("no_crs", spec.file, Text("has no reference system", "没有坐标系"), _DECLARE)
        return _declared(spec, sheet.crs)
    crs = _declared(spec, spec.crs)
    if sheet.crs is None or crs.shifted:  # no .prj can say GCJ-02: what it says is where the shift begins
        return crs
    try:
        own = declared(sheet.crs)
    except CrsRefused:  # words that PROJ does not know say nothing against the declaration
        return crs
    middle = _middle(sheet)
    apart = _apart(crs.degrees(middle), own.degrees(middle))
    if not apart <= _SAME:
        raise refused("conflict", spec.file, _two(crs, own, apart), _CHOOSE)
    return crs


def _declared(spec: LayerSpec, text: str) -> Crs:
    try:
        return declared(text)
    except CrsRefused as error:
        raise of_file(spec.file, error.problem) from error


def _middle(sheet: Sheet) -> Floats:
    """float64 [1, 2] of what is sound in it; nothing where nothing is."""
    corners = _corners([shape for shape in sheet.shapes if not _unfit(shape)])
    return np.median(corners, axis=0)[None] if len(corners) else np.zeros((0, 2))


def _apart(one: Floats, other: Floats) -> float:
    """m between two places; 0 where there is none to compare."""
    return float(distance(one, (other[0, 1], other[0, 0]))[0]) * 1000 if len(one) else 0.0


def _unfit(shape: Shape) -> bool:
    return not shape.polygons or any(not flaw.flaw.only_told for flaw in shape.flaws)


def _corners(shapes: Sequence[Shape]) -> Floats:
    rings = [ring for shape in shapes for polygon in shape.polygons for ring in polygon]
    return np.concatenate(rings) if rings else np.zeros((0, 2))


def _built(shapes: Sequence[Shape], degrees: Floats) -> Shapes:
    rings = [len(ring) for shape in shapes for polygon in shape.polygons for ring in polygon]
    polygons = [len(polygon) for shape in shapes for polygon in shape.polygons]
    parts = [len(shape.polygons) for shape in shapes]
    starts = tuple(np.r_[0, np.cumsum(counts)].astype(np.int64) for counts in (rings, polygons, parts))
    placed = np.nan_to_num(degrees, nan=0.0)  # what lies nowhere is named by `misplaced`, and left out
    built = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, placed, starts)
    return np.asarray(built, np.object_)


def _crossing(shapes: Sequence[Shape], polygons: Shapes, lost: Set[int]) -> Iterator[ParcelFinding]:
    """lost: numbers of those that are nowhere, whose lines say nothing."""
    for place in np.flatnonzero(~shapely.is_valid(polygons)).tolist():
        if shapes[place].number in lost:
            continue
        reason, _, where = str(shapely.is_valid_reason(polygons[place])).partition("[")
        en, zh = _REASONS.get(reason, (f"is no valid polygon ({reason})", f"不是有效的面（{reason}）"))
        at = where.rstrip("]").replace(" ", ", ")
        yield found(shapes[place], Flaw.CROSSING, Text(f"{en} at {at}", f"{zh}，位于 {at}"))


def _keyless(shapes: Sequence[Shape]) -> Iterator[ParcelFinding]:
    first: dict[str, int] = {}
    for shape in shapes:
        if shape.key is None:
            yield found(shape, Flaw.NO_KEY, Text("has no id", "没有编号"))
        elif shape.key in first:
            other = first[shape.key]
            yield found(
                shape, Flaw.SAME_KEY, Text(f"has the id of feature {other}", f"编号与第{other}个要素相同")
            )
        else:
            first[shape.key] = shape.number


_REASONS = {
    "Self-intersection": ("crosses itself", "自相交"),
    "Ring Self-intersection": ("has a ring that touches itself", "环自接触"),
    "Hole lies outside shell": ("has a hole outside its outer ring", "孔洞在外环之外"),
    "Holes are nested": ("has a hole in a hole", "孔洞嵌套"),
    "Nested shells": ("has a part inside another part", "部分互相嵌套"),
    "Duplicate Rings": ("has the same ring twice", "环重复"),
    "Interior is disconnected": ("has holes that cut it in two", "孔洞将面切断"),
    "Too few points in geometry component": ("has a ring of fewer than three corners", "有环少于三个角点"),
}
_EXPORT = Text(
    "deliver polygons as GeoJSON (UTF-8) or Shapefile", "请提供面要素的 GeoJSON（UTF-8）或 Shapefile"
)
_DECLARE = Text(
    "copy the .prj too, or declare `crs`: EPSG:4490 (CGCS2000), EPSG:4326 (GPS, and GeoJSON by RFC 7946), the zone it was "
    "drawn in (EPSG:4534 to 4554), or GCJ-02",
    "请一并复制 .prj，或声明 crs：EPSG:4490（CGCS2000）、EPSG:4326（GPS 及符合 RFC 7946 的 GeoJSON）、"
    "所用分带（EPSG:4534 至 4554）或 GCJ-02",
)
_CHOOSE = Text("ask who drew it, and correct the one or the other", "请向制图方核实，并更正其中之一")


def _two(crs: Crs, own: Crs, apart: float) -> Text:
    far = f"{apart:.0f} m" if np.isfinite(apart) else "far"
    return Text(
        f"is declared as {crs.name}, and says itself that it is {own.name}: {far} apart",
        f"声明为 {crs.name}，而文件自称 {own.name}：相差 {apart:.0f} 米"
        if np.isfinite(apart)
        else f"声明为 {crs.name}，而文件自称 {own.name}：相差甚远",
    )
