"""Every endpoint, for nobody, for each role and for each scope: nothing is open that should not be."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.accounts.roles import MATRIX, Act, Role
from edge.api.gate import OPEN
from tests.support.consoles import ApiBox, api_box

# What an endpoint asks for, said out loud: a new one, or another right, is a change of this table.
ENDPOINTS = {
    "POST /api/v1/login": OPEN,
    "POST /api/v1/first-start": OPEN,
    "POST /api/v1/logout": Act.OWN,
    "GET /api/v1/me": Act.OWN,
    "POST /api/v1/password": Act.OWN,
    "GET /api/v1/users": Act.ACCOUNTS,
    "POST /api/v1/users": Act.ACCOUNTS,
    "PATCH /api/v1/users/{name}": Act.ACCOUNTS,
    "GET /api/v1/tokens": Act.ACCOUNTS,
    "POST /api/v1/tokens": Act.ACCOUNTS,
    "DELETE /api/v1/tokens/{name}": Act.ACCOUNTS,
    "GET /api/v1/status": Act.SEE,
    "GET /api/v1/cameras": Act.SEE,
    "GET /api/v1/changes": Act.SEE,
    "GET /api/v1/events": Act.SEE,
    "GET /api/v1/events/{event_id}": Act.SEE,
    "GET /api/v1/events/{event_id}/files/{n}": Act.SEE,
    "GET /api/v1/cases": Act.SEE,
    "GET /api/v1/cases/{event_id}": Act.SEE,
    "POST /api/v1/cases/{event_id}/{verb}": Act.ANSWER,
    "POST /api/v1/orders/{name}": Act.ORDER,
    "GET /api/v1/config": Act.CONFIG,
    "POST /api/v1/evidence/export": Act.EXPORT,
    "GET /api/v1/audit": Act.AUDIT,
    "GET /api/v1/health/samples": Act.SEE,
    "GET /api/v1/health/doctor": Act.CONFIG,
    "GET /api/v1/map": Act.SEE,
    "GET /api/v1/map/events": Act.SEE,
    "GET /api/v1/ground": Act.SETUP,
    "POST /api/v1/ground/fit": Act.SETUP,
    "POST /api/v1/ground/points": Act.SETUP,
    "POST /api/v1/parcels": Act.SETUP,
    "DELETE /api/v1/parcels/{layer}": Act.SETUP,
    "GET /api/v1/cameras/{name}/still": Act.SEE,
    "POST /api/v1/pass": Act.SEE,
    "GET /api/v1/setup/cameras": Act.CONFIG,
    "POST /api/v1/setup/cameras": Act.SETUP,
    "PATCH /api/v1/setup/cameras/{name}": Act.SETUP,
    "DELETE /api/v1/setup/cameras/{name}": Act.SETUP,
    "POST /api/v1/setup/discover": Act.SETUP,
    "POST /api/v1/setup/try": Act.SETUP,
    "GET /api/v1/setup/zones/{name}": Act.CONFIG,
    "POST /api/v1/setup/zones/{name}": Act.SETUP,
    "POST /api/v1/setup/zones/{name}/try": Act.SETUP,
    "GET /api/v1/site": Act.CONFIG,
    "POST /api/v1/site": Act.SETUP,
    "POST /api/v1/site/check": Act.CONFIG,
    "GET /api/v1/site/history": Act.CONFIG,
    "GET /api/v1/site/history/{ident}": Act.CONFIG,
    "POST /api/v1/site/history/{ident}/back": Act.SETUP,
}
BESIDE = {"GET /api/docs": Act.OWN, "GET /api/openapi.json": Act.OWN, "GET /metrics": Act.METRICS}
_VALUES = {"verb": "close", "n": "0"}


async def asked(client: httpx.AsyncClient, endpoint: str, **more: Any) -> int:
    """The status of its answer; what it asks for is not there, or is not right, where somebody may ask."""
    method, path = endpoint.split()
    path = re.sub(r"\{(\w+)\}", lambda match: _VALUES.get(match[1], "nothing"), path)
    if method != "GET":
        more = {"json": {"unknown": 1}, **more}
    return (await client.request(method, path, **more)).status_code


async def routes(box: ApiBox) -> dict[str, str]:
    """As the application itself tells them."""
    admin = await box.as_role(Role.ADMIN)
    paths = (await admin.get("/api/openapi.json")).json()["paths"]
    return {
        f"{method.upper()} {path}": told["x-right"]
        for path, methods in paths.items()
        for method, told in methods.items()
    }


async def test_what_answers_with_nothing_says_so(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        paths = (await admin.get("/api/openapi.json")).json()["paths"]
        told = paths["/api/v1/setup/zones/{name}"]["post"]["responses"]
        assert set(told) & {"200", "201", "204"} == {"204"}
        assert "content" not in told["204"]


async def test_the_table_is_complete_and_nothing_answers_strangers(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        assert await routes(box) == ENDPOINTS
        stranger = box.stranger()
        for endpoint, right in {**ENDPOINTS, **BESIDE}.items():
            status = await asked(stranger, endpoint)
            assert status == (422 if right == OPEN else 401), endpoint
            headers = {"Authorization": "Bearer nobody's", "Cookie": "__Host-sandwatch=nobody's"}
            if right != OPEN:
                assert await asked(stranger, endpoint, headers=headers) == 401, endpoint
        assert (await stranger.get("/healthz")).status_code == 200
        for path in ("/api", "/api/", "/api/v1", "/docs", "/openapi.json", "/api/v1/nothing", "/redoc"):
            assert (await stranger.get(path)).status_code == 404, path


@pytest.mark.parametrize("role", Role)
async def test_every_endpoint_for_every_role(tmp_path: Path, role: Role) -> None:
    async with api_box(tmp_path) as box:
        client, token = box.stranger(), {"Authorization": f"Bearer {await box.bearing(role, *Act)}"}
        for endpoint, right in {**ENDPOINTS, **BESIDE}.items():
            if right == OPEN or "changes" in endpoint:
                continue
            status = await asked(client, endpoint, headers=token)
            assert (status == 403) is (Act(right) not in MATRIX[role]), f"{role} {endpoint}: {status}"
            assert status not in (401, 500), endpoint


async def test_every_endpoint_for_every_scope(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        stranger = box.stranger()
        for act in Act:
            token = {"Authorization": f"Bearer {await box.bearing(Role.ADMIN, act)}"}
            for endpoint, right in {**ENDPOINTS, **BESIDE}.items():
                if right == OPEN or "changes" in endpoint or endpoint.endswith("/password"):
                    continue
                status = await asked(stranger, endpoint, headers=token)
                # Orders are carried out by permission too, and config.get is one.
                ordered = endpoint == "GET /api/v1/config"
                assert (status == 403) is (right != act or ordered), f"{act} {endpoint}: {status}"


async def test_a_changing_request_has_to_come_from_our_page(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        right = admin.headers.pop("X-Sandwatch-CSRF")
        for forged in ({}, {"X-Sandwatch-CSRF": ""}, {"X-Sandwatch-CSRF": "0" * 64}):
            for endpoint, act in ENDPOINTS.items():
                if act != OPEN and not endpoint.startswith("GET"):
                    assert await asked(admin, endpoint, headers=forged) == 403, endpoint
        answer = await admin.post("/api/v1/logout", headers={"X-Sandwatch-CSRF": right})
        assert answer.status_code == 204


async def test_every_answer_has_the_headers_that_browsers_obey(tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        admin = await box.as_role(Role.ADMIN)
        for path in ("/api/docs", "/api/v1/me", "/api/v1/events/nothing", "/metrics", "/healthz", "/nothing"):
            headers = (await admin.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"], path
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
