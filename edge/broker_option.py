"""--broker and its login, for commands that look on: the same checks as `broker:` of a site file."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr, ValidationError

from edge.mqtt import BrokerAddress
from edge.settings.centres import BrokerSettings
from streams.problem import Misconfigured, Problem, Text

PASSWORD = "SANDWATCH_BROKER_PASSWORD"  # noqa: S105 (the variable's name)


def address(
    url: str,
    username: str | None,
    ca_file: Path | None,
    client_id: str | None = None,
    session: int = 0,
    environment: Mapping[str, str] = os.environ,
) -> BrokerAddress:
    """session: as in BrokerAddress. Raises Misconfigured."""
    password = environment.get(PASSWORD)
    try:
        broker = BrokerSettings(
            url=SecretStr(url),
            username=username,
            password=SecretStr(password) if password else None,
            ca_file=ca_file,
        )
    except ValidationError:
        raise Misconfigured(_bad_address()) from None
    name, word = broker.login
    return BrokerAddress(
        broker.host,
        broker.port,
        tls=broker.tls,
        username=name,
        password=word,
        ca_file=ca_file,
        client_id=client_id,
        session=session,
    )


def _bad_address() -> Problem:
    return Problem(
        "broker.address",
        Text("--broker is not the address of an MQTT server", "--broker 不是 MQTT 服务器地址"),
        Text(
            f"write mqtt://HOST:PORT or mqtts://HOST:PORT, the user with --username, the password in {PASSWORD}",
            f"请写成 mqtt://主机:端口 或 mqtts://主机:端口；用户名用 --username，密码放在环境变量 {PASSWORD}",
        ),
    )
