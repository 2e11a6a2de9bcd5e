"""A row goes when the centre says that it has it; until then it is sent again."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest
from aiomqtt import ProtocolVersion

from edge.cases.words import Received
from edge.mqtt_pace import Pace
from edge.publisher import State
from edge.store import StoreBroken
from streams.problem import Problem, Text
from tests.support.centres import reading, storing
from tests.support.mosquitto import Gate, Mosquitto, caught_up, until, witness
from tests.support.occurrences import SITE, message, opened
from tests.support.ports import free_port
from tests.support.publishing import outbox_at, publishing, sent_all, store

CENTRE: dict[str, Any] = {"acknowledge": "centre", "hear": reading}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


def quick(**more: Any) -> Pace:
    """The real one, in a hurry."""
    return Pace(first=0.3, cap=0.6, chance=Random(1), **more)


async def test_a_row_goes_on_the_centres_word_and_not_on_the_brokers(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            storing(broker.port, deaf=True) as centre,
            publishing(outbox, broker.port, **CENTRE) as publisher,
        ):
            await until(lambda: publisher.state is State.ONLINE)
            ids = await store(outbox, 3)
            await until(lambda: len(centre.arrived) == 3)
            assert await outbox.consumer("centre").waiting() == 3
            words = {"kind": "received", "events": [*ids, "unknown/7"]}
            await centre.say("any", words)
            await centre.say("any", words)
            await sent_all(outbox)
    assert [event["data"]["replayed"] for event in centre.arrived] == [False] * 3


async def test_what_the_centre_did_not_acknowledge_comes_again_with_its_id_as_a_replay(
    tmp_path: Path, path: Path
) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            storing(broker.port, deaf=True) as centre,
            publishing(outbox, broker.port, pace=quick(), **CENTRE),
        ):
            await store(outbox, 2)
            await until(lambda: len(centre.arrived) >= 2)
            await centre.say("any", {"kind": "received", "events": ["0/0"]})
            # On a loaded machine the box may say both again before it hears that word; then never the first one.
            await until(lambda: [event["id"] for event in centre.arrived[-2:]] == ["1/0"] * 2)
            mark = len(centre.arrived)
            await until(lambda: len(centre.arrived) > mark)
            centre.deaf = False
            await sent_all(outbox)
    arrived = [event["id"] for event in centre.arrived]
    again = [event for n, event in enumerate(centre.arrived) if event["id"] in arrived[:n]]
    assert all(event["data"]["replayed"] for event in again)
    assert set(arrived[mark:]) == {"1/0"}


async def test_a_backlog_does_not_run_ahead_of_a_slow_centre(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with outbox_at(path) as outbox, storing(broker.port, deaf=True) as centre:
            ids = await store(outbox, 100)
            async with publishing(outbox, broker.port, pace=Pace(window=30), **CENTRE):
                await until(lambda: len(centre.arrived) == 30)
                await asyncio.sleep(0.2)
                assert len(centre.arrived) == 30
                centre.deaf = False
                await centre.say("any", {"kind": "received", "events": ids[:30]})
                await sent_all(outbox)
    assert [event["id"] for event in centre.arrived] == ids


async def test_a_centre_that_says_nothing_gets_everything_once_and_a_person_is_told(
    tmp_path: Path, path: Path
) -> None:
    told: list[tuple[State, str | None]] = []

    def on_state(state: State, problem: Problem | None) -> None:
        told.append((state, problem.code if problem else None))

    pace = quick(window=10, deaf=0.7, patience=0.2)
    with Mosquitto(tmp_path) as broker:
        async with outbox_at(path) as outbox, storing(broker.port, deaf=True) as centre:
            ids = await store(outbox, 50)
            async with publishing(outbox, broker.port, pace=pace, on_state=on_state, **CENTRE):
                await until(lambda: len(centre.stored) == 50)
                await until(lambda: (State.ONLINE, "mqtt.centre_silent") in told)
                centre.deaf = False
                await sent_all(outbox)
                await until(lambda: told[-1] == (State.ONLINE, None))
    assert list(centre.stored) == ids


async def test_a_broker_that_forgets_what_it_took_costs_neither_event_nor_order(
    tmp_path: Path, path: Path
) -> None:
    """Mosquitto without persistence: what it had answered for and not passed on dies with it."""
    with Mosquitto(tmp_path) as broker:
        gate = Gate(broker.port)
        await gate.open()
        async with outbox_at(path) as outbox, publishing(outbox, gate.port, **CENTRE) as publisher:
            await until(lambda: publisher.state is State.ONLINE)
            ids = await store(outbox, 20)  # nobody is subscribed: the broker takes them and drops them
            await until(lambda: broker.log.count("Sending PUBACK") >= 21)
            await gate.slam()
            broker.kill()
            broker.start()
            async with storing(broker.port) as centre:
                await gate.open()
                ids += await store(outbox, 10, 20)
                await sent_all(outbox)
        await gate.slam()
    assert list(centre.stored) == ids
    assert centre.seqs() == sorted(centre.seqs())


async def test_what_the_centre_passes_over_does_not_begin_every_connection(
    tmp_path: Path, path: Path
) -> None:
    """Where the way breaks each minute, it would else be all that is ever sent."""
    with Mosquitto(tmp_path) as broker:
        gate = Gate(broker.port)
        await gate.open()
        async with (
            outbox_at(path) as outbox,
            storing(broker.port, deaf=True) as centre,
            publishing(outbox, gate.port, pace=Pace(patience=1e6), **CENTRE) as publisher,
        ):
            [passed_over] = await store(outbox, 1)
            for connection in range(1, 20):
                [taken] = await store(outbox, 1, connection)
                await until(lambda taken=taken: taken in centre.stored)  # type: ignore[misc]
                came = [event["id"] for event in centre.arrived]
                if came.count(passed_over) < connection:
                    break
                await centre.say("any", {"kind": "received", "events": [taken]})
                while await outbox.consumer("centre").waiting() > 1:
                    await asyncio.sleep(0.01)
                await gate.slam()
                await until(lambda: publisher.state is not State.ONLINE)
                await gate.open()
            else:
                pytest.fail("it comes first each time")
            await gate.slam()
    assert came.count(passed_over) >= 3


async def test_a_restart_begins_with_the_oldest_that_is_not_acknowledged(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker, opened(path) as file:
        file.append([message("a"), message("b"), message("c")])
        file.acknowledge("centre", [2])
        file.close()
        async with (
            outbox_at(path) as outbox,
            storing(broker.port) as centre,
            publishing(outbox, broker.port, **CENTRE),
        ):
            await sent_all(outbox)
    assert [(event["id"], event["data"]["replayed"]) for event in centre.arrived] == [
        ("a/0", True),
        ("c/0", True),
    ]


async def test_a_centre_that_is_dead_holds_up_no_other(tmp_path: Path, path: Path) -> None:
    names = ("centre", "city", "province")
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path, names) as outbox,
            storing(broker.port) as centre,
            publishing(outbox, broker.port, **CENTRE),
            publishing(outbox, free_port(), name="city", **CENTRE),
        ):
            ids = await store(outbox, 50)
            await until(lambda: len(centre.stored) == 50)
            async with asyncio.timeout(60):
                while await outbox.consumer("centre").waiting():
                    await asyncio.sleep(0.01)
            assert await outbox.consumer("city").waiting() == 50
            assert (await outbox.statistics()).pending == 50
    assert list(centre.stored) == ids


async def test_what_the_centre_says_while_the_box_is_away_is_kept_for_it(tmp_path: Path, path: Path) -> None:
    heard: list[tuple[str, bytes]] = []

    async def hear(event_id: str, payload: bytes) -> Received | None:
        heard.append((event_id, payload))
        return None

    with Mosquitto(tmp_path) as broker:
        async with outbox_at(path) as outbox, storing(broker.port) as centre:
            async with publishing(outbox, broker.port, session=3600, hear=hear) as publisher:
                await until(lambda: "case/+/down" in broker.log and publisher.state is State.ONLINE)
                await centre.say("case-7", {"kind": "closed"})
                await until(lambda: len(heard) == 1)
            await centre.say("case-8", {"kind": "evaluated"})
            async with publishing(outbox, broker.port, session=3600, hear=hear):
                await until(lambda: len(heard) == 2)
    assert [event_id for event_id, _ in heard] == ["case-7", "case-8"]


async def test_a_word_that_could_not_be_written_down_is_given_again(tmp_path: Path, path: Path) -> None:
    heard: list[str] = []

    async def hear(event_id: str, _payload: bytes) -> Received | None:
        heard.append(event_id)
        if len(heard) == 1:
            raise StoreBroken(Problem("cases.broken", Text("broken", "坏"), Text("wait", "等")))
        return None

    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            storing(broker.port) as centre,
            publishing(outbox, broker.port, session=3600, hear=hear) as publisher,
        ):
            await until(lambda: "case/+/down" in broker.log and publisher.state is State.ONLINE)
            await centre.say("case-7", {"kind": "closed"})
            await until(lambda: len(heard) == 2)
            await until(lambda: publisher.state is State.ONLINE)
    assert heard == ["case-7", "case-7"]


async def test_events_say_their_schema_run_and_number_beside_the_payload(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            storing(broker.port) as centre,
            publishing(outbox, broker.port, **CENTRE),
        ):
            await store(outbox, 1)
            await sent_all(outbox)
    assert centre.properties[0]["UserProperty"] == [
        ("schema", "sandwatch/v1"),
        ("boot_id", "boot"),
        ("seq", "1"),
    ]


async def test_mqtt_3_1_1_does_it_with_less(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            storing(broker.port) as centre,
            publishing(outbox, broker.port, speaks_5=False, session=3600, **CENTRE),
        ):
            ids = await store(outbox, 5)
            await sent_all(outbox)
    assert list(centre.stored) == ids


async def test_the_cameras_health_goes_beside_and_is_never_stored(tmp_path: Path, path: Path) -> None:
    cameras = {"gate": {"state": "live", "pictures": 7}, "北门": {"state": "live", "pictures": 8}}
    more: dict[str, Any] = {"telemetry": lambda: cameras, "telemetry_every": 0.05}
    with Mosquitto(tmp_path) as broker:
        async with (
            outbox_at(path) as outbox,
            witness(broker.port, protocol=ProtocolVersion.V5) as seen,
            publishing(outbox, broker.port, **more) as publisher,
        ):
            await until(lambda: len(health(seen.messages)) >= 6)
            assert (await outbox.statistics()).appended == 0
            await caught_up(broker.port, seen)
            dropped = health(seen.messages)[-1]["dropped"]
            broker.kill()
            await until(lambda: publisher.state is State.OFFLINE)
            await asyncio.sleep(0.2)
            broker.start()
            async with witness(broker.port) as later:
                await until(lambda: health(later.messages))
    first = health(seen.messages)
    assert {(one["camera"], one["counts"]["pictures"]) for one in first} == {("gate", 7), ("北门", 8)}
    assert health(later.messages)[0]["dropped"] > dropped
    topics = {str(one.topic) for one in seen.messages if "/tele/" in str(one.topic)}
    assert topics == {SITE.topic("tele", camera) for camera in cameras}


async def test_a_topic_of_the_health_goes_over_the_line_once(path: Path) -> None:
    """With MQTT 5, to a broker that takes topic aliases: afterwards a number stands for it."""
    received = bytearray()

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(bytes.fromhex("20 06 00 00 03 22 00 05"))  # CONNACK, topic alias maximum 5
        while data := await reader.read(65536):
            received.extend(data)
            if data[0] & 0xF6 == 0x32:
                writer.write(bytes.fromhex("40 02 00 01"))  # PUBACK of the birth
        writer.close()

    port = free_port()
    more: dict[str, Any] = {"telemetry": lambda: {"gate": {"state": "live"}}, "telemetry_every": 0.05}
    async with await asyncio.start_server(broker, "127.0.0.1", port) as server, outbox_at(path) as outbox:
        async with publishing(outbox, port, **more):
            await until(lambda: received.count(b'"camera":"gate"') >= 3)
        server.close()
    assert received.count(b"/tele/gate") == 1


def health(messages: list[aiomqtt.Message]) -> list[dict[str, Any]]:
    found = [one.payload for one in messages if "/tele/" in str(one.topic)]
    return [json.loads(payload) for payload in found if isinstance(payload, bytes)]
