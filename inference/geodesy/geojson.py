"""GeoJSON (RFC 7946) read feature by feature: the text of a large file is never in memory as a whole."""

import json
from collections.abc import Iterator
from io import TextIOBase
from pathlib import Path
from typing import Any

import numpy as np

from inference.geodesy.flaws import Flaw, ParcelFinding
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
    weigh,
)
from streams.problem import Text

_PIECE = 1 << 20  # characters read at a time
_MOST_VALUE = 32 << 20  # characters of one feature: a province's border in all its bays has a tenth of that
_BLANK = " \t\r\n"


def read(file: Path, key: str | None, label: str | None) -> Sheet:
    """A FeatureCollection, in the order of the file. Raises ParcelsRefused."""
    weigh(file)
    try:
        with file.open(encoding="utf-8-sig") as source:
            collection = _Collection(_Tape(source), key, label)
            shapes = counted(file, collection.shapes())
    except (OSError, ValueError, RecursionError) as error:  # no JSON, no UTF-8, no FeatureCollection
        raise damaged(file) from error
    for wanted in (key, label):
        if wanted is not None and shapes and wanted not in collection.attributes:
            raise attribute(file, wanted, list(collection.attributes))
    return Sheet(shapes, collection.crs)


class _Tape:
    """JSON text read piece by piece. Raises ValueError where it is none."""

    def __init__(self, source: TextIOBase) -> None:
        self._source = source
        self._text, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next sign that is not blank; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        if self.peek() != sign:
            raise ValueError(f"no {sign}")
        self._at += 1

    def skip(self, sign: str) -> bool:
        """Whether it was there, and is behind us."""
        there = self.peek() == sign
        self._at += there
        return there

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on
            self._at = end
            return found

    def _more(self) -> bool:
        """As much again as is waiting, so that a long value is not begun anew too often."""
        waiting = len(self._text) - self._at
        if self._ended or waiting > _MOST_VALUE:
            return False
        piece = self._source.read(max(_PIECE, waiting))
        self._ended = not piece
        self._text, self._at = self._text[self._at :] + piece, 0
        return not self._ended


class _Collection:
    """attributes: of all features, in the order they came. crs: known once all were read, for it may come last."""

    def __init__(self, tape: _Tape, key: str | None, label: str | None) -> None:
        self._tape, self._key, self._label = tape, key, label
        self.crs: str | None = None
        self.attributes: dict[str, None] = {}

    def shapes(self) -> Iterator[Shape]:
        tape, kind = self._tape, None
        tape.take("{")
        while tape.peek() != "}":
            name = tape.value()
            tape.take(":")
            if name == "features":
                yield from self._features()
            elif name == "type":
                kind = tape.value()
            elif name == "crs":
                self.crs = _named(tape.value())
            else:
                tape.value()
            if not tape.skip(","):
                break
        tape.take("}")
        if kind != "FeatureCollection" or tape.peek():
            raise ValueError("no FeatureCollection")

    def _features(self) -> Iterator[Shape]:
        self._tape.take("[")
        number = 0
        while self._tape.peek() != "]":
            number += 1
            yield self._shape(number, self._tape.value())
            if not self._tape.skip(","):
                break
        self._tape.take("]")

    def _shape(self, number: int, feature: Any) -> Shape:
        if not isinstance(feature, dict):
            raise ValueError("no feature")  # noqa: TRY004 (of the file, like every other fault in it)
        properties = feature.get("properties")
        known = properties if isinstance(properties, dict) else {}
        self.attributes.update(dict.fromkeys(known))
        key = text(known.get(self._key)) if self._key is not None else text(feature.get("id")) or str(number)
        label = text(known.get(self._label)) if self._label is not None else None
        return _formed(number, key, label, feature.get("geometry"))


def _formed(number: int, key: str | None, label: str | None, geometry: Any) -> Shape:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon", None):  # no set: a list may stand there
        said = str(kind)[:40]
        detail = Text(f"is a {said}, not a polygon", f"类型为 {said}，不是面")
        flaw = ParcelFinding(Flaw.NOT_AN_AREA, number, key, detail)
        return Shape(number, key, label, (), (flaw,))
    coordinates = geometry.get("coordinates") if kind else []
    try:
        polygons = _polygons(coordinates if kind == "MultiPolygon" else [coordinates] if coordinates else [])
    except (TypeError, ValueError):  # what is no list of pairs of numbers, NumPy does not take
        detail = Text("has coordinates that are no pairs of numbers", "坐标不是成对的数字")
        flaw = ParcelFinding(Flaw.NOT_A_NUMBER, number, key, detail)
        return Shape(number, key, label, (), (flaw,))
    return sound(Shape(number, key, label, polygons))


def _polygons(coordinates: Any) -> tuple[Polygon, ...]:
    return tuple(tuple(_ring(ring) for ring in polygon) for polygon in coordinates or ())


def _ring(positions: Any) -> Floats:
    """Heights, where there are any, are left out. "116.4" is no number."""
    ring = np.array(positions)
    if ring.ndim != 2 or ring.shape[1] < 2 or ring.dtype.kind not in "fi":
        raise ValueError("no ring")
    return ring[:, :2].astype(np.float64)


def _named(crs: Any) -> str | None:
    """The member that GeoJSON had before RFC 7946, and files of other systems still have."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return text(properties.get("name")) if isinstance(properties, dict) else None
