"""Which fault comes when. Pure, and the same for the same seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """Of a camera's line: reset (RST), stall (open, silent), garbled (bits of the pictures), blank (packets without a
    picture). power: a server of several cameras dies. broker_cut, broker_stall, broker_killed: the way to the centre
    and the broker itself. worker: SIGKILL. disk: storage full. clock: the box's wall clock jumps. reload: the site
    file changes."""

    RESET = "camera reset"
    STALL = "camera stalls"
    GARBLED = "camera garbled"
    BLANK = "camera without pictures"
    POWER = "cameras without power"
    BROKER_CUT = "way to the broker cut"
    BROKER_STALL = "way to the broker silent"
    BROKER_KILLED = "broker killed"
    WORKER = "worker killed"
    DISK = "disk full"
    CLOCK = "clock jumps"
    RELOAD = "site file changed"


OF_A_CAMERA = (Kind.RESET, Kind.STALL, Kind.GARBLED, Kind.BLANK)
# How often each comes, against the others, and how long it lasts, s. A stall has to outlast the read time-out (5 s).
_WEIGHTS = {
    Kind.RESET: (3, 0.0, 0.0),
    Kind.STALL: (3, 7.0, 15.0),
    Kind.GARBLED: (2, 3.0, 10.0),
    Kind.BLANK: (1, 5.0, 35.0),
    Kind.POWER: (2, 2.0, 15.0),
    Kind.BROKER_CUT: (2, 1.0, 15.0),
    Kind.BROKER_STALL: (1, 10.0, 25.0),
    Kind.BROKER_KILLED: (2, 0.5, 10.0),
    Kind.WORKER: (2, 0.0, 0.0),
    Kind.DISK: (1, 5.0, 15.0),
    Kind.CLOCK: (1, 5.0, 20.0),
    Kind.RELOAD: (1, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """at: s from the beginning. lasts: s. target: a number that says which camera, server or worker."""

    at: float
    kind: Kind
    lasts: float
    target: int


def schedule(seed: int, until: float, kinds: Sequence[Kind], gap: tuple[float, float]) -> Iterator[Fault]:
    """In order, each a random time out of `gap`, s, after the last one began. A kind is not begun again while it
    lasts, but for faults of cameras, which lie at different ones."""
    random = Random(seed)
    weights = [_WEIGHTS[kind][0] for kind in kinds]
    at, busy = 0.0, dict.fromkeys(kinds, 0.0)
    while (at := at + random.uniform(*gap)) < until:
        kind = random.choices(kinds, weights)[0]
        _, least, most = _WEIGHTS[kind]
        lasts, target = random.uniform(least, most), random.randrange(1 << 16)
        if kind in OF_A_CAMERA or busy[kind] <= at:
            busy[kind] = at + lasts
            yield Fault(at, kind, lasts, target)
