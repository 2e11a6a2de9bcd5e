"""Whose ground a disturbance lies on."""

import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.findings import Severity
from inference.geodesy.frame import LocalFrame
from inference.geodesy.gcj import to_gcj
from inference.geodesy.layer import LayerSpec
from inference.geodesy.parcels import Layers, Parcels
from tests.support.parcels import SITE, feature, geojson, shape, square

FRAME = LocalFrame(*SITE)


def loaded(
    file: Path, name: str = "基本农田", severity: Severity = Severity.HIGH, crs: str = "EPSG:4490"
) -> Parcels:
    spec = LayerSpec(name=name, file=file, crs=crs, severity=severity, key="DKBM", label="DKMC")
    return Parcels.load(spec, SITE)


def metres(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A closed ring in longitude and latitude, from metres about the site."""
    return [(float(x), float(y)) for x, y in FRAME.degrees(np.array([*corners, corners[0]]))]


def field(east: float, north: float, width: float, height: float) -> list[tuple[float, float]]:
    return metres(
        [(east, north), (east + width, north), (east + width, north + height), (east, north + height)]
    )


def test_a_dig_over_two_fields_names_both_with_their_square_metres(tmp_path: Path) -> None:
    left, right, far = field(0, 0, 100, 100), field(100, 0, 100, 100), field(500, 0, 100, 100)
    file = geojson(
        tmp_path / "p.geojson",
        feature(left, key="A"),
        feature(right, key="B", name=""),
        feature(far, key="C"),
    )
    overlaps = loaded(file).touched(field(70, 10, 50, 20)[:-1])
    assert [(each.layer, each.key, each.name) for each in overlaps] == [
        ("基本农田", "A", "东河村耕地"),
        ("基本农田", "B", None),
    ]
    assert [each.area_m2 for each in overlaps] == pytest.approx([600, 400], abs=0.01)
    assert [each.share for each in overlaps] == pytest.approx([0.6, 0.4], abs=1e-4)


def test_a_pond_in_a_field_is_not_the_fields(tmp_path: Path) -> None:
    pond = field(40, 40, 20, 20)[::-1]
    parcels = loaded(geojson(tmp_path / "p.geojson", feature(field(0, 0, 100, 100), pond)))
    assert parcels.touched(field(42, 42, 10, 10)) == ()
    (overlap,) = parcels.touched(field(50, 50, 20, 5))
    assert overlap.area_m2 == pytest.approx(50.0, abs=0.01)


def test_a_parcel_in_two_parts_is_one(tmp_path: Path) -> None:
    parts = [[field(0, 0, 10, 100)], [field(20, 0, 10, 100)]]
    whole = feature(key="A")
    whole["geometry"] = {"type": "MultiPolygon", "coordinates": parts}
    (overlap,) = loaded(geojson(tmp_path / "p.geojson", whole)).touched(field(0, 0, 30, 10))
    assert overlap.area_m2 == pytest.approx(200.0, abs=0.01)
    assert overlap.share == pytest.approx(2 / 3, abs=1e-4)


def test_a_neighbour_whose_line_it_only_meets_is_not_touched(tmp_path: Path) -> None:
    parcels = loaded(geojson(tmp_path / "p.geojson", feature(square())))
    assert parcels.touched(square(east=0.001)) == ()
    assert parcels.touched(square(east=0.01)) == ()


def test_the_gravest_layer_comes_first_and_the_severity_follows(tmp_path: Path) -> None:
    wide = loaded(geojson(tmp_path / "a.geojson", feature(field(0, 0, 100, 100))), "一般耕地", Severity.LOW)
    slim = loaded(geojson(tmp_path / "b.geojson", feature(field(0, 0, 5, 100))), "基本农田", Severity.HIGH)
    layers = Layers([wide, slim])
    overlaps = layers.touched(field(0, 0, 50, 10))
    assert [each.layer for each in overlaps] == ["基本农田", "一般耕地"]
    assert layers.severity(overlaps) is Severity.HIGH
    assert layers.severity(overlaps[1:]) is Severity.LOW
    assert layers.severity(()) is None


@pytest.mark.parametrize("outline", [[], square()[:2], [square()[0]] * 5])
def test_what_has_no_area_touches_nothing(tmp_path: Path, outline: list[tuple[float, float]]) -> None:
    assert loaded(geojson(tmp_path / "p.geojson", feature(square()))).touched(outline) == ()


def test_an_outline_that_crosses_itself_counts_both_its_loops(tmp_path: Path) -> None:
    parcels = loaded(geojson(tmp_path / "p.geojson", feature(field(0, 0, 100, 100))))
    bow = metres([(10, 10), (30, 30), (30, 10), (10, 30)])
    (overlap,) = parcels.touched(bow)
    assert overlap.area_m2 == pytest.approx(200.0, abs=0.01)
    assert overlap.share == pytest.approx(1.0)


def test_an_outline_of_no_numbers_is_a_mistake_of_ours(tmp_path: Path) -> None:
    parcels = loaded(geojson(tmp_path / "p.geojson", feature(square())))
    with pytest.raises(ValueError, match="no number"):
        parcels.touched([(116.4, 39.9), (float("nan"), 39.9), (116.4, 39.8)])


@pytest.mark.parametrize(("crs", "east"), [("EPSG:4547", 500_000.0), ("EPSG:4526", 38_500_000.0)])
def test_zones_with_and_without_their_number(tmp_path: Path, crs: str, east: float) -> None:
    """A square of 100 m on the central meridian 114 E: true to scale there."""
    x, y = east, 4_418_000.0
    ring = [(x, y), (x, y + 100), (x + 100, y + 100), (x + 100, y), (x, y)]
    spec = LayerSpec(name="地块", file=shape(tmp_path / "p.shp", [ring]), crs=crs)
    parcels = Parcels.load(spec, (39.89, 114.0))
    assert parcels.area_m2 == pytest.approx(10_000.0, abs=0.1)
    west, south, *_ = parcels.bounds
    assert west == pytest.approx(114.0, abs=1e-7)
    assert south == pytest.approx(39.89, abs=0.01)


def test_shifted_degrees_are_brought_back_when_declared(tmp_path: Path) -> None:
    true = field(0, 0, 100, 100)
    drawn = [(float(x), float(y)) for x, y in to_gcj(np.array(true))]
    file = geojson(tmp_path / "p.geojson", feature(drawn))
    (overlap,) = loaded(file, crs="GCJ-02").touched(true)
    assert overlap.share == pytest.approx(1.0, abs=1e-3)
    assert loaded(file).touched(true) == (), "undeclared it lies hundreds of metres away"


@cache
def tiles(file: Path) -> Parcels:
    steps = range(-200, 200, 80)
    return loaded(
        geojson(file, *(feature(field(x, y, 80, 80), key=f"{x},{y}") for x in steps for y in steps))
    )


@given(st.lists(st.tuples(st.floats(-150, 150), st.floats(-150, 150)), min_size=3, max_size=9))
def test_fields_that_tile_the_ground_share_out_the_whole_outline(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[float, float]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "tiles.geojson"
    overlaps = tiles(file).touched(metres(corners))
    areas = [each.area_m2 or 0.0 for each in overlaps]
    assert areas == sorted(areas, reverse=True)
    if overlaps:
        whole = areas[0] / overlaps[0].share
        slivers = 25 * 0.01  # a hundredth of a square metre of each of the fields is no touch
        edges = 9 * 424 * 3e-3  # each at most 424 m long, and 3 mm beside the same edge cut in pieces
        assert whole - slivers - edges <= sum(areas) <= whole + edges


def test_ten_thousand_parcels_are_asked_in_milliseconds(tmp_path: Path) -> None:
    """Asking one by one would take a hundred times as long as asking the tree."""
    tiles = (feature(square(i * 0.001, j * 0.001), key=f"{i}-{j}") for i in range(100) for j in range(100))
    parcels = loaded(geojson(tmp_path / "p.geojson", *tiles))
    assert len(parcels) == 10_000
    outline = square(0.0501, 0.0501, 0.0015)

    def took(times: int) -> float:
        begun = time.perf_counter()
        for _ in range(times):
            assert {each.key for each in parcels.touched(outline)} == {"50-50", "50-51", "51-50", "51-51"}
        return (time.perf_counter() - begun) / times

    everything = square(0, 0, 0.1)
    begun = time.perf_counter()
    assert len(parcels.touched(everything)) == 10_000
    assert min(took(5) for _ in range(5)) < (time.perf_counter() - begun) / 50
