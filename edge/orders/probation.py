"""How it is decided whether a site file on trial stays."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.orders.trial import Note, Trial, out_of_reach

log = structlog.get_logger()

# s. The vision workers start, a modem that was reset registers, and the ladder's longest wait is 30 s.
PATIENCE = 120.0


@dataclass(slots=True)
class Probation:
    """online: set while the first centre's broker is connected. reload: has the gateway take the file that was put back."""

    trial: Trial
    online: asyncio.Event
    reload: Callable[[], None]
    patience: float = PATIENCE

    async def over(self) -> Note | None:
        """What came of the last trial; None where there was none. Waits while it is on; one that is rolled back is told
        by the desks that are opened with the file before it: then this does not return."""
        note = await asyncio.to_thread(lambda: self.trial.note)
        if note is None or note.state != "trying":
            return note
        try:
            async with asyncio.timeout(self.patience):
                await self.online.wait()
        except TimeoutError:
            await asyncio.to_thread(self.trial.roll_back, out_of_reach(self.patience))
            self.reload()
            await asyncio.Event().wait()
        await asyncio.to_thread(self.trial.keep)
        log.info("config.kept", who=note.who, id=note.id)
        return note.model_copy(update={"state": "kept"})
