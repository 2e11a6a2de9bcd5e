"""What stands where the camera should be, and lines that fail."""

import threading

import pytest

from streams import errors
from streams.errors import StreamError
from streams.sources.rtsp import Spec, build
from tests.support import faults
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK, Started
from tests.support.sinks import Collector, eventually

SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 {codec}/90000\r\n"
)


def spec(url: str, *, connect: float = 20.0, read: float = 10.0) -> Spec:
    """Patient by default: a loaded machine is not a broken camera."""
    return Spec.model_validate(
        {"url": url, "connect_timeout": connect, "read_timeout": read, "allow_networks": LOOPBACK}
    )


def failure(url: str, timeout: float = 20.0) -> StreamError:
    sink = Collector()
    with pytest.raises(StreamError) as caught:
        build(spec(url, connect=timeout, read=timeout)).run(sink, sink.stop)
    assert sink.frames == []
    return caught.value


SILENT = (errors.ConnectTimeout, errors.Stalled, errors.UnsupportedCodec)
"""What only time tells."""


@pytest.mark.parametrize(
    ("handler", "expected", "detail"),
    [
        (faults.black_hole, errors.ConnectTimeout, None),
        (faults.hangs_up, errors.Unreachable, errors.HUNG_UP),
        (faults.web_page, errors.NotRtsp, None),
        (faults.shell, errors.NotRtsp, None),
        (faults.answers("400 Bad Request"), errors.Refused, None),
        (faults.answers("401 Unauthorized"), errors.Unauthorized, None),
        (faults.answers("403 Forbidden"), errors.Unauthorized, None),
        (faults.answers("404 Not Found"), errors.NotFound, None),
        (faults.answers("461 Unsupported Transport"), errors.Refused, None),
        (faults.answers("503 Service Unavailable"), errors.Busy, None),
        (faults.camera(SDP.format(codec="X-VENDOR")), errors.UnsupportedCodec, None),
        (faults.camera(SDP.format(codec="H264")), errors.Stalled, None),
    ],
)
def test_what_answers_on_the_port(
    handler: faults.Handler, expected: type[StreamError], detail: object
) -> None:
    with faults.Server(handler) as server:
        error = failure(server.url, 4.0 if expected in SILENT else 20.0)
    assert type(error) is expected
    assert error.detail == detail


def test_a_silent_port_behind_tls() -> None:
    with faults.Server(faults.black_hole) as server:
        assert isinstance(failure(server.url.replace("rtsp:", "rtsps:"), 2.0), errors.ConnectTimeout)


def test_a_closed_port() -> None:
    with faults.closed_port() as port:
        error = failure(f"rtsp://127.0.0.1:{port}/cam")
    assert isinstance(error, errors.Unreachable)
    assert error.detail == errors.CLOSED


def test_a_name_that_does_not_exist() -> None:
    error = failure("rtsp://no-such-camera.invalid/cam")
    assert isinstance(error, errors.Unreachable)
    assert error.detail == errors.NO_NAME


def test_a_camera_that_loses_power() -> None:
    sink = Collector()
    with RtspServer() as camera:
        failed = Started(build(spec(camera.url)), sink)
        eventually(lambda: len(sink.frames) > 3)
        camera.kill()
        assert isinstance(failed(), errors.EndOfStream)


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_a_line_that_falls_silent(codec: str) -> None:
    """With a parser (H.264) and without one (MJPEG) FFmpeg tells its time-outs differently."""
    sink = Collector()
    with RtspServer(codec=codec) as camera, FaultyLine(camera.port) as line:
        failed = Started(build(spec(line.url, read=6.0)), sink)
        eventually(lambda: len(sink.frames) > 3)
        line.stall()
        assert isinstance(failed(), errors.Stalled)


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_a_pause_shorter_than_the_time_out_is_survived(codec: str) -> None:
    sink = Collector()
    with RtspServer(codec=codec) as camera, FaultyLine(camera.port) as line:
        failed = Started(build(spec(line.url, read=12.0)), sink)
        eventually(lambda: len(sink.frames) > 3)
        line.stall()
        threading.Event().wait(7.0)  # past FFmpeg's own wait of half the time-out
        line.resume()
        seen = len(sink.frames)
        eventually(lambda: len(sink.frames) > seen + 20)
        sink.stop.set()
        assert failed() is None


def test_stopping_while_the_line_is_silent() -> None:
    sink = Collector()
    with RtspServer() as camera, FaultyLine(camera.port) as line:
        failed = Started(build(spec(line.url, read=10.0)), sink)
        eventually(lambda: len(sink.frames) > 3)
        line.stall()
        sink.stop.set()
        assert failed() is None


def test_a_bug_in_the_sink_is_not_taken_for_a_bad_camera() -> None:
    class Bug(Collector):
        def packet(self, _: object) -> None:
            raise ZeroDivisionError

    sink = Bug()
    with RtspServer() as camera, pytest.raises(ZeroDivisionError):
        build(spec(camera.url)).run(sink, sink.stop)
