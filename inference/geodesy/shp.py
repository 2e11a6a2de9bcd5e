"""Shapefiles: .shp with .dbf, .prj and .cpg beside it (ESRI Shapefile Technical Description, 1998). Loads pyshp."""

import codecs
import struct
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import shapefile
import shapely

from inference.geodesy.flaws import Flaw, ParcelFinding, refused
from inference.geodesy.shapes import (
    Floats,
    Polygon,
    Shape,
    Sheet,
    attribute,
    counted,
    damaged,
    sound,
    text,
    turn,
    weigh,
)
from streams.problem import Text

_CHINESE = "gb18030"  # holds GBK and GB 2312
_CODE_PAGES = {"936": _CHINESE, "gbk": _CHINESE, "gb2312": _CHINESE, "cp936": _CHINESE, "65001": "utf-8"}
_DBF_CHINESE = 0x4D  # language driver: code page 936
_POLYGONS = frozenset({shapefile.POLYGON, shapefile.POLYGONZ, shapefile.POLYGONM})
_BROKEN = (OSError, ValueError, LookupError, struct.error, shapefile.ShapefileException)
_MOST_TEXT = 64 << 10  # bytes of a .prj or a .cpg

Record = Mapping[str, Any] | None


def read(file: Path, key: str | None, label: str | None) -> Sheet:
    """Every feature, in the order of the file. Raises ParcelsRefused."""
    beside = {each.suffix.lower(): each for each in file.parent.glob(f"{_literal(file.stem)}.*")}
    if ".dbf" not in beside:
        raise refused("missing", file, Text("has no .dbf beside it", "缺少同名的 .dbf 文件"), _WHOLE)
    weigh(file, beside[".dbf"])
    try:
        encoding = _written_in(beside)
        records, guessed = _records(file, beside[".dbf"], encoding, [each for each in (key, label) if each])
        shapes = _shapes(file, records, key, label)
        crs = (
            beside[".prj"].read_bytes()[:_MOST_TEXT].decode("utf-8-sig", "replace")
            if ".prj" in beside
            else None
        )
    except _BROKEN as error:
        raise damaged(file) from error
    findings = [ParcelFinding(Flaw.ENCODING, 0, None, _guessed(guessed))] if guessed else []
    return Sheet(shapes, crs, findings)


def _literal(stem: str) -> str:
    """Where a name holds what glob reads as a pattern: 地块[2025].shp."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in stem)


def _written_in(beside: Mapping[str, Path]) -> str | None:
    """The encoding that the .cpg or the .dbf itself declares. Raises LookupError on one that nobody knows."""
    if ".cpg" in beside:
        declared = beside[".cpg"].read_bytes()[:_MOST_TEXT].decode("ascii", "replace").strip().lower()
        return _CODE_PAGES.get(declared) or codecs.lookup(declared).name
    with beside[".dbf"].open("rb") as table:
        return _CHINESE if table.read(32)[29:30] == bytes([_DBF_CHINESE]) else None


def _records(
    file: Path, table: Path, encoding: str | None, wanted: Sequence[str]
) -> tuple[list[Record], str | None]:
    """One for each feature, None for a deleted one; and the encoding, where it was guessed and mattered."""
    if encoding is not None:
        return _decoded(file, table, encoding, wanted), None
    try:  # what is not UTF-8 hardly ever reads as it
        return _decoded(file, table, "utf-8", wanted), None
    except (shapefile.dbfFileException, UnicodeDecodeError):
        return _decoded(file, table, _CHINESE, wanted), "GBK"


def _decoded(file: Path, table: Path, encoding: str, wanted: Sequence[str]) -> list[Record]:
    with ExitStack() as open_files, warnings.catch_warnings():
        warnings.simplefilter("ignore", shapefile.PossibleDataLoss)  # of blanks that pad a field
        source = open_files.enter_context(table.open("rb"))
        reader = open_files.enter_context(shapefile.Reader(dbf=source, encoding=encoding))
        there = [each.name for each in reader.data_fields]
        for name in wanted:
            if name not in there:
                raise attribute(file, name, there)
        records = reader.dbf_reader.iterRecords(fields=list(wanted), deleted_as_None=True)
        return [record.as_dict() if record is not None else None for record in records]


def _shapes(file: Path, records: Sequence[Record], key: str | None, label: str | None) -> list[Shape]:
    with ExitStack() as open_files, warnings.catch_warnings():
        # A wrong length in the header is common; a file that was cut off has fewer shapes than records.
        warnings.simplefilter("ignore", shapefile.PossiblyCorruptFileHeader)
        source = open_files.enter_context(file.open("rb"))
        reader = open_files.enter_context(shapefile.Reader(shp=source))
        return counted(file, _joined(reader.iterShapes(), records, key, label))


def _joined(
    geometries: Iterator[Any], records: Sequence[Record], key: str | None, label: str | None
) -> Iterator[Shape]:
    """Raises ValueError where there are not as many records as shapes."""
    for number, (geometry, record) in enumerate(zip(geometries, records, strict=True), 1):
        if record is not None:
            yield _formed(
                number,
                str(number) if key is None else text(record.get(key)),
                None if label is None else text(record.get(label)),
                geometry,
            )


def _formed(number: int, key: str | None, label: str | None, geometry: Any) -> Shape:
    if geometry.shapeType not in _POLYGONS | {shapefile.NULL}:
        kind = geometry.shapeTypeName
        detail = Text(f"is a {kind}, not a polygon", f"类型为 {kind}，不是面")
        return Shape(number, key, label, (), (ParcelFinding(Flaw.NOT_AN_AREA, number, key, detail),))
    rings = _rings(geometry)
    if any(len(ring) < 4 or not np.isfinite(ring).all() or (ring[0] != ring[-1]).any() for ring in rings):
        return sound(Shape(number, key, label, tuple((ring,) for ring in rings)))
    if len(rings) == 1:
        return _told(number, key, label, ((rings[0],),), counter=turn(rings[0]) > 0)
    polygons = _assembled(rings)
    if polygons is None:
        detail = Text("has a hole that lies in none of its rings", "有孔洞不在任何外环之内")
        return Shape(number, key, label, (), (ParcelFinding(Flaw.HOLE_ALONE, number, key, detail),))
    return sound(Shape(number, key, label, polygons))


def _told(
    number: int, key: str | None, label: str | None, polygons: tuple[Polygon, ...], *, counter: bool
) -> Shape:
    """One ring alone can only be an outer one, whichever way it runs."""
    detail = Text("has a ring that runs the wrong way", "环的绕行方向不符合规范")
    flaws = (ParcelFinding(Flaw.RING_ORDER, number, key, detail),) if counter else ()
    return Shape(number, key, label, polygons, flaws)


def _rings(geometry: Any) -> list[Floats]:
    points = np.array(geometry.points, np.float64).reshape(-1, 2)
    return np.split(points, list(geometry.parts)[1:]) if len(points) else []


def _assembled(rings: Sequence[Floats]) -> tuple[Polygon, ...] | None:
    """Outer rings run clockwise here, holes counter-clockwise; which hole is whose is told by where it lies. None where
    a hole is nobody's."""
    outer = [ring for ring in rings if turn(ring) <= 0]
    holes = [ring for ring in rings if turn(ring) > 0]
    if holes and not outer:
        return None
    areas = [shapely.Polygon(ring) for ring in outer]
    polygons: list[list[Floats]] = [[ring[::-1]] for ring in outer]  # from here on as RFC 7946 has them
    for hole in holes:
        around = [place for place, area in enumerate(areas) if area.covers(shapely.Point(hole[0]))]
        if not around:
            return None
        polygons[min(around, key=lambda place: areas[place].area)].append(hole[::-1])
    return tuple(tuple(polygon) for polygon in polygons)


def _guessed(encoding: str) -> Text:
    return Text(
        f"does not say its encoding; its words are read as {encoding}", f"未声明编码；文字按 {encoding} 读取"
    )


_WHOLE = Text(
    "copy all files of the Shapefile: .shp, .dbf, .prj, .cpg",
    "请复制 Shapefile 的全部文件：.shp、.dbf、.prj、.cpg",
)
