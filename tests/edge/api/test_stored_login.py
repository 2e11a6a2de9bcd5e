"""A password that the console does not show is sent to nobody but the camera it is kept for."""

from pathlib import Path
from typing import Any

import pytest

from edge import aside
from edge.accounts.roles import Role
from tests.support.desk import with_site
from tests.support.traps import trap

SITE = """\
site: {{id: test, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:1883"}}
storage: {{path: "{storage}"}}
http: {{listen: "127.0.0.1:8080"}}
streams:
  - name: gate
    url: "rtsp://192.0.2.1/1"
    record: "rtsp://192.0.2.1:8554/1"
    username: admin
    password: hunter2
  - name: pit
    url: "rtsp://192.0.2.2/1"
"""
ELSEWHERE = [
    "rtsp://192.0.2.9/1",
    "rtsp://192.0.2.1:555/1",
    "rtsps://192.0.2.1:554/1",
    "rtsp://192.0.2.1@192.0.2.9/1",
    "rtsp://192.0.2.1.example.org/1",
]
SAME = ["rtsp://192.0.2.1/2", "rtsp://192.0.2.1:554/other?x=1", "RTSP://192.0.2.1:8554/1"]


@pytest.fixture(autouse=True)
def _secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDWATCH_SECRETS_DIR", str(tmp_path / "secrets"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the process that opens cameras would have been given."""
    given: list[Any] = []

    async def answer(module: str, question: Any, patience: float) -> dict[str, Any]:
        given.append(question)
        return {}

    monkeypatch.setattr(aside, "asked", answer)
    return given


async def test_a_test_elsewhere_needs_the_login_anew(tmp_path: Path, asked: list[Any]) -> None:
    async with with_site(tmp_path, SITE) as (box, _):
        technician = await box.as_role(Role.TECHNICIAN)
        for url in ELSEWHERE:
            for user in ({}, {"username": "admin"}):
                told = {"url": url, "camera": "gate", **user}
                answer = await technician.post("/api/v1/setup/try", json=told)
                assert (answer.status_code, answer.json()["code"]) == (409, "camera.login_elsewhere"), url
        assert "password" in answer.json()["en"]["do"]
        assert "密码" in answer.json()["zh"]["do"]
        assert asked == []
        for url in SAME:
            for user in ({}, {"username": "admin"}):  # as the page sends it
                told = {"url": url, "camera": "gate", **user}
                answer = await technician.post("/api/v1/setup/try", json=told)
                assert answer.status_code == 200, answer.text
        assert {each["password"] for each in asked} == {"hunter2"}
        anew = {"url": ELSEWHERE[0], "camera": "gate", "username": "li", "password": "sesame"}
        assert (await technician.post("/api/v1/setup/try", json=anew)).status_code == 200
        assert asked[-1]["password"] == "sesame"
        for told in ({"camera": "pit"}, {"camera": "gate", "username": "li"}):
            answer = await technician.post("/api/v1/setup/try", json={"url": ELSEWHERE[0], **told})
            assert (answer.status_code, asked[-1]["password"]) == (200, None)


async def test_a_listener_elsewhere_is_not_even_called(tmp_path: Path) -> None:
    with trap() as listener:
        networks = 'allow_networks: ["127.0.0.0/8", "192.0.2.0/24"]\nstreams:'
        async with with_site(tmp_path, SITE.replace("streams:", networks)) as (box, _):
            technician = await box.as_role(Role.TECHNICIAN)
            url = f"rtsp://127.0.0.1:{listener.port}/1"
            answer = await technician.post("/api/v1/setup/try", json={"url": url, "camera": "gate"})
            assert answer.json()["code"] == "camera.login_elsewhere"
            assert listener.connections == 0
            await technician.post("/api/v1/setup/try", json={"url": url, "camera": "gate", "username": "li"})
            assert listener.connections > 0, "it listens, and whoever brings a login gets there"


@pytest.mark.parametrize("key", ["url", "record"])
async def test_an_address_moves_with_a_password_of_its_own_only(tmp_path: Path, key: str) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician, before = await box.as_role(Role.TECHNICIAN), file.read_text()
        gate = "/api/v1/setup/cameras/gate"
        for url in ELSEWHERE:
            for more in ({}, {"username": "li"}, {"password": ""}):
                answer = await technician.patch(gate, json={key: url, **more})
                assert (answer.status_code, answer.json()["code"]) == (409, "camera.login_elsewhere"), url
        assert file.read_text() == before
        assert (await technician.patch(gate, json={key: SAME[0]})).status_code == 204
        assert "hunter2" in file.read_text()
        new = {key: ELSEWHERE[0], "username": "li", "password": "sesame"}
        assert (await technician.patch(gate, json=new)).status_code == 204
        assert "hunter2" not in file.read_text()


async def test_an_address_moves_freely_where_no_password_is_kept_or_it_goes(tmp_path: Path) -> None:
    async with with_site(tmp_path, SITE) as (box, file):
        technician = await box.as_role(Role.TECHNICIAN)
        for name in ("pit", "gate"):
            change = {"url": ELSEWHERE[0], **({"username": ""} if name == "gate" else {})}
            answer = await technician.patch(f"/api/v1/setup/cameras/{name}", json=change)
            assert answer.status_code == 204, answer.text
        assert "hunter2" not in file.read_text()
