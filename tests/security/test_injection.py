"""What strangers choose (names, headers, topics, answers) begins no line of the journal, steers no terminal and splits no
HTTP answer."""

import asyncio
import io
import json
import sys
from datetime import UTC
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from typer.testing import CliRunner

from edge import logs
from edge.accounts.file import FILE, AccountsFile
from edge.cli_events import _each
from edge.cli_users import app as users
from edge.settings.finding import SettingsError
from edge.settings.loader import load_text
from edge.tail import Event, Filter, line
from relay.http.app import application
from streams.onvif.discovery import matches
from tests.support.consoles import api_box
from tests.support.exchange import served

NASTY = [
    "gate\r\nSet-Cookie: evil=1",
    'gate\n{"event":"daemon.stopping","level":"info"}',
    "gate\x00",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b2J",
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "\u2028gate\u2029",
    "\x85gate",
    "\u202egate",
    "gate\x7f\x08\x08\x08\x08",
]
STEERING = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E)}


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("nasty", NASTY)
def test_a_log_line_stays_one_harmless_line(
    form: logs.Format, nasty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    logs.configure("info", form)
    structlog.get_logger().warning("camera.retrying", camera=nasty, problem=f"{nasty}: away")
    said = heard.getvalue()
    assert said.endswith("\n")
    assert not STEERING & set(said[:-1])
    assert len(said.splitlines()) == 1
    if form == "json":
        assert json.loads(said)["event"] == "camera.retrying"


@pytest.mark.parametrize("nasty", NASTY)
def test_names_of_a_site_file_are_names(nasty: str) -> None:
    text = (
        'site: {id: pit, area: "410122"}\nbroker: {url: mqtts://broker.test}\ndetector: {kind: fake}\n'
        f"streams: [{{name: {json.dumps(nasty)}, url: 'rtsp://192.168.1.64/cam'}}]\n"
    )
    with pytest.raises(SettingsError) as refused:
        load_text(text, "site.yaml", {})
    for each in refused.value.findings:
        assert not STEERING & set(each.say("en") + each.say("zh"))


@pytest.mark.parametrize("nasty", NASTY)
def test_an_event_on_a_terminal(nasty: str) -> None:
    shown: list[str] = []

    def show(topic: str, event: Event) -> None:
        shown.append(line(topic, event, UTC, "en"))

    data = dict.fromkeys(("camera", "zone", "phase", "severity", "seq", "by", "reason"), nasty)
    whole = {"type": nasty, "time": "2026-05-01T00:00:00Z", "data": data}
    odd: list[Event] = [
        {"time": nasty},
        {"data": nasty},
        {"data": {"objects": 7}},
        {"data": {"objects": [{"score": nasty}]}},
    ]
    for topic in ("sandwatch/v1/41/4101/410122/pit/event", f"sandwatch/{nasty}", nasty * 9):
        for event in (whole, *({**whole, **each} for each in odd)):
            _each(topic, json.dumps(event).encode(), Filter(), show)
    assert shown
    assert not STEERING & set("".join(shown))


@pytest.mark.parametrize("nasty", NASTY)
async def test_accounts_and_headers(nasty: str, tmp_path: Path) -> None:
    async with api_box(tmp_path) as box:
        client = box.stranger()
        for name in (nasty, nasty * 100):
            body = {"name": name, "password": nasty}
            answer = await client.post("/api/v1/login", json=body)
            assert answer.status_code in (401, 413, 422), answer.text
            assert "set-cookie" not in answer.headers
        headers = {"User-Agent": nasty, "Cookie": f"sandwatch={nasty}", "X-Forwarded-For": nasty}
        sent = {name.encode(): value.encode("utf-8") for name, value in headers.items()}
        answer = await client.get("/api/v1/events", headers=sent)
        assert answer.status_code == 401
        assert "evil" not in str(answer.headers)
        lines = (tmp_path / "accounts.jsonl").read_text().split("\n")
        assert lines.pop() == ""
        assert all(isinstance(json.loads(each), dict) for each in lines)
        assert not [each for each in lines if STEERING & set(each)]


async def test_raw_headers_split_nothing() -> None:
    """Bare CR, NUL and folded lines, as no client library would send them."""
    async with served(application([])) as (_, port):
        for bad in (b"X: a\rSet-Cookie: evil=1", b"X: a\x00b", b"X : a", b"X: a\r\n evil", b"\x1b[2J: a"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: box\r\n" + bad + b"\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(60):
                said = await reader.read()
            assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
            assert b"evil" not in said
            assert b"\x1b" not in said
            writer.close()


@pytest.mark.parametrize("nasty", NASTY)
def test_an_account_is_not_called_so(nasty: str, tmp_path: Path) -> None:
    AccountsFile.open(tmp_path / FILE).close()
    added = CliRunner().invoke(
        users, ["add", nasty, f"--storage={tmp_path}"], input="three words suffice\n" * 2
    )
    assert added.exit_code != 0
    assert not (STEERING - {"\n"}) & set(added.output)


@pytest.mark.parametrize("nasty", NASTY)
def test_a_camera_that_is_found(nasty: str) -> None:
    """Anybody on the network may answer a search, under any name."""
    scopes = f"onvif://www.onvif.org/name/{quote(nasty)} onvif://www.onvif.org/hardware/{quote(nasty)}"
    answer = f"<e><ProbeMatch><Scopes>{scopes}</Scopes><XAddrs>http://192.168.1.64/</XAddrs></ProbeMatch></e>"
    [found] = matches(answer.encode(), "192.168.1.64")
    assert not STEERING & set(found.name + found.hardware)
