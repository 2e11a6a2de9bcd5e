"""A warning, from the mouth to the loudspeaker of a real camera (GStreamer's ONVIF server), and what it played."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from relay.loudspeaker import booth
from relay.loudspeaker.booth import Booth
from relay.loudspeaker.loudspeaker import Loudspeaker
from relay.loudspeaker.spec import LoudspeakerSpec
from relay.media.stream import Kind, Packet
from relay.media.switch import Source, Switch
from streams.problem import Problem
from streams.retry import Ladder
from tests.support.certificates import self_signed
from tests.support.loudspeaker import LoudspeakerCamera
from tests.support.opus import level, packets, pitch, tone
from tests.support.running import LOOPBACK

PATIENT = 60.0
SECONDS = 1.0
MOST = 0.7  # of what is said; a busy machine leaves the rest out, rather than to say it late


class Told:
    def __init__(self) -> None:
        self.times = 0
        self.problems: list[Problem] = []

    def connected(self, name: str) -> None:
        self.times += 1

    def lost(self, name: str, problem: Problem) -> None:
        self.problems.append(problem)


class Group:
    """A talk group with one loudspeaker in it, and somebody who speaks."""

    def __init__(self, url: str, **more: Any) -> None:
        spec = LoudspeakerSpec.model_validate({"url": url, "allow_networks": LOOPBACK, **more})
        self.told, self.switch, self.booth = Told(), Switch(), Booth("gate")
        ladder = Ladder(Random(1), first=0.1, cap=0.2, fatal=0.2)
        self.loudspeaker = Loudspeaker("horn", spec, self.booth, self.told, ladder)
        self.switch.tap(self.booth)

    async def speak(self, heard: list[Packet]) -> None:
        """At the pace of speech."""
        source = Source(Kind.AUDIO, 48000)
        self.switch.turn("operator", source)
        for packet in heard:
            source.put(packet)
            await asyncio.sleep(0.02)
        self.switch.turn(None)


@asynccontextmanager
async def joined(url: str, **more: Any) -> AsyncIterator[Group]:
    group = Group(url, **more)
    running = asyncio.create_task(group.loudspeaker.run())
    try:
        yield group
    finally:
        running.cancel()
        await asyncio.wait({running})
        group.booth.close()
    assert running.cancelled()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENT):
        while not true():
            await asyncio.sleep(0.02)


def samples(camera: LoudspeakerCamera) -> int:
    return camera.heard().sound.size


@pytest.fixture
def flowing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine that stops in mid-speech makes no pause in it: what is held back would be said, and filled up."""
    monkeypatch.setattr(booth, "_PAUSE", PATIENT)


async def silent(group: Group, after: int = 0) -> int:
    """How many packets have been sent when half a second passes without one, after so many."""
    async with asyncio.timeout(PATIENT):
        while True:
            before = group.loudspeaker.sent
            await asyncio.sleep(0.5)
            if group.loudspeaker.sent == before > after:
                return before


@pytest.mark.parametrize(
    ("codec", "rate", "options"),
    [
        ("pcma", 8000, {}),
        ("pcmu", 8000, {"packet_time": "60ms"}),
        ("pcma", 8000, {"transport": "udp", "packet_time": "40ms"}),
        ("aac", 16000, {}),
    ],
)
@pytest.mark.usefixtures("flowing")
async def test_what_is_said_is_played(tmp_path: Path, codec: Any, rate: int, options: dict[str, Any]) -> None:
    with LoudspeakerCamera(tmp_path, codec=codec) as camera:
        async with joined(camera.url, **options) as group:
            await until(lambda: group.told.times)
            await group.speak(packets(tone(1000, SECONDS)))
            await until(lambda: samples(camera) >= MOST * SECONDS * rate)
            sound = camera.heard().sound
            assert pitch(sound, rate) == pytest.approx(1000, abs=5)
            assert level(sound[rate // 4 : rate * 5 // 8]) == pytest.approx(-9.0, abs=1.0)
            assert group.told.problems == []


async def test_nothing_is_sent_while_nobody_speaks(tmp_path: Path) -> None:
    with LoudspeakerCamera(tmp_path) as camera:
        async with joined(camera.url) as group:
            await until(lambda: group.told.times)
            await group.speak(packets(tone(700, 0.4)))
            before = await silent(group)
            assert before <= 40  # 20, and what was held back wherever a busy machine made a pause
            await group.speak(packets(tone(1500, 0.4)))
            after = await silent(group, before)
            await until(lambda: samples(camera) >= after * 160)
            sound = camera.heard().sound
            assert pitch(sound[: before * 160], 8000) == pytest.approx(700, abs=20)
            assert pitch(sound[before * 160 :], 8000) == pytest.approx(1500, abs=20)


@pytest.mark.usefixtures("flowing")
async def test_decoded_once_for_two_cameras_of_different_kinds(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        LoudspeakerCamera(tmp_path / "a", codec="pcma") as one,
        LoudspeakerCamera(tmp_path / "b", codec="pcmu") as two,
    ):
        async with joined(one.url) as group:
            spec = LoudspeakerSpec.model_validate({"url": two.url, "allow_networks": LOOPBACK})
            second = asyncio.create_task(Loudspeaker("second", spec, group.booth, group.told).run())
            await until(lambda: group.told.times == 2)
            await group.speak(packets(tone(1000, SECONDS)))
            await until(lambda: min(samples(one), samples(two)) >= MOST * SECONDS * 8000)
            second.cancel()
            await asyncio.wait({second})
        for camera in (one, two):
            assert pitch(camera.heard().sound, 8000) == pytest.approx(1000, abs=5)


@pytest.mark.parametrize("basic", [False, True])
async def test_a_login(tmp_path: Path, basic: bool) -> None:
    with LoudspeakerCamera(tmp_path, login="admin:p@ss/w:rd", basic=basic) as camera:
        async with joined(camera.url, username="admin", password="p@ss/w:rd") as group:
            await until(lambda: group.told.times)
            await group.speak(packets(tone(1000, 0.5)))
            await until(lambda: samples(camera) >= MOST * 0.5 * 8000)


async def test_a_wrong_password(tmp_path: Path) -> None:
    with LoudspeakerCamera(tmp_path, login="admin:right") as camera:
        async with joined(camera.url, username="admin", password="wr0ng") as group:
            await until(lambda: group.told.problems)
            assert group.told.problems[0].code == "camera.unauthorized"
            assert "wr0ng" not in group.told.problems[0].say("en")
            assert group.told.times == 0


async def test_over_tls(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "camera")
    with LoudspeakerCamera(tmp_path, certificate=certificate, login="admin:word") as camera:
        tls = {"ca_file": str(certificate), "name": "camera"}
        async with joined(camera.url, tls=tls, username="admin", password="word") as group:
            await until(lambda: group.told.times)
            await group.speak(packets(tone(1000, 0.5)))
            await until(lambda: samples(camera) >= MOST * 0.5 * 8000)


@pytest.mark.parametrize(("codec", "code"), [("none", "loudspeaker.none"), ("g722", "loudspeaker.codec")])
async def test_a_camera_without_a_loudspeaker_for_us(tmp_path: Path, codec: Any, code: str) -> None:
    with LoudspeakerCamera(tmp_path, codec=codec) as camera:
        async with joined(camera.url) as group:
            await until(lambda: group.told.problems)
            assert group.told.problems[0].code == code
            await group.speak(packets(tone(1000, 0.1)))
            assert group.loudspeaker.sent == 0


async def test_a_camera_that_loses_its_power_in_mid_speech_and_comes_back(tmp_path: Path) -> None:
    with LoudspeakerCamera(tmp_path) as camera:
        async with joined(camera.url) as group:
            await until(lambda: group.told.times)
            speech = asyncio.create_task(group.speak(packets(tone(1000, 2 * PATIENT))))
            await until(lambda: samples(camera) > 2000)
            camera.kill()
            await until(lambda: group.told.problems)
            assert not group.loudspeaker.connected
            before = samples(camera)
            camera.start()
            await until(lambda: group.told.times == 2)
            await until(lambda: samples(camera) > before + 4000)
            speech.cancel()
            sound = camera.heard().sound[-3200:]
            assert pitch(sound, 8000) == pytest.approx(1000, abs=10)
            assert {each.code for each in group.told.problems} <= {"loudspeaker.lost", "camera.unreachable"}


@pytest.mark.usefixtures("flowing")
async def test_speech_with_losses_is_played_at_its_pace(tmp_path: Path) -> None:
    random = Random(5)
    with LoudspeakerCamera(tmp_path) as camera:
        async with joined(camera.url) as group:
            await until(lambda: group.told.times)
            whole = packets(tone(1000, 2.0))
            source = Source(Kind.AUDIO, 48000)
            group.switch.turn("operator", source)
            for packet in whole:
                if random.random() >= 0.05:
                    source.put(packet)
                await asyncio.sleep(0.02)
            group.switch.turn(None)
            await until(lambda: samples(camera) >= MOST * 2.0 * 8000)
            sound = camera.heard().sound
            assert pitch(sound, 8000) == pytest.approx(1000, abs=5)
            pieces = sound[: sound.size // 160 * 160].reshape(-1, 160)[2:-4]
            assert (
                np.mean([level(piece) < -25 for piece in pieces]) < 0.02
            )  # no holes where packets were lost
