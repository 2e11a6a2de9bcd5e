"""The HTTP server as the daemon runs it: on its loop, within limits, and gone when it is told to go."""

import asyncio
import contextlib
import logging
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from edge.settings.web import HttpSettings, HttpTls, leaves_the_box
from edge.web import WebRefused, WebService
from relay.http.app import application
from tests.support.certificates import self_signed
from tests.support.exchange import DUTY, a_box, served


async def test_it_is_well_and_tells_nothing_else() -> None:
    async with served(application([])) as (url, _), httpx.AsyncClient(base_url=url, timeout=60) as client:
        answer = await client.get("/healthz")
        assert answer.json() == {"status": "ok"}
        assert "server" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        nothing = await client.get("/nothing")
        assert nothing.status_code == 404
        assert nothing.json()["code"] == "http.not_found"


async def test_signals_stay_the_daemons() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    async with served(application([])):
        assert {number: signal.getsignal(number) for number in before} == before


async def test_over_tls(tmp_path: Path) -> None:
    self_signed(tmp_path, "box")
    files = HttpTls(cert_file=tmp_path / "box.crt", key_file=tmp_path / "box.key")
    context = ssl.create_default_context(cafile=tmp_path / "box.crt")
    context.check_hostname = False
    async with (
        served(application([]), files) as (url, _),
        httpx.AsyncClient(base_url=url, verify=context, timeout=60) as client,
    ):
        assert url.startswith("https://")
        assert (await client.get("/healthz")).status_code == 200


async def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    async with served(application([])) as (_, port):
        with pytest.raises(WebRefused) as refused:
            await WebService(HttpSettings(listen=f"127.0.0.1:{port}"), application([])).run()
        assert refused.value.problem.code == "web.listen"
    files = HttpTls(cert_file=tmp_path / "no.crt", key_file=tmp_path / "no.key")
    with pytest.raises(WebRefused) as refused:
        await WebService(HttpSettings(tls=files), application([])).run()
    assert refused.value.problem.code == "web.certificate"


async def test_an_answer_under_way_is_finished_when_it_stops() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        begun.set()
        await go_on.wait()
        return PlainTextResponse("done")

    async with httpx.AsyncClient(timeout=60) as client:
        async with served(application([Route("/slow", slow)])) as (url, _):
            asking = asyncio.create_task(client.get(f"{url}/slow"))
            await begun.wait()
            asyncio.get_running_loop().call_later(0.2, go_on.set)
        assert (await asking).text == "done"


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*"])
async def test_a_page_that_listens_ends_quietly_when_it_stops(
    accept: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As a stream at once, as any other answer after the goodbye."""
    monkeypatch.setattr("edge.web._GOODBYE", 60 if accept == "text/event-stream" else 0.1)

    async def told() -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        await asyncio.Event().wait()

    async def changes(_request: Request) -> Response:
        return StreamingResponse(told(), media_type="text/event-stream")

    async with asyncio.timeout(60), served(application([Route("/changes", changes)])) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /changes HTTP/1.1\r\nHost: box\r\nAccept: {accept}\r\n\r\n".encode())
        await reader.readuntil(b"retry")
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()
    assert complaints(caplog) == []


async def test_what_takes_too_long_is_cut_off_quietly_when_it_stops(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.web._GOODBYE", 0.1)
    begun = asyncio.Event()

    async def for_ever(_request: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        return PlainTextResponse("done")

    async with httpx.AsyncClient(timeout=30) as client:
        async with asyncio.timeout(60), served(application([Route("/slow", for_ever)])) as (url, _):
            asking = asyncio.create_task(client.get(f"{url}/slow"))
            await begun.wait()
        with pytest.raises(httpx.TransportError):
            await asking
    assert complaints(caplog) == []


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


async def test_when_it_stops_it_is_gone() -> None:
    async with served(application([])) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
    async with asyncio.timeout(10):  # by itself it would keep the connection for half as long again
        await reader.read()
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_second_request_has_its_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.web._REQUEST", 0.3)
    async with served(application([])) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n")
        assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


async def test_who_sends_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.web._REQUEST", 3.0)  # later than the body's, on a loaded machine too
    monkeypatch.setattr("relay.http.body._PATIENCE", 0.1)
    head = b"POST /whip/talk/huangzhuang/body HTTP/1.1\r\nHost: box\r\n"
    token = f"Authorization: Bearer {DUTY}\r\n".encode()
    body = b"Content-Type: application/sdp\r\nContent-Length: 1000\r\n\r\nv=0"
    async with a_box() as box:
        parts = (b"", head, head + token + body)
        silent, half_a_head, half_a_body = await asyncio.gather(*(_sent(box.port, each) for each in parts))
        assert silent == b""
        assert half_a_head == b""
        assert half_a_body.startswith(b"HTTP/1.1 408 ")
        assert len(box.sessions) == 0


async def test_a_body_nobody_reads_does_not_hold_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused for its token, and goes on sending."""
    monkeypatch.setattr("edge.web._REQUEST", 0.3)
    head = b"POST /whip/talk/huangzhuang/body HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with a_box() as box:
        reader, writer = await asyncio.open_connection("127.0.0.1", box.port)
        writer.write(head)
        async with asyncio.timeout(60):
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401 ")
            with contextlib.suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(b"1\r\nx\r\n")
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(4096), 0.05)
        writer.close()


async def test_a_head_without_end_is_refused() -> None:
    async with served(application([])) as (_, port):
        answer = await _sent(port, b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 40_000)
        assert answer.startswith(b"HTTP/1.1 400 ")


async def _sent(port: int, data: bytes) -> bytes:
    """What comes back until the other end hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = b""
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(4096):
                answer += more
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("listen", "leaves"),
    [
        ("127.0.0.1:8480", False),
        ("[::1]:1", False),
        ("localhost:1", False),
        ("0.0.0.0:8443", True),
        ("box:1", True),
    ],
)
def test_who_can_connect(listen: str, leaves: bool) -> None:
    assert leaves_the_box(listen) is leaves
