"""A patrol vehicle's GPS receiver: NMEA 0183 over UDP, TCP or a serial port."""

from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic.networks import IPvAnyNetwork

from streams.telemetry.feed import Feed
from streams.telemetry.feeds import PathFeed, TcpFeed, UdpFeed
from streams.telemetry.nmea import NmeaDecoder
from streams.telemetry.spec import Address, Span, TelemetrySpec


class Spec(TelemetrySpec):
    """`kind: nmea`. One of: `listen`, host:port of this box that the receiver sends datagrams to (`allow`: networks
    that may); `connect`, host:port of a receiver that serves TCP; `path`, a serial port at `baud`, or a recording.

    timeout: s of silence. Receivers send every second, without a fix too.
    """

    kind: Literal["nmea"] = "nmea"
    listen: Address | None = None
    connect: Address | None = None
    path: Path | None = None
    allow: tuple[IPvAnyNetwork, ...] = ()
    baud: Literal[4800, 9600, 19200, 38400, 57600, 115200] = 9600
    timeout: Span = 10.0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.listen, self.connect, self.path)) != 1:
            raise ValueError("needs exactly one of listen, connect and path")
        return self


def build(spec: Spec, source: str) -> Feed:
    decoder = NmeaDecoder(source)
    if spec.listen is not None:
        return UdpFeed(spec.listen, decoder, timeout=spec.timeout, allowed=spec.allow)
    if spec.connect is not None:
        return TcpFeed(spec.connect, decoder, timeout=spec.timeout)
    return PathFeed(spec.path or Path(), decoder, timeout=spec.timeout, baud=spec.baud)
