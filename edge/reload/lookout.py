"""Notices that there is another site file: somebody asks, or the file on disk is another one."""

import asyncio
from pathlib import Path

_POLL = 2.0  # s between two looks: nobody who saved a file waits longer
_STILL = 1.0  # s that it has to stay as it is: editors and copies over a poor line write in steps

Stamp = tuple[int, int, int]
"""When it was written (ns), its bytes, its inode: an editor that puts a new file in its place changes the last."""


class Lookout:
    """Of one file, from now on. wanted: set by whoever asks for a look at it now (SIGHUP, an order, the console)."""

    def __init__(self, file: Path, wanted: asyncio.Event, poll: float = _POLL, still: float = _STILL) -> None:
        self._file, self._wanted, self._poll, self._still = file, wanted, poll, still
        self._seen = _stamp(file)

    async def next(self) -> None:
        """Returns when the file is to be read. Whoever cancels it misses nothing."""
        while not await self._asked(self._poll):
            now = await asyncio.to_thread(_stamp, self._file)
            if now not in (None, self._seen) and await self._settled(now):
                break
        self._wanted.clear()
        self._seen = await asyncio.to_thread(_stamp, self._file)

    async def _settled(self, stamp: Stamp | None) -> bool:
        """Whether nobody writes any more, or somebody asks for it as it is."""
        if await self._asked(self._still):
            return True
        return await asyncio.to_thread(_stamp, self._file) == stamp

    async def _asked(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._wanted.wait()
        except TimeoutError:
            return False


def _stamp(file: Path) -> Stamp | None:
    """None: it is not there, as while an editor exchanges it."""
    try:
        now = file.stat()
    except OSError:
        return None
    return now.st_mtime_ns, now.st_size, now.st_ino
