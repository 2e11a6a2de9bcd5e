"""Logging in: the first start, cookies, guessing, tokens, and what the log says of it."""

import json
from pathlib import Path

from edge.accounts.file import FILE, AccountsFile
from edge.accounts.roles import Act, Role
from tests.support.consoles import PASSWORD, api_box


def code_of(storage: Path) -> str:
    file = AccountsFile.beside(storage / FILE)
    found = file.first_code(0.0)
    file.close()
    assert found is not None
    return found[0]


async def test_the_first_start(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        box.parts.accounts.clock = lambda: 0.0
        stranger, asked = box.stranger(), {"name": "wang", "password": PASSWORD}
        wrong = await stranger.post("/api/v1/first-start", json={**asked, "code": "AAAA-BBBB-CCCC"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "account.wrong_code")
        weak = await stranger.post("/api/v1/first-start", json={**asked, "password": "short", "code": "x"})
        assert (weak.status_code, weak.json()["code"]) == (422, "account.password")
        code = code_of(tmp_path)
        begun = await stranger.post("/api/v1/first-start", json={**asked, "code": code})
        assert begun.status_code == 200
        assert begun.json()["role"] == "admin"
        assert (await stranger.get("/api/v1/me")).json()["name"] == "user:wang"
        again = await box.stranger().post("/api/v1/first-start", json={**asked, "name": "li", "code": code})
        assert (again.status_code, again.json()["code"]) == (409, "account.begun")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        await box.add("wang", Role.VIEWER)
        answer = await box.stranger().post("/api/v1/login", json={"name": "wang", "password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
        assert cookie.startswith("__host-sandwatch=")
        for word in ("httponly", "secure", "samesite=strict", "path=/"):
            assert word in cookie
        assert "domain" not in cookie


async def test_logging_out_ends_the_session_itself(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        client = await box.as_role(Role.VIEWER)
        kept = dict(client.cookies)
        assert (await client.get("/api/v1/me")).status_code == 200
        assert (await client.post("/api/v1/logout")).status_code == 204
        stolen = box.stranger()
        stolen.cookies.update(kept)
        assert (await stolen.get("/api/v1/me")).status_code == 401


async def test_guessing_ends_soon_and_tells_nothing(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        await box.add("wang", Role.VIEWER)
        guesser, seen = box.stranger("192.0.2.9"), []
        for name in ("wang", "nobody") * 6:
            answer = await guesser.post("/api/v1/login", json={"name": name, "password": "wrong"})
            seen.append((answer.status_code, answer.json()["code"]))
        assert seen == [(401, "account.wrong")] * 10 + [(429, "account.too_often")] * 2
        assert int(answer.headers["retry-after"]) > 800
        right = await guesser.post("/api/v1/login", json={"name": "wang", "password": PASSWORD})
        assert right.status_code == 429
        await box.entered("wang")  # from elsewhere, it goes on


async def test_what_strangers_type_is_neither_logged_nor_repeated(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        name = 'x\r\n{"who":"user:admin","outcome":"done"}'
        answer = await box.stranger().post(
            "/api/v1/login", json={"name": name, "password": "hunter2 hunter2"}
        )
        assert answer.status_code == 401
        assert "hunter2" not in answer.text
        assert "user:" not in answer.text
        (line,) = (tmp_path / "accounts.jsonl").read_text().splitlines()
        assert json.loads(line)["who"] == "user:"
        assert "hunter2" not in line


async def test_a_tokens_secret_is_told_once_and_can_be_revoked(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        asked = {"name": "prometheus", "role": "viewer", "scopes": ["metrics"]}
        made = await admin.post("/api/v1/tokens", json=asked)
        assert made.status_code == 201
        secret = made.json()["secret"]
        listed = await admin.get("/api/v1/tokens")
        assert listed.json()[0]["scopes"] == [Act.METRICS]
        assert secret not in listed.text
        bearer = {"Authorization": f"Bearer {secret}"}
        scraped = await box.stranger().get("/metrics", headers=bearer)
        assert 'sandwatch_camera_up{camera="gate"} 0.0' in scraped.text
        assert (await box.stranger().get("/api/v1/cameras", headers=bearer)).status_code == 403
        assert (await admin.delete("/api/v1/tokens/prometheus")).status_code == 204
        assert (await box.stranger().get("/metrics", headers=bearer)).status_code == 401


async def test_an_account_from_its_making_to_its_end(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        asked = {"name": "li", "password": PASSWORD, "role": "operator", "cameras": ["gate"]}
        assert (await admin.post("/api/v1/users", json=asked)).status_code == 201
        assert (await admin.post("/api/v1/users", json=asked)).status_code == 409
        li = await box.entered("li")
        assert (await li.get("/api/v1/me")).json()["cameras"] == ["gate"]
        other = {"old": PASSWORD, "new": "another three words"}
        assert (await li.post("/api/v1/password", json={**other, "old": "wrong"})).status_code == 401
        assert (await li.post("/api/v1/password", json=other)).status_code == 204
        assert (await li.get("/api/v1/me")).status_code == 401
        assert (await admin.patch("/api/v1/users/li", json={"disabled": True})).status_code == 204
        entering = {"name": "li", "password": "another three words"}
        assert (await box.stranger().post("/api/v1/login", json=entering)).status_code == 401
        assert (await admin.patch("/api/v1/users/admin", json={"disabled": True})).status_code == 409
        told = [(line["who"], line["command"]) for line in (await admin.get("/api/v1/audit")).json()]
        assert ("user:admin", "account.disable") in told
        assert ("user:li", "account.password") in told
