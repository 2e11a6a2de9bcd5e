"""The plots: what is drawn is where the figures are."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plots import Point, bars, lines, ticks

_SVG = "{http://www.w3.org/2000/svg}"


@given(st.floats(1e-6, 1e9))
def test_ticks_are_few_and_reach_far(top: float) -> None:
    found = ticks(top)
    assert 3 <= len(found) <= 8
    assert found[0] == 0
    assert found[-1] <= top * (1 + 1e-6) < found[-1] + found[1] * (1 + 1e-6)


def places(svg: str) -> list[list[tuple[float, float]]]:
    root = ET.fromstring(svg)
    return [
        [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", line.get("points", ""))]
        for line in root.iter(f"{_SVG}polyline")
    ]


def test_a_line_rises_as_its_figures_do() -> None:
    ((first, second, third),) = places(lines("t", "x", "y", {"a": [Point(0, 0), Point(1, 5), Point(2, 10)]}))
    assert first[0] < second[0] < third[0]
    assert first[1] > second[1] > third[1]  # px count downwards
    assert second[1] == pytest.approx((first[1] + third[1]) / 2, abs=0.2)


def test_a_band_stands_only_where_it_is_known() -> None:
    known = [Point(0, 1, 0.5, 2), Point(1, 1, 0.5, 2)]
    assert "<polygon" in lines("t", "x", "y", {"a": known})
    assert "<polygon" not in lines("t", "x", "y", {"a": [Point(0, 1), Point(1, 1)]})


def test_parts_of_a_bar_stand_beside_each_other() -> None:
    root = ET.fromstring(bars("t", "ms", {"a": {"look": 10.0, "publish": 30.0}}))
    first, second = [each for each in root.iter(f"{_SVG}rect") if each.find(f"{_SVG}title") is not None]
    assert float(second.get("x", 0)) == pytest.approx(
        float(first.get("x", 0)) + float(first.get("width", 0)), abs=0.2
    )
    assert float(second.get("width", 0)) == pytest.approx(3 * float(first.get("width", 0)), rel=0.01)


def test_names_are_no_markup() -> None:
    ET.fromstring(lines("<b> & c", "x", "y", {"a < b": [Point(0, 1)]}))


def test_nothing_is_not_plotted() -> None:
    with pytest.raises(ValueError, match="nothing"):
        lines("t", "x", "y", {})
    with pytest.raises(ValueError, match="nothing"):
        bars("t", "x", {"a": {}})
