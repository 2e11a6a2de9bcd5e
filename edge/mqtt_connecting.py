"""The way to a connection and out of it: opened, told apart when it fails, left in order."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
from aiomqtt import ProtocolVersion, Will

from edge.mqtt import Connection
from edge.mqtt_address import BrokerAddress, tls_context, turned_away
from edge.mqtt_faults import Fault, MqttFailed, connecting_failed, connection_lost
from edge.mqtt_problems import certificate_wanted, no_answer

# A clean goodbye is one packet; a way that is gone must not hold up a stop.
_GOODBYE_WAIT_S = 0.3
# What nobody subscribes to: to end that makes a broker answer, and changes nothing.
_NOWHERE = "sandwatch/nowhere"


@asynccontextmanager
async def connected(
    address: BrokerAddress, version: ProtocolVersion, will: Will | None
) -> AsyncIterator[Connection]:
    """A connection that the broker has accepted. Raises MqttFailed, also when it is lost inside the block.

    Left by its end or by cancellation it says goodbye, and the will is void; left by an error it hangs up.
    """
    connection = await _connect(address, version, will)
    try:
        yield connection
    except asyncio.CancelledError:
        await _goodbye(connection)
        raise
    except aiomqtt.MqttError as error:
        connection.abandon()
        raise connection_lost(error.__cause__ or error, address.place) from None
    except BaseException:
        connection.abandon()
        raise
    await _goodbye(connection)


async def _connect(address: BrokerAddress, version: ProtocolVersion, will: Will | None) -> Connection:
    tls = await asyncio.to_thread(tls_context, address) if address.tls else None
    try:
        return await _opened(address, version, will, tls)
    except MqttFailed as failed:
        if failed.fault is not Fault.NO_ANSWER:
            raise
    if tls is not None and await asyncio.to_thread(turned_away, address, tls):
        raise MqttFailed(Fault.REFUSED, certificate_wanted(address.place))
    old = version is ProtocolVersion.V5 and await _speaks_3_1_1_only(address, tls)
    raise MqttFailed(Fault.PROTOCOL if old else Fault.NO_ANSWER, no_answer(address.place))


async def _opened(
    address: BrokerAddress,
    version: ProtocolVersion,
    will: Will | None,
    tls: ssl.SSLContext | None,
    *,
    keeps: bool = False,
) -> Connection:
    """keeps: as in Connection. Raises MqttFailed: what this one attempt shows."""
    connection = Connection(address, version, will, tls, keeps=keeps)
    opening = asyncio.ensure_future(connection.__aenter__())
    try:
        return await asyncio.shield(opening)
    except (aiomqtt.MqttError, ValueError) as error:
        connection.abandon()
        raise connecting_failed(error, address.place, tls=tls is not None) from None
    except asyncio.CancelledError:
        # paho connects on a thread, which cannot be interrupted: let it finish, then hang up.
        opening.add_done_callback(lambda _: _hang_up(opening, connection))
        raise


async def _speaks_3_1_1_only(address: BrokerAddress, tls: ssl.SSLContext | None) -> bool:
    """Whether the broker lives and yet leaves MQTT 5 unanswered: it answers 3.1.1 before, and on the same line after.

    One that is killed, comes back or hangs looks the same without that: old ones hang up on MQTT 5, or wait for bytes
    that never come (amqtt).
    """
    try:
        old = await _opened(address, ProtocolVersion.V311, None, tls, keeps=True)
    except MqttFailed:
        return False
    try:
        return await _leaves_5_unanswered(address, tls) and await _answers(old)
    finally:
        await _goodbye(old)


async def _leaves_5_unanswered(address: BrokerAddress, tls: ssl.SSLContext | None) -> bool:
    try:
        await _goodbye(await _opened(address, ProtocolVersion.V5, None, tls))
    except MqttFailed as failed:
        return failed.fault in (Fault.NO_ANSWER, Fault.PROTOCOL)
    return False


async def _answers(connection: Connection) -> bool:
    answer, lost = (
        asyncio.ensure_future(each) for each in (connection.unsubscribe(_NOWHERE), connection.lost())
    )
    await asyncio.wait((answer, lost), return_when=asyncio.FIRST_COMPLETED)
    lost.cancel()
    answer.cancel()
    answered, _ = await asyncio.gather(answer, lost, return_exceptions=True)
    return answered is None


def _hang_up(opening: "asyncio.Future[Connection]", connection: Connection) -> None:
    if not opening.cancelled():
        opening.exception()  # read, or asyncio reports it as forgotten
    connection.abandon()


async def _goodbye(connection: Connection) -> None:
    """Leave in order, so that the broker drops the last will."""
    connection.forget()
    try:
        async with asyncio.timeout(_GOODBYE_WAIT_S):
            await connection.__aexit__(None, None, None)
    except (aiomqtt.MqttError, TimeoutError):
        # The way is gone: so is the connection, and the will says so.
        connection.abandon()
