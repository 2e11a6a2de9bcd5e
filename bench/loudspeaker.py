"""From the mouth to a camera's loudspeaker: how late a word is there, and what it costs."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from numpy.typing import NDArray

from bench.report import Goal, Report, spread
from relay.loudspeaker.booth import Booth
from relay.loudspeaker.loudspeaker import Loudspeaker
from relay.loudspeaker.spec import LoudspeakerSpec
from relay.media.stream import Packet
from streams.problem import Problem
from tests.support.loudspeaker import Heard, LoudspeakerCamera
from tests.support.opus import FRAME, packets, tone

QUESTION = "How late does a camera's loudspeaker say what the operator says, and at what cost?"

_WAYS: dict[str, tuple[Any, int, dict[str, Any]]] = {  # name -> what the camera takes, its rate, our settings
    "pcma_20ms_tcp": ("pcma", 8000, {}),
    "pcma_20ms_udp": ("pcma", 8000, {"transport": "udp"}),
    "pcma_60ms_tcp": ("pcma", 8000, {"packet_time": "60ms"}),
    "aac_tcp": ("aac", 16000, {}),
}
_BEAT = 0.5  # s from one beep to the next
_BEEP = 0.1  # s
_LOUD = 0.1 * 32768  # a beep has begun: the first of its samples that is a fifth of its peak
_PATIENCE = 30.0  # s: GStreamer from a cold disk


def run(quick: bool) -> Report:
    figures: dict[str, Any] = {}
    for name, (codec, rate, settings) in _WAYS.items():
        figures[name] = uvloop.run(_measured(codec, rate, settings, 4 if quick else 40))
    late = figures["pcma_20ms_tcp"]["mouth_to_loudspeaker_ms"]["p95"]
    return Report(figures, {"p95 of mouth to loudspeaker": Goal(late, "ms", at_most=150.0)})


async def _measured(codec: Any, rate: int, settings: dict[str, Any], beeps: int) -> dict[str, Any]:
    beat = np.concatenate([np.zeros(round((_BEAT - _BEEP) * 48000), np.int16), tone(1000, _BEEP)])
    speech = packets(np.tile(beat, beeps))
    with tempfile.TemporaryDirectory() as folder, LoudspeakerCamera(Path(folder), codec=codec) as camera:
        known = {"url": camera.url, "allow_networks": ["127.0.0.0/8"], **settings}
        told, booth = _Told(), Booth("bench")
        horn = Loudspeaker("horn", LoudspeakerSpec.model_validate(known), booth, told)
        running = asyncio.create_task(horn.run())
        async with asyncio.timeout(_PATIENCE):
            await told.ready.wait()
        began, cpu = time.monotonic(), time.process_time()
        put = await _speak(booth, speech)
        await asyncio.sleep(_BEAT)
        spent = (time.process_time() - cpu) / (time.monotonic() - began)
        running.cancel()
        await asyncio.wait({running})
        booth.close()
        late = list(_lateness(camera.heard(), rate, put, beeps))
    return {
        "mouth_to_loudspeaker_ms": spread(late),
        "beeps_not_heard": beeps - len(late),
        "cpu_cores_while_speaking": spent,
    }


class _Told:
    def __init__(self) -> None:
        self.ready = asyncio.Event()

    def connected(self, name: str) -> None:
        self.ready.set()

    def lost(self, name: str, problem: Problem) -> None:
        raise RuntimeError(problem.say("en"))


async def _speak(booth: Booth, speech: list[Packet]) -> list[float]:
    """When each packet came, at the pace of speech."""
    began, put = time.monotonic(), []
    for place, packet in enumerate(speech):
        await asyncio.sleep(max(0.0, began + place * 0.02 - time.monotonic()))
        put.append(time.monotonic())
        booth.put(packet)
    return put


def _lateness(heard: Heard, rate: int, put: list[float], beeps: int) -> Iterator[float]:
    """ms from the moment a beep began before the microphone (20 ms before its packet was full) until it was played;
    none for a beep that was not, before the next one began."""
    played = _played(heard, rate)
    for spoken in _spoken(put, beeps):
        after = (at - spoken for at in played if spoken < at < spoken + _BEAT)
        if (late := next(after, None)) is not None:
            yield late * 1000


def _spoken(put: list[float], beeps: int) -> Iterator[float]:
    for beep in range(beeps):
        place, rest = divmod(round((beep * _BEAT + _BEAT - _BEEP) * 48000), FRAME)
        yield put[place] - 0.02 + rest / 48000


def _played(heard: Heard, rate: int) -> list[float]:
    size = heard.sound.size // len(heard.times)  # all packets are as long
    at = np.flatnonzero(np.abs(heard.sound.astype(np.int32)) > _LOUD)
    starts: NDArray[np.int64] = at[np.diff(at, prepend=-rate) > rate * (_BEAT - _BEEP) / 2]
    return [heard.times[start // size] + float(start % size / rate) for start in starts]
