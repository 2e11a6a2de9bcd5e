"""The daemon again and again: with a new site file after config.apply, with the old one where the new one did not do."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from edge.notify import manager
from edge.orders.trial import Trial, died, does_not_run

log = structlog.get_logger()

Serve = Callable[[Callable[[], None], asyncio.Event], Awaitable[None]]
"""One round: load the site file and run a Daemon until the event is set; the callable asks for another round."""


async def rounds(config: Path, serve: Serve, stop: asyncio.Event) -> None:
    """Until `stop` is set and the round has ended. Raises what `serve` raises, unless a site file is on trial: then it
    is rolled back. One that a process before this one died of is rolled back first. Raises OSError where it cannot."""
    trial = Trial(config)
    if trial.on:
        trial.roll_back(died())
    while await _round(trial, serve, stop):
        log.info("daemon.next_round")


async def _round(trial: Trial, serve: Serve, stop: asyncio.Event) -> bool:
    """Whether another one is asked for."""
    ending = asyncio.Event()
    again = False

    def restart() -> None:
        nonlocal again
        again = True
        manager().reloading()
        ending.set()

    async def stopping() -> None:
        await stop.wait()
        manager().stopping()
        ending.set()

    watch = asyncio.create_task(stopping())
    try:
        await serve(restart, ending)
    except Exception as error:
        if not trial.on:
            raise
        log.error("config.does_not_run", why=str(error))
        trial.roll_back(does_not_run(error))
        again = True
    finally:
        watch.cancel()
    return again and not stop.is_set()
