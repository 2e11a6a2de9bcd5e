import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from streams import errors
from streams.camera import Camera, Plumbing
from streams.eye import Gaze
from streams.frame import Frame
from streams.latest import Latest
from streams.reader import CameraReport, CameraState
from streams.retry import Ladder
from streams.source import Sink, Source, StreamInfo
from streams.sources import file, rtsp
from tests.support import faults
from tests.support.clips import make_clip
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK
from tests.support.sinks import PATIENCE, eventually

CONNECTING, LIVE, RETRYING = CameraState.CONNECTING, CameraState.LIVE, CameraState.RETRYING


def camera(url: str, read_timeout: float = 15) -> Callable[[], Source]:
    """Patient: a loaded machine is not a broken camera."""
    spec = rtsp.Spec(
        url=SecretStr(url), connect_timeout=15, read_timeout=read_timeout, allow_networks=LOOPBACK
    )
    return lambda: rtsp.build(spec)


class Watched:
    """A camera with everything it told."""

    def __init__(self, connect: Callable[[], Source], fps: float = 5, fatal: float = 0.2) -> None:
        self.reports: list[CameraReport] = []
        self.slot: Latest[Frame] = Latest()
        ladder = Ladder(Random(1), first=0.1, cap=0.2, fatal=fatal)
        self.camera = Camera(
            "gate",
            connect,
            self.slot,
            report=self.reports.append,
            plumbing=Plumbing(Gaze(fps=fps)),
            ladder=ladder,
        )

    @property
    def states(self) -> list[CameraState]:
        """Without repetition of the same state."""
        states = [report.state for report in self.reports]
        return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]

    @property
    def codes(self) -> list[str]:
        return [report.problem.code for report in self.reports if report.problem]

    @property
    def code(self) -> str | None:
        problem = self.reports[-1].problem if self.reports else None
        return problem.code if problem else None


@contextmanager
def reading(connect: Callable[[], Source], **settings: float) -> Iterator[Watched]:
    with running(Watched(connect, **settings)) as watched:
        yield watched


@contextmanager
def running(watched: Watched) -> Iterator[Watched]:
    watched.camera.start()
    try:
        yield watched
    finally:
        watched.camera.stop()
        assert watched.camera.join(PATIENCE)


def test_a_camera_that_goes_away_and_comes_back() -> None:
    with RtspServer(port=free_port()) as server, reading(camera(server.url)) as watched:
        eventually(lambda: watched.camera.statistics().eye.analysed > 3)
        server.kill()
        eventually(lambda: watched.code == "camera.unreachable")
        seen = watched.camera.statistics().eye
        server.start()
        eventually(lambda: watched.camera.statistics().eye.pictures > seen.pictures + 5)
        statistics = watched.camera.statistics()
    assert watched.states == [CONNECTING, LIVE, RETRYING, LIVE]
    assert watched.codes[0] == "camera.ended"
    assert set(watched.codes[1:]) <= {"camera.unreachable", "camera.ended"}
    assert watched.reports[-1].info is not None
    assert replace(watched.reports[-1].info, extradata=b"") == StreamInfo("h264", 320, 240, 10.0)
    assert all(report.retry_in is not None for report in watched.reports if report.state is RETRYING)
    assert statistics.reader.reconnects >= 1
    assert statistics.eye.pictures > statistics.eye.analysed > 0


def test_a_line_that_stalls_and_recovers() -> None:
    """A busy machine may stall it once more: the time-out is short."""
    with (
        RtspServer() as server,
        FaultyLine(server.port) as line,
        reading(camera(line.url, read_timeout=3)) as watched,
    ):
        eventually(lambda: LIVE in watched.states)
        line.stall()
        eventually(lambda: watched.code == "camera.stalled")
        line.resume()
        eventually(lambda: watched.states[-1] is LIVE)
        line.cut()
        eventually(lambda: "camera.ended" in watched.codes)
        eventually(lambda: watched.states[-1] is LIVE)
    assert set(watched.states[1:]) == {LIVE, RETRYING}
    assert watched.camera.statistics().reader.stalls >= 1


def test_the_newest_picture_waits_and_the_others_are_counted() -> None:
    with RtspServer() as server, reading(camera(server.url), fps=100) as watched:
        eventually(lambda: watched.camera.statistics().eye.pictures >= 10)
    statistics = watched.camera.statistics()
    newest = watched.slot.take()
    assert newest is not None
    assert newest.time == statistics.eye.last
    assert statistics.dropped == statistics.eye.analysed - 1


def test_a_wrong_password_is_refused_and_tried_seldom() -> None:
    with (
        faults.Server(faults.answers("401 Unauthorized")) as server,
        reading(camera(server.url), fatal=600) as watched,
    ):
        eventually(lambda: watched.code == "camera.unauthorized")
    assert watched.states == [CONNECTING, CameraState.REFUSED]
    assert (watched.reports[-1].retry_in or 0) >= 300
    assert watched.camera.statistics().reader.reconnects == 0


def test_a_trouble_that_lasts_is_reported_at_every_try() -> None:
    with faults.closed_port() as port, reading(camera(f"rtsp://127.0.0.1:{port}/cam")) as watched:
        eventually(lambda: len(watched.reports) > 4)
    problems = [report.problem for report in watched.reports[1:]]
    assert all(problem is not None and "the port is closed" in problem.say("en") for problem in problems)


def test_a_recorded_source_finishes(tmp_path: Path) -> None:
    spec = file.Spec(path=make_clip(tmp_path / "clip.mp4"), pace="real")
    watched = Watched(lambda: file.build(spec))
    with running(watched):
        eventually(lambda: watched.states == [CONNECTING, LIVE, CameraState.FINISHED])
    statistics = watched.camera.statistics().eye
    assert (statistics.pictures, statistics.analysed) == (20, 10)


def test_stopping_does_not_wait_for_the_next_try() -> None:
    with faults.Server(faults.answers("404 Not Found")) as server:
        watched = Watched(camera(server.url), fatal=3600)
        watched.camera.start()
        eventually(lambda: watched.code == "camera.not_found")
        watched.camera.stop()
        assert watched.camera.join(PATIENCE)
    assert watched.states == [CONNECTING, CameraState.REFUSED]


class Defect:
    live, where = True, "h:1"

    def run(self, sink: Sink, stop: threading.Event) -> None:
        raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    surfaced: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda failure: surfaced.append(failure.exc_type))
    with running(watched := Watched(Defect)):
        eventually(lambda: watched.states == [CONNECTING, CameraState.FAILED])
    assert surfaced == [ZeroDivisionError]


class Scripted:
    """Fails as told, then runs until stopped."""

    live, where = True, "h:1"

    def __init__(self, failures: list[errors.StreamError]) -> None:
        self._failures = failures

    def run(self, sink: Sink, stop: threading.Event) -> None:
        if self._failures:
            raise self._failures.pop(0)
        stop.wait()


def test_each_try_gets_a_source_of_its_own() -> None:
    failures: list[errors.StreamError] = [errors.Stalled("h:1"), errors.NotFound("h:1"), errors.Busy("h:1")]
    built: list[Scripted] = []

    def connect() -> Source:
        built.append(Scripted(failures))
        return built[-1]

    with reading(connect) as watched:
        eventually(lambda: len(built) == 4)
    assert len(set(map(id, built))) == 4
    assert watched.states == [CONNECTING, RETRYING, CameraState.REFUSED, RETRYING]
