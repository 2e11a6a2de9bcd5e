"""A DJI drone's properties from the MQTT broker that its remote controller or dock is connected to."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from streams.telemetry import dji_osd
from streams.telemetry.mqtt_feed import Broker, MqttFeed
from streams.telemetry.spec import Address, Span, TelemetrySpec


class Spec(TelemetrySpec):
    """`kind: dji_osd`. broker: host:port. sn: the aircraft's serial number (not the controller's or the dock's).

    camera: whose gimbal, as type-subtype-position ("61-0-0"); without it the first camera that has one.
    OSD comes every two seconds: a pose is stale when two in a row are missing, and between two one is interpolated.
    timeout: s of silence, five messages.
    """

    kind: Literal["dji_osd"] = "dji_osd"
    broker: Address
    tls: bool = False
    username: str | None = None
    password: SecretStr | None = None
    sn: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]
    camera: Annotated[str, Field(pattern=r"^\d+-\d+-\d+$")] | None = None
    max_age: Span = 5.0
    max_gap: Span = 5.0
    timeout: Span = 10.0


def build(spec: Spec, source: str) -> MqttFeed:
    broker = Broker(spec.broker, spec.tls, spec.username, spec.password)
    decoder = dji_osd.OsdDecoder(source, spec.camera)
    return MqttFeed(broker, dji_osd.topic(spec.sn), decoder, timeout=spec.timeout)
