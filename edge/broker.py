"""A broker inside the daemon, for demonstrations and for a site that has none. Loopback only, no login."""

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from amqtt.broker import Broker
from amqtt.errors import BrokerError

from streams.problem import Problem, ProblemError, Text

log = structlog.get_logger()

# It has no disk and no peer to wait for; what hangs longer is not worth waiting for.
_STOP_S = 1.0


class EmbeddedBrokerFailed(ProblemError):
    """The broker could not start."""


@asynccontextmanager
async def embedded_broker(host: str, port: int) -> AsyncIterator[None]:
    """A running MQTT 3.1.1 broker (amqtt) at host:port, in this event loop.

    Raises ValueError unless host is a loopback address, EmbeddedBrokerFailed if the port is taken.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the embedded broker has no login: {host} is not a loopback address")
    _quieten()
    broker = Broker(_configuration(host, port))
    try:
        await broker.start()
    except BrokerError:
        raise EmbeddedBrokerFailed(_cannot_start(host, port)) from None
    try:
        yield
    finally:
        await _stop(broker)


async def _stop(broker: Broker) -> None:
    try:
        async with asyncio.timeout(_STOP_S):
            await broker.shutdown()
    except TimeoutError:
        # From Python 3.12 on a server waits for clients that never said a word; its port is free already.
        log.info("broker.stop_cut_short", after_s=_STOP_S)


def _configuration(host: str, port: int) -> dict[str, object]:
    return {
        "listeners": {
            "default": {"type": "tcp", "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}"}
        },
        # Named by class path: amqtt 0.12 ignores the short names of its older documentation.
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


def _quieten() -> None:
    """amqtt logs every packet, and warns of each client that asks for MQTT 5 first: ours does by design."""
    logging.getLogger("amqtt").setLevel(logging.WARNING)
    logging.getLogger("amqtt.broker").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.WARNING)


def _cannot_start(host: str, port: int) -> Problem:
    return Problem(
        "broker.port_taken",
        Text(
            f"the embedded MQTT broker cannot listen at {host}:{port}",
            f"内置 MQTT 服务器无法监听 {host}:{port}",
        ),
        Text("stop what uses that port, or choose another", "请停止占用该端口的程序，或换用其他端口"),
    )
