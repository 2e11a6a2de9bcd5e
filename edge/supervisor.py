"""Keeps services running: raise = failed, return = finished, cancel = stop."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from streams.retry import Ladder

log = structlog.get_logger()


class Service(Protocol):
    """Single use: the supervisor builds a fresh instance for every start."""

    async def run(self) -> None: ...


class Hopeless(Exception):
    """Raised by a service that a restart cannot mend; the supervisor passes it on."""


async def supervise(
    name: str,
    make: Callable[[], Service],
    ladder: Ladder,
    failed: Callable[[Exception, float], None],
) -> None:
    """Run a service again and again with the ladder's waits between. Returns when it finishes by itself.

    failed: told of every failure and the seconds until the next start. Raises Hopeless.
    """
    clock = asyncio.get_running_loop().time
    while True:
        started = clock()
        try:
            await make().run()
        except Hopeless:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it dies of, the others go on; `failed` says it)
            wait = ladder.wait(lived=clock() - started)
            failed(error, wait)
            await asyncio.sleep(wait)
        else:
            log.info("service.finished", service=name)
            return
