"""Files of parcels as they should not be: each fault is named, with the feature, and nothing is mended in silence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.geodesy import geojson as geojson_reader
from inference.geodesy import shapes
from inference.geodesy.flaws import Flaw
from inference.geodesy.parcels import Parcels
from tests.support.parcels import SITE, feature, geojson, only, refusal, shape, spec, square

HOLE = square(0.0003, 0.0003, 0.0002)[::-1]
BOW = [(116.4, 39.9), (116.401, 39.901), (116.401, 39.9), (116.4, 39.901), (116.4, 39.9)]


def geometry(kind: str, coordinates: object) -> dict[str, Any]:
    return {**feature(key="2"), "geometry": {"type": kind, "coordinates": coordinates}}


BAD: dict[str, tuple[Flaw, Callable[[], dict[str, Any]]]] = {
    "crosses itself": (Flaw.CROSSING, lambda: feature(BOW, key="2")),
    "hole outside": (Flaw.CROSSING, lambda: feature(square(), square(0.01)[::-1], key="2")),
    "part in a part": (
        Flaw.CROSSING,
        lambda: geometry("MultiPolygon", [[square()], [square(0.0002, 0.0002, 0.0001)]]),
    ),
    "NaN": (
        Flaw.NOT_A_NUMBER,
        lambda: feature([(float("nan"), 39.9), *square()[1:-1], (float("nan"), 39.9)], key="2"),
    ),
    "infinite": (
        Flaw.NOT_A_NUMBER,
        lambda: feature([*square()[:2], (float("inf"), 39.9), *square()[3:]], key="2"),
    ),
    "words": (Flaw.NOT_A_NUMBER, lambda: geometry("Polygon", [[["116.4", "39.9"]] * 4])),
    "ragged": (Flaw.NOT_A_NUMBER, lambda: geometry("Polygon", [[[116.4, 39.9], [116.4]]])),
    "not nested": (Flaw.NOT_A_NUMBER, lambda: geometry("Polygon", [116.4, 39.9])),
    "unclosed": (Flaw.UNCLOSED, lambda: feature(square()[:-1], key="2")),
    "two corners": (Flaw.TOO_FEW, lambda: feature([*square()[:2], square()[0]], key="2")),
    "no geometry": (Flaw.EMPTY, lambda: {**feature(key="2"), "geometry": None}),
    "no rings": (Flaw.EMPTY, lambda: geometry("Polygon", [])),
    "a point": (Flaw.NOT_AN_AREA, lambda: geometry("Point", [116.4, 39.9])),
    "a list of kinds": (
        Flaw.NOT_AN_AREA,
        lambda: {**feature(key="2"), "geometry": {"type": ["Polygon"], "coordinates": [square()]}},
    ),
    "no id": (Flaw.NO_KEY, lambda: feature(square(0.01), key=None)),
    "id twice": (Flaw.SAME_KEY, lambda: feature(square(0.01), key="1")),
    "swapped": (Flaw.SWAPPED, lambda: feature([(lat, lon) for lon, lat in square()], key="2")),
    "metres": (
        Flaw.UNITS,
        lambda: feature([(5e5, 4.4e6), (5.1e5, 4.4e6), (5e5, 4.5e6), (5e5, 4.4e6)], key="2"),
    ),
    "next province": (Flaw.FAR, lambda: feature(square(5.0), key="2")),
    "one corner at the equator": (
        Flaw.FAR,
        lambda: feature([*square()[:3], (0.0, 0.0), square()[0]], key="2"),
    ),
    "off the earth": (Flaw.NOWHERE, lambda: feature(square(north=55), key="2")),
}


@pytest.mark.parametrize(("flaw", "made"), BAD.values(), ids=BAD)
def test_a_bad_feature_is_named_and_the_file_refused(
    tmp_path: Path, flaw: Flaw, made: Callable[[], dict[str, Any]]
) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square(), key="1"), made())
    refused = refusal(file)
    finding = only(refused)
    assert (finding.flaw, finding.number) == (flaw, 2)
    assert refused.problem.code == f"parcels.{flaw}"
    assert "1 of 2 features" in refused.problem.what.en
    assert "feature 2" in refused.problem.what.en
    assert "第2个要素" in refused.problem.what.zh


@pytest.mark.parametrize(("flaw", "made"), BAD.values(), ids=BAD)
def test_told_to_skip_it_is_left_out_and_still_named(
    tmp_path: Path, flaw: Flaw, made: Callable[[], dict[str, Any]]
) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square(), key="1"), made())
    parcels = Parcels.load(spec(file, bad="skip"), SITE)
    assert [(each.flaw, each.number) for each in parcels.findings] == [(flaw, 2)]
    assert (len(parcels), parcels.total) == (1, 2)
    (overlap,) = parcels.touched(square())
    assert overlap.key == "1"
    assert overlap.share == pytest.approx(1.0)


def test_the_id_of_a_bad_feature_is_said(tmp_path: Path) -> None:
    refused = refusal(geojson(tmp_path / "p.geojson", feature(BOW, key="1101-37")))
    assert "feature 1 (id 1101-37): crosses itself at 116.4005, 39.9005" in refused.problem.what.en
    assert "第1个要素（编号 1101-37）：自相交" in refused.problem.what.zh
    assert "bad: skip" in refused.problem.do.en


def test_nothing_left_is_refused_even_when_told_to_skip(tmp_path: Path) -> None:
    assert only(refusal(geojson(tmp_path / "p.geojson", feature(BOW)), bad="skip")).flaw is Flaw.CROSSING
    assert refusal(geojson(tmp_path / "p.geojson"), bad="skip").problem.code == "parcels.empty"


def test_thousands_of_bad_features_are_all_found_and_a_few_told(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", *(feature(BOW, key=str(number)) for number in range(2000)))
    refused = refusal(file)
    assert len(refused.findings) == 2000
    assert len(refused.problem.what.en) < 1000


def test_a_ring_that_runs_the_other_way_is_told_and_used(tmp_path: Path) -> None:
    """RFC 7946, 3.1.6: readers should not refuse it."""
    file = geojson(tmp_path / "p.geojson", feature(square()[::-1], HOLE))
    parcels = Parcels.load(spec(file), SITE)
    assert [(each.flaw, each.number) for each in parcels.findings] == [(Flaw.RING_ORDER, 1)]
    assert parcels.touched(square())[0].share == pytest.approx(0.96, abs=1e-3)


def test_without_the_site_swapped_axes_show_where_no_latitude_is_so_large(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature([(lat, lon) for lon, lat in square()]))
    assert only(refusal(file, near=None)).flaw is Flaw.SWAPPED


# Files as a whole.


def test_no_reference_system_is_no_guess(tmp_path: Path) -> None:
    for file in (
        geojson(tmp_path / "p.geojson", feature(square())),
        shape(tmp_path / "p.shp", [square()[::-1]]),
    ):
        refused = refusal(file, crs=None)
        assert refused.problem.code == "parcels.no_crs"
        assert "EPSG:4490" in refused.problem.do.zh


def crs_member(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def test_a_file_may_say_its_own_system(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square()), crs=crs_member("urn:ogc:def:crs:EPSG::4490"))
    assert Parcels.load(spec(file, crs=None), SITE).crs.name.startswith("China Geodetic")
    # Members of an object come in any order, and large files are read front to back.
    content = json.loads(file.read_text("utf-8"))
    file.write_text(
        json.dumps({"features": content["features"], "crs": content["crs"], "type": content["type"]}), "utf-8"
    )
    assert Parcels.load(spec(file, crs=None), SITE).crs.name.startswith("China Geodetic")


def test_a_declaration_against_the_files_own_word_is_refused(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square()), crs=crs_member("EPSG:32650"))
    assert refusal(file).problem.code == "parcels.conflict"


def test_an_unknown_system_names_the_file(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square()))
    assert refusal(file, crs="EPSG:4610").problem.code == "parcels.datum"
    assert refusal(file, crs="北京54").problem.code == "parcels.crs"


def test_the_wrong_zone_is_named_with_the_right_one(tmp_path: Path) -> None:
    """SITE in zone 39 (117 E), with the zone's number before the easting."""
    x, y = 39_448_700.0, 4_418_300.0
    ring = [(x, y), (x, y + 100), (x + 100, y + 100), (x + 100, y), (x, y)]
    file = shape(tmp_path / "p.shp", [ring])
    finding = only(refusal(file, crs="EPSG:4547"))
    assert finding.flaw is Flaw.ZONE
    assert "EPSG:4527" in finding.what.zh
    assert Parcels.load(spec(file, crs="EPSG:4527"), SITE).findings == ()


def test_surveyors_axes_are_named_too(tmp_path: Path) -> None:
    """North before east, as Chinese survey tables have it."""
    x, y = 39_448_700.0, 4_418_300.0
    ring = [(y, x), (y, x + 100), (y + 100, x + 100), (y + 100, x), (y, x)]
    assert only(refusal(shape(tmp_path / "p.shp", [ring]), crs="EPSG:4527")).flaw is Flaw.SWAPPED


def test_degrees_in_a_system_of_metres(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square()))
    for near in (SITE, None):
        assert only(refusal(file, near, crs="EPSG:4547")).flaw is Flaw.UNITS


def test_half_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    for name in ("p.geojson", "p.shp"):
        file = tmp_path / name
        for part in (file, file.with_suffix(".dbf")):
            with part.open("wb") as hole:
                hole.truncate(500 << 20)
        refused = refusal(file)
        assert refused.problem.code == "parcels.size"
        assert "256 MiB" in refused.problem.do.zh


def test_too_many_features_or_corners_end_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "MOST_FEATURES", 9)
    monkeypatch.setattr(shapes, "MOST_CORNERS", 60)
    fields = [square(step * 0.001) for step in range(10)]
    many = geojson(tmp_path / "many.geojson", *(feature(ring, key=str(ring)) for ring in fields))
    assert refusal(many).problem.code == "parcels.features"
    assert (
        refusal(shape(tmp_path / "many.shp", *([ring[::-1]] for ring in fields))).problem.code
        == "parcels.features"
    )
    long = geojson(tmp_path / "long.geojson", feature(square() * 13))
    assert refusal(long).problem.code == "parcels.corners"


@given(st.integers(1, 60))
def test_it_reads_the_same_in_pieces_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, piece: int
) -> None:
    file = tmp_path_factory.mktemp("pieces") / "p.geojson"
    member = crs_member("EPSG:4490")
    geojson(
        file, feature(square(), name="东河村"), feature(square(0.001), key="2"), version=12345, crs=member
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson_reader, "_PIECE", piece)
        parcels = Parcels.load(spec(file, crs=None), SITE)
    overlaps = parcels.touched(square(side=0.002))
    assert {(each.key, each.name) for each in overlaps} == {("1", "东河村"), ("2", "东河村耕地")}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"type":"Feature","geometry":null}',
        b'{"type":"FeatureCollection","features":[{"type":"Feature"',
        b'{"type":"FeatureCollection","features":[1]}',
        b'{"type":"FeatureCollection","features":{}}',
        b'{"type":"FeatureCollection","features":[]} and more',
        '{"type":"FeatureCollection","features":[],"name":"地块"}'.encode("gbk"),
        b"[" * 200_000,
        b"\x00" * 1000,
    ],
)
def test_what_is_no_geojson(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "p.geojson"
    file.write_bytes(content)
    assert refusal(file).problem.code == "parcels.damaged"


def test_a_byte_order_mark_and_heights_do_no_harm(tmp_path: Path) -> None:
    ring = [(*corner, 43.0) for corner in square()]
    file = geojson(tmp_path / "p.geojson", geometry("Polygon", [ring]))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(Parcels.load(spec(file), SITE)) == 1


def test_an_attribute_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    for file in (
        geojson(tmp_path / "p.geojson", feature(square())),
        shape(tmp_path / "p.shp", [square()[::-1]]),
    ):
        refused = refusal(file, key="地块编码", bad="skip")
        assert refused.problem.code == "parcels.attribute"
        assert "DKBM, DKMC" in refused.problem.do.zh


def test_without_a_key_parcels_are_numbered(tmp_path: Path) -> None:
    named = {**feature(square()), "id": 77}
    file = geojson(tmp_path / "p.geojson", named, feature(square(0.001)))
    parcels = Parcels.load(spec(file, key=None), SITE)
    assert {each.key for each in parcels.touched(square(side=0.002))} == {"77", "2"}


def test_a_file_of_another_kind_or_none(tmp_path: Path) -> None:
    assert refusal(tmp_path / "p.gpkg").problem.code == "parcels.format"
    assert refusal(tmp_path / "p.geojson").problem.code == "parcels.missing"
    assert refusal(tmp_path / "p.shp").problem.code == "parcels.missing"
    (tmp_path / "d.geojson").mkdir()
    assert refusal(tmp_path / "d.geojson").problem.code == "parcels.damaged"
