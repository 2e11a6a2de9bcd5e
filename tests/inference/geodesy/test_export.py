"""Disturbances as files, read back by programs that are not ours."""

import csv as rows
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree
from shapely.geometry import shape as shaped

from inference.change import Change, Overlap, Place, Reference
from inference.findings import Severity
from inference.geodesy.export import Disturbance, csv, geojson, geometry
from inference.geodesy.kml import kml
from streams.problem import Text
from tests.support.parcels import square

KML = {"k": "http://www.opengis.net/kml/2.2"}
OVERLAP = Overlap("基本农田", "110112-37", "东河村耕地", 311.75, 0.7504)
PLACE = Place(tuple(square()[:-1]), 1.234, 415.43, 20.2, None, (OVERLAP,))
CHANGE = Change(
    ((0.1, 0.1),), 0.01, 0.9137, Reference(1_700_000_000.0, "ab" * 32, "day"), PLACE, 12.34, True, 3
)
DIG = Disturbance("0190-1", "北门球机", Severity.HIGH, 1_764_000_000.0, 1_764_003_600.5, CHANGE)
WITHHELD = Text("the uncertainty is 41 %", "误差达 41%")
NOWHERE = replace(DIG, event_id="0190-2", change=replace(CHANGE, place=None), ended=True)
VAGUE = replace(
    DIG, event_id="0190-3", change=replace(CHANGE, place=Place((), 40.0, None, None, WITHHELD, None))
)

# What people and .dbf files put into names: signs of markup, formulas, line ends, other planes, control signs.
WORDS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        '=HYPERLINK("http://x")',
        "@SUM(A1)",
        "+1",
        "-1",
        "\t=1",
        'a "b", c',
        "]]>",
        "<b>&amp;",
        "a\r\nb",
        "\0",
        "𠀀\uffff",
    ]
)
PARTS = st.integers(0, 10**8)
CORNERS = st.lists(
    st.tuples(PARTS.map(lambda part: 116 + part / 1e8), PARTS.map(lambda part: 39 + part / 1e8)),
    min_size=3,
    max_size=9,
)


@st.composite
def disturbances(draw: st.DrawFn) -> Disturbance:
    word = draw(WORDS)
    place = replace(
        PLACE, outline=tuple(draw(CORNERS)), overlaps=(replace(OVERLAP, name=word, key=draw(WORDS)),)
    )
    return replace(DIG, camera=draw(WORDS), change=replace(CHANGE, place=draw(st.none() | st.just(place))))


def parsed(*digs: Disturbance) -> dict[str, Any]:
    collection: dict[str, Any] = json.loads(b"".join(geojson(digs)))
    return collection


def table(*digs: Disturbance, language: Any = "en") -> list[dict[str, str]]:
    text = b"".join(csv(digs, language)).decode("utf-8-sig")
    return list(rows.DictReader(io.StringIO(text, newline="")))


def tree(*digs: Disturbance, language: Any = "zh") -> etree._Element:
    return etree.fromstring(b"".join(kml(digs, language)))


@given(CORNERS)
def test_an_outline_is_closed_and_counter_clockwise(corners: list[tuple[float, float]]) -> None:
    """RFC 7946, 3.1.6, with 7 decimals."""
    rounded = {(round(lon, 7), round(lat, 7)) for lon, lat in corners}
    assume(len(rounded) > 2)
    found = geometry(corners)
    assert found is not None
    polygon = shaped(found)
    ring = list(polygon.exterior.coords)
    assert ring[0] == ring[-1]
    assert all(round(value, 7) == value for corner in ring for value in corner)
    assert set(ring) == rounded
    if polygon.is_valid and polygon.area > 1e-12:
        assert polygon.exterior.is_ccw


@pytest.mark.parametrize(
    "outline", [(), ((116.4, 39.9),), tuple(square()[:2]), (*square()[:2], square()[0]), (square()[0],) * 5]
)
def test_what_is_no_polygon_has_no_geometry(outline: tuple[tuple[float, float], ...]) -> None:
    assert geometry(outline) is None


def test_geojson_says_what_the_event_says() -> None:
    collection = parsed(DIG, NOWHERE, VAGUE)
    dig, nowhere, vague = collection["features"]
    assert collection["type"] == "FeatureCollection"
    assert shaped(dig["geometry"]).area == pytest.approx(1e-6)
    assert dig["id"] == "0190-1"
    told = dig["properties"]
    assert (told["camera"], told["severity"], told["ended"]) == ("北门球机", "high", False)
    assert (told["area_m2"], told["area_sigma_m2"], told["sigma_m"]) == (415.4, 20.2, 1.23)
    assert told["since"] == "2025-11-24T16:00:00Z"
    assert told["parcels"] == [
        {"layer": "基本农田", "key": "110112-37", "name": "东河村耕地", "area_m2": 311.8, "share": 0.7504}
    ]
    assert nowhere["geometry"] is None
    assert nowhere["properties"]["ended"] is True
    assert vague["geometry"] is None
    assert vague["properties"]["area_m2"] is None
    assert vague["properties"]["area_withheld"]["zh"] == "误差达 41%"
    assert vague["properties"]["parcels"] is None, "nobody could look: that is not none"


@given(st.lists(disturbances(), max_size=4))
def test_every_file_can_be_read_whatever_people_write(digs: list[Disturbance]) -> None:
    assert len(parsed(*digs)["features"]) == len(digs)
    assert len(table(*digs)) == len(digs)
    marks = tree(*digs).findall(".//k:Placemark", KML)
    shapes = [geometry(dig.change.place.outline) if dig.change.place else None for dig in digs]
    assert [mark.find("k:Polygon", KML) is None for mark in marks] == [shape is None for shape in shapes]


def test_csv_for_a_spreadsheet() -> None:
    content = b"".join(csv([DIG]))
    assert content.startswith(b"\xef\xbb\xbf"), "or a spreadsheet takes it for another encoding"
    (row,) = table(DIG, language="zh")
    assert row["面积（平方米）"] == "415.4"
    assert row["涉及地块"] == "基本农田 110112-37 东河村耕地 312 m2"
    assert float(row["经度"]) == pytest.approx(116.4005)
    (row,) = table(VAGUE)
    assert row["area, m2"] == ""
    assert "41 %" in row["why no area"]
    assert row["parcels"] == ""
    none = replace(CHANGE, place=replace(PLACE, overlaps=()))
    assert table(replace(DIG, change=none))[0]["parcels"] == "—"


@given(WORDS)
def test_no_cell_is_a_formula(word: str) -> None:
    """OWASP, CSV injection."""
    (row,) = table(replace(DIG, camera=word))
    assert not row["camera"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert row["camera"].removeprefix("'") == word.removeprefix("'")


def test_numbers_below_nought_stay_numbers() -> None:
    west = replace(PLACE, outline=((-70.5, -33.1), (-70.4, -33.1), (-70.4, -33.0)))
    (row,) = table(replace(DIG, change=replace(CHANGE, place=west, growth_m2_per_hour=-3.0)))
    assert float(row["growth, m2/h"]) == -3.0
    assert float(row["longitude"]) == pytest.approx(-70.4333333)


def test_kml_has_its_parts_in_the_order_of_the_schema() -> None:
    """OGC 07-147r2, 9.1 and 10.2: name, TimeSpan, styleUrl, ExtendedData, then the geometry."""
    root = tree(DIG, NOWHERE)
    dig, nowhere = root.findall(".//k:Placemark", KML)
    parts = [etree.QName(part).localname for part in dig]
    assert parts == ["name", "TimeSpan", "styleUrl", "ExtendedData", "Polygon"]
    assert [etree.QName(part).localname for part in nowhere] == parts[:-1]
    assert dig.findtext("k:name", namespaces=KML) == "北门球机 415 m²"
    styles = {style.get("id") for style in root.iterfind(".//k:Style", KML)}
    assert {url.text.removeprefix("#") for url in root.iterfind(".//k:styleUrl", KML)} <= styles
    assert styles == {severity.value for severity in Severity}
    corners = dig.findtext(".//k:coordinates", namespaces=KML).split()
    assert corners[0] == corners[-1]
    assert [tuple(map(float, corner.split(","))) for corner in corners] == [
        pytest.approx(corner) for corner in square()
    ]
    ends = [mark.findtext(".//k:end", namespaces=KML) for mark in (dig, nowhere)]
    assert ends == [None, "2025-11-24T17:00:00Z"], "only what is over has an end"
    data = {
        each.get("name"): each.findtext("k:value", namespaces=KML) for each in dig.iterfind(".//k:Data", KML)
    }
    assert data["涉及地块"] == "基本农田 110112-37 东河村耕地 312 m2"


def test_years_of_them_are_written_as_they_come() -> None:
    """Not one before the last is asked for."""

    def endless() -> Any:
        while True:
            yield DIG

    for pieces in (geojson(endless()), csv(endless()), kml(endless())):
        written = [next(pieces) for _ in range(20)]
        assert sum(map(len, written)) < 20 * 8192
