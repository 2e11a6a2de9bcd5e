"""A connection that ends at any moment leaves nothing behind in the loop: no complaint, and no deaf successor."""

import asyncio
import select
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiomqtt import ProtocolVersion

from edge.mqtt_address import BrokerAddress
from edge.mqtt_connecting import connected
from edge.mqtt_faults import MqttFailed
from tests.support.faults import Server
from tests.support.mosquitto import PATIENCE_S, Mosquitto
from tests.support.proxy import FaultyLine

V5 = ProtocolVersion.V5
CONNACK = bytes.fromhex("20 03 00 00 00")  # success (MQTT 5, 3.2)
Loop = Callable[[], asyncio.AbstractEventLoop]

loops = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


def complaints(loop: Loop, work: Coroutine[Any, Any, None]) -> list[dict[str, Any]]:
    """What the loop says of its callbacks while it does the work, and in the turns after."""
    said: list[dict[str, Any]] = []

    async def watched() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        await asyncio.wait_for(work, PATIENCE_S)
        for _ in range(5):
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(watched())
    return said


@loops
def test_one_that_ends_as_something_is_sent(loop: Loop) -> None:
    stands = threading.Event()

    def broker(line: socket.socket, _over: threading.Event) -> None:
        line.recv(1000)
        line.sendall(CONNACK)
        stands.wait(PATIENCE_S)

    async def send(port: int) -> None:
        async with connected(BrokerAddress("127.0.0.1", port), V5, None) as connection:
            sock = connection._client.socket()
            assert isinstance(sock, socket.socket)
            stands.set()
            select.select([sock], [], [])  # the loop has not read the end yet
            connection.deliver("a", b"x")
            connection._client.loop_read()  # it reads it in the turn in which something is to be sent
            await connection.lost()

    with Server(broker) as server:
        assert complaints(loop, fails(send(server.port))) == []


async def fails(work: Coroutine[Any, Any, None]) -> None:
    with pytest.raises(MqttFailed):
        await work


@loops
def test_one_that_is_thrown_out_as_it_comes(loop: Loop) -> None:
    def broker(line: socket.socket, _over: threading.Event) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def connect(port: int) -> None:
        for _ in range(50):
            with pytest.raises(MqttFailed) as failed:
                async with connected(BrokerAddress("127.0.0.1", port), V5, None):
                    pass
            assert failed.value.problem.code == "mqtt.no_answer"  # whenever it is noticed

    with Server(broker) as server:
        assert complaints(loop, connect(server.port)) == []


@loops
def test_one_that_is_reset_right_behind_its_first_word(loop: Loop) -> None:
    """uvloop stops watching a socket with an error, and lets it be read once: of its first word alone, here."""
    held, gone = threading.Event(), threading.Event()

    async def work() -> None:
        here = asyncio.get_running_loop()

        def broker(line: socket.socket, _over: threading.Event) -> None:
            line.recv(1000)
            here.call_soon_threadsafe(hold)
            assert held.wait(PATIENCE_S)
            line.sendall(CONNACK)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
            gone.set()

        def hold() -> None:
            held.set()
            gone.wait(PATIENCE_S)

        with Server(broker) as server:
            async with connected(BrokerAddress("127.0.0.1", server.port), V5, None) as connection:
                connection.deliver("a", b"x")
                await connection.lost()

    assert complaints(loop, fails(work())) == []


@loops
def test_a_broker_that_comes_back_behind_a_line_is_heard(loop: Loop, tmp_path: Path) -> None:
    """While it is away the line takes each connection and throws it out."""

    async def work(broker: Mosquitto, line: FaultyLine) -> None:
        address = BrokerAddress("127.0.0.1", line.port, client_id="box")
        with suppress(MqttFailed):
            async with connected(address, V5, None) as connection:
                connection.deliver("a", b"x" * 500)
                broker.kill()
                await connection.lost()
        for _ in range(20):
            with pytest.raises(MqttFailed):
                async with connected(address, V5, None):
                    pass
        broker.start()
        async with connected(address, V5, None) as connection:
            await asyncio.gather(*(connection.deliver("a", b"x" * 500) for _ in range(60)))

    with Mosquitto(tmp_path) as broker, FaultyLine(broker.port, framed=False) as line:
        assert complaints(loop, work(broker, line)) == []
