"""In every process of the gateway that is soaked: its wall clock can be put elsewhere, and it tells how many tasks it has.

The clock is Python's time.time, where the gateway reads the wall clock (edge.clock, edge.clocks); datetime.now, SQLite and
the kernel keep theirs.
"""

import asyncio
import mmap
import os
import signal
import struct
import time
from pathlib import Path

_true = time.time
_SHIFT = struct.Struct("d")


def _shifted(path: str) -> None:
    with Path(path).open("rb") as file:
        page = mmap.mmap(file.fileno(), _SHIFT.size, prot=mmap.PROT_READ)
    time.time = lambda: _true() + _SHIFT.unpack_from(page)[0]


def _told(path: str) -> None:
    def tell(_number: int, _frame: object) -> None:
        # What is done may wait for the garbage collector, in a cycle with the traceback it ended with: that is no task.
        going = sum(not task.done() for task in list(asyncio.tasks._all_tasks))  # type: ignore[attr-defined]
        Path(path).write_text(str(going), encoding="ascii")

    signal.signal(signal.SIGUSR2, tell)


if where := os.environ.get("SOAK_SHIFT"):
    _shifted(where)
if where := os.environ.get("SOAK_TASKS"):
    _told(where)
