"""A broker that asks who we are: client certificates, good, missing and broken."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion, Will
from pydantic import SecretStr

from edge.mqtt import BrokerAddress
from edge.mqtt_connecting import connected
from edge.mqtt_faults import Fault, MqttFailed
from edge.mqtt_reasons import in_words
from tests.support.mosquitto import Mosquitto

WILL = Will("sandwatch/will", b"lost", qos=1, retain=True)
CURVE = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1"


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """An authority, a server and a box that it vouches for, and a stranger."""
    openssl(tmp_path, f"req -x509 {CURVE} -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem")
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name, key in (("server", "-nodes"), ("box", "-passout pass:s3cret")):
        openssl(tmp_path, f"req {CURVE} {key} -subj /CN={name} -keyout {name}.key -out {name}.csr")
        sign = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names"
        openssl(tmp_path, f"{sign} -out {name}.pem")
    openssl(tmp_path, f"req -x509 {CURVE} -nodes -days 2 -subj /CN=x -keyout other.key -out other.pem")
    return tmp_path


@pytest.fixture
def port(papers: Path) -> Iterator[int]:
    files = (("cafile", "ca.pem"), ("certfile", "server.pem"), ("keyfile", "server.key"))
    lines = [f"{key} {papers / name}" for key, name in files]
    with Mosquitto(papers, lines=(*lines, "require_certificate true")) as broker:
        yield broker.port


def address(port: int, papers: Path, name: str | None, password: str | None = None) -> BrokerAddress:
    return BrokerAddress(
        "127.0.0.1",
        port,
        tls=True,
        ca_file=papers / "ca.pem",
        cert_file=papers / f"{name}.pem" if name else None,
        key_file=papers / f"{name}.key" if name else None,
        key_password=SecretStr(password) if password else None,
    )


async def failure(address: BrokerAddress) -> MqttFailed:
    with pytest.raises(MqttFailed) as caught:
        async with connected(address, ProtocolVersion.V5, WILL):
            pass
    return caught.value


async def test_a_box_shows_its_certificate(port: int, papers: Path) -> None:
    async with connected(address(port, papers, "box", "s3cret"), ProtocolVersion.V5, WILL) as connection:
        assert await connection.deliver("sandwatch/x", b"{}") < 0x80


@pytest.mark.parametrize(("name", "password"), [("box", None), ("box", "wr0ng"), ("missing", None)])
async def test_a_key_that_cannot_be_used_is_named_and_nothing_of_it_is_shown(
    port: int, papers: Path, name: str, password: str | None
) -> None:
    failed = await failure(address(port, papers, name, password))
    assert (failed.fault, failed.problem.code) == (Fault.REFUSED, "mqtt.cert_file")
    assert f"{name}.pem" in failed.problem.what.en
    assert "wr0ng" not in f"{failed!r} {failed.problem} {failed.__context__!r}"


@pytest.mark.parametrize("name", [None, "other"])
async def test_a_box_that_the_server_does_not_know_is_told_to_look_at_its_certificate(
    port: int, papers: Path, name: str | None
) -> None:
    failed = await failure(address(port, papers, name))
    assert (failed.fault, failed.problem.code) == (Fault.REFUSED, "mqtt.certificate_wanted")


def test_reasons_are_said_in_words() -> None:
    assert in_words(0x97).en == "a quota is used up (0x97)"
    assert in_words(0x97).zh == "配额已用完（0x97）"
    assert in_words(0xFE).en == "an unknown reason (0xfe)"
