"""What the probed processes write down: one JSON object per line, a file per process."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = "SANDWATCH_PROBE"
MARKS = "SANDWATCH_PROBE_MARKS"
"""PLACE,PLACE.../LENGTH: note the arrival of packet PLACE of every LENGTH of a camera, under CAMERA/NUMBER OF THE
LENGTH/and resting or awake. The first place is that of camera-1, and so on, over again."""


@dataclass(frozen=True, slots=True)
class Note:
    """what: the door. key: of a picture its time in µs since 1970, of a message its id. at: s since 1970."""

    what: str
    key: str
    at: float


class Notebook:
    """Lines are small and written whole: threads do not mix them."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / f"{os.getpid()}.notes").open("ab", buffering=0)

    def note(self, what: str, key: str) -> None:
        self._file.write(json.dumps([what, key, time.time()]).encode() + b"\n")


def notebook() -> Notebook:
    """Raises KeyError outside a probed daemon."""
    return Notebook(Path(os.environ[FOLDER]))


def picture(moment: float) -> str:
    """The key of a picture; moment: its time, s since 1970."""
    return str(round(moment * 1e6))


def read(folder: Path) -> Iterator[Note]:
    for path in sorted(folder.glob("*.notes")):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield Note(*json.loads(line))
