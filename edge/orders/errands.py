"""What the main process has a vision worker fetch: stills and clips. The pictures never cross, their files do."""

import asyncio
import time
import uuid
from collections.abc import Callable

from edge.envelope import new_event_id
from edge.fleet import Fleet
from edge.orders.problems import OrderFailed, no_answer
from edge.worker.messages import Cut, Fetched, Piece, Take, Width

# s: decoding a group of pictures of 4K, 10 s long, on a small core, with four cameras before it in the queue.
_STILL = 20.0
_AFTER = 30.0  # s after a clip's end: it is given up after ten by the worker, closed, hashed and synced on a slow card
_TELL = 5.0  # s between two words of progress


class Errands:
    """`heard` is told of every Fetched a worker sends."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._waiting: dict[str, asyncio.Future[Fetched]] = {}

    @property
    def cameras(self) -> frozenset[str]:
        """Those that a worker watches."""
        return self._fleet.cameras

    def heard(self, message: Fetched) -> None:
        """Of an errand nobody waits for any more: ignored."""
        waiting = self._waiting.get(message.errand)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def still(self, camera: str, width: Width | None = None) -> Piece:
        """A picture of now, kept. Raises OrderFailed."""
        order = Take(errand=uuid.uuid4().hex, camera=camera, name=_name(camera, "jpg"), width=width)
        (piece,) = await self._fetched(order, _STILL)
        return piece

    async def clip(
        self, camera: str, start: float, end: float, progress: Callable[[float], None]
    ) -> tuple[Piece, ...]:
        """What there is between these moments (s since 1970), in order of time; the end may still come. Raises
        OrderFailed."""
        order = Cut(errand=uuid.uuid4().hex, camera=camera, name=_name(camera, "mp4"), start=start, end=end)
        telling = asyncio.ensure_future(_tell(start, end, progress))
        try:
            return await self._fetched(order, max(0.0, end - time.time()) + _AFTER)
        finally:
            telling.cancel()

    async def _fetched(self, order: Take | Cut, patience: float) -> tuple[Piece, ...]:
        waiting: asyncio.Future[Fetched] = asyncio.get_running_loop().create_future()
        self._waiting[order.errand] = waiting
        try:
            self._fleet.order(order)
            async with asyncio.timeout(patience):
                found = await waiting
        except TimeoutError:
            raise OrderFailed(no_answer(order.camera)) from None
        finally:
            del self._waiting[order.errand]
        if found.problem is not None:
            raise OrderFailed(found.problem)
        return found.pieces


def _name(camera: str, end: str) -> str:
    """Under the evidence folder, as an event's files are."""
    now = time.time()
    return f"{camera}/{time.strftime('%Y/%m/%d', time.gmtime(now))}/{new_event_id(now)}-order.{end}"


async def _tell(start: float, end: float, progress: Callable[[float], None]) -> None:
    """For as long as the end is still to come."""
    while (now := time.time()) < end:
        progress(max(0.0, min(1.0, (now - start) / (end - start))))
        await asyncio.sleep(_TELL)
