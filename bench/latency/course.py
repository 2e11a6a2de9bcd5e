"""Plays it: the camera, the broker, the probed daemon, the naive way beside it, and a centre that listens."""

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import cv2
import numpy as np
from numpy.typing import NDArray

from bench import box, scenes, wakes
from bench.box import Desk
from bench.latency import naive
from bench.latency.pixels import stamped
from bench.latency.reckoning import Arrived, Run
from bench.probe import notes
from bench.scenes import FPS, Scene
from tests.support.rtsp import SYSTEM_PYTHON

SIZE = (640, 360)  # px: the smaller stream of a camera, which is what sites have analysed
_SCENE = scenes.Scene("latency", 26.0, scenes.visits(1, first=12.3, pause=0.0, sizes=(1.0,)), seed=7)
_NAIVE = "bench/naive"
_BARE = "bench/bare"
_PUBLISHES = 200
_START = 60.0  # s for the daemon's first words to the broker, on a cold disk
_LATE = 20.0  # s after the last visit in which an event may still come

_SETTINGS = """attention: {attention}
    zones: {{near: {near}, far: {far}}}
    ignore: {{clock: [[0.0, 0.0], [0.52, 0.0], [0.52, 0.03], [0.0, 0.03]]}}
    rules: [{{kind: zone, zones: [near, far], objects: [heavy_vehicle], dwell: {dwell}, leave: 1s}}]"""
_ATTENTION = ("auto", "always")  # decode what has to be seen; decode everything, as the naive way does
_DWELL = "0s"  # the site's own choice: what is measured is what we add to it


def measured(count: int) -> Run:
    """count: of visits; one more is played first and not counted."""
    return asyncio.run(_measured(count))


async def _measured(count: int) -> Run:
    with box.desk() as desk, _camera(desk) as (url, shown):
        seen = _Centre(desk)
        async with seen.listening():
            bare = await _bare(desk.port, seen)
            places = {name: [list(corner) for corner in zone] for name, zone in wakes.ZONES.items()}
            manners = [_SETTINGS.format(attention=name, dwell=_DWELL, **places) for name in _ATTENTION]
            site = desk.site([url] * len(manners), settings=manners)
            probed = {notes.FOLDER: str(desk.folder)}
            async with box.daemon(desk, site, module="bench.probe", more=probed):
                with _naive(url, desk):
                    await _played(count, shown)
        found = list(notes.read(desk.folder))
    settings: dict[str, Any] = {
        "picture": f"{SIZE[0]}x{SIZE[1]} at {FPS}/s, H.264, a key frame every 2 s",
        "dwell": _DWELL,
        "naive": f"cv2.VideoCapture, every {naive.EVERY}th picture whole, score {naive.SCORE}, paho QoS 1",
    }
    ours = {
        name: [one for camera, one in seen.ours if camera == f"camera-{number}"]
        for number, name in enumerate(_ATTENTION, 1)
    }
    return Run(_SCENE.seconds, shown[1 : count + 1], ours, seen.naive, found, bare, settings)


async def _played(count: int, shown: list[float]) -> None:
    """Until the last visit that counts is over. Raises TimeoutError where the camera stands still."""
    print(f"{count + 1} visits, one every {_SCENE.seconds:.0f} s", file=sys.stderr)
    async with asyncio.timeout(_START + (count + 1) * _SCENE.seconds * 2):
        while len(shown) < count + 1:  # noqa: ASYNC110 (told by another process)
            await asyncio.sleep(0.1)
    await asyncio.sleep(min(_LATE, _SCENE.seconds - 1))


@contextmanager
def _camera(desk: Desk) -> Iterator[tuple[str, list[float]]]:
    """Its address, and when the lorry was shown so far, s since 1970."""
    raw, (visit,) = desk.folder / "pictures.i420", _SCENE.visits
    _draw(_SCENE, raw)
    first = round((visit.start + scenes.hidden(visit)) * FPS)
    script = Path(__file__).with_name("camera.py")
    command = (SYSTEM_PYTHON, str(script), str(raw), *map(str, (*SIZE, FPS, first)))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    shown: list[float] = []
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port.isdigit():
            raise RuntimeError("GStreamer's server did not start (python3-gi, gir1.2-gst-rtsp-server-1.0)")
        threading.Thread(target=_note, args=(process.stdout, shown), daemon=True).start()
        yield f"rtsp://127.0.0.1:{port}/cam", shown
    finally:
        process.kill()
        process.wait()


def _note(lines: Iterator[str], shown: list[float]) -> None:
    for line in lines:
        with contextlib.suppress(ValueError):  # half a line, of a process that is killed
            shown.append(float(line))


def _draw(scene: Scene, path: Path) -> None:
    print(f"drawing {scene.seconds:.0f} s", file=sys.stderr)
    with path.open("wb") as file:
        for picture in scenes.pictures(scene):
            colour = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
            small = cv2.resize(colour, SIZE, interpolation=cv2.INTER_AREA)
            file.write(np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2YUV_I420)).tobytes())


@contextmanager
def _naive(url: str, desk: Desk) -> Iterator[None]:
    command = (sys.executable, "-m", "bench.latency.naive", url, str(desk.port), _NAIVE)
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@dataclass
class _Centre:
    """Notes when what arrives. ours: with the camera it is from."""

    desk: Desk
    ours: list[tuple[str, Arrived]] = field(default_factory=list)
    naive: list[Arrived] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with aiomqtt.Client("127.0.0.1", self.desk.port) as client:
            await client.subscribe([("sandwatch/#", 1), (_NAIVE, 1), (_BARE, 1)])
            task = asyncio.create_task(self._listen(client))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.wait([task])

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            at, topic = time.time(), str(message.topic)
            told = json.loads(bytes(message.payload)) if topic == _NAIVE or "/ev/" in topic else {}
            if topic == _BARE:
                self.bare.append(at)
            elif topic == _NAIVE:
                self.naive.append(Arrived(str(len(self.naive)), at, told["taken"]))
            elif "/ev/vehicle.zone/" in topic and told["data"]["phase"] == "new":
                taken = await asyncio.to_thread(self._taken, told, at)
                self.ours.append((told["data"]["camera"], Arrived(told["id"], at, taken)))

    def _taken(self, event: dict[str, Any], now: float) -> float | None:
        """From the picture that proves it."""
        proofs = {proof["kind"]: proof["uri"] for proof in event["data"]["proof"]}
        uri = proofs.get("clean") or proofs.get("snapshot")
        if uri is None:
            return None
        grey: NDArray[Any] | None = cv2.imread(str(self.desk.folder / "storage" / uri), cv2.IMREAD_GRAYSCALE)
        return None if grey is None else stamped(_video_range(grey), now)


def _video_range(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """JPEG's luma is full range."""
    return np.asarray(16 + grey.astype(np.float32) * (219 / 255), np.uint8)


async def _bare(port: int, centre: _Centre) -> list[float]:
    """s from a publish of 1 KB to its arrival, one after the other: the floor of the last stage."""
    took = []
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for number in range(_PUBLISHES):
            begin = time.time()
            await client.publish(_BARE, b"x" * 1024, qos=1)
            while len(centre.bare) <= number:  # noqa: ASYNC110 (0.1 ms: the resolution)
                await asyncio.sleep(0.0001)
            took.append(centre.bare[number] - begin)
    return took[_PUBLISHES // 10 :]
