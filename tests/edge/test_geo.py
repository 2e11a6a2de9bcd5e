"""A disturbance on the wire."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from edge.envelope import Occurrence, occurrence, seal
from edge.site_id import SiteId
from inference.change import Change, Overlap, Place, Reference
from inference.findings import Finding, Phase, Severity, Sighting
from streams.problem import Text

SITE = SiteId("410000", "410100", "410122", "yanming-lake")
NOON = 1_748_779_200.0
CLOCKWISE = ((113.6, 34.7), (113.6, 34.7001), (113.6001, 34.7001), (113.6001, 34.7))
FARM = Overlap("永久基本农田", "3702", "三号田", 80.126, 0.66789)
PLACE = Place(CLOCKWISE, 0.514, 120.456, 6.2, overlaps=(FARM,))
CHANGE = Change(
    outline=((0.1, 0.2), (0.3, 0.2), (0.3, 0.4)),
    share=0.02,
    confidence=0.9123,
    reference=Reference(NOON - 86400, "ab" * 32, "sun-am-high"),
    place=PLACE,
    growth_m2_per_hour=12.3456,
    machine=True,
    lights=2,
)


def told(change: Change) -> dict[str, object]:
    finding = Finding(
        type="land.disturbance",
        phase=Phase.NEW,
        key="land/1",
        rule="land",
        zone=None,
        severity=Severity.HIGH,
        whistle=None,
        objects=(),
        since=NOON - 60,
        time=NOON,
        change=change,
    )
    seen = occurrence("mast", finding, "case", 0)
    assert Occurrence.model_validate_json(seen.model_dump_json()) == seen, "it crosses the process border"
    data = json.loads(seal(SITE, "boot", seen, 1).payload)["data"]
    assert isinstance(data, dict)
    return data


def test_a_patch_is_told_in_the_picture_on_the_earth_and_by_its_parcels() -> None:
    data = told(CHANGE)
    assert data["change"] == {
        "outline": [[0.1, 0.2], [0.3, 0.2], [0.3, 0.4]],
        "share": 0.02,
        "confidence": 0.912,
        "reference": {"taken": "2025-05-31T12:00:00.000Z", "sha256": "ab" * 32, "light": "sun-am-high"},
        "growth_m2_per_hour": 12.35,
        "machine": True,
        "lights": 2,
    }
    geo = data["geo"]
    assert isinstance(geo, dict)
    (ring,) = geo["coordinates"]
    assert geo["type"] == "Polygon"
    assert {tuple(corner) for corner in ring} == set(CLOCKWISE)
    assert ring[0] == ring[-1]
    assert counter_clockwise(ring)
    assert (data["sigma_m"], data["area_m2"], data["area_sigma_m2"]) == (0.51, 120.46, 6.2)
    assert data["area_withheld"] is None
    assert data["parcels"] == [
        {"layer": "永久基本农田", "key": "3702", "name": "三号田", "area_m2": 80.13, "share": 0.6679}
    ]


def test_an_area_that_is_withheld_says_why_in_both_languages_and_has_no_sigma() -> None:
    why = Text("too far", "过远")
    data = told(replace(CHANGE, place=Place(CLOCKWISE, 9.0, None, None, why, ())))
    assert (data["area_m2"], data["area_sigma_m2"]) == (None, None)
    assert data["area_withheld"] == {"en": "too far", "zh": "过远"}
    assert data["parcels"] == [], "looked up, and none is touched"


@pytest.mark.parametrize("outline", [(), CLOCKWISE[:2]])
def test_nothing_is_said_of_parcels_where_the_place_is_unknown(
    outline: tuple[tuple[float, float], ...],
) -> None:
    data = told(replace(CHANGE, place=Place(outline, float("inf"), None, None, Text("?", "?"), ())))
    assert (data["geo"], data["parcels"], data["sigma_m"]) == (None, None, None)


def test_parcels_that_could_not_be_looked_up_are_not_none() -> None:
    assert told(replace(CHANGE, place=replace(PLACE, overlaps=None)))["parcels"] is None


def test_the_place_of_an_object_keeps_its_decimals() -> None:
    truck = Sighting(
        1, "truck", 0.9, (0, 0, 1, 1), {"lon": 113.62334012, "lat": 34.75821049, "sigma_m": 1.23456}
    )
    finding = Finding("vehicle.zone", Phase.NEW, "1", "zone", None, Severity.HIGH, None, (truck,), NOON, NOON)
    seen = occurrence("mast", finding, "case", 0).objects[0].attributes
    assert seen == {"lon": 113.6233401, "lat": 34.7582105, "sigma_m": 1.235}


def counter_clockwise(ring: list[list[float]]) -> bool:
    east, north = ring[0]
    corners = [(x - east, y - north) for x, y in ring]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(corners)) > 0
