"""Points and parcels through the API: judged as on the command line, kept in the site file and nowhere else."""

import io
import json
import math
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyproj import Transformer

from edge.accounts.roles import Role
from edge.settings.loader import load
from tests.support.consoles import ApiBox
from tests.support.desk import SITE as TEXT
from tests.support.desk import with_site
from tests.support.measured import points, seen, square
from tests.support.parcels import feature, geojson, shape


@dataclass(frozen=True, slots=True)
class Place:
    box: ApiBox
    file: Path
    technician: httpx.AsyncClient

    def site(self) -> Any:
        return load(self.file).site

    async def fit(self, told: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        answer = await self.technician.post(
            "/api/v1/ground/fit", json={"camera": "gate", "points": told, **more}
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def keep(self, told: list[dict[str, Any]], **more: Any) -> httpx.Response:
        asked = {"camera": "gate", "points": told, **more}
        return await self.technician.post("/api/v1/ground/points", json=asked)

    async def send(self, body: bytes, **values: Any) -> httpx.Response:
        values = {"layer": "基本农田", "crs": "EPSG:4326", "id": "DKBM", "name": "DKMC", **values}
        return await self.technician.post("/api/v1/parcels", content=body, params=values)


@asynccontextmanager
async def place(folder: Path, text: str = TEXT) -> AsyncIterator[Place]:
    async with with_site(folder, text) as (box, file):
        yield Place(box, file, await box.as_role(Role.TECHNICIAN))


async def test_a_fit_tells_residuals_and_how_sure_places_are_over_the_picture(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        told = points()
        told[2]["lonlat"][1] += 5 / 111_195  # m
        found = await at.fit(told)
        four = await at.fit(points(4))
    assert "a fifth would show a mistake" in four["advice"][0]["en"]
    assert found["fit"]
    assert max(each["others_m"] for each in found["residuals"]) == found["residuals"][2]["others_m"] > 3
    sure, columns = found["sure"]["sigma_m"], found["sure"]["columns"]
    column = sure[columns // 2 :: columns]
    assert column[0] is None, "the sky"
    assert column[-1] < 2
    assert column[len(column) // 4] > column[-1], "farther is less sure"


async def test_the_words_of_the_command_line_for_what_fixes_no_ground(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        swapped = [{**each, "lonlat": each["lonlat"][::-1]} for each in points()]
        in_a_row = [{"pixel": [0.1 * n, 0.5 + 0.05 * n], "metres": [10.0 * n, 20.0 * n]} for n in range(1, 6)]
        turned = [
            {**each, "lonlat": other["lonlat"]} for each, other in zip(points(), points()[::-1], strict=True)
        ]
        for told, words in (
            (points(3), "at least 4"),
            (swapped, "longitude and latitude are swapped"),
            (in_a_row, "on a line"),
            (turned, "horizon"),
        ):
            found = await at.fit(told)
            assert not found["fit"]
            assert words in found["refused"]["en"]
            assert found["refused"]["zh"]
        before = at.file.read_bytes()
        answer = await at.keep(swapped)
        assert (answer.status_code, answer.json()["code"]) == (422, "ground.unfit")
        assert "swapped" in answer.json()["en"]["what"]
        assert at.file.read_bytes() == before


async def test_projected_coordinates_are_kept_in_degrees(tmp_path: Path) -> None:
    zone = Transformer.from_crs("EPSG:4490", "EPSG:4526", always_xy=True)  # CGCS2000, 3-degree zone 38
    told = [{"pixel": each["pixel"], "grid": list(zone.transform(*each["lonlat"]))} for each in points()]
    async with place(tmp_path) as at:
        found = await at.fit(told, crs="EPSG:4526")
        assert found["fit"]
        for each, measured in zip(found["points"], points(), strict=True):
            assert each["lonlat"] == pytest.approx(measured["lonlat"], abs=2e-8)
        answer = await at.technician.post(
            "/api/v1/ground/fit", json={"camera": "gate", "points": told, "crs": "EPSG:99"}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "parcels.crs")


async def test_points_are_kept_in_the_site_file_whose_other_lines_stay(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        before = at.file.read_text("utf-8").splitlines()
        assert (await at.keep(points())).status_code == 204
        after = at.file.read_text("utf-8").splitlines()
        assert [line for line in after if line in before] == before
        kept = at.site().streams[0].ground
        assert [list(each.lonlat) for each in kept] == [each["lonlat"] for each in points()]
        [gate] = [
            each
            for each in (await at.technician.get("/api/v1/ground")).json()["cameras"]
            if each["name"] == "gate"
        ]
        assert gate["points"][0]["points"] == points()
        assert (await at.keep([])).status_code == 204
        assert at.file.read_text("utf-8").splitlines() == before


async def test_points_of_one_preset_leave_those_of_another(tmp_path: Path) -> None:
    turning = (
        "    title: North gate\n"
        "    onvif: {{host: 192.0.2.1, ptz: true}}\n"
        "    zones: {{a: [[0, 0], [1, 0], [1, 1]]}}\n"
        "    presets: {{west: [a], east: [a]}}\n"
    )
    async with place(tmp_path, TEXT.replace("    title: North gate\n", turning)) as at:
        assert (await at.keep(points(), preset="west")).status_code == 204
        assert (await at.keep(points(4), preset="east")).status_code == 204
        assert (await at.keep(points(5), preset="west")).status_code == 204
        presets = [each.preset for each in at.site().streams[0].ground]
        assert (presets.count("west"), presets.count("east")) == (5, 4)


async def test_who_may(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        await at.box.add("li", Role.TECHNICIAN, "pit")
        limited = await at.box.entered("li")
        told = (await limited.get("/api/v1/ground")).json()
        assert [each["name"] for each in told["cameras"]] == ["pit"]
        asked = {"camera": "gate", "points": points()}
        assert (await limited.post("/api/v1/ground/fit", json=asked)).status_code == 404
        asked["camera"] = "pit"
        assert (await limited.post("/api/v1/ground/fit", json=asked)).status_code == 200
        assert (await limited.post("/api/v1/ground/points", json=asked)).status_code == 403
        assert (
            await limited.post("/api/v1/parcels", params={"layer": "x"}, content=b"{}")
        ).status_code == 403
        operator = await at.box.as_role(Role.OPERATOR)
        assert (await operator.post("/api/v1/ground/fit", json=asked)).status_code == 403


def ours(tmp_path: Path, **more: Any) -> bytes:
    return geojson(
        tmp_path / "p.json", feature(square(20, 40), key="7"), feature(square(200, 90), key="8"), **more
    ).read_bytes()


async def test_parcels_are_taken_in_replaced_seen_in_the_picture_and_dropped(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        answer = await at.send(ours(tmp_path))
        assert answer.status_code == 201, answer.text
        assert (answer.json()["usable"], answer.json()["findings"]) == (2, [])
        [layer] = at.site().parcels
        assert (layer.layer, layer.id, layer.name) == ("基本农田", "DKBM", "DKMC")
        first = layer.file
        assert first.is_file()
        found = await at.fit(points())
        [parcel] = [each for each in found["parcels"] if each["key"] == "7"]
        assert parcel["name"] == "东河村耕地"
        corner = seen(20, 40)
        near = min(math.dist(corner, each) for line in parcel["lines"] for each in line)
        assert near < 0.002
        assert (await at.send(ours(tmp_path), severity="high")).status_code == 201
        [layer] = at.site().parcels
        assert layer.severity == "high"
        assert layer.file != first
        assert first.is_file(), "an older copy of the site file names it"
        assert (await at.send(ours(tmp_path), layer="other")).status_code == 201
        assert [each.layer for each in at.site().parcels] == ["基本农田", "other"]
        assert (await at.technician.delete("/api/v1/parcels/基本农田")).status_code == 204
        assert [each.layer for each in at.site().parcels] == ["other"]
        assert (await at.technician.delete("/api/v1/parcels/nothing")).status_code == 404


async def test_bad_geometry_is_named_not_repaired_and_nothing_is_kept(tmp_path: Path) -> None:
    bow = square(0, 0)
    bow[1], bow[2] = bow[2], bow[1]
    body = geojson(tmp_path / "p.json", feature(bow, key="7"), feature(square(0, 80), key="8")).read_bytes()
    async with place(tmp_path) as at:
        before = at.file.read_bytes()
        answer = await at.send(body)
        assert answer.status_code == 422
        [finding] = answer.json()["findings"]
        assert (finding["code"], finding["id"]) == ("parcels.crossing", "7")
        assert "crosses itself" in finding["en"]
        assert at.file.read_bytes() == before
        assert not list((at.box.storage / "parcels").iterdir())
        answer = await at.send(body, skip=True)
        assert (answer.status_code, answer.json()["usable"]) == (201, 1)
        assert at.site().parcels[0].bad == "skip"


def packed(*files: Path, name: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, name + file.name)
    return content.getvalue()


async def test_a_zipped_shapefile_whatever_its_names(tmp_path: Path) -> None:
    shape(tmp_path / "地块[1].shp", [square(20, 40)[::-1]])
    files = sorted(tmp_path.glob("地块*"))
    async with place(tmp_path) as at:
        answer = await at.send(packed(*files, name="../../../etc/"))
        assert (answer.status_code, answer.json()["usable"]) == (201, 1), answer.text
        file = at.site().parcels[0].file
        assert file.parent.parent == at.box.storage / "parcels"
        assert {each.suffix for each in file.parent.iterdir()} <= {".shp", ".dbf", ".cpg", ".shx", ".prj"}
        for body, code in (
            (packed(*[each for each in files if each.suffix != ".dbf"]), "parcels.missing"),
            (packed(files[0], name="a/")[:-30], "parcels.damaged"),
            (packed(tmp_path / "site.yaml"), "parcels.zip"),
            (b"", "parcels"),
            (b"\x00" * 1000, "parcels"),
            (json.dumps({"type": "FeatureCollection", "features": []}).encode(), "parcels.empty"),
        ):
            answer = await at.send(body)
            assert answer.status_code == 422, answer.text
            assert answer.json()["refused"]["code"].startswith(code)
        assert len(list((at.box.storage / "parcels").iterdir())) == 1


async def test_bombs_and_what_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "a.shp"
    with bomb.open("wb") as file:
        file.truncate(300 << 20)
    async with place(tmp_path) as at:
        answer = await at.send(packed(bomb))
        assert (answer.status_code, answer.json()["refused"]["code"]) == (422, "parcels.zip")
        monkeypatch.setattr("edge.api.parcels._LARGEST", 1000)
        assert (await at.send(b"x" * 1001)).status_code == 413
        assert not list((at.box.storage / "parcels").iterdir())


async def test_a_site_without_a_place_takes_no_parcels(tmp_path: Path) -> None:
    async with place(tmp_path, TEXT.replace(", position: [34.8, 113.6]", "")) as at:
        answer = await at.send(ours(tmp_path))
        assert (answer.status_code, answer.json()["code"]) == (409, "parcels.position")


async def test_a_map_shows_cameras_views_and_parcels_to_those_who_may_see_them(tmp_path: Path) -> None:
    async with place(tmp_path) as at:
        await at.keep(points())
        await at.send(ours(tmp_path))
        told = (await at.technician.get("/api/v1/map")).json()
        assert (told["title"], told["place"], told["left"]) == ("Yellow River", [113.6, 34.8], 0)
        [gate, pit] = told["cameras"]
        [view] = gate["views"]
        assert view["place"] == pytest.approx([113.6 + 10 / 91_300, 34.8 - 5 / 111_000], abs=2e-6)
        assert len(view["outline"]) == 48  # 24 columns, their near and their far end
        assert pit["views"] == []
        assert {each["key"] for each in told["parcels"]} == {"7", "8"}
        assert told["parcels"][0]["rings"][0][0] == told["parcels"][0]["rings"][0][-1]
        await at.technician.delete("/api/v1/parcels/基本农田")
        assert (await at.technician.get("/api/v1/map")).json()["parcels"] == []
        await at.box.add("look", Role.VIEWER, "pit")
        theirs = (await (await at.box.entered("look")).get("/api/v1/map")).json()
        assert [each["name"] for each in theirs["cameras"]] == ["pit"]
