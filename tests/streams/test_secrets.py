"""A camera's password is in no report, log line, exception or traceback, whatever goes wrong."""

import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from random import Random

import pytest
from structlog.testing import capture_logs

from streams.errors import StreamError
from streams.reader import CameraReport, Reader
from streams.retry import Ladder
from streams.source import NullSink
from streams.sources.rtsp import Spec, build
from tests.support import faults
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK
from tests.support.sinks import PATIENCE, Collector, eventually

SECRET = "hunter2"
PATIENT = {"connect_timeout": 20, "read_timeout": 20, "allow_networks": LOOPBACK}


@contextmanager
def trouble(kind: str) -> Iterator[str]:
    """host:port/path of something that fails."""
    with ExitStack() as stack:
        match kind:
            case "login":
                yield stack.enter_context(RtspServer(login="admin:other")).place
            case "path":
                port = stack.enter_context(RtspServer()).port
                yield f"127.0.0.1:{port}/other"
            case "closed":
                yield f"127.0.0.1:{stack.enter_context(faults.closed_port())}/cam"
            case "silent":
                yield f"127.0.0.1:{stack.enter_context(faults.Server(faults.black_hole)).port}/cam"
            case "web":
                yield f"127.0.0.1:{stack.enter_context(faults.Server(faults.web_page)).port}/cam"
            case "redirect":
                to = f"rtsp://admin:{SECRET}@169.254.169.254/x?token={SECRET}"
                yield f"127.0.0.1:{stack.enter_context(faults.Server(faults.redirects(to))).port}/cam"
            case _:
                yield "no-such-camera.invalid/cam"


def told(error: BaseException) -> str:
    seen = [repr(error), str(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    assert error.__cause__ is None
    assert error.__context__ is None
    return "\n".join(seen)


@pytest.mark.parametrize("kind", ["login", "path", "closed", "silent", "web", "name", "redirect"])
@pytest.mark.parametrize("place", ["in the url", "beside it"])
def test_a_failure_does_not_tell_the_password(kind: str, place: str) -> None:
    with trouble(kind) as camera, capture_logs() as logs:
        inside = {"url": f"rtsp://admin:{SECRET}@{camera}"}
        beside = {"url": f"rtsp://{camera}?password={SECRET}", "username": "admin", "password": SECRET}
        brief = {"connect_timeout": 0.5} if kind in ("silent", "name") else {}  # what time alone may tell
        spec = Spec.model_validate({**(inside if place == "in the url" else beside), **PATIENT, **brief})
        sink = Collector()
        with pytest.raises(StreamError) as caught:
            build(spec).run(sink, sink.stop)
        error = caught.value
        reports = reported(spec)
    everything = f"{told(error)} {error.problem('gate')} {reports} {logs} {spec!r} {spec.model_dump_json()}"
    assert SECRET not in everything
    assert (camera.split("/")[0] if kind != "redirect" else "169.254.169.254:554") in str(error)


def reported(spec: Spec) -> list[CameraReport]:
    reports: list[CameraReport] = []
    reader = Reader(
        "gate",
        lambda: build(spec),
        NullSink(),
        check=lambda _: None,
        report=reports.append,
        ladder=Ladder(Random(1)),
    )
    reader.start()
    eventually(lambda: any(report.problem for report in reports))
    reader.stop()
    assert reader.join(PATIENCE)
    return reports


def test_a_lost_stream_does_not_tell_the_password() -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            build(spec).run(sink, sink.stop)
        except StreamError as error:
            failed.append(error)

    sink = Collector()
    with RtspServer(login=f"admin:{SECRET}") as server:
        spec = Spec.model_validate({"url": server.url, **PATIENT})
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        eventually(lambda: len(sink.frames) > 3)
        server.kill()
        thread.join(PATIENCE)
    assert len(failed) == 1
    assert SECRET not in told(failed[0])
