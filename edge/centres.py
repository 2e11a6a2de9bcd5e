"""The command centres of a site: where each is, and the service that brings it every message."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from edge.cases.words import Received
from edge.commands import Commands
from edge.mqtt_address import BrokerAddress
from edge.mqtt_telemetry import Look
from edge.outbox import Outbox
from edge.outbox_problems import OutboxFull
from edge.presence import Birth
from edge.publisher import Publisher, State
from edge.settings.centres import FIRST, BrokerSettings
from edge.settings.model import Site
from edge.site_id import SiteId
from edge.status import Status
from streams.problem import Problem

_PATIENCE = 5.0  # s between two tries on a full disk: time for somebody to make room

Down = Callable[[str, str, bytes], Awaitable[Received | None]]
"""Takes what a centre says of a case: the centre's name, the event id, the payload (edge.cases.book)."""


def settings(site: Site) -> Mapping[str, BrokerSettings]:
    """By name; the one at `broker:` first."""
    return {FIRST: site.broker, **{centre.name: centre for centre in site.centres}}


def address(site: Site, broker: BrokerSettings | None = None) -> BrokerAddress:
    """Where a centre's broker is, and how to log in there. broker: None is the first centre's."""
    broker = broker or site.broker
    username, password = broker.login
    return BrokerAddress(
        host=broker.host,
        port=broker.port,
        tls=broker.tls,
        username=username,
        password=password,
        ca_file=broker.ca_file,
        cert_file=broker.cert_file,
        key_file=broker.key_file,
        key_password=broker.key_password,
        client_id=broker.client_id or f"sandwatch-{site.site.area}-{site.site.id}",
        keepalive=round(broker.keepalive),
        session=round(broker.session),
    )


class Centres:
    """Their publishers: one that is slow or away holds up no other."""

    def __init__(
        self,
        site: Site,
        first: BrokerAddress,
        where: SiteId,
        status: Status,
        commands: Mapping[str, Commands],
    ) -> None:
        """first: of the first centre, as `address` gives it or changed for a demo. commands: of each."""
        self._site, self._first, self._where = site, first, where
        self._status, self._commands = status, commands

    def services(
        self, outbox: Outbox, birth: Birth, down: Down, look: Look
    ) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """By the name of their centre. look: the cameras' health."""
        return {
            name: partial(self._deliver, partial(self._publisher, name, broker, outbox, birth, down, look))
            for name, broker in settings(self._site).items()
        }

    def _publisher(
        self, name: str, broker: BrokerSettings, outbox: Outbox, birth: Birth, down: Down, look: Look
    ) -> Publisher:
        return Publisher(
            self._first if name == FIRST else address(self._site, broker),
            self._where,
            outbox.consumer(name),
            birth,
            acknowledge=broker.acknowledge,
            on_state=partial(self._state, name),
            commands=self._commands[name],
            hear=partial(down, name),
            telemetry=look,
        )

    async def _deliver(self, make: Callable[[], Publisher]) -> None:
        """A full disk, on which nobody can note who has what, is waited out; the others' errors end the daemon."""
        while True:
            try:
                await make().run()
            except OutboxFull as full:
                self._status.problem("outbox", full.problem)
            await asyncio.sleep(_PATIENCE)

    def _state(self, name: str, state: State, problem: Problem | None) -> None:
        if name == FIRST:
            self._status.broker(state, problem)
        else:
            self._status.problem(f"centre.{name}", problem)
