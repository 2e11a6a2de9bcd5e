"""Whether a camera can be shown is known after its first pictures, and none of them is lost over it."""

import asyncio
from dataclasses import replace

import pytest

from relay.live.fitness import Unfit
from relay.live.probe import Probe
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo
from tests.support.encoded import Shot, shot


class Taken:
    def __init__(self) -> None:
        self.infos: list[StreamInfo] = []
        self.packets: list[Packet] = []

    def opened(self, info: StreamInfo) -> None:
        self.infos.append(info)

    def packet(self, packet: Packet) -> None:
        self.packets.append(packet)

    def sound(self, sound: Sound) -> None:
        raise AssertionError(sound)


def fed(probe: Probe, given: Shot) -> None:
    probe.opened(given.info)
    for packet in given.packets:
        probe.packet(packet)


async def test_a_fit_stream_is_handed_over_whole() -> None:
    probe, taken, given = Probe(), Taken(), shot(12)
    fed(probe, replace(given, packets=given.packets[:6]))
    assert await probe.verdict(1.0) is None
    probe.packet(given.packets[6])
    probe.hand_over(taken)
    for packet in given.packets[7:]:
        probe.packet(packet)
    assert taken.infos == [given.info]
    assert taken.packets == list(given.packets)


@pytest.mark.parametrize(
    ("given", "why"), [(shot(8, bframes=2), Unfit.B_FRAMES), (shot(8, codec="hevc"), Unfit.CODEC)]
)
async def test_an_unfit_one_is_told(given: Shot, why: Unfit) -> None:
    probe = Probe()
    fed(probe, given)
    assert await probe.verdict(1.0) is why


async def test_a_camera_of_few_pictures_is_judged_by_the_first() -> None:
    probe, given = Probe(), shot(3)
    fed(probe, replace(given, packets=given.packets[:1]))
    assert await probe.verdict(30.0) is None


async def test_a_camera_that_sends_nothing_is_not_waited_for_for_ever() -> None:
    with pytest.raises(TimeoutError):
        await Probe().verdict(0.01)
    await asyncio.sleep(0)
