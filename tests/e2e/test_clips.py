"""Clips of events, from a real camera through a real gateway and broker."""

import asyncio
import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.support import ffmpeg
from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import Mosquitto, Witness, until, witness
from tests.support.remade import remade
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

TRACK = "zones: {track: [[0.0, 0.50], [0.60, 0.47], [0.70, 0.49], [0.72, 0.62], [0.40, 0.72], [0.0, 0.74]]}"
RULE = "name: no-trucks, zones: [track], dwell: 2s"
STILL = 0.05  # grey levels that a coded picture of nothing differs from the one before, on average


def clips(seen: Witness) -> list[dict[str, Any]]:
    """The messages that carry one."""
    return [
        event["data"]
        for event in seen.events()
        if any(proof["kind"] == "clip" for proof in event["data"]["proof"])
    ]


def clip_of(message: dict[str, Any], storage: Path) -> Path:
    """The file it names, which is what it says and plays."""
    (proof,) = [each for each in message["proof"] if each["kind"] == "clip"]
    path = storage / str(proof["uri"])
    content = path.read_bytes()
    assert len(content) == proof["bytes"]
    assert hashlib.sha256(content).hexdigest() == proof["sha256"]
    assert ffmpeg.complaints(path) == ""
    return path


def pictures(path: Path) -> list[np.ndarray[Any, Any]]:
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format="gray") for picture in container.decode(video=0)]


async def test_an_event_s_clip_shows_the_moment_and_what_came_before(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    more = f"{TRACK}\nclip: {{before: 3s, after: 4s}}"
    with RtspServer(files=[demo_clip]) as camera:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url, more, RULE))
        async with witness(broker.port) as seen:
            with Gateway(tmp_path, text):
                await until(lambda: clips(seen), "a clip")
    new = seen.events()[0]["data"]
    told = clips(seen)[0]
    assert told["event_id"] == new["event_id"]
    assert told["phase"] in ("update", "end")
    shown = await asyncio.to_thread(pictures, clip_of(told, storage))
    # 3 s, the dwell of 2 s and 4 s at 10 Hz, and up to a GOP (25) before it, less what came before the camera did, and
    # what a loaded machine's camera does not keep up with.
    assert 40 <= len(shown) <= 120
    (clean,) = [each for each in new["proof"] if each["kind"] == "clean"]
    moment = cv2.imread(str(storage / clean["uri"]), cv2.IMREAD_GRAYSCALE)
    assert moment is not None
    unlike = [float(np.mean(cv2.absdiff(picture, moment))) for picture in shown]
    at = int(np.argmin(unlike))
    assert unlike[at] < 3, "the moment of the alarm is in it"
    assert 10 <= at <= len(shown) - 10, "with what came before and after"


async def test_a_camera_at_rest_sends_a_clip_with_pictures_from_before_its_wake(
    broker: Mosquitto, storage: Path, tmp_path: Path
) -> None:
    """Nothing moves for a while, so key frames alone are decoded; then the lorry comes."""
    quiet = remade(tmp_path / "quiet.mp4", frames=1, still=109, gop=20)
    lorry = remade(tmp_path / "lorry.mp4", frames=160, gop=20)
    more = f"{TRACK}\nattention: auto\nclip: {{before: 9s, after: 2s}}"
    with RtspServer(files=[quiet, lorry]) as camera:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url, more, RULE))
        async with witness(broker.port) as seen:
            with Gateway(tmp_path, text) as gateway:
                await until(seen.events, "an event")
                await until(lambda: clips(seen), "a clip")
    counts = gateway.wait("daemon.stopping")["cameras"]["gate"]
    assert counts["glimpses"] > 0, "it rested"
    assert counts["wakes"] > 0
    shown = await asyncio.to_thread(pictures, clip_of(clips(seen)[0], storage))
    still = [float(np.mean(cv2.absdiff(before, after))) < STILL for before, after in pairwise(shown)]
    assert still.count(True) > 20, "the quiet before it"
    assert still[-20:].count(False) > 15, "and the lorry"
