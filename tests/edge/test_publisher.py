import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion

from edge import publisher as publisher_module
from edge.outbox import Outbox
from edge.publisher import State
from tests.support.mosquitto import PATIENCE_S, Gate, Mosquitto, Witness, caught_up, until, witness
from tests.support.occurrences import message, opened
from tests.support.ports import free_port
from tests.support.publishing import outbox_at, publishing, sent_all, store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


async def test_an_event_arrives_live_under_its_topic(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            witness(broker.port) as seen,
            publishing(outbox, broker.port) as p,
        ):
            await until(lambda: p.state is State.ONLINE)
            await outbox.append(message("a"))
            await until(seen.ids)
            await sent_all(outbox)
    [event] = seen.events()
    assert (event["id"], event["data"]["seq"], event["data"]["replayed"]) == ("a/0", 1, False)
    assert "sandwatch/v1/410000/410100/410122/site/ev/vehicle.zone/gate" in [
        str(one.topic) for one in seen.messages
    ]


async def test_events_wait_for_a_broker_that_is_down_and_arrive_once_in_order(
    tmp_path: Path, path: Path
) -> None:
    broker = Mosquitto(tmp_path)
    gate = Gate(broker.port)
    async with outbox_at(path) as outbox, publishing(outbox, gate.port) as publisher:
        ids = await store(outbox, 50)
        await until(lambda: publisher.state is State.OFFLINE)
        with broker:
            async with witness(broker.port) as seen:
                await gate.open()
                await sent_all(outbox)
                await until(lambda: len(seen.ids()) >= 50)
            assert seen.ids() == ids
            assert all(event["data"]["replayed"] for event in seen.events())
        await gate.slam()


async def test_a_broker_killed_in_the_middle_costs_no_event_and_no_order(tmp_path: Path, path: Path) -> None:
    seen = Witness()
    with Mosquitto(tmp_path) as broker:
        gate = Gate(broker.port)
        await gate.open()
        async with outbox_at(path) as outbox, publishing(outbox, gate.port):
            async with witness(broker.port, seen):
                storing = asyncio.create_task(store_slowly(outbox, 300))
                await until(lambda: len(seen.ids()) > 60)
                await gate.slam()
                # What the broker took before it dies has to have reached the witness: nobody sends it again.
                await caught_up(broker.port, seen)
                broker.kill()
            broker.start()
            async with witness(broker.port, seen):
                await gate.open()
                ids = await storing
                await sent_all(outbox)
                await until(lambda: len(seen.first_ids()) >= 300)
        await gate.slam()
    assert seen.first_ids() == ids


async def store_slowly(outbox: Outbox, count: int) -> list[str]:
    ids: list[str] = []
    for start in range(0, count, 10):
        ids += await store(outbox, 10, start)
        await asyncio.sleep(0.01)
    return ids


async def test_what_a_dead_daemon_left_is_sent_by_the_next_as_a_replay(tmp_path: Path, path: Path) -> None:
    with opened(path, boot="earlier") as file:
        file.append([message("a"), message("b")])
    with Mosquitto(tmp_path) as broker:
        async with outbox_at(path) as outbox, witness(broker.port) as seen, publishing(outbox, broker.port):
            await until(lambda: len(seen.ids()) == 2)
    assert [(event["id"], event["data"]["replayed"]) for event in seen.events()] == [
        ("a/0", True),
        ("b/0", True),
    ]


async def test_stopping_sends_what_waits_and_says_goodbye(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("_DRAIN_S", "_DEATH_S"):  # for which a loaded machine needs longer
        monkeypatch.setattr(publisher_module, patience, PATIENCE_S)
    with Mosquitto(tmp_path) as broker:
        async with outbox_at(path) as outbox, witness(broker.port) as seen:
            async with publishing(outbox, broker.port) as publisher:
                await until(lambda: publisher.state is State.ONLINE)
                ids = await store(outbox, 40)
            await until(lambda: len(seen.states()) == 2)
            assert seen.ids() == ids
            await sent_all(outbox)
        await until(lambda: "Client box disconnected." in broker.log)
    assert [state["state"] for state in seen.states()] == ["online", "offline"]
    assert seen.states()[1]["reason"] == "stopped"


async def test_the_payload_is_declared_as_a_cloudevent(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            witness(broker.port, protocol=ProtocolVersion.V5) as seen,
            publishing(outbox, broker.port),
        ):
            await outbox.append(message("a"))
            await until(seen.ids)
    [declared] = [one.properties for one in seen.messages if "/ev/" in str(one.topic)]
    assert declared is not None
    assert vars(declared)["ContentType"] == "application/cloudevents+json; charset=utf-8"


async def test_a_broker_that_takes_one_message_at_a_time_gets_one_at_a_time(path: Path) -> None:
    broker = NarrowBroker()
    async with outbox_at(path) as outbox, broker.listening() as port, publishing(outbox, port):
        await store(outbox, 10)
        await sent_all(outbox)
    assert broker.most_unanswered == 1
    assert broker.answered >= 11


class NarrowBroker:
    """Just enough MQTT 5 to say "receive maximum 1" and to count who does not listen (Mosquitto does not mind)."""

    most_unanswered = answered = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        port = free_port()
        async with await asyncio.start_server(self.talk, "127.0.0.1", port) as server:
            yield port
            server.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(bytes.fromhex("20 06 00 00 03 21 00 01"))  # CONNACK, receive maximum 1
        while data := await reader.read(65536):
            waiting = list(packet_ids(data))
            self.most_unanswered = max(self.most_unanswered, len(waiting))
            self.answered += len(waiting)
            for packet_id in waiting:
                writer.write(b"\x40\x02" + packet_id)  # PUBACK
        writer.close()


def packet_ids(data: bytes) -> Iterator[bytes]:
    """Of each PUBLISH with QoS 1 in whole packets (MQTT 5, 2.1.4 and 3.3)."""
    while data:
        length, size, shift = 0, 1, 0
        while True:
            length |= (data[size] & 0x7F) << shift
            shift, size = shift + 7, size + 1
            if data[size - 1] < 0x80:
                break
        if data[0] & 0xF6 == 0x32:
            topic = int.from_bytes(data[size : size + 2])
            yield data[size + 2 + topic : size + 4 + topic]
        data = data[size + length :]


DYING = """
import asyncio, sys
from pathlib import Path
from tests.support.publishing import outbox_at, publishing
async def main():
    async with outbox_at(Path(sys.argv[1])) as outbox, publishing(outbox, int(sys.argv[2])):
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_birth_is_retained_and_kill_9_turns_it_into_death(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        command = [sys.executable, "-c", DYING, str(path), str(broker.port)]
        with subprocess.Popen(command) as daemon:
            async with witness(broker.port) as seen:
                await until(seen.states)
                assert (seen.states()[0]["state"], seen.states()[0]["boot_id"]) == ("online", "boot")
            async with witness(broker.port) as late:
                await until(late.states)
                assert late.messages[0].retain
                daemon.send_signal(signal.SIGKILL)
                await until(lambda: late.states()[-1]["state"] == "offline")
        async with witness(broker.port) as later:
            await until(later.states)
        assert later.states() == [
            {"schema": "sandwatch/v1", "state": "offline", "boot_id": "boot", "reason": "lost", "time": None}
        ]


async def test_a_cut_line_is_a_death_and_the_way_back_a_birth(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        gate = Gate(broker.port)
        await gate.open()
        async with outbox_at(path) as outbox, witness(broker.port) as seen, publishing(outbox, gate.port):
            await until(seen.states)
            await gate.slam()
            await until(lambda: len(seen.states()) == 2)
            await gate.open()
            await until(lambda: len(seen.states()) == 3)
        await gate.slam()
    assert [state["state"] for state in seen.states()[:3]] == ["online", "offline", "online"]
