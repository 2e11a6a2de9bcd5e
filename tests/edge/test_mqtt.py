import asyncio
import contextlib
import gc
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion, Will
from pydantic import SecretStr

from edge import mqtt
from edge.mqtt import BrokerAddress
from edge.mqtt_connecting import connected
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_versions import Versions
from tests.support.mosquitto import Mosquitto, until, witness
from tests.support.ports import free_port

WILL = Will("sandwatch/will", b"lost", qos=1, retain=True)
V5, V311 = ProtocolVersion.V5, ProtocolVersion.V311


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of silence; a loaded machine's broker takes longer."""
    monkeypatch.setattr(mqtt, "_ANSWER_WAIT_S", 1.0)


async def failure(address: BrokerAddress) -> MqttFailed:
    with pytest.raises(MqttFailed) as caught:
        async with connected(address, V5, WILL):
            pass
    return caught.value


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[int]:
    port = free_port()
    server = await asyncio.start_server(talk, "127.0.0.1", port)
    try:
        yield port
    finally:
        server.close()


async def test_nobody_listens() -> None:
    failed = await failure(BrokerAddress("127.0.0.1", free_port()))
    assert (failed.fault, failed.problem.code) == (Fault.RETRY, "mqtt.nobody_there")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70, ""])
async def test_a_name_that_does_not_resolve(host: str) -> None:
    failed = await failure(BrokerAddress(host))
    assert (failed.fault, failed.problem.code) == (Fault.RETRY, "mqtt.unknown_host")


async def test_a_port_that_answers_http() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with serving(http) as port:
        failed = await failure(BrokerAddress("127.0.0.1", port))
    assert (failed.fault, failed.problem.code) == (Fault.NO_ANSWER, "mqtt.no_answer")


@pytest.mark.usefixtures("short_waits")
async def test_a_port_that_says_nothing_is_given_up_and_hung_up_on() -> None:
    left = asyncio.Event()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(100):
                pass
        left.set()
        writer.close()

    async with serving(silence) as port:
        failed = await failure(BrokerAddress("127.0.0.1", port, keepalive=600))
        assert failed.problem.code == "mqtt.no_answer"
        await until(left.is_set, "the end of the abandoned attempt")


async def test_giving_up_while_connecting_leaves_no_second_client_behind(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:

        async def connect() -> None:
            async with connected(BrokerAddress("127.0.0.1", broker.port, client_id="box"), V5, WILL):
                await asyncio.sleep(600)

        attempt = asyncio.create_task(connect())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
        await until(lambda: "New connection" in broker.log, "the attempt, which cannot be taken back")
        await until(lambda: broker.log.count("New connection") == closed(broker.log), "its end")


def closed(log: str) -> int:
    return log.count("disconnected") + log.count("closed its connection")


async def test_a_wrong_password_shows_neither_itself_nor_the_right_one(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, users={"box": "right"}) as broker:
        address = BrokerAddress("127.0.0.1", broker.port, username="box", password=SecretStr("wr0ng"))
        failed = await failure(address)
    assert (failed.fault, failed.problem.code) == (Fault.REFUSED, "mqtt.login_refused")
    assert "wr0ng" not in f"{failed!r} {failed.problem} {failed.__context__!r} {address!r}"


async def test_a_port_without_tls_and_one_with(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    lines = (f"certfile {certificate}", f"keyfile {tmp_path / 'key.pem'}")
    with Mosquitto(tmp_path, lines=lines) as secure:
        address = BrokerAddress("127.0.0.1", secure.port, tls=True)
        assert (await failure(address)).problem.code == "mqtt.certificate"
        assert (await failure(BrokerAddress("127.0.0.1", secure.port))).problem.code == "mqtt.no_answer"
        trusting = BrokerAddress("127.0.0.1", secure.port, tls=True, ca_file=certificate)
        async with connected(trusting, V5, WILL) as connection:
            assert await connection.deliver("sandwatch/x", b"{}") < 0x80
    with Mosquitto(tmp_path) as plain:
        assert (await failure(BrokerAddress("127.0.0.1", plain.port, tls=True))).problem.code == "mqtt.tls"


async def test_a_missing_ca_file_is_named(tmp_path: Path) -> None:
    failed = await failure(BrokerAddress("127.0.0.1", tls=True, ca_file=tmp_path / "missing.pem"))
    assert failed.problem.code == "mqtt.ca_file"
    assert "missing.pem" in failed.problem.what.en


def self_signed(folder: Path) -> Path:
    certificate = folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=broker"
    )
    files = [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(certificate),
    ]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    assert ssl.create_default_context(cafile=certificate).cert_store_stats()["x509_ca"] == 1
    return certificate


async def test_a_second_box_of_the_same_name_is_said_to_be_one() -> None:
    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(bytes.fromhex("20 03 00 00 00"))  # CONNACK: success
        await reader.read(1000)
        writer.write(
            bytes.fromhex("e0 01 8e")
        )  # DISCONNECT: session taken over (Mosquitto 2.0 just hangs up)
        writer.close()

    async def stay(port: int) -> None:
        async with connected(BrokerAddress("127.0.0.1", port), V5, WILL) as connection:
            connection.deliver("sandwatch/x", b"{}")
            await connection.lost()

    async with serving(broker) as port:
        with pytest.raises(MqttFailed) as caught:
            await stay(port)
    assert (caught.value.fault, caught.value.problem.code) == (Fault.REFUSED, "mqtt.taken_over")


async def test_the_broker_says_no_to_a_message_and_we_hear_it(tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite allowed\n")
    with Mosquitto(tmp_path, lines=(f"acl_file {rules}",)) as broker:
        async with connected(BrokerAddress("127.0.0.1", broker.port), V5, WILL) as connection:
            assert await connection.deliver("allowed", b"{}") < 0x80
            assert await connection.deliver("forbidden", b"{}") == 0x87


async def test_an_error_hangs_up_so_that_the_will_is_published_and_asyncio_does_not_complain(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    gc.collect()  # what other tests left
    caplog.clear()
    with Mosquitto(tmp_path) as broker:
        async with witness(broker.port) as seen:
            with contextlib.suppress(RuntimeError):
                async with connected(BrokerAddress("127.0.0.1", broker.port), V5, WILL):
                    raise RuntimeError
            await until(lambda: [one.payload for one in seen.messages] == [b"lost"])
            await asyncio.sleep(0.1)  # aiomqtt's own tasks end, and with them the last reference
            gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


async def test_leaving_in_order_voids_the_will(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        async with witness(broker.port) as seen:
            async with connected(BrokerAddress("127.0.0.1", broker.port), V5, WILL) as connection:
                await connection.deliver("sandwatch/last", b"word")
            async with connected(BrokerAddress("127.0.0.1", broker.port), V5, WILL) as connection:
                await connection.deliver("sandwatch/later", b"word")
            await until(lambda: len(seen.messages) >= 2)
    assert [str(one.topic) for one in seen.messages] == ["sandwatch/last", "sandwatch/later"]


# --- when to try again


def test_the_old_protocol_is_remembered_for_an_hour() -> None:
    now = [0.0]
    versions = Versions(lambda: now[0])
    assert versions.choose() is V5
    assert versions.failed(V5, Fault.PROTOCOL) is True
    now[0] = 3599.0
    assert versions.choose() is V311
    assert versions.failed(V311, Fault.PROTOCOL) is False
    now[0] = 3601.0
    assert versions.choose() is V5


@pytest.mark.parametrize("fault", [Fault.NO_ANSWER, Fault.RETRY, Fault.REFUSED])
def test_a_broker_that_does_not_say_so_is_not_an_old_one(fault: Fault) -> None:
    versions = Versions(lambda: 0.0)
    assert versions.failed(V5, fault) is False
    assert versions.choose() is V5
