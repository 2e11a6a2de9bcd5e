"""The site file through the API: cameras, zones and the text itself; comments stay, passwords do not leave."""

import asyncio
import json
from pathlib import Path

import pytest

from edge.accounts.roles import Role
from tests.support.desk import with_site

SITE = """\
# written by hand
site: {{id: test, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:1883", username: box, password: "in the open"}}  # the county's
storage: {{path: "{storage}"}}
http: {{listen: "127.0.0.1:8080"}}
streams:
  - name: gate  # the first one
    url: "rtsp://admin:hunter2@192.0.2.1/1"
    zones:
      road: [[0, 0], [1, 0], [1, 1]]  # the road
    lines: {{}}
    rules:
      - kind: zone  # who stands there
        objects: [truck]
        zones: [road]
        schedule: [{{days: [mon, tue], from: "19:00", to: "06:00"}}]
  - name: pit
    analyse: "rtsp://192.0.2.2/1"
"""


@pytest.fixture(autouse=True)
def _secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDWATCH_SECRETS_DIR", str(tmp_path / "secrets"))


async def test_a_camera_is_added_changed_paused_and_taken_out(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        told = (await technician.get("/api/v1/setup/cameras")).json()
        assert [(each["name"], each["url"], each["enabled"]) for each in told["cameras"]] == [
            ("gate", "rtsp://192.0.2.1/1", True),
            ("pit", "rtsp://192.0.2.2/1", True),
        ]
        new = {"name": "south", "title": "南门", "url": "rtsp://li:s%2Fame@192.0.2.3/1", "fps": 2}
        answer = await technician.post("/api/v1/setup/cameras", json={**new, "based_on": told["sha256"]})
        assert answer.status_code == 201, answer.text
        assert file.read_text().startswith(before)
        assert "s/ame" not in file.read_text()
        assert "password: !secret south-password" in file.read_text()
        assert (tmp_path / "secrets" / "south-password").read_text() == "s/ame"
        again = await technician.post("/api/v1/setup/cameras", json={**new, "based_on": told["sha256"]})
        assert (again.status_code, again.json()["code"]) == (409, "config.changed")

        change = {"url": "rtsp://192.0.2.9/2", "enabled": False, "title": ""}
        assert (await technician.patch("/api/v1/setup/cameras/pit", json=change)).status_code == 204
        assert 'analyse: "rtsp://192.0.2.9/2"' in file.read_text() or "analyse: rtsp" in file.read_text()
        assert "enabled: false" in file.read_text()
        assert (await technician.delete("/api/v1/setup/cameras/south")).status_code == 204
        assert (await technician.delete("/api/v1/setup/cameras/south")).status_code == 404
        assert "south" not in file.read_text()
        admin = await box.as_role(Role.ADMIN)
        lines = (await admin.get("/api/v1/audit", params={"command": "config.apply"})).json()
        assert {line["who"] for line in lines} == {"console:user:technician"}
        older = await admin.get("/api/v1/audit", params={"before": lines[0]["time"], "who": "technician"})
        assert older.status_code == 200
        assert lines[0] not in older.json()


async def test_a_camera_that_is_not_right_is_refused_with_its_line(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        for wrong in (
            {"name": "gate", "url": "rtsp://192.0.2.3/1"},
            {"name": "x", "url": "ftp://192.0.2.3/"},
            {"name": "x", "url": "rtsp://["},
        ):
            login = {"username": "li", "password": "sesame"}
            answer = await technician.post("/api/v1/setup/cameras", json={**wrong, **login})
            assert not list((tmp_path / "secrets").iterdir()), "no password of a camera that is not there"
            assert (answer.status_code, answer.json()["code"]) == (409, "config.invalid"), wrong
            [finding] = [each for each in answer.json()["findings"] if each["level"] == "error"]
            assert finding["line"] > before.count("\n")
        assert file.read_text() == before


async def test_zones_and_rules_are_written_where_they_differ_and_nowhere_else(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        drawn = (await technician.get("/api/v1/setup/zones/gate")).json()
        [rule] = drawn["rules"]
        assert rule["schedule"] == [{"days": "mon,tue", "from": "19:00", "to": "06:00"}]
        assert (rule["dwell"], rule["anchor"], rule["severity"]) == (3.0, "bottom_center", "high")
        asked = {key: drawn[key] for key in ("zones", "lines", "ignore", "presets", "rules")}

        async def draw() -> int:
            return (await technician.post("/api/v1/setup/zones/gate", json=asked)).status_code

        assert await draw() == 204
        assert file.read_text() == before, "what is the same is not written"
        asked["zones"]["heap"] = [[0.1, 0.123456], [0.5, 0.1], [0.5, 0.5]]
        asked["rules"] = [{**rule, "zones": ["road", "heap"], "dwell": 8, "severity": "low"}]
        asked["rules"].append(
            {**rule, "was": None, "kind": "crossing", "name": "over", "line": "l", "zones": None}
        )
        asked["rules"][-1] |= {"dwell": None, "schedule": []}
        assert await draw() == 409, "no such line"
        asked["lines"]["l"] = [[0.1, 0.5], [0.9, 0.5]]
        assert await draw() == 204
        text = file.read_text()
        assert "heap: [[0.1, 0.1235], [0.5, 0.1], [0.5, 0.5]]" in text
        for kept in ("# the first one", "# the road", "# who stands there", "days: [mon, tue]", "dwell: 8s"):
            assert kept in text, kept
        again = (await technician.get("/api/v1/setup/zones/gate")).json()
        assert [each["name"] for each in again["rules"]] == ["zone", "over"]
        assert again["rules"][0]["zones"] == ["road", "heap"]
        asked["rules"] = again["rules"][1:]
        asked["zones"] = {}
        assert await draw() == 204
        assert "who stands there" not in file.read_text()


async def test_the_text_is_shown_without_its_passwords_and_written_with_them(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        told = (await technician.get("/api/v1/site")).json()
        assert "hunter2" not in told["text"]
        assert "in the open" not in told["text"]
        assert told["text"].replace("***", "hunter2", 2) != told["text"]
        assert len(told["text"].splitlines()) == len(before.splitlines())
        new = told["text"].replace("# the first one", "# still the first")
        answer = await technician.post("/api/v1/site", json={"text": new, "based_on": told["sha256"]})
        assert answer.status_code == 200, answer.text
        assert "hunter2" in file.read_text()
        assert "in the open" in file.read_text()
        assert "# still the first" in file.read_text()
        stale = await technician.post("/api/v1/site", json={"text": new, "based_on": told["sha256"]})
        assert stale.json()["code"] == "config.changed"
        moved = new.replace("name: pit", "name: pit\n    password: '***'")
        refused = await technician.post("/api/v1/site", json={"text": moved})
        assert refused.json()["code"] == "config.hidden"
        assert refused.json()["findings"][0]["line"] == before.splitlines().index("  - name: pit") + 2


async def test_a_bad_text_is_refused_in_the_words_of_the_check(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        bad = before.replace("objects: [truck]", "objects: [lorri]").replace("kind: zone", "kind: zon")
        found = (await technician.post("/api/v1/site/check", json={"text": bad})).json()["findings"]
        assert "error" in {each["level"] for each in found}
        assert {each["line"] for each in found if each["level"] == "error"} & {12, 13}
        refused = await technician.post("/api/v1/site", json={"text": bad})
        assert refused.status_code == 409
        assert refused.json()["findings"]
        for broken in ("", "[", "streams: {", "\x00", "a: *b"):
            assert (await technician.post("/api/v1/site", json={"text": broken})).status_code == 409
            listed = (await technician.post("/api/v1/site/check", json={"text": broken})).json()["findings"]
            assert listed, broken
        assert file.read_text() == before
        fine = (await technician.post("/api/v1/site/check", json={"text": before})).json()["findings"]
        assert {each["level"] for each in fine} <= {"warning"}


async def test_the_history_says_who_and_what_and_one_goes_back(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        for title in ("A", "B"):
            change = {"title": title}
            assert (await technician.patch("/api/v1/setup/cameras/pit", json=change)).status_code == 204
        history = (await technician.get("/api/v1/site/history")).json()
        assert [each["who"] for each in history] == ["console:user:technician"] * 2 + ["file"]
        newest = (await technician.get(f"/api/v1/site/history/{history[0]['id']}")).json()["lines"]
        assert [line for line in newest if line[0] in "+-"] == ["-    title: A", "+    title: B"]
        first = (await technician.get(f"/api/v1/site/history/{history[-1]['id']}")).json()["lines"]
        assert "hunter2" not in json.dumps(first)
        answer = await technician.post(f"/api/v1/site/history/{history[-1]['id']}/back")
        assert answer.status_code == 200, answer.text
        assert file.read_text() == before
        for nothing in ("nothing", "..%2Fsite"):
            assert (await technician.get(f"/api/v1/site/history/{nothing}")).status_code in (404, 409)


async def test_whoever_sees_some_cameras_sees_no_site_file(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        some, before = await box.as_role(Role.TECHNICIAN, "pit"), file.read_text()
        asked = [
            some.get("/api/v1/site"),
            some.get("/api/v1/site/history"),
            some.get("/api/v1/setup/cameras"),
            some.get("/api/v1/setup/zones/pit"),
            some.patch("/api/v1/setup/cameras/pit", json={"title": "x"}),
            some.delete("/api/v1/setup/cameras/pit"),
            some.post("/api/v1/setup/discover", json={}),
            some.post("/api/v1/setup/try", json={"url": "rtsp://192.0.2.1/"}),
        ]
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {403}
        assert (await some.get("/api/v1/cameras/gate/still")).status_code == 404
        assert file.read_text() == before


async def test_a_password_needs_a_place_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANDWATCH_SECRETS_DIR")
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        change = {"username": "li", "password": "sesame"}
        answer = await technician.patch("/api/v1/setup/cameras/pit", json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "secret.no_folder")
        hidden = {"url": "rtsp://192.0.2.1/user=li_password=x"}
        answer = await technician.patch("/api/v1/setup/cameras/pit", json=hidden)
        assert answer.json()["code"] == "camera.login_in_path"
        assert file.read_text() == before
