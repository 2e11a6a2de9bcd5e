"""The service that takes events from the outbox to the broker, for as long as the daemon runs."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from enum import StrEnum
from random import Random
from typing import Any, Literal

import aiomqtt
import structlog
from aiomqtt import ProtocolVersion, Will
from paho.mqtt.reasoncodes import ReasonCode

from edge.commands import Commands
from edge.mqtt import BrokerAddress, Connection
from edge.mqtt_connecting import connected
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_pace import Pace
from edge.mqtt_problems import cannot_listen, centre_silent, publishing_refused, unacknowledged
from edge.mqtt_session import ACK_WAIT_S, REFUSED_FROM, Session
from edge.mqtt_telemetry import EVERY, Look, Telemetry
from edge.mqtt_versions import Versions
from edge.mqtt_words import Hear, Words
from edge.outbox import Consumer
from edge.outbox_problems import OutboxError
from edge.presence import Birth, Death
from edge.site_id import SiteId
from edge.store import StoreError
from edge.wire import rfc3339
from streams.problem import Problem
from streams.retry import Ladder

log = structlog.get_logger()

# With the goodbye (0.3 s) and the workers' leave (1.5 s) under the 3 s in which the daemon promises to stop,
# also where the broker hangs. Several round trips over 4G; what is not sent by then waits on disk.
_DRAIN_S = 0.7
_DEATH_S = 0.3


def _ladder() -> Ladder:
    """first: the network blinked. cap: the longest that events wait once the broker is back. fatal: a person
    has to mend it, and brokers ban who hammers. settled: one that breaks sooner may break at once again."""
    return Ladder(Random(), first=0.5, cap=30.0, fatal=80.0, settled=30.0)  # noqa: S311 (jitter)


class State(StrEnum):
    CONNECTING = "connecting"  # no attempt has come to an end yet
    ONLINE = "online"  # birth is out, events flow
    OFFLINE = "offline"  # the way or the broker is down: tried again by itself
    REFUSED = "refused"  # a setting is wrong: tried again seldom


OnState = Callable[[State, Problem | None], None]


class Publisher:
    """Sends every row of one centre's with QoS 1, in order, until acknowledged; keeps birth and death true.

    acknowledge: whose word lets a row go: the centre's own (`received` on case/+/down, by way of `hear`), or the
    broker's. hear: takes what the centre says of cases; telemetry: gives the cameras' health, sent
    beside every so many s.

    `run` ends only by cancellation (then what waits is drained briefly) or with an OutboxError. `on_state` is
    called on the event loop when the state or its problem changes, never once per attempt.
    """

    def __init__(
        self,
        address: BrokerAddress,
        site: SiteId,
        consumer: Consumer,
        birth: Birth,
        *,
        acknowledge: Literal["centre", "broker"] = "broker",
        on_state: OnState = lambda _state, _problem: None,
        ladder: Ladder | None = None,
        versions: Versions | None = None,
        commands: Commands | None = None,
        hear: Hear | None = None,
        pace: Pace | None = None,
        telemetry: Look | None = None,
        telemetry_every: float = EVERY,
    ) -> None:
        self._address, self._consumer, self._birth = address, consumer, birth
        self._topic = site.birth_topic()
        self._on_state = on_state
        self._ladder, self._versions = ladder or _ladder(), versions or Versions(speaks_5=address.speaks_5)
        self._commands = commands
        self._pace = (pace or Pace()) if acknowledge == "centre" else None
        self._words = Words(site, consumer, hear, self._pace) if hear else None
        self._telemetry = Telemetry(site, birth.boot_id, telemetry, telemetry_every) if telemetry else None
        self._told_fallback = False
        self.state = State.CONNECTING
        self.problem: Problem | None = None

    async def run(self) -> None:
        if self._telemetry is None:
            await self._keep()
        else:
            await _until_one_ends(self._keep(), self._telemetry.run())

    async def _keep(self) -> None:
        """One connection after another."""
        while True:
            version = self._versions.choose()
            started = asyncio.get_running_loop().time()
            try:
                await self._connection(version)
            except MqttFailed as failed:
                lived = asyncio.get_running_loop().time() - started
                await self._recover(version, failed, lived)

    async def _recover(self, version: ProtocolVersion, failed: MqttFailed, lived: float) -> None:
        if self._versions.failed(version, failed.fault):
            return
        refused = failed.fault is Fault.REFUSED
        self._become(State.REFUSED if refused else State.OFFLINE, failed.problem)
        await asyncio.sleep(self._ladder.wait(lived=lived, fatal=refused))

    async def _connection(self, version: ProtocolVersion) -> None:
        """One connection, from the first packet to the last. Raises MqttFailed."""
        async with connected(self._address, version, self._will()) as connection:
            self._worked(version)
            session = await self._session(connection)
            try:
                await _until_one_ends(
                    self._serve(connection, session),
                    connection.lost(lambda message: self._take(connection, message)),
                    *([self._words.run(connection)] if self._words else []),
                    *([self._mind(self._pace)] if self._pace else []),
                )
            except aiomqtt.MqttError:
                await session.broken()
                raise
            except StoreError as refused:
                # Not answered for: the broker gives it again over the next connection.
                raise MqttFailed(Fault.RETRY, refused.problem) from None
            except asyncio.CancelledError:
                await self._farewell(connection, session)
                raise
            finally:
                if self._pace is not None:
                    self._pace.parted()

    async def _session(self, connection: Connection) -> Session:
        return Session(
            connection,
            self._consumer,
            place=self._address.place,
            live_from=await self._consumer.last_seq() + 1,
            standing=await self._consumer.standing(),
            pace=self._pace,
        )

    async def _serve(self, connection: Connection, session: Session) -> None:
        await self._announce(connection)
        self._become(State.ONLINE, None)
        await self._listen(connection)
        parts = [part for part in (self._commands, self._telemetry) if part is not None]
        for part in parts:
            part.connected(connection)
        try:
            await session.pump()
        finally:
            for part in parts:
                part.connected(None)

    async def _listen(self, connection: Connection) -> None:
        """A broker that lets us hear nothing still gets the events, and it is said."""
        topics = [*(self._commands.topics if self._commands else ())]
        topics += [self._words.topic] if self._words else []
        granted = await connection.subscribe([(topic, 1) for topic in topics]) if topics else ()
        for topic, code in zip(topics, granted, strict=True):
            if _reason(code) >= REFUSED_FROM:
                problem = cannot_listen(self._address.place, topic, _reason(code))
                log.warning(problem.code, broker=self._address.place, problem=problem.say("en"))

    def _take(self, connection: Connection, message: aiomqtt.Message) -> None:
        if self._words is not None and self._words.take(message):
            return
        if self._commands is not None:
            self._commands.take(message)
        connection.answered(message)

    async def _mind(self, pace: Pace) -> None:
        """Says when the broker takes what nobody acknowledges."""
        while True:
            await asyncio.sleep(pace.first)
            if self.state is State.ONLINE:
                self._become(State.ONLINE, centre_silent(self._address.place) if pace.deaf else None)

    async def _announce(self, connection: Connection) -> None:
        birth = self._birth.at(time.time()).model_dump_json().encode()
        try:
            async with asyncio.timeout(ACK_WAIT_S):
                reason = await connection.deliver(self._topic, birth, retain=True)
        except TimeoutError:
            raise MqttFailed(Fault.RETRY, unacknowledged(self._address.place)) from None
        if reason >= REFUSED_FROM:
            raise MqttFailed(Fault.REFUSED, publishing_refused(self._address.place, self._topic, reason))

    async def _farewell(self, connection: Connection, session: Session) -> None:
        """What can still be sent in a moment, then the death: before the goodbye that voids the will."""
        try:
            await asyncio.wait_for(session.pump(until_empty=True), _DRAIN_S)
        except (TimeoutError, MqttFailed, OutboxError, aiomqtt.MqttError) as error:
            log.info(
                "mqtt.stopped_with_events_waiting", broker=self._address.place, reason=type(error).__name__
            )
        death = self._death("stopped", rfc3339(time.time()))
        try:
            await asyncio.wait_for(connection.deliver(self._topic, death, retain=True), _DEATH_S)
        except (TimeoutError, aiomqtt.MqttError) as error:
            log.info("mqtt.death_unconfirmed", broker=self._address.place, reason=type(error).__name__)

    def _will(self) -> Will:
        return Will(self._topic, self._death("lost", None), qos=1, retain=True)

    def _death(self, reason: str, moment: str | None) -> bytes:
        death = Death.model_validate({"boot_id": self._birth.boot_id, "reason": reason, "time": moment})
        return death.model_dump_json().encode()

    def _worked(self, version: ProtocolVersion) -> None:
        if version is ProtocolVersion.V311 and not self._told_fallback:
            self._told_fallback = True
            log.info("mqtt.speaks_3_1_1_only", broker=self._address.place)

    def _become(self, state: State, problem: Problem | None) -> None:
        if (state, problem) == (self.state, self.problem):
            return
        self.state, self.problem = state, problem
        self._on_state(state, problem)


def _reason(code: object) -> int:
    """MQTT 3.1.1 says it by a number, MQTT 5 by a reason code."""
    return int(code.value) if isinstance(code, ReasonCode) else int(str(code))


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Do all of it at once until one ends, with its result or error: the connection's loss, as a rule."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                return task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
