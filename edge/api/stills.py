"""Pictures of now for pages: fetched from a worker, shown, kept nowhere."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge.orders.errands import Errands
from edge.worker.messages import Width

_Wanted = tuple[str, Width | None]

_FRESH = 2.0  # s: whoever looks at a still sees no difference, and ten pages ask for one


@dataclass(slots=True)
class Stills:
    """For one event loop."""

    clock: Callable[[], float] = time.monotonic
    _held: dict[_Wanted, tuple[float, bytes]] = field(default_factory=dict)
    _turns: dict[_Wanted, asyncio.Lock] = field(default_factory=dict)

    async def of(self, camera: str, width: Width | None, errands: Errands, storage: Path) -> bytes:
        """A JPEG of the camera's best stream; width: None: as large as that is. Raises OrderFailed."""
        wanted = camera, width
        async with self._turns.setdefault(wanted, asyncio.Lock()):
            held = self._held.get(wanted)
            if held is not None and self.clock() - held[0] < _FRESH:
                return held[1]
            piece = await errands.still(camera, width)
            data = await asyncio.to_thread(_taken, storage / piece.proof.uri)
            now = self.clock()
            self._held = {each: held for each, held in self._held.items() if now - held[0] < _FRESH}
            self._held[wanted] = now, data
            return data


@dataclass(frozen=True, slots=True)
class Clip:
    """began: s since 1970 of its first picture."""

    path: Path
    began: float


async def fetched(errands: Errands, storage: Path, camera: str, back: float) -> Clip:
    """A copy of the last `back` seconds, for whoever asks to delete. Raises OrderFailed."""
    now = time.time()
    pieces = await errands.clip(camera, now - back, now, lambda _: None)
    newest = pieces[-1]
    return Clip(await asyncio.to_thread(_own, storage / newest.proof.uri, storage), newest.start)


def _own(path: Path, storage: Path) -> Path:
    """What an event recorded is evidence, and stays; what was fetched for us alone does not."""
    handle, name = tempfile.mkstemp(prefix=".trying-", suffix=path.suffix, dir=storage)
    os.close(handle)
    target = Path(name)
    if path.stem.endswith("-order"):
        path.replace(target)
    else:
        shutil.copyfile(path, target)
    return target


def _taken(path: Path) -> bytes:
    """Not evidence: nobody asked for it to be kept."""
    data = path.read_bytes()
    path.unlink()
    return data
