"""Tasks that are to end, and commands that go on until somebody ends them."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

# asyncio.wait_for before Python 3.12 swallows a cancellation that comes together with what it waits for
# (python/cpython#86296): whoever was told once, and went on, is told again. s.
_AGAIN = (
    4.0  # a service: longer than any takes to put things away (3 s), and in time before systemd kills (10 s)
)
_SOON = 1.0  # a command that only reads


async def put_away(*tasks: asyncio.Task[Any], again: float = _AGAIN) -> None:
    """Cancelled, and waited for until they have put things away; told again each `again` s. Their errors stay with
    them."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)


def until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    """Until it ends, or SIGINT or SIGTERM comes. Raises what it raises."""

    async def whole() -> None:
        task, stop = asyncio.ensure_future(work), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await put_away(stopping, *([] if task.done() else [task]), again=_SOON)
        if not task.cancelled():
            task.result()

    asyncio.run(whole())
