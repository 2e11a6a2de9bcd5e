"""Every centre's broker: found, reached, trusted, logged in at, as the gateway does it."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from aiomqtt import ProtocolVersion

from edge import centres
from edge.doctor.question import Box, Question, Verdict, fail, fine
from edge.mqtt_address import BrokerAddress
from edge.mqtt_connecting import connected
from edge.mqtt_faults import MqttFailed
from edge.mqtt_versions import Versions

# s. MQTT 5 unanswered, then 3.1.1 to tell whether anybody lives there, each with 10 s for the way and 10 s for the answer.
_PATIENCE = 45.0


def questions(box: Box) -> Iterable[Question]:
    if (site := box.site) is None:
        return []
    return [
        Question(name, partial(_look, _other(centres.address(site, broker))), _PATIENCE)
        for name, broker in centres.settings(site).items()
    ]


def _other(address: BrokerAddress) -> BrokerAddress:
    """Under a name of our own: a second one of the gateway's would end its connection (MQTT 5, 3.1.4)."""
    return replace(address, client_id=f"{address.client_id}-doctor", session=0)


def _look(address: BrokerAddress) -> Iterator[Verdict]:
    try:
        version = asyncio.run(_logged_in(address))
    except MqttFailed as failed:
        yield fail(failed.problem)
        return
    spoken = "5" if version is ProtocolVersion.V5 else "3.1.1"
    way = f"{address.place}, {'TLS, ' if address.tls else ''}MQTT {spoken}"
    yield fine(f"logged in at {way}", f"已登录 {way}")


async def _logged_in(address: BrokerAddress) -> ProtocolVersion:
    """Raises MqttFailed."""
    versions = Versions(speaks_5=address.speaks_5)
    while True:
        version = versions.choose()
        try:
            async with connected(address, version, None):
                return version
        except MqttFailed as failed:
            if not versions.failed(version, failed.fault):
                raise
