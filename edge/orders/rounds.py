"""The daemon again and again: with the old site file where it did not run with one that is on trial."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from edge.notify import manager
from edge.orders.trial import Trial, died, does_not_run

log = structlog.get_logger()

Serve = Callable[[asyncio.Event, asyncio.Event], Awaitable[None]]
"""One round: load the site file and run a Daemon until the second event is set. The first is set when somebody wants
the file to be looked at again (edge.reload)."""


async def rounds(config: Path, serve: Serve, stop: asyncio.Event) -> None:
    """Until `stop` is set and the round has ended. Raises what `serve` raises, unless a site file is on trial: then it
    is rolled back. One that a process before this one died of is rolled back first. Raises OSError where it cannot."""
    trial = Trial(config)
    if trial.on:
        trial.roll_back(died())
    wanted = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, wanted.set)
    telling = asyncio.create_task(_tell(stop))
    try:
        while await _failed(trial, serve, wanted, stop):
            log.info("daemon.next_round")
    finally:
        telling.cancel()
        loop.remove_signal_handler(signal.SIGHUP)


async def _failed(trial: Trial, serve: Serve, wanted: asyncio.Event, stop: asyncio.Event) -> bool:
    """Whether it ended of a site file on trial."""
    try:
        await serve(wanted, stop)
    except Exception as error:
        if not trial.on:
            raise
        log.error("config.does_not_run", why=str(error))
        trial.roll_back(does_not_run(error))
        return not stop.is_set()
    return False


async def _tell(stop: asyncio.Event) -> None:
    await stop.wait()
    manager().stopping()
