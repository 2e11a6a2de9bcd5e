"""The real gateway beside hostile cameras: what a site would notice of them is nothing."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.hostile import Hostile
from tests.support.matrix import GOOD, Watch, camera, watched

_LONGEST_GAP = 30.0  # s without an event of the good camera: a worker may die and come back in between
_PATIENCE = 120.0  # s more for a busy machine


@dataclass(frozen=True)
class Outcome:
    """units, connections: of the hostile cameras. restarts: why a worker died, each time. gap: the longest time, s,
    in which the good camera had no event. said: codes that were logged about the hostile cameras."""

    seconds: float
    units: int
    connections: int
    events: int
    restarts: tuple[str, ...]
    gap: float
    said: "Counter[str]"

    @property
    def clean(self) -> bool:
        return self.events > 0 and self.gap < _LONGEST_GAP

    def __str__(self) -> str:
        lines = [
            f"{self.seconds:.0f} s, {self.connections} connections, {self.units} access units sent",
            f"  good camera: {self.events} events, longest gap {self.gap:.1f} s",
            f"  worker restarts: {len(self.restarts)} {list(self.restarts)}",
            *(f"  {count:6} {code}" for code, count in self.said.most_common()),
        ]
        return "\n".join(lines)


def beside(folder: Path, *, seed: int, seconds: float, cameras: int = 8, units: int = 0) -> Outcome:
    """The daemon must be there at the end, as the same process, and stop in good order. units: access units that the
    hostile cameras have to have sent by then: a busy machine is given longer for them."""
    (folder / "site").mkdir()
    with Hostile(folder, seed, endless=True) as hostile:
        streams = [camera(f"hostile-{case}", hostile.url(case), _HASTY) for case in range(cameras)]
        with watched(folder / "site", *streams) as watch:
            first, began = watch.mark, time.monotonic()
            gap = _longest_gap(watch, seconds, lambda: hostile.units >= units)
            os.kill(watch.pid, 0)
            lines = watch.gateway.lines[first:]
        return Outcome(
            time.monotonic() - began,
            hostile.units,
            hostile.connections,
            sum(line["event"] == "event.stored" and line["camera"] == GOOD for line in lines),
            tuple(str(line["why"]) for line in lines if line["event"] == "worker.died"),
            gap,
            Counter(str(line["code"]) for line in lines if "code" in line),
        )


_HASTY = "connect_timeout: 1s\nread_timeout: 1s"


def _longest_gap(watch: Watch, seconds: float, enough: Callable[[], bool]) -> float:
    began = last = time.monotonic()
    gap, mark, heard = 0.0, watch.mark, False
    while (now := time.monotonic()) - began < seconds or not (enough() and heard):
        assert now - began < seconds + _PATIENCE, "the good camera or the hostile ones sent nothing"
        time.sleep(0.2)
        fresh, mark = watch.gateway.lines[mark:], watch.mark
        if any(line["event"] == "event.stored" and line["camera"] == GOOD for line in fresh):
            last, heard = now, True
        gap = max(gap, now - last)
    return gap
