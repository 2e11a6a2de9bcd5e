"""Real senders: FFmpeg over RTMP and SRT."""

import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Event
from urllib.parse import urlsplit

import av
import pytest
from av.packet import Packet as AvPacket
from pydantic import ValidationError
from structlog.testing import capture_logs

from streams import errors
from streams.camera import Camera, Plumbing
from streams.latest import Latest
from streams.push import door, srt
from streams.reader import CameraReport, CameraState
from streams.retry import Ladder
from streams.source import Sink
from streams.sources import push
from streams.sources.push import Spec, build
from tests.support.clips import make_clip
from tests.support.running import Started
from tests.support.senders import KEY, RtmpClient, listens, running, sender, target
from tests.support.sinks import PATIENCE, Collector, eventually

BOTH = pytest.mark.parametrize("scheme", ["rtmp", "srt"])


def spec(listen: str, **settings: object) -> Spec:
    """Patient: a loaded machine is not a silent drone."""
    return Spec.model_validate({"listen": listen, "key": KEY, "read_timeout": "20s", **settings})


@contextmanager
def waiting(listen: str, enough: int | None = None, **settings: object) -> Iterator[tuple["Pilot", Started]]:
    """A source that waits, and is asked to stop in the end."""
    sink = Pilot(enough)
    started = begun(listen, sink, **settings)
    try:
        yield sink, started
    finally:
        sink.stop.set()
        started()


def begun(listen: str, sink: Collector, **settings: object) -> Started:
    """A source that listens by now."""
    started = Started(Patient(spec(listen, **settings)), sink)
    eventually(lambda: listen in push._doors)
    return started


class Pilot(Collector):
    """Keeps the telemetry as well."""

    def __init__(self, enough: int | None = None) -> None:
        super().__init__(enough)
        self.notes: list[tuple[str, bytes, float]] = []

    def metadata(self, codec: str, data: bytes, time: float) -> None:
        self.notes.append((codec, data, time))


class Patient:
    """Built again where nobody came yet, as the reader does."""

    live = True

    def __init__(self, settings: Spec) -> None:
        self._spec = settings
        self.where = build(settings).where

    def run(self, sink: Sink, stop: Event) -> None:
        try:
            build(self._spec).run(sink, stop)
        except errors.NobodyThere:
            build(self._spec).run(sink, stop)


@BOTH
def test_pictures_come_with_the_right_key(scheme: str) -> None:
    listen = listens(scheme)
    with waiting(listen, enough=12) as (sink, done), sender(listen):
        assert done() is None
    assert [(info.codec, info.width, info.height) for info in sink.infos] == [("h264", 160, 120)]
    assert len(sink.frames) == 12
    assert sink.packets[0].key
    assert sink.times == sorted(sink.times)
    assert abs(sink.times[-1] - time.time()) < PATIENCE


def test_sound_over_srt_comes_with_the_time_of_the_pictures() -> None:
    listen = listens("srt")
    with waiting(listen, enough=20) as (sink, done), sender(listen):
        assert done() is None
    said = sink.infos[0].sound
    assert said is not None
    assert (said.codec, said.rate) == ("aac", 44100)
    assert len(sink.sounds) > 20
    assert abs(sink.sounds[-1].time - sink.packets[-1].time) < 0.5


def test_h265_over_srt() -> None:
    listen = listens("srt")
    with waiting(listen, enough=3) as (sink, done), sender(listen, codec="libx265"):
        assert done() is None
    assert sink.infos[0].codec == "hevc"


@BOTH
@pytest.mark.parametrize("key", ["wrong-key", "", f"{KEY}x"])
def test_a_wrong_key_lets_nothing_through(scheme: str, key: str) -> None:
    listen = listens(scheme)
    with capture_logs() as logs, waiting(listen, enough=3) as (sink, done):
        with sender(listen, key) as wrong:
            eventually(lambda: any(entry["event"] == "push.refused" for entry in logs))
            wrong.wait(PATIENCE)
        assert sink.packets == []
        with sender(listen):
            assert done() is None
    refused = next(entry for entry in logs if entry["event"] == "push.refused")
    assert refused["sender"] == "127.0.0.1"
    assert refused["reason"] == "wrong stream key or path"
    assert KEY not in str(logs)
    assert "wrong-key" not in str(logs)


@BOTH
def test_a_second_sender_is_refused_while_one_is_live(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_SILENT", PATIENCE)  # the first one is live, however busy the machine is
    listen = listens(scheme)
    with capture_logs() as logs, waiting(listen) as (sink, done), sender(listen):
        eventually(lambda: len(sink.frames) > 3)
        with sender(listen) as second:
            eventually(lambda: any(entry.get("reason") == "another sender is live" for entry in logs))
            second.wait(PATIENCE)
        seen = len(sink.frames)
        eventually(lambda: len(sink.frames) > seen + 3)
        sink.stop.set()
        assert done() is None


@BOTH
def test_a_sender_that_goes_and_one_that_comes_again_larger(scheme: str) -> None:
    listen = listens(scheme)
    sink = Collector()
    # Nobody tells SRT's end that the other was killed; TCP's end the kernel tells.
    told = scheme == "rtmp"
    timeout = "20s" if told else "6s"
    first = begun(listen, sink, read_timeout=timeout)
    with sender(listen):
        eventually(lambda: len(sink.frames) > 3)
    assert isinstance(first(), errors.EndOfStream if told else errors.Stalled)
    with sender(listen, size="320x240"):  # comes while nobody takes it: it waits at the door
        time.sleep(1.0)
        again = Collector(enough=5)
        assert begun(listen, again, read_timeout=timeout)() is None
    assert again.frames[-1].size == (320, 240)


@BOTH
def test_a_sender_that_falls_silent_is_given_up(scheme: str) -> None:
    listen, sink = listens(scheme), Collector()
    done = begun(listen, sink, read_timeout="6s")
    with sender(listen) as drone:
        eventually(lambda: len(sink.frames) > 3)
        drone.send_signal(signal.SIGSTOP)
        assert isinstance(done(), errors.Stalled)


@BOTH
def test_a_drone_whose_old_connection_hangs_takes_its_own_place(scheme: str) -> None:
    listen, sink = listens(scheme), Collector()
    done = begun(listen, sink)
    with capture_logs() as logs, sender(listen) as drone:
        eventually(lambda: len(sink.frames) > 3)
        drone.send_signal(signal.SIGSTOP)
        while not accepted(logs, 2):
            with sender(listen) as fresh:
                eventually(lambda: fresh.poll() is not None or accepted(logs, 2))
                if accepted(logs, 2):
                    assert isinstance(done(), errors.EndOfStream)
                    again = Collector(enough=3)
                    assert begun(listen, again)() is None


def accepted(logs: Sequence[Mapping[str, object]], times: int) -> bool:
    return len([entry for entry in logs if entry["event"] == "push.accepted"]) >= times


def test_a_change_of_resolution_in_mid_stream_over_rtmp(tmp_path: Path) -> None:
    parts = [flv(tmp_path, "small", (160, 120)), flv(tmp_path, "large", (320, 240))]
    listen = listens("rtmp")
    with waiting(listen) as (sink, done):
        client = RtmpClient(urlsplit(listen).port or 0)
        client.publish("live", KEY)
        client.send(parts[1], client.send(parts[0]) + 100)
        eventually(lambda: (320, 240) in [frame.size for frame in sink.frames])
        client.connection.close()
        assert isinstance(done(), errors.EndOfStream)
    assert sink.frames[0].size == (160, 120)


def flv(folder: Path, name: str, size: tuple[int, int]) -> Path:
    return make_clip(folder / f"{name}.flv", frames=15, size=size)


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"\x03" + bytes(200_000), b"\x06" + bytes(1600)]
)
def test_rubbish_at_the_port_is_shown_out(rubbish: bytes) -> None:
    listen = listens("rtmp")
    with capture_logs() as logs, waiting(listen, enough=3) as (_, done):
        client = RtmpClient(urlsplit(listen).port or 0)
        with suppress(ConnectionError):
            client.connection.sendall(rubbish)
        assert client.hung_up()
        with sender(listen):
            assert done() is None
    assert "push.refused" in [entry["event"] for entry in logs]


def test_who_guesses_five_times_is_locked_out() -> None:
    listen = listens("rtmp")
    port = urlsplit(listen).port or 0
    with capture_logs() as logs, waiting(listen):
        for number in range(6):
            client = RtmpClient(port)
            with suppress(ConnectionError):
                client.publish("live", f"guess-number-{number}")
            assert client.hung_up()
    told = [entry for entry in logs if entry["event"] == "push.refused" and str(port) in entry["where"]]
    assert [entry["locked_out"] for entry in told] == [False] * 4 + [True]
    assert "guess-number" not in str(logs)


def test_strangers_networks_are_not_listened_to() -> None:
    listen = listens("rtmp")
    with capture_logs() as logs, waiting(listen, allow_networks=["10.0.0.0/8"]):
        assert RtmpClient(urlsplit(listen).port or 0).hung_up()
    assert "address: this box itself" in [entry.get("reason") for entry in logs]


def test_telemetry_beside_the_pictures(tmp_path: Path) -> None:
    """KLV as MISB ST 1402 puts it into MPEG-TS."""
    recording = klv_clip(tmp_path / "flight.ts")
    listen = listens("srt")
    with waiting(listen, read_timeout="6s") as (sink, done):
        send = ["ffmpeg", "-v", "quiet", "-re", "-i", str(recording), "-map", "0", "-c", "copy"]
        with running([*send, *target(listen, KEY)]):
            eventually(lambda: len(sink.notes) > 3)
        assert isinstance(done(), errors.Stalled)
    codec, data, moment = sink.notes[0]
    assert codec == "klv"
    assert data.startswith(bytes.fromhex("060e2b34"))
    assert abs(moment - sink.times[0]) < 5


def klv_clip(path: Path) -> Path:
    """A picture and a local set ten times a second."""
    local_set = bytes.fromhex("060e2b34020b01010e01030101000000") + b"\x04\x41\x02\x00\x01"
    with (
        av.open(str(path), "w", format="mpegts") as container,
        av.open(str(make_clip(path.with_suffix(".mp4")))) as clip,
    ):
        video = container.add_stream_from_template(clip.streams.video[0])
        klv = container.add_data_stream("klv")
        for packet in clip.demux(video=0):
            if packet.dts is None or packet.time_base is None or packet.pts is None:
                continue
            beside = AvPacket(local_set)
            beside.stream, beside.time_base, beside.pts, beside.dts = (
                klv,
                packet.time_base,
                packet.pts,
                packet.pts,
            )
            packet.stream = video
            container.mux([packet, beside])
    return path


def test_a_technician_sees_who_is_waited_for() -> None:
    listen = listens("rtmp")
    reports: list[CameraReport] = []
    ladder = Ladder(Random(1), first=0.1, cap=0.2)
    settings = spec(listen)
    camera = Camera(
        "drone", lambda: build(settings), Latest(), report=reports.append, plumbing=Plumbing(), ladder=ladder
    )
    camera.start()
    try:
        eventually(lambda: codes(reports)[-1:] == ["camera.waiting"])
        with sender(listen):
            eventually(lambda: reports[-1].state is CameraState.LIVE)
        eventually(lambda: reports[-1].problem is not None and reports[-1].problem.code == "camera.waiting")
        with sender(listen, size="320x240"):
            eventually(lambda: reports[-1].state is CameraState.LIVE)
            eventually(lambda: reports[-1].info is not None and reports[-1].info.width == 320)
    finally:
        camera.stop()
        assert camera.join(PATIENCE)
    assert codes(reports)[:3] == ["camera.waiting", "camera.ended", "camera.waiting"]
    assert KEY not in str(reports)


def codes(reports: list[CameraReport]) -> list[str]:
    return [report.problem.code for report in reports if report.problem]


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"rtmp://127.0.0.1:{other.getsockname()[1]}/live"
        assert failure(listen).detail == errors.IN_USE


def test_an_address_of_another_box() -> None:
    assert failure("rtmp://192.0.2.1:1935/live").detail == errors.NO_ADDRESS


def test_a_box_without_libsrt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srt, "_LIBRARIES", ("libno-such-thing.so.1",))
    srt.library.cache_clear()
    error = failure(listens("srt"))
    srt.library.cache_clear()
    assert "libsrt1.5-openssl" in error.problem("drone").say("zh")


def failure(listen: str) -> errors.NotListening:
    sink = Collector()
    with pytest.raises(errors.NotListening) as caught:
        build(spec(listen)).run(sink, sink.stop)
    return caught.value


def test_an_encrypted_line_wants_its_passphrase() -> None:
    listen = listens("srt")
    with waiting(listen, enough=3, passphrase="correct-horse") as (sink, done):
        with sender(listen) as bare:
            bare.wait(PATIENCE)
        assert sink.packets == []
        with running([*source(), *target(listen, f"{KEY}&passphrase=correct-horse")]):
            assert done() is None


def source() -> list[str]:
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-pix_fmt", "yuv420p"]
    return ["ffmpeg", "-v", "quiet", "-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", *video]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"listen": "http://0.0.0.0:80"}, "rtmp://"),
        ({"listen": "rtmp://0.0.0.0:s3cret/live"}, "rtmp://"),
        ({"listen": "srt://0.0.0.0:0"}, "rtmp://"),
        ({"listen": "srt://[::1"}, "rtmp://"),
        ({"listen": "rtmp://drone.example/live"}, "this box's addresses"),
        ({"listen": "rtmp://0.0.0.0:1935/live?key=s3cret"}, "`key`"),
        ({"listen": "rtmp://0.0.0.0:1935/live", "key": "s3cret"}, "at least 8"),
        ({"listen": "rtmp://0.0.0.0:1935/live", "key": "s3cret/s3cret"}, "at least 8"),
        ({"listen": "rtmp://0.0.0.0:1935/live", "passphrase": "s3cret-s3cret"}, "srt:// only"),
        ({"listen": "srt://0.0.0.0:9000", "passphrase": "s3cret"}, "10"),
    ],
)
def test_wrong_settings_are_told_without_the_key(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Spec.model_validate({"key": KEY, **wrong})
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value).replace(str(wrong.get("listen")), "")


def test_an_address_in_capitals_is_read_like_any_other() -> None:
    assert spec("SRT://0.0.0.0:9000", passphrase="s3cret-s3cret").listen == "srt://0.0.0.0:9000"
