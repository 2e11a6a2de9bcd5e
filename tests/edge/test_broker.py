import asyncio
import logging
from pathlib import Path

import pytest
import uvloop
from structlog.testing import capture_logs

from edge import mqtt
from edge.broker import EmbeddedBrokerFailed, embedded_broker
from edge.publisher import State
from tests.support.mosquitto import until, witness
from tests.support.ports import free_port
from tests.support.publishing import outbox_at, publishing, sent_all, store


async def deliver_through_the_embedded_broker(folder: Path, *, speaks_5: bool) -> tuple[list[str], list[str]]:
    """Ids stored and ids that arrived."""
    port = free_port()
    async with (
        embedded_broker("127.0.0.1", port),
        outbox_at(folder / "outbox.sqlite") as outbox,
        witness(port) as seen,
        publishing(outbox, port, speaks_5=speaks_5) as publisher,
    ):
        await until(lambda: publisher.state is State.ONLINE)
        ids = await store(outbox, 100)
        await sent_all(outbox)
        await until(lambda: len(seen.first_ids()) == 100)
    return ids, seen.ids()


@pytest.mark.parametrize("speaks_5", [False, True])
async def test_events_pass_and_the_old_protocol_is_mentioned_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, speaks_5: bool
) -> None:
    monkeypatch.setattr(mqtt, "_ANSWER_WAIT_S", 3.0)  # amqtt waits for ever on an MQTT 5 CONNECT with a will
    with capture_logs() as logs, caplog.at_level(logging.INFO):
        stored, arrived = await deliver_through_the_embedded_broker(tmp_path, speaks_5=speaks_5)
    assert arrived == stored
    assert [line["event"] for line in logs] == ["mqtt.speaks_3_1_1_only"]
    assert [record.getMessage() for record in caplog.records if record.name.startswith("amqtt")] == []


def test_it_lives_in_a_uvloop(tmp_path: Path) -> None:
    stored, arrived = uvloop.run(deliver_through_the_embedded_broker(tmp_path, speaks_5=False))
    assert arrived == stored


async def test_it_stops_with_clients_connected_and_frees_its_port(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):  # the second time proves that the port was free again
        async with embedded_broker("127.0.0.1", port), witness(port):
            pass
        async with embedded_broker("127.0.0.1", port):
            silent = await asyncio.open_connection("127.0.0.1", port)
        silent[1].close()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_taken_port_is_said_in_words() -> None:
    port = free_port()
    async with embedded_broker("127.0.0.1", port):
        with pytest.raises(EmbeddedBrokerFailed) as caught:
            async with embedded_broker("127.0.0.1", port):
                pass
    assert str(port) in caught.value.problem.what.zh


async def test_it_refuses_to_serve_the_network() -> None:
    with pytest.raises(ValueError, match="loopback"):
        async with embedded_broker("0.0.0.0", free_port()):
            pass
