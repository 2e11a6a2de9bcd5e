"""What is kept of talk, of which groups."""

import asyncio
from dataclasses import dataclass

from relay.filming import Filmer
from relay.recording import Recorder


@dataclass(frozen=True, slots=True)
class Archive:
    """recorder, filmer: of speech, of pictures; None: none is kept. without: groups of which nothing is."""

    recorder: Recorder | None = None
    filmer: Filmer | None = None
    without: frozenset[str] = frozenset()

    def of(self, group: str) -> "Archive":
        return NOTHING if group in self.without else self

    async def close(self, patience: float) -> None:
        """Write what waits, for at most `patience` s."""
        closing = (part.close for part in (self.recorder, self.filmer) if part is not None)
        await asyncio.gather(*(asyncio.to_thread(close, patience) for close in closing))


NOTHING = Archive()
