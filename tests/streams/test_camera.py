"""A camera's two threads together: what comes of what it sends."""

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from random import Random
from threading import Event

import psutil
import pytest

from streams.camera import Camera, Plumbing
from streams.decoding import Decoder
from streams.errors import EndOfStream
from streams.frame import Frame
from streams.latest import Latest
from streams.packet import Packet
from streams.reader import CameraReport, CameraState
from streams.retry import Ladder
from streams.source import Sink, Source, StreamInfo
from tests.support.encoded import Shot, joined, shot, units, without_sets
from tests.support.sinks import PATIENCE, eventually

Script = Callable[[Sink], Iterator[None]]
QUICK = 0.4  # s: the picture time-out of these tests


class Sender:
    """A live source that does one step of its script every 10 ms, then hangs up. hold: or stays, silent."""

    live, where = True, "h:1"

    def __init__(self, script: Script, *, hold: bool = True) -> None:
        self._script, self._hold = script, hold

    def run(self, sink: Sink, stop: Event) -> None:
        for _ in self._script(sink):
            if stop.wait(0.01):
                return
        if not self._hold:
            raise EndOfStream(self.where)
        stop.wait()


def sends(*shots: Shot, forever: bool = False, until: Event | None = None) -> Script:
    """Each of them an opening of its own; over and over, for ever or until that."""

    def script(sink: Sink) -> Iterator[None]:
        for one in shots:
            sink.opened(one.info)
            for packet in turns(one) if forever or until else one.packets:
                if until and until.is_set():
                    break
                sink.packet(packet)
                yield

    return script


def turns(one: Shot) -> Iterator[Packet]:
    """Over and over."""
    length = len(one.packets) / (one.info.rate or 1)
    return (packet for turn in count() for packet in one.after(turn * length).packets)


class Quick(Latest[Frame]):
    """As if whoever analyses were always done already."""

    def put_when_free(self, item: Frame, patience: float) -> None:
        self.put(item)


class Watched:
    def __init__(self, *scripts: Script, plumbing: Plumbing, hold: bool = True) -> None:
        self.reports: list[CameraReport] = []
        self.slot = Quick()
        left = list(scripts)

        def connect() -> Source:
            return Sender(left.pop(0) if len(left) > 1 else left[0], hold=hold)

        ladder = Ladder(Random(1), first=0.05, cap=0.1, fatal=0.1)
        self.camera = Camera(
            "gate", connect, self.slot, report=self.reports.append, plumbing=plumbing, ladder=ladder
        )

    def codes(self) -> list[str]:
        return [report.problem.code for report in self.reports if report.problem]

    def infos(self) -> list[StreamInfo]:
        return [report.info for report in self.reports if report.info]


@contextmanager
def watching(*scripts: Script, timeout: float = PATIENCE, **settings: bool) -> Iterator[Watched]:
    with running(Watched(*scripts, plumbing=Plumbing(picture_timeout=timeout), **settings)) as watched:
        yield watched


@contextmanager
def running(watched: Watched) -> Iterator[Watched]:
    watched.camera.start()
    try:
        yield watched
    finally:
        watched.camera.stop()
        assert watched.camera.join(PATIENCE)


def test_a_camera_is_live_once_a_picture_came_and_says_what_comes() -> None:
    taken = shot()
    declared = replace(taken, info=replace(taken.info, width=0, height=0))
    with watching(sends(declared, forever=True)) as watched:
        eventually(lambda: watched.infos() and watched.camera.statistics().eye.pictures >= 40)
    assert [report.state for report in watched.reports] == [CameraState.CONNECTING, CameraState.LIVE]
    assert watched.infos() == [taken.info]
    statistics = watched.camera.statistics()
    assert statistics.ring.put >= statistics.eye.pictures


def test_a_codec_that_cannot_be_decoded_needs_a_person() -> None:
    unknown = replace(shot(), info=StreamInfo("none-such", 0, 0, None))
    with watching(sends(unknown, forever=True), timeout=QUICK) as watched:
        eventually(lambda: "camera.unsupported_codec" in watched.codes())
    assert CameraState.REFUSED in [report.state for report in watched.reports]
    assert not watched.infos()


def garbage(random: Random, number: int) -> Packet:
    """Framed like H.264, and nothing in it."""
    head = b"\x65" if number % 10 == 0 else b"\x41"
    return Packet(joined([head + random.randbytes(400)]), number / 10, number / 10, number % 10 == 0)


def test_garbage_is_a_broken_stream() -> None:
    def script(sink: Sink) -> Iterator[None]:
        random = Random(2)
        sink.opened(StreamInfo("h264", 0, 0, None))
        for number in count():
            sink.packet(garbage(random, number))
            yield

    with watching(script, timeout=QUICK) as watched:
        eventually(lambda: watched.codes().count("camera.broken") >= 2)
        eventually(lambda: watched.camera.statistics().eye.spoilt > 0)
    assert not watched.infos()


def test_garbage_that_looks_like_a_new_stream_at_every_key_frame_is_a_broken_stream() -> None:
    sets = units(shot().packets[0].data)[:2]

    def script(sink: Sink) -> Iterator[None]:
        random = Random(3)
        sink.opened(StreamInfo("h264", 0, 0, None))
        for number in count():
            packet = garbage(random, number)
            fake = joined([sets[0] + random.randbytes(3), sets[1]])
            sink.packet(replace(packet, data=(fake if packet.key else b"") + packet.data))
            yield

    with watching(script, timeout=QUICK) as watched:
        eventually(lambda: "camera.broken" in watched.codes())


def test_a_stream_without_a_key_frame_is_a_broken_stream() -> None:
    taken = shot()
    bare = replace(taken, packets=tuple(replace(packet, key=False) for packet in taken.packets))
    with watching(sends(bare, forever=True), timeout=QUICK) as watched:
        eventually(lambda: "camera.broken" in watched.codes())
    assert watched.camera.statistics().ring.headless > 0


def test_pictures_that_stop_decoding_break_a_live_camera() -> None:
    random, live = Random(4), Event()

    def script(sink: Sink) -> Iterator[None]:
        yield from sends(shot(), until=live)(sink)
        for number in count(50):
            sink.packet(garbage(random, number))
            yield

    with watching(script, timeout=QUICK) as watched:
        eventually(watched.infos)
        before = len(watched.codes())
        live.set()
        eventually(lambda: "camera.broken" in watched.codes()[before:])


def test_a_gop_that_outgrows_the_ring_is_not_taken_for_a_camera_that_sees() -> None:
    """Only a key frame helps: a new connection brings one."""
    taken = shot()
    endless = replace(taken, packets=tuple(replace(one, key=n == 0) for n, one in enumerate(taken.packets)))

    def script(sink: Sink) -> Iterator[None]:
        yield from sends(endless)(sink)
        for turn in count(1):
            for packet in endless.after(turn * 4.0).packets:
                sink.packet(replace(packet, key=False))
                yield

    plumbing = Plumbing(limit=60_000, picture_timeout=QUICK)
    with running(Watched(script, plumbing=plumbing)) as watched:
        eventually(lambda: watched.codes().count("camera.broken") >= 1)
        eventually(lambda: watched.reports[-1].state is CameraState.LIVE)
    assert watched.camera.statistics().ring.overflows >= 1


def test_a_resting_camera_with_seldom_key_frames_is_no_broken_one() -> None:
    first, second = shot(bframes=2, gop=40), shot(400, gop=400).after(10)

    def script(sink: Sink) -> Iterator[None]:
        yield from sends(first)(sink)
        for packet in second.packets:
            sink.packet(packet)
            yield

    timeout = 2.5  # s: far less than the second shot takes, 10 ms a picture
    with watching(script, timeout=timeout) as watched:
        eventually(lambda: watched.camera.statistics().eye.pictures > 5)
        watched.camera.eye.rest()
        eventually(lambda: watched.camera.statistics().ring.put == 440)
    assert watched.codes() == []


def test_a_resolution_that_changes_in_mid_stream_is_another_opening() -> None:
    small, large, seen = shot(), shot(size=(320, 240)), Event()

    def script(sink: Sink) -> Iterator[None]:
        yield from sends(small, until=seen)(sink)
        for packet in turns(large.after(3600)):
            sink.packet(packet)
            yield

    with watching(script) as watched:
        eventually(watched.infos)
        seen.set()
        eventually(lambda: len(watched.infos()) > 1)
    assert [(info.width, info.height) for info in watched.infos()] == [(160, 120), (320, 240)]
    assert watched.camera.ring.opening == 2
    assert watched.codes() == []


def test_sets_in_the_description_and_then_in_band_are_no_change() -> None:
    taken = shot()

    def script(sink: Sink) -> Iterator[None]:
        sink.opened(taken.info)
        for packet in taken.packets:
            sink.packet(
                packet
                if packet.time > taken.packets[20].time
                else replace(packet, data=without_sets(packet.data))
            )
            yield

    with watching(script) as watched:
        eventually(lambda: watched.camera.statistics().eye.pictures == 40)
    assert watched.camera.ring.opening == 1


def test_another_codec_after_a_reconnect() -> None:
    seen = Event()
    other = shot(codec="hevc", size=(320, 240)).after(3600)
    with watching(sends(shot(), until=seen), sends(other, forever=True), hold=False) as watched:
        eventually(watched.infos)
        seen.set()
        eventually(lambda: len(watched.infos()) >= 2)
    assert [info.codec for info in watched.infos()][:2] == ["h264", "hevc"]
    assert watched.codes() == ["camera.ended"]
    assert watched.camera.statistics().reader.reconnects == 1


def test_whoever_comes_back_is_looked_at_even_by_a_resting_eye() -> None:
    gone = Event()
    first, again = sends(shot(), until=gone), sends(shot().after(3600), forever=True)
    with watching(first, again, hold=False) as watched:
        eventually(lambda: watched.camera.statistics().eye.pictures > 5)
        watched.camera.eye.rest()
        gone.set()
        eventually(lambda: watched.camera.statistics().reader.reconnects == 1)
        before = watched.camera.statistics().eye.analysed
        eventually(lambda: watched.camera.statistics().eye.analysed > before + 5)
        assert not watched.camera.eye.resting


def test_separate_pictures_need_no_eye() -> None:
    taken = shot(3)
    decoded = Decoder(taken.info).alone(taken.packets[0])
    assert decoded is not None
    picture = Frame(decoded, 5.0, 0)

    def script(sink: Sink) -> Iterator[None]:
        sink.opened(StreamInfo("jpeg", 160, 120, None))
        sink.frame(picture)
        yield

    with watching(script) as watched:
        eventually(lambda: not watched.slot.empty)
        eventually(lambda: watched.reports[-1].state is CameraState.LIVE)
    assert watched.slot.take() is picture


def test_what_lies_beside_the_video_is_handed_on() -> None:
    heard: list[tuple[str, bytes, float]] = []

    def script(sink: Sink) -> Iterator[None]:
        sink.metadata("klv", b"\1\2", 7.0)
        yield

    slot: Latest[Frame] = Latest()
    camera = Camera(
        "gate",
        lambda: Sender(script),
        slot,
        report=lambda _: None,
        plumbing=Plumbing(),
        metadata=lambda *beside: heard.append(beside),
    )
    camera.start()
    eventually(lambda: heard == [("klv", b"\1\2", 7.0)])
    camera.stop()
    assert camera.join(PATIENCE)


def test_a_worker_hears_of_an_eye_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    watched = Watched(sends(shot()), plumbing=Plumbing())
    monkeypatch.setattr(watched.camera.eye, "turn", lambda _: 1 // 0)
    with running(watched):
        eventually(lambda: CameraState.FAILED in [report.state for report in watched.reports])


def test_a_ring_costs_about_what_is_in_it() -> None:
    """15 s at 25 Hz and 4 Mbit/s, ten cameras of them: 75 MB encoded. The rest of a packet is under 1 kB."""
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    sinks = [
        Camera(str(n), lambda: Sender(sends()), Latest(), report=lambda _: None, plumbing=Plumbing())
        for n in range(10)
    ]
    for camera in sinks:
        camera.sink.opened(shot().info)
        for number in range(25 * 40):  # 40 s, of which the last are kept
            key = number % 50 == 0
            camera.ring.put(
                Packet(bytes([number % 255]) * (160_000 if key else 17_100), number / 25, number / 25, key)
            )
    encoded = sum(camera.ring.statistics().bytes for camera in sinks)
    assert encoded > 70e6
    assert all(15 <= camera.ring.statistics().seconds < 17.1 for camera in sinks)
    assert process.memory_info().rss - before < 1.3 * encoded
