"""A drone's MAVLink, as its ground station or telemetry radio forwards it over UDP."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.networks import IPvAnyNetwork

from streams.telemetry.feeds import UdpFeed
from streams.telemetry.mavlink_pose import MavlinkDecoder
from streams.telemetry.spec import Address, Span, TelemetrySpec


class Spec(TelemetrySpec):
    """`kind: mavlink`. listen: host:port of this box. allow: networks that may send; none: everybody who can.

    system: the vehicle's MAVLink id; without it the first one heard. timeout: s of silence; vehicles send a
    heartbeat each second, and a 4G handover takes three.
    """

    kind: Literal["mavlink"] = "mavlink"
    listen: Address
    allow: tuple[IPvAnyNetwork, ...] = ()
    system: Annotated[int, Field(ge=1, le=255)] | None = None
    timeout: Span = 10.0


def build(spec: Spec, source: str) -> UdpFeed:
    decoder = MavlinkDecoder(source, spec.system)
    return UdpFeed(spec.listen, decoder, timeout=spec.timeout, allowed=spec.allow)
