"""Soil laid bare before a time-lapse camera, as the centre is told of it; and a restart in the middle of it."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from shapely.geometry import shape

from inference.geodesy.frame import LocalFrame
from tests.support import timelapse
from tests.support.daemon import Gateway, site
from tests.support.mosquitto import Mosquitto, caught_up, until, witness

pytestmark = pytest.mark.e2e

RESTART = 38  # minutes after noon
FIRST = timelapse.Dig(side=14.0, begins=1500.0, lasts=120.0)
THEN = timelapse.Dig(side=22.0, begins=0.0, lasts=1.0)  # they dug on while the box was off
FRAME = LocalFrame(*timelapse.POSITION)


def photographed(folder: Path, minutes: range, dig: timelapse.Dig) -> Path:
    folder.mkdir()
    for minute in minutes:
        assert cv2.imwrite(str(folder / f"{minute:04}.png"), timelapse.picture(60.0 * minute, dig))
    return folder


def parcels(path: Path) -> Path:
    """Two fields that meet at the middle of the dig."""

    def field(key: str, name: str, west: float, east: float) -> dict[str, Any]:
        corners = np.array([[west, 40.0], [east, 40.0], [east, 140.0], [west, 140.0], [west, 40.0]])
        ring = FRAME.degrees(corners).tolist()
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": {"DKBM": key, "DKMC": name}, "geometry": geometry}

    east = FIRST.middle[0]
    features = [field("3702", "河滩三号田", east, east + 60), field("3701", "河滩二号田", east - 60, east)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def settings(broker: int, storage: Path, pictures: Path, minute: int) -> str:
    start = datetime.fromtimestamp(timelapse.NOON + 60 * minute, UTC).isoformat()
    points = "\n".join(
        f"      - {{pixel: [{x:.6f}, {y:.6f}], metres: [{east}, {north}]}}"
        for (x, y), (east, north) in timelapse.control_points()
    )
    stream = f"""\
  - name: mast
    kind: folder
    path: "{pictures}"
    every: 60s
    start: {start}
    clip: {{keep: false}}
    land: {{every: 60s, freeze: 20min}}
    ground:
{points}
"""
    lat, lon = timelapse.POSITION
    text = site(broker=broker, storage=storage, streams=stream)
    text = text.replace('area: "410122"', f'area: "410122", position: [{lat}, {lon}]')
    layer = (
        "{layer: 永久基本农田, file: fields.geojson, crs: EPSG:4490, severity: high, id: DKBM, name: DKMC}"
    )
    return f"{text}parcels: [{layer}]\n"


async def test_a_dig_is_told_with_its_place_its_area_and_its_parcels_and_outlasts_a_restart(
    broker: Mosquitto, storage: Path, tmp_path: Path
) -> None:
    parcels(tmp_path / "fields.geojson")
    first = photographed(tmp_path / "first", range(RESTART), FIRST)
    then = photographed(tmp_path / "then", range(RESTART, 60), THEN)
    async with witness(broker.port) as seen:
        with Gateway(tmp_path, settings(broker.port, storage, first, 0)) as gateway:
            await asyncio.to_thread(gateway.wait, "camera.finished", camera="mast")
            await until(seen.events, "the dig")
        await caught_up(broker.port, seen)
        began = [event["data"] for event in seen.firsts()]
        with Gateway(tmp_path, settings(broker.port, storage, then, RESTART)) as gateway:
            await asyncio.to_thread(gateway.wait, "camera.finished", camera="mast")
            await until(lambda: len(seen.firsts()) > len(began), "an update of the dig")
        await caught_up(broker.port, seen)
        told = [event["data"] for event in seen.firsts()]
    new = told[0]
    assert [each["phase"] for each in told] == ["new", *["update"] * (len(told) - 1)]
    assert {each["event_id"] for each in told} == {new["event_id"]}, "one case"
    assert [each["seq"] for each in told] == list(range(told[0]["seq"], told[0]["seq"] + len(told)))
    assert new["severity"] == "high", "for the parcel's sake"
    assert {each["layer"] for each in new["parcels"]} == {"永久基本农田"}
    assert {each["key"]: each["name"] for each in new["parcels"]} == {
        "3701": "河滩二号田",
        "3702": "河滩三号田",
    }
    kinds = {proof["kind"]: storage / proof["uri"] for proof in new["proof"]}
    assert set(kinds) == {"snapshot", "before", "after"}
    assert new["change"]["reference"]["sha256"] == proof_hash(new, "before")
    measured(new, FIRST)
    measured(told[-1], THEN)


def measured(told: dict[str, Any], dig: timelapse.Dig) -> None:
    """It is there, and as large as it says; an outline runs along whole pixels of what is compared (10 %)."""
    truth = dig.side**2
    assert abs(told["area_m2"] - truth) < 3 * told["area_sigma_m2"] + 0.1 * truth
    ground = FRAME.metres(np.array(shape(told["geo"]).exterior.coords))
    away = np.linalg.norm((ground.min(axis=0) + ground.max(axis=0)) / 2 - np.array(dig.middle))
    assert away < 3 * told["sigma_m"] + 1.0
    shares = sum(each["area_m2"] for each in told["parcels"])
    assert shares == pytest.approx(told["area_m2"], rel=0.02)


def proof_hash(told: dict[str, Any], kind: str) -> str:
    (proof,) = [each for each in told["proof"] if each["kind"] == kind]
    return str(proof["sha256"])
