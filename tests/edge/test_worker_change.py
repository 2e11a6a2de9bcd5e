"""Cameras come to a worker that runs, change and leave it: the others' packets go on, one after the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from edge import assets
from edge.fleet import Fleet
from edge.live import PacketFeed
from edge.worker.job import CameraJob
from edge.worker.messages import Beat, CameraStatus, Found, FromWorker, Ready
from edge.worker.parent import VisionWorker
from inference.rules import zone
from streams.packet import Packet
from streams.reader import CameraState
from streams.sound import Sound
from streams.source import StreamInfo
from tests.support.rtsp import RtspServer
from tests.support.watching import camera, job

PATIENCE_S = 60.0
NOBODY: frozenset[str] = frozenset()


class Watcher:
    """A live view (relay.live.feed.Viewer) that keeps when each packet was sent, and how often the stream began."""

    def __init__(self) -> None:
        self.openings = 0
        self.times: list[float] = []

    async def sees(self, packets: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.times) < packets:
                await asyncio.sleep(0.05)

    def opened(self, info: StreamInfo) -> None:
        self.openings += 1

    def packet(self, packet: Packet) -> None:
        self.times.append(packet.dts)

    def sound(self, sound: Sound) -> None:
        pass


class Box:
    """One worker, told of changes as the gateway tells it."""

    def __init__(self, folder: Path, *cameras: CameraJob) -> None:
        self._evidence = folder / "evidence"
        self.fleet = Fleet((job(*cameras, evidence=self._evidence),))
        self.feed = PacketFeed(self.fleet)
        self.heard: list[FromWorker] = []
        self._news = asyncio.Condition()

    async def run(self) -> None:
        worker = VisionWorker(self.fleet.job(0), self._receive, self.feed.take)
        self.fleet.started(0, worker)
        await worker.run()

    async def change(
        self, *cameras: CameraJob, anew: frozenset[str] = NOBODY, rules: frozenset[str] = NOBODY
    ) -> int:
        """Until the worker says that it is so; what it had said before."""
        mark = len(self.heard)
        self.fleet.take((job(*cameras, evidence=self._evidence),))
        self.fleet.tell(0, anew, rules)
        await self.hears(lambda message: isinstance(message, Ready), mark)
        return mark

    async def hears(self, what: Callable[[FromWorker], bool], mark: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: any(what(message) for message in self.heard[mark:]))

    async def lives(self, name: str, mark: int = 0) -> None:
        await self.hears(lambda message: (name, CameraState.LIVE) in _states([message]), mark)

    def states(self, name: str, mark: int = 0) -> list[CameraState]:
        return [state for camera, state in _states(self.heard[mark:]) if camera == name]

    def reasons(self, name: str) -> list[str | None]:
        found = [message.occurrence for message in self.heard if isinstance(message, Found)]
        return [each.reason for each in found if each.camera == name and each.phase == "end"]

    async def _receive(self, message: FromWorker) -> None:
        if isinstance(message, Ready):
            self.fleet.ready(0)
        async with self._news:
            self.heard.append(message)
            self._news.notify_all()


def _states(messages: list[FromWorker]) -> list[tuple[str, CameraState]]:
    return [(each.camera, each.state) for each in messages if isinstance(each, CameraStatus)]


def _finds(name: str) -> Callable[[FromWorker], bool]:
    return lambda message: isinstance(message, Found) and message.occurrence.camera == name


@contextlib.asynccontextmanager
async def running(box: Box) -> AsyncIterator[Box]:
    task = asyncio.create_task(box.run())
    try:
        yield box
    finally:
        task.cancel()
        await asyncio.wait([task])


def watching(name: str, url: str, dwell: float = 0.4) -> CameraJob:
    rule = zone.Spec(objects=("heavy_vehicle",), dwell=dwell, repeat=0.0)
    return replace(camera(name, url), fps=5, rules=(rule,))


@pytest.fixture(scope="module")
def lorries() -> Iterator[RtspServer]:
    with RtspServer(files=[assets.folder() / "demo" / "clip.mp4"]) as server:
        yield server


async def test_what_is_watched_of_one_camera_goes_on_whatever_becomes_of_the_other(
    tmp_path: Path, lorries: RtspServer
) -> None:
    gate, pit = watching("gate", lorries.url), watching("pit", lorries.url)
    async with running(Box(tmp_path, gate)) as box:
        await box.lives("gate")
        viewer = Watcher()
        box.feed.begin("gate", viewer)
        await viewer.sees(20)  # a camera's first packets come in a heap, with one time for all

        mark = await box.change(gate, pit)
        await box.lives("pit", mark)
        await box.hears(_finds("pit"), mark)

        mark = await box.change(gate, watching("pit", lorries.url, 0.6), rules=frozenset({"pit"}))
        await box.hears(_finds("pit"), mark)
        assert box.states("pit", mark) == []  # its connection stood

        mark = await box.change(gate, replace(pit, fps=3), anew=frozenset({"pit"}))
        await box.lives("pit", mark)

        mark = await box.change(gate)
        assert {"changed", "removed"} >= set(box.reasons("pit")) - {"left", "passed", "lost", None}
        await box.hears(lambda message: isinstance(message, Beat), mark)
        beats = [message for message in box.heard[mark:] if isinstance(message, Beat)]
        assert set(beats[-1].cameras) == {"gate"}

        await viewer.sees(len(viewer.times) + 20)
        box.feed.end("gate", viewer)
    assert box.states("gate") == [CameraState.CONNECTING, CameraState.LIVE]
    assert viewer.openings == 1
    times = viewer.times[19:]
    assert times == sorted(set(times))  # none twice, as where a view begins again
    assert max(after - before for before, after in pairwise(times)) < 0.5, "packets are missing"


async def test_whoever_watches_a_camera_that_is_connected_anew_goes_on_watching(
    tmp_path: Path, lorries: RtspServer
) -> None:
    gate = watching("gate", lorries.url)
    async with running(Box(tmp_path, gate)) as box:
        await box.lives("gate")
        viewer = Watcher()
        box.feed.begin("gate", viewer)
        mark = await box.change(replace(gate, fps=3), anew=frozenset({"gate"}))
        await box.lives("gate", mark)
        async with asyncio.timeout(PATIENCE_S):
            while viewer.openings < 2:
                await asyncio.sleep(0.05)


async def test_an_order_for_a_camera_that_was_removed_is_nobodys(tmp_path: Path, lorries: RtspServer) -> None:
    gate, pit = watching("gate", lorries.url), watching("pit", lorries.url)
    async with running(Box(tmp_path, gate, pit)) as box:
        await box.lives("pit")
        viewer = Watcher()
        box.feed.begin("pit", viewer)
        await box.change(gate)
        box.feed.end("pit", viewer)
        assert box.feed.cameras == {"gate"}
        await box.change(gate, pit)
        box.feed.begin("pit", viewer)
        await viewer.sees(1)
