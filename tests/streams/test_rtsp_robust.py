"""Streams as bad as cameras send them, through the whole path: source, ring, eye."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest

from streams.camera import Camera, CameraStatistics, Plumbing
from streams.frame import Frame
from streams.latest import Latest
from streams.reader import CameraReport, CameraState
from streams.retry import Ladder
from streams.sources.rtsp import Spec, build
from tests.support.clips import make_clip
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK
from tests.support.sinks import PATIENCE, eventually

LIVE = CameraState.LIVE
DAY = 86400 * 90_000  # in RTP's usual clock


@dataclass
class Watched:
    """A camera and everything it told. frames: (time, size) of what was analysed."""

    camera: Camera
    reports: list[CameraReport]
    frames: list[tuple[float, tuple[int, int]]] = field(default_factory=list)

    @property
    def statistics(self) -> CameraStatistics:
        return self.camera.statistics()

    @property
    def pictures(self) -> int:
        return self.statistics.eye.pictures

    @property
    def code(self) -> str | None:
        problem = self.reports[-1].problem if self.reports else None
        return problem.code if problem else None

    @property
    def live(self) -> CameraReport | None:
        return self.reports[-1] if self.reports and self.reports[-1].state is LIVE else None

    def size(self) -> tuple[int, int] | None:
        return (self.live.info.width, self.live.info.height) if self.live and self.live.info else None


@contextmanager
def watching(url: str, picture_timeout: float = 20.0, **settings: float | str) -> Iterator[Watched]:
    spec = Spec.model_validate(
        {"url": url, "allow_networks": LOOPBACK, "connect_timeout": "20s", "read_timeout": "20s", **settings}
    )
    slot: Latest[Frame] = Latest()
    reports: list[CameraReport] = []
    camera = Camera(
        "gate",
        lambda: build(spec),
        slot,
        report=reports.append,
        plumbing=Plumbing(picture_timeout=picture_timeout),
        ladder=Ladder(Random(1), first=0.1, cap=0.2, fatal=0.2),
    )
    watched, over = Watched(camera, reports), threading.Event()
    taker = threading.Thread(target=take, args=(slot, watched, over), daemon=True)
    camera.start()
    taker.start()
    try:
        yield watched
    finally:
        camera.stop()
        over.set()
        assert camera.join(PATIENCE)
        taker.join(PATIENCE)


def take(slot: Latest[Frame], watched: Watched, over: threading.Event) -> None:
    """What the analysis would get."""
    while not over.is_set():
        if (frame := slot.take()) is None:
            over.wait(0.01)
        else:
            watched.frames.append((frame.time, frame.size))


def stamps(edit: Callable[[int, int], int]) -> Callable[[bytes], bytes]:
    """Changes RTP's time stamps (RFC 3550, 5.1): called with the packet's number and stamp."""
    number = 0

    def change(packet: bytes) -> bytes:
        nonlocal number
        number += 1
        stamp = edit(number, int.from_bytes(packet[4:8], "big")) % 2**32
        return packet[:4] + stamp.to_bytes(4, "big") + packet[8:]

    return change


def test_sound_only_is_refused_by_name() -> None:
    with RtspServer(audio="only") as camera, watching(camera.url) as watched:
        eventually(lambda: watched.code == "camera.no_video")
        assert watched.reports[-1].state is CameraState.REFUSED


def test_pictures_that_are_shown_in_another_order_than_they_are_sent(tmp_path: Path) -> None:
    clip = reordered(tmp_path / "bframes.mp4")
    with RtspServer(files=[clip]) as camera, watching(camera.url) as watched:
        eventually(lambda: len(watched.frames) > 10)
        times = [time for time, _ in watched.frames]
        assert times == sorted(times)
        assert watched.statistics.eye.spoilt == 0


def reordered(path: Path) -> Path:
    """H.264 with two B-frames in a row."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.options = {"preset": "veryfast", "bf": "2", "b-adapt": "0", "g": "20"}
        for number in range(40):
            picture = np.full((120, 160, 3), number * 6 % 250, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    with av.open(str(path)) as made:
        assert any(packet.pts != packet.dts for packet in made.demux(video=0))
    return path


@pytest.mark.parametrize(
    "edit",
    [
        lambda number, stamp: stamp + (DAY if number > 40 else 0),
        lambda number, stamp: stamp - (DAY if number > 40 else 0),
        lambda number, stamp: 12345,
        lambda number, stamp: (number * 2654435761) % 2**32,
    ],
    ids=["a day ahead", "a day back", "standing still", "at random"],
)
def test_time_stamps_that_make_no_sense(edit: Callable[[int, int], int]) -> None:
    with (
        RtspServer(fps=20) as camera,
        FaultyLine(camera.port, stamps(edit)) as line,
        watching(line.url) as watched,
    ):
        eventually(lambda: watched.statistics.ring.put > 100 and watched.pictures > 50)
        seen = len(watched.frames)
        eventually(lambda: len(watched.frames) > seen + 5)
        newest = watched.camera.ring.newest
        assert newest is not None
        assert abs(newest - watched.frames[-1][0]) < 10  # on the box's clock, all of it


def test_damaged_pictures_are_skipped() -> None:
    random, sent = Random(1), 0

    def garble(packet: bytes) -> bytes:
        """One in five packets, behind the headers."""
        nonlocal sent
        sent += 1
        if sent % 5 or len(packet) < 60:
            return packet
        return packet[:20] + random.randbytes(len(packet) - 20)

    with (
        RtspServer(fps=20) as camera,
        FaultyLine(camera.port, garble) as line,
        watching(line.url) as watched,
    ):
        eventually(lambda: watched.pictures > 60 and watched.statistics.ring.put > 100)
        assert watched.live is not None
        assert watched.statistics.reader.reconnects == 0


def test_packets_that_never_make_a_picture() -> None:
    def spoil(packet: bytes) -> bytes:
        return packet[:12] + b"\x61" + bytes(len(packet) - 13)  # a slice of nothing

    brief = {"picture_timeout": 1.0, "connect_timeout": 3.0, "read_timeout": 3.0}
    with (
        RtspServer() as camera,
        FaultyLine(camera.port, spoil) as line,
        watching(line.url, **brief) as watched,
    ):
        eventually(lambda: watched.code is not None)
        assert watched.live is None
        assert watched.pictures == 0


def test_ten_seconds_between_key_frames() -> None:
    """ "Smart" codecs. The picture is there with the first key frame, and every one after it."""
    with RtspServer(gop=100) as camera, watching(camera.url) as watched:
        eventually(lambda: watched.live is not None)
        eventually(lambda: watched.pictures > 110)
        assert watched.statistics.reader.reconnects == 0
        assert watched.statistics.ring.seconds > 9


def test_a_change_of_resolution_in_mid_stream(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.mp4", frames=30, size=(160, 120))
    large = make_clip(tmp_path / "large.mp4", frames=30, size=(320, 240))
    with RtspServer(files=[small, large]) as camera, watching(camera.url) as watched:
        for size in ((160, 120), (320, 240), (160, 120)):
            eventually(lambda size=size: watched.size() == size)  # type: ignore[misc]
        assert watched.statistics.reader.reconnects == 0
        assert {size for _, size in watched.frames} == {(160, 120), (320, 240)}


def test_a_camera_that_comes_back_with_another_codec() -> None:
    first = RtspServer(codec="h264", port=free_port())
    with first, watching(first.url) as watched:
        eventually(lambda: watched.live is not None)
        first.kill()
        with RtspServer(codec="h265", size="160x120", port=first.port):
            eventually(lambda: watched.size() == (160, 120))
            assert watched.live is not None
            assert watched.live.info is not None
            assert watched.live.info.codec == "hevc"
            seen = watched.pictures
            eventually(lambda: watched.pictures > seen + 5)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_motion_jpeg(transport: str) -> None:
    with RtspServer(codec="mjpeg") as camera, watching(camera.url, transport=transport) as watched:
        eventually(lambda: watched.pictures > 5)
        assert watched.live is not None
        assert watched.live.info is not None
        assert watched.live.info.codec == "mjpeg"
