"""Running a service until something is so."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def until(work: Coroutine[Any, Any, None], so: Callable[[], object], patience: float = 60.0) -> None:
    """Run `work` until `so` is true, or for `patience` s. What it raises, this raises."""
    running = asyncio.ensure_future(work)
    end = asyncio.get_running_loop().time() + patience
    while not so() and not running.done() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()
