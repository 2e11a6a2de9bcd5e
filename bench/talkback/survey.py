"""A speaker, a relay, and listeners, of which one is Chromium; what the one heard of what the other said."""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Self

from bench.talkback.ear import Ear
from bench.talkback.losses import Loss
from bench.talkback.mouth import FRAME, PERIOD, PITCHES, RATE
from bench.talkback.wire import Child

_TAIL = len(PITCHES) * PERIOD * FRAME / RATE  # s: a longer delay cannot be told from that of a later mark
_TRUE = 0.15  # of its pitch: what is further off was torn by a loss, and is nobody's
_COUNTS = (
    "concealedSamples", "totalSamplesReceived", "jitterBufferDelay", "jitterBufferEmittedCount",
)  # fmt: skip
_SETTLE = 4.0  # s: the jitter buffer of a fresh connection has found its length


@dataclass(frozen=True, slots=True)
class Heard:
    """delays: of each mark, mouth to ear, s; unheard: marks; holes: s of silence in a steady tone."""

    said: int
    lost: int
    delays: tuple[float, ...] = ()
    unheard: int = 0
    holes: tuple[float, ...] = ()
    concealed: float = 0.0
    """Of the samples played, 0 to 1."""
    played: float = 0.0
    """s of sound."""
    buffered: float = 0.0
    """s in the browser's jitter buffer, mean."""


class Scene:
    """Used as `with`."""

    def __init__(self, which: str, listeners: int) -> None:
        """which: relays' name of the relay; listeners: Chromium among them."""
        self._which, self._listeners = which, listeners
        self._stack = ExitStack()
        self._seed = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._connect(stack)
            self._stack = stack.pop_all()
        return self

    def _connect(self, stack: ExitStack) -> None:
        self.relay = stack.enter_context(Child("bench.talkback.relays", self._which))
        self.mouth = stack.enter_context(Child("bench.talkback.mouth"))
        self.crowd = stack.enter_context(Child("bench.talkback.crowd"))
        self.ear = stack.enter_context(Ear())
        self.mouth.ask("answer", sdp=self.relay.ask("publish", sdp=self.mouth.ask("offer")))
        self.ear.accept(self.relay.ask("listen", sdp=self.ear.offer(), name="ear"))
        for number in range(self._listeners - 1):
            self.join(f"listener-{number}")
        self.mouth.ask("play", sound="hush", seconds=_SETTLE, loss={}, seed=0)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def join(self, name: str) -> None:
        sdp = self.crowd.ask("offer", name=name)
        self.crowd.ask("answer", name=name, sdp=self.relay.ask("listen", sdp=sdp, name=name))

    def leave(self, name: str) -> None:
        self.crowd.ask("leave", name=name)
        self.relay.ask("leave", name=name)

    def play(self, what: str, seconds: float, loss: Loss) -> Heard:
        self._seed += 1
        before = self.ear.told()["stats"]
        self.ear.begin()
        said = self.mouth.ask("play", sound=what, seconds=seconds, loss=asdict(loss), seed=self._seed)
        time.sleep(_TAIL)
        told = self.ear.told()
        shift = statistics.median(told["shifts"])
        delays = matched(said["marks"], told["marks"], shift)
        holes = [seconds for at, seconds in told["holes"] if at + shift > said["began"]]
        grown = {name: told["stats"][name] - before.get(name, 0) for name in _COUNTS}
        return Heard(
            len(said["marks"]),
            said["lost"],
            tuple(delays),
            len(said["marks"]) - len(delays),
            tuple(holes) if what == "tone" else (),
            _share(grown, "concealedSamples", "totalSamplesReceived"),
            grown["totalSamplesReceived"] / RATE,
            _share(grown, "jitterBufferDelay", "jitterBufferEmittedCount"),
        )

    def cpu(self, seconds: float) -> float:
        """Cores that the relay takes while somebody speaks to all."""
        began, start = self.relay.ask("cpu"), time.monotonic()
        self.mouth.ask("play", sound="marks", seconds=seconds, loss={}, seed=0)
        cores: float = (self.relay.ask("cpu") - began) / (time.monotonic() - start)
        time.sleep(_TAIL)
        return cores

    def held(self) -> dict[str, int]:
        """By the relay: tasks, threads, files, bytes of memory."""
        found: dict[str, int] = self.relay.ask("held")
        return found

    def press(self, times: int) -> dict[str, list[float]]:
        """ms; see crowd."""
        sdp = self.relay.ask("talk", sdp=self.crowd.ask("button"))
        self.crowd.ask("answer", name="presser", sdp=sdp)
        pressed: dict[str, list[float]] = self.crowd.ask("press", times=times)
        return pressed


def matched(said: Sequence[Sequence[float]], heard: Sequence[Sequence[float]], shift: float) -> list[float]:
    """Delay of each mark that was heard, s. said: epoch, number of its pitch; heard: browser's clock, Hz.

    A mark is the one said last of those with its pitch; a delay of more than _TAIL is taken for a shorter one. A mark
    heard twice (a hole in its middle) counts once.
    """
    delays: dict[float, float] = {}
    for at, hertz in heard:
        pitch = min(range(len(PITCHES)), key=lambda number: abs(PITCHES[number] - hertz))
        if abs(PITCHES[pitch] - hertz) > _TRUE * PITCHES[pitch]:
            continue
        before = [began for began, number in said if number == pitch and 0 < at + shift - began < _TAIL]
        if before:
            delays.setdefault(before[-1], at + shift - before[-1])
    return list(delays.values())


def _share(grown: dict[str, float], part: str, whole: str) -> float:
    return grown[part] / grown[whole] if grown[whole] else 0.0
