"""What a hostile client sends: refused, in words, within bounds, and never a failure of ours."""

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.accounts.roles import Act, Role
from relay.http.app import application
from tests.support.consoles import api_box, nested
from tests.support.exchange import served

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("login", b"x" * 5000, JSON, 413),
        ("login", b"{}", {"Content-Type": "text/plain"}, 415),
        ("login", b"name=wang&password=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("login", b"\xff\xfe", JSON, 400),
        ("login", b"{", JSON, 400),
        ("login", b"", JSON, 422),
        ("login", b"[]", JSON, 422),
        ("login", nested(1900).encode(), JSON, 400),
        ("login", b'{"name": NaN, "password": "x"}', JSON, 400),
        ("login", b'{"name": "\\ud800", "password": "x"}', JSON, 400),
        ("login", b'{"name": "\\u0000", "password": "\\u0000"}', JSON, 401),
        ("orders/status", b'{"x": "' + b"x" * (1 << 20) + b'"}', JSON, 413),
        ("orders/status", f'{{"x": {nested(100_000)}}}'.encode(), JSON, 400),
        ("orders/status", b"1" * 5000, JSON, 400),
    ],
)
async def test_bodies(
    tmp_path: Path, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    async with api_box(tmp_path) as box:
        bearer = {"Authorization": f"Bearer {await box.bearing(Role.ADMIN, *Act)}"}
        answer = await box.stranger().post(f"/api/v1/{path}", content=content, headers={**headers, **bearer})
        assert answer.status_code == status, answer.text
        assert set(answer.json()) >= {"code", "en", "zh"}
        assert len(answer.content) < 2000


_TEXT = st.text(max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_FIELDS = "id name password role cameras scopes until since cases talk unit officers deadline finding grade camera v"
_KEYS = st.sampled_from(_FIELDS.split())
_BODIES = st.dictionaries(_KEYS | _TEXT, _JSON, max_size=6) | _JSON
_QUERIES = st.dictionaries(
    st.sampled_from(
        ["camera", "type", "phase", "since", "until", "before", "most", "which", "who", "command"]
    ),
    _TEXT,
    max_size=3,
)
_PARTS = st.text("abz09-._~%/\\\x00\r\n é测", min_size=1, max_size=12) | st.sampled_from(
    ["status", "close", "0", "-1"]
)


async def test_whatever_is_asked_nothing_fails(tmp_path: Path) -> None:
    """Over every endpoint the API tells of, with bodies, queries and names of all sorts."""
    asked: list[tuple[str, dict[str, str], Any]] = []

    @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(_PARTS, _QUERIES, _BODIES)
    def draw(part: str, query: dict[str, str], body: Any) -> None:
        asked.append((quote(part, safe="/%."), query, body))

    draw()
    async with api_box(tmp_path) as box:
        client = box.stranger()
        client.headers["Authorization"] = f"Bearer {await box.bearing(Role.ADMIN, *Act)}"
        told = (await client.get("/api/openapi.json")).json()["paths"]
        seen = set()
        for path, methods in told.items():
            if path.endswith("/changes"):  # never ends, by design
                continue
            named = path.replace("{verb}", "close").replace("{n}", "0")
            for part, query, body in asked:
                target = re.sub(r"\{\w+\}", lambda _, part=part: part, named)  # type: ignore[misc]
                for method in methods:
                    more: dict[str, Any] = (
                        {} if method == "get" else {"content": _dumped(body), "headers": JSON}
                    )
                    answer = await client.request(method.upper(), target, params=query, **more)
                    seen.add(answer.status_code)
                    assert answer.status_code < 500, (method, target, query, body, answer.text)
        assert {200, 404, 422} <= seen


def _dumped(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "replace")


async def test_connections_that_say_nothing_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.web._HELD", 20)
    async with served(application([])) as (_, port):
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        async with asyncio.timeout(60):
            closed = 0
            for reader, _writer in opened[:40]:  # the eldest
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                closed += 1
        assert closed == 40
        opened[-1][1].write(b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n")
        assert (await opened[-1][0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
        for _, writer in opened:
            writer.close()
