"""Shapefiles: several files that belong together, words in many encodings, rings told apart by how they run."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from inference.geodesy.flaws import Flaw, ParcelsRefused
from inference.geodesy.parcels import Parcels
from tests.support.parcels import SITE, Ring, feature, geojson, only, refusal, shape, spec, square

HOLE = square(0.0003, 0.0003, 0.0002)[::-1]


def names(parcels: Parcels, outline: Ring | None = None) -> set[str | None]:
    return {each.name for each in parcels.touched(outline or square())}


@pytest.mark.parametrize(
    ("encoding", "cpg", "told"),
    [
        ("gbk", "GBK", False),
        ("gbk", "936", False),
        ("utf-8", "UTF-8", False),
        ("utf-8", None, False),
        ("gbk", None, True),
    ],
)
def test_chinese_names_in_whatever_encoding(
    tmp_path: Path, encoding: str, cpg: str | None, told: bool
) -> None:
    file = shape(tmp_path / "地块[1].shp", [square()[::-1]], encoding=encoding, cpg=cpg, names=["镇东河村"])
    parcels = Parcels.load(spec(file), SITE)
    assert names(parcels) == {"镇东河村"}
    assert [each.flaw for each in parcels.findings] == ([Flaw.ENCODING] if told else [])


def test_an_encoding_nobody_knows(tmp_path: Path) -> None:
    assert (
        refusal(shape(tmp_path / "p.shp", [square()[::-1]], cpg="KLINGON")).problem.code == "parcels.damaged"
    )


def test_holes_and_parts_are_told_apart_by_how_they_run(tmp_path: Path) -> None:
    other = square(0.002)[::-1]
    file = shape(tmp_path / "p.shp", [square()[::-1], other, HOLE[::-1]])
    parcels = Parcels.load(spec(file), SITE)
    assert parcels.findings == ()
    assert len(parcels) == 1
    assert parcels.touched(square())[0].share == pytest.approx(0.96, abs=1e-3)
    assert parcels.touched(square(0.002))[0].share == pytest.approx(1.0)


def test_a_pond_on_an_island_in_a_pond(tmp_path: Path) -> None:
    """Whose a hole is, is told by the smallest ring about it."""
    island, pond = square(0.0004, 0.0004, 0.0002), square(0.00045, 0.00045, 0.0001)
    lake = square(0.0002, 0.0002, 0.0006)
    file = shape(tmp_path / "p.shp", [pond, square()[::-1], lake, island[::-1]])
    parcels = Parcels.load(spec(file), SITE)
    assert parcels.touched(square())[0].share == pytest.approx(1 - 0.36 + 0.04 - 0.01, abs=1e-3)


def test_a_hole_in_nothing(tmp_path: Path) -> None:
    lone = shape(tmp_path / "a.shp", [square()[::-1], square(0.01)])
    assert only(refusal(lone)).flaw in {Flaw.HOLE_ALONE, Flaw.CROSSING}
    both = shape(tmp_path / "b.shp", [square(), square(0.01)])
    assert only(refusal(both)).flaw is Flaw.HOLE_ALONE


def test_one_ring_alone_the_wrong_way_round_is_told_and_used(tmp_path: Path) -> None:
    parcels = Parcels.load(spec(shape(tmp_path / "p.shp", [square()])), SITE)
    assert [each.flaw for each in parcels.findings] == [Flaw.RING_ORDER]
    assert parcels.touched(square())[0].share == pytest.approx(1.0)


def test_a_prj_is_read_and_held_against_the_declaration(tmp_path: Path) -> None:
    wkt = CRS(4326).to_wkt("WKT1_ESRI")
    file = shape(tmp_path / "p.shp", [square()[::-1]], prj=wkt)
    assert len(Parcels.load(spec(file, crs=None), SITE)) == 1
    assert len(Parcels.load(spec(file, crs="EPSG:4490"), SITE)) == 1, "the same within a metre"
    assert refusal(file, crs="EPSG:4547").problem.code == "parcels.conflict"
    assert len(Parcels.load(spec(file, crs="GCJ-02"), SITE)) == 1, "no .prj can say that"


def test_the_table_of_another_file_gives_nobody_a_wrong_name(tmp_path: Path) -> None:
    file = shape(tmp_path / "a.shp", [square()[::-1]], [square(0.001)[::-1]])
    other = shape(tmp_path / "b.shp", [square()[::-1]])
    file.with_suffix(".dbf").write_bytes(other.with_suffix(".dbf").read_bytes())
    assert refusal(file).problem.code == "parcels.damaged"


def test_what_its_author_deleted_is_not_there(tmp_path: Path) -> None:
    file = shape(tmp_path / "p.shp", [square()[::-1]], [square(0.001)[::-1]])
    table = bytearray(file.with_suffix(".dbf").read_bytes())
    table[int.from_bytes(table[8:10], "little")] = ord("*")  # the first record's flag, behind the header
    file.with_suffix(".dbf").write_bytes(table)
    parcels = Parcels.load(spec(file), SITE)
    assert {each.key for each in parcels.touched(square(side=0.002))} == {"2"}


def test_a_shapefile_that_came_without_its_table(tmp_path: Path) -> None:
    file = shape(tmp_path / "p.shp", [square()[::-1]])
    file.with_suffix(".dbf").unlink()
    refused = refusal(file)
    assert refused.problem.code == "parcels.missing"
    assert ".dbf" in refused.problem.what.zh


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_cut_off_or_spoilt_is_refused_in_our_words(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("spoilt")
    made = [
        geojson(folder / "p.geojson", feature(square()), feature(square(0.001), key="2")),
        shape(folder / "p.shp", [square()[::-1]], [square(0.001)[::-1]]),
    ]
    file = data.draw(st.sampled_from(made))
    target = data.draw(
        st.sampled_from([file] if file.suffix == ".geojson" else [file, file.with_suffix(".dbf")])
    )
    content = bytearray(target.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(1, 4)) if content else 0):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    target.write_bytes(content)
    try:
        Parcels.load(spec(file), SITE).touched(square())
    except ParcelsRefused as refused:
        assert refused.problem.what.zh  # noqa: PT017 (some bytes may change and nothing be wrong)
