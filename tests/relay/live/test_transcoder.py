"""What a browser cannot show comes out of a process of its own as VP8."""

import asyncio
import os
import signal
from itertools import pairwise

import av
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.live.transcode import Transcoding, fitted
from relay.live.transcoder import Transcoder
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo
from tests.support.encoded import Shot, shot

PATIENCE = 60.0


class Kept:
    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self._news = asyncio.Event()

    def opened(self, info: StreamInfo) -> None:
        raise AssertionError(info)

    def packet(self, packet: Packet) -> None:
        self.packets.append(packet)
        self._news.set()

    def sound(self, sound: Sound) -> None:
        raise AssertionError(sound)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.packets) < count:
                self._news.clear()
                await self._news.wait()


def sizes(packets: list[Packet]) -> list[tuple[int, int]]:
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    return [(frame.width, frame.height) for one in packets for frame in decoder.decode(av.Packet(one.data))]


def converted(given: Shot, *, late: bool) -> list[Packet]:
    transcoding = Transcoding()
    everything: list[StreamInfo | Packet] = [given.info, *given.packets]
    return [out for one in everything for out in transcoding.take(one, late=late)]


@pytest.mark.parametrize("codec", ["hevc", "h264", "mjpeg"])
def test_pictures_come_out_in_the_order_they_are_shown_each_at_its_time(codec: str) -> None:
    given = shot(30, codec=codec, bframes=0 if codec == "mjpeg" else 2, size=(320, 240))
    found = converted(given, late=False)
    times = [packet.time for packet in found]
    assert all(later > earlier for earlier, later in pairwise(times))
    assert times == pytest.approx(given.shown[: len(times)], abs=1e-5)
    assert len(times) >= 30 - 4  # what the decoder still holds back
    assert found[0].key
    assert sizes(found) == [(320, 240)] * len(found)


def test_of_what_has_piled_up_only_the_first_is_encoded() -> None:
    found = converted(shot(30, codec="hevc"), late=True)
    assert len(found) == 1
    assert found[0].key


def test_another_stream_begins_with_a_key_frame_in_its_own_size() -> None:
    transcoding = Transcoding()
    found: list[list[Packet]] = []
    for stream in (shot(10, codec="hevc"), shot(10, codec="hevc", size=(320, 240)).after(10.0)):
        everything: list[StreamInfo | Packet] = [stream.info, *stream.packets]
        found.append([out for one in everything for out in transcoding.take(one, late=False)])
    assert all(each[0].key for each in found)
    assert [sizes(each)[0] for each in found] == [(160, 120), (320, 240)]


@given(st.integers(2, 8192), st.integers(2, 8192))
def test_pictures_are_made_small_enough_and_keep_their_shape(width: int, height: int) -> None:
    found = fitted(width, height)
    assert found[0] <= 1280
    assert found[1] <= 720
    assert found[0] % 2 == found[1] % 2 == 0
    scale = min(1.0, 1280 / width, 720 / height)
    assert abs(found[0] - width * scale) <= 2
    assert abs(found[1] - height * scale) <= 2


async def test_it_works_in_a_process_of_its_own_and_goes_with_it() -> None:
    before, given, kept = psutil.Process().children(), shot(30, codec="hevc"), Kept()
    transcoder = await Transcoder.start()
    delivering = asyncio.create_task(transcoder.deliver(kept))
    transcoder.opened(given.info)
    for packet in given.packets:
        transcoder.packet(packet)
    await kept.until(2)
    delivering.cancel()
    await transcoder.close()
    assert psutil.Process().children() == before


async def test_a_process_that_dies_ends_the_delivery() -> None:
    before = set(psutil.Process().children())
    transcoder = await Transcoder.start()
    (process,) = set(psutil.Process().children()) - before
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.wait_for(transcoder.deliver(Kept()), PATIENCE)
    transcoder.packet(shot(5).packets[0])  # harmless
    await transcoder.close()


async def test_what_a_process_that_hangs_does_not_take_is_skipped_up_to_a_key_frame() -> None:
    before, given = set(psutil.Process().children()), shot(30)
    transcoder = await Transcoder.start()
    (process,) = set(psutil.Process().children()) - before
    os.kill(process.pid, signal.SIGSTOP)
    heavy = [Packet(b"\0" * 1_000_000, packet.time, packet.dts, packet.key) for packet in given.packets]
    for packet in heavy:
        transcoder.packet(packet)
    assert 15 <= transcoder.skipped <= 25
    os.kill(process.pid, signal.SIGCONT)
    async with asyncio.timeout(PATIENCE):
        while transcoder._input.transport.get_write_buffer_size():
            await asyncio.sleep(0.02)
    before_key = transcoder.skipped
    transcoder.packet(given.packets[9])
    assert transcoder.skipped == before_key + 1
    transcoder.packet(given.packets[10])
    assert transcoder.skipped == before_key + 1
    await transcoder.close()
