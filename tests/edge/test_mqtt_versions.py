"""A broker is taken for an old one when it shows that it is, and never because it dies, hangs or comes back."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion
from structlog.testing import capture_logs

from edge import mqtt
from edge.mqtt_address import BrokerAddress
from edge.mqtt_connecting import connected
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_versions import Versions
from edge.publisher import State
from tests.support.faults import Server
from tests.support.mosquitto import PATIENCE_S, Mosquitto, until
from tests.support.publishing import outbox_at, publishing

V5, V311 = ProtocolVersion.V5, ProtocolVersion.V311
LEVEL = 8  # the byte of CONNECT that names the version: 5, or 4 for 3.1.1 (both standards, 3.1.2.2)


@dataclass
class Dying:
    """The line to a broker that dies at some connections, as `kill -9` has it: whatever it has open is reset."""

    target: int
    dies_at: tuple[int, ...]
    takes: int
    """Bytes of CONNECT that it reads first."""
    says: int
    """Bytes of CONNACK that get out."""
    number: int = 0
    lines: list[socket.socket] = field(default_factory=list)

    def __call__(self, near: socket.socket, over: threading.Event) -> None:
        self.number += 1
        self.lines.append(near)
        dies = self.number in self.dies_at
        if dies and self.takes:
            near.settimeout(PATIENCE_S)
            near.recv(self.takes)
        near.settimeout(0.05)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as far:
            if dies:
                near.sendall(bytes.fromhex("20 03 00 00 00")[: self.says])
                self._die()
            else:
                _carry(near, far, over)

    def _die(self) -> None:
        for line in self.lines:
            with suppress(OSError):  # closed before
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.close()


def _carry(near: socket.socket, far: socket.socket, over: threading.Event) -> None:
    far.settimeout(0.05)
    back = threading.Thread(target=_copy, args=(far, near, over), daemon=True)
    back.start()
    _copy(near, far, over)
    back.join()


def _copy(source: socket.socket, to: socket.socket, over: threading.Event) -> None:
    with suppress(OSError):
        while not over.is_set():
            with suppress(TimeoutError):
                if not (data := source.recv(4096)):
                    break
                to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("takes", "says"), [(0, 0), (1, 0), (LEVEL, 0), (40, 0), (4096, 0), (4096, 1), (4096, 2), (4096, 4)]
)
@pytest.mark.parametrize("dies_at", [(1,), (1, 2), (1, 3), (1, 3, 4, 6)])
async def test_a_broker_that_dies_in_the_middle_of_connect(
    tmp_path: Path, dies_at: tuple[int, ...], takes: int, says: int
) -> None:
    """The third connection asks the second question: then the one that answered the first is gone as well."""
    with capture_logs() as logs, Mosquitto(tmp_path) as broker:
        with Server(Dying(broker.port, dies_at, takes, says)) as line:
            async with (
                outbox_at(tmp_path / "outbox.sqlite") as outbox,
                publishing(outbox, line.port) as publisher,
            ):
                await until(lambda: publisher.state is State.ONLINE)
                assert line.connections > dies_at[0]
        spoken = broker.log
    assert "mqtt.speaks_3_1_1_only" not in [each["event"] for each in logs]
    assert spoken.rindex("as box (p5") > spoken.rfind("as box (p2")


async def test_what_the_broker_keeps_for_the_box_outlives_the_question(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        here = BrokerAddress("127.0.0.1", broker.port, client_id="box", session=600)
        async with connected(here, V5, None) as connection:
            await connection.subscribe("cmd/+", qos=1)
        async with connected(BrokerAddress("127.0.0.1", broker.port), V5, None) as centre:
            await centre.deliver("cmd/1", b"look")
        with Server(Dying(broker.port, (1,), 4096, 0)) as line:
            there = BrokerAddress("127.0.0.1", line.port, client_id="box", session=600)
            with pytest.raises(MqttFailed):
                async with connected(there, V5, None):
                    pass
            assert line.connections == 3  # it was asked
        async with asyncio.timeout(PATIENCE_S), connected(here, V5, None) as connection:
            assert (await anext(connection.messages)).payload == b"look"


async def test_a_broker_that_hangs_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_ANSWER_WAIT_S", 3.0)

    with Mosquitto(tmp_path) as broker:
        alive = Dying(broker.port, (), 0, 0)
        connections: list[socket.socket] = []

        def line(near: socket.socket, over: threading.Event) -> None:
            connections.append(near)
            if len(connections) == 1:
                near.recv(4096)
                over.wait()
            else:
                alive(near, over)

        with Server(line) as server:
            assert await agreed(server.port) == [(V5, Fault.NO_ANSWER), (V5, None)]


async def agreed(port: int) -> list[tuple[ProtocolVersion, Fault | None]]:
    """What was tried and how it failed, up to the connection that stood."""
    versions, tried = Versions(), list[tuple[ProtocolVersion, Fault | None]]()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            version = versions.choose()
            try:
                async with connected(BrokerAddress("127.0.0.1", port, client_id="box"), version, None):
                    return [*tried, (version, None)]
            except MqttFailed as failed:
                tried.append((version, failed.fault))
                versions.failed(version, failed.fault)


def _says_so(near: socket.socket, _over: threading.Event) -> None:
    near.sendall(bytes.fromhex("20 02 00 01"))  # unacceptable protocol version (MQTT 3.1.1, 3.2.2.3)


def _says_so_in_the_words_of_5(near: socket.socket, _over: threading.Event) -> None:
    near.sendall(bytes.fromhex("20 03 00 84 00"))


def _hangs_up(_near: socket.socket, _over: threading.Event) -> None:
    pass


def _is_silent(_near: socket.socket, over: threading.Event) -> None:
    over.wait()


@pytest.mark.parametrize("to_version_5", [_says_so, _says_so_in_the_words_of_5, _hangs_up, _is_silent])
async def test_a_broker_that_speaks_3_1_1_only(
    monkeypatch: pytest.MonkeyPatch, to_version_5: Callable[[socket.socket, threading.Event], None]
) -> None:
    monkeypatch.setattr(mqtt, "_ANSWER_WAIT_S", 3.0)

    def old(near: socket.socket, over: threading.Event) -> None:
        near.settimeout(PATIENCE_S)
        if near.recv(4096)[LEVEL] == 5:
            to_version_5(near, over)
            return
        near.sendall(bytes.fromhex("20 02 00 00"))
        while data := near.recv(4096):
            if data[0] == 0xA2:  # UNSUBSCRIBE
                near.sendall(b"\xb0\x02" + data[2:4])

    with Server(old) as server:
        assert await agreed(server.port) == [(V5, Fault.PROTOCOL), (V311, None)]
