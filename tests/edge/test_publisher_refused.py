import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from edge.mqtt import BrokerAddress
from edge.outbox import Outbox
from edge.publisher import Publisher, State
from streams.problem import Problem
from tests.support.mosquitto import Mosquitto, until, witness
from tests.support.occurrences import SITE, message
from tests.support.ports import free_port
from tests.support.publishing import BIRTH, outbox_at, publishing, quick, sent_all, store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


async def test_a_wrong_password_is_said_once_and_mending_it_is_enough(tmp_path: Path, path: Path) -> None:
    told: list[tuple[State, str | None]] = []

    def on_state(state: State, problem: Problem | None) -> None:
        told.append((state, problem.code if problem else None))

    with capture_logs() as logs, Mosquitto(tmp_path, users={"box": "old"}) as broker:
        address = BrokerAddress("127.0.0.1", broker.port, username="box", password=SecretStr("s3cret"))
        async with outbox_at(path) as outbox:
            publisher = Publisher(
                address, SITE, outbox.consumer("centre"), BIRTH, on_state=on_state, ladder=quick()
            )
            running = asyncio.create_task(publisher.run())
            await until(lambda: broker.log.count("disconnected, not authorised") >= 3)
            assert told == [(State.REFUSED, "mqtt.login_refused")]
            broker.kill()
            broker.set_users({"box": "s3cret"})
            broker.start()
            await until(lambda: publisher.state is State.ONLINE)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    # A try that was under way when the broker went to learn the new password finds nobody there.
    said = [each for each in told if each[0] is not State.OFFLINE]
    assert said == [(State.REFUSED, "mqtt.login_refused"), (State.ONLINE, None)]
    assert "s3cret" not in str(logs)


async def test_a_topic_that_is_forbidden_keeps_the_events(tmp_path: Path, path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite sandwatch/v1/410000/410100/410122/site/birth\n")
    with Mosquitto(tmp_path, lines=(f"acl_file {rules}",)) as broker:
        async with outbox_at(path) as outbox, publishing(outbox, broker.port) as publisher:
            await store(outbox, 3)
            await until(lambda: publisher.state is State.REFUSED)
            assert publisher.problem is not None
            assert publisher.problem.code == "mqtt.publish_refused"
            assert (await outbox.statistics()).pending == 3


@pytest.mark.parametrize("limit", ["max_packet_size 20000", "message_size_limit 20000"])
async def test_an_event_too_large_for_the_broker_does_not_hold_up_the_others(
    tmp_path: Path, path: Path, limit: str
) -> None:
    with Mosquitto(tmp_path, lines=(limit,)) as broker:
        async with outbox_at(path) as outbox, witness(broker.port) as seen, publishing(outbox, broker.port):
            await store_with_giant(outbox)
            await sent_all(outbox)
            await until(lambda: len(seen.first_ids()) == 2)
            assert (await outbox.statistics()).dead == 1
    assert seen.first_ids() == ["a/0", "b/0"]


async def test_without_mqtt_5_the_giant_is_found_by_what_it_breaks(tmp_path: Path, path: Path) -> None:
    with Mosquitto(tmp_path, lines=("max_packet_size 20000",)) as broker:
        async with (
            outbox_at(path) as outbox,
            witness(broker.port) as seen,
            publishing(outbox, broker.port, speaks_5=False),
        ):
            await store_with_giant(outbox)
            await sent_all(outbox)
            await until(lambda: len(seen.first_ids()) == 2)
            assert (await outbox.statistics()).dead == 1
    assert seen.first_ids() == ["a/0", "b/0"]


async def store_with_giant(outbox: Outbox) -> None:
    for one in (message("a"), message("giant", rule="x" * 40_000), message("b")):
        await outbox.append(one)


async def test_it_stops_while_nobody_answers(path: Path) -> None:
    async with outbox_at(path) as outbox, publishing(outbox, free_port()) as publisher:
        await until(lambda: publisher.state is State.OFFLINE)
    assert publisher.problem is not None
    assert publisher.problem.code == "mqtt.nobody_there"
