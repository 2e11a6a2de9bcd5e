"""MISB ST 0601 UAS Datalink Local Set: one KLV packet of a drone's metadata to a pose.

Key: SMPTE ST 336 universal label. Lengths: BER, short and long form. Tags: BER-OID. Numbers: ST 0601's linear maps
(`value = raw * span / steps + low`) and ST 1201 IMAPB. Of the 140 items those that say where the camera is and looks.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import (
    Aim,
    Attitude,
    Fov,
    Gimbal,
    Heights,
    Pose,
    position,
    stamped,
    turned,
    within,
)

UAS_LABEL = bytes.fromhex("060E2B34020B01010E01030101000000")

_CHECKSUM, _TIMESTAMP = 1, 2
_CHECKSUM_ITEM = bytes([_CHECKSUM, 2])  # its tag and length, the last thing that is summed up


@dataclass(frozen=True, slots=True)
class _Linear:
    """`size` bytes; signed: the lowest value means "out of range", the others are symmetric about 0."""

    size: int
    low: float
    high: float
    signed: bool = False

    def value(self, raw: bytes) -> float | None:
        if len(raw) != self.size:
            return None
        number = int.from_bytes(raw, signed=self.signed)
        if not self.signed:
            return number * (self.high - self.low) / ((1 << 8 * self.size) - 1) + self.low
        steps = (1 << 8 * self.size - 1) - 1
        return None if number < -steps else number * self.high / steps


@dataclass(frozen=True, slots=True)
class _Imapb:
    """ST 1201 IMAPB(low, high, any length up to 8 bytes)."""

    low: float
    high: float

    def value(self, raw: bytes) -> float | None:
        if not 1 <= len(raw) <= 8:
            return None
        number, top = int.from_bytes(raw), 8 * len(raw) - 1
        scale = 2.0 ** (top - math.ceil(math.log2(self.high - self.low)))
        offset = scale * self.low - math.floor(scale * self.low) if self.low < 0 < self.high else 0.0
        # Infinity, NaN and their like have the first bit set, which puts them above `high`.
        return within((number - offset) / scale + self.low, self.low, self.high)


_LATITUDE, _LONGITUDE = _Linear(4, -90, 90, signed=True), _Linear(4, -180, 180, signed=True)
_HEIGHT = _Linear(2, -900, 19_000)
_ITEMS: Mapping[int, _Linear | _Imapb] = {
    5: _Linear(2, 0, 360),  # platform heading
    6: _Linear(2, -20, 20, signed=True),  # platform pitch
    7: _Linear(2, -50, 50, signed=True),  # platform roll
    13: _LATITUDE,  # sensor
    14: _LONGITUDE,
    15: _HEIGHT,  # sensor true altitude, m above mean sea level
    16: _Linear(2, 0, 180),  # horizontal field of view
    17: _Linear(2, 0, 180),  # vertical field of view
    18: _Linear(4, 0, 360),  # sensor relative azimuth
    19: _Linear(4, -180, 180, signed=True),  # sensor relative elevation
    20: _Linear(4, 0, 360),  # sensor relative roll
    21: _Linear(4, 0, 5_000_000),  # slant range, m
    23: _LATITUDE,  # frame centre
    24: _LONGITUDE,
    25: _HEIGHT,  # frame centre elevation, m above mean sea level
    56: _Linear(1, 0, 255),  # platform ground speed, m/s
    75: _HEIGHT,  # sensor, m above the ellipsoid
    78: _HEIGHT,  # frame centre, m above the ellipsoid
    90: _Linear(4, -90, 90, signed=True),  # platform pitch, full
    91: _Linear(4, -90, 90, signed=True),  # platform roll, full
    104: _Imapb(-900, 40_000),  # sensor, m above the ellipsoid, extended
    112: _Imapb(0, 360),  # platform course
}


def checksum(data: bytes) -> int:
    """ST 0601 item 1: the sum of 16-bit big-endian words, from the label to the checksum's own length byte."""
    return (sum(data[0::2]) * 256 + sum(data[1::2])) % 65536


def ber_length(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """The length that begins at `at`, and where the value begins. None: cut off. Raises Undecodable."""
    if at >= len(data):
        return None
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if not 1 <= size <= 4:  # indefinite, or more than 4 GB
        raise Undecodable("KLV length that cannot be")
    if at + 1 + size > len(data):
        return None
    return int.from_bytes(data[at + 1 : at + 1 + size]), at + 1 + size


def local_set(packet: bytes) -> dict[int, bytes]:
    """Tag -> raw value of one whole packet (label, length, items), its checksum verified. Raises Undecodable."""
    if not packet.startswith(UAS_LABEL):
        raise Undecodable("no UAS local set")
    span = ber_length(packet, len(UAS_LABEL))
    if span is None or span[0] != len(packet) - span[1]:
        raise Undecodable("KLV packet cut off")
    items = dict(_items(packet, span[1]))
    told = items.get(_CHECKSUM, b"")
    if packet[-4:-2] != _CHECKSUM_ITEM or len(told) != 2 or int.from_bytes(told) != checksum(packet[:-2]):
        raise Undecodable("KLV checksum missing or wrong")
    return items


def decode(packet: bytes, source: str, arrival: float) -> Pose:
    """arrival: s since 1970, our clock. Raises Undecodable."""
    return _pose(local_set(packet), source, arrival)


def _items(packet: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at < len(packet):
        tag, at = _tag(packet, at)
        span = ber_length(packet, at)
        if span is None or span[1] + span[0] > len(packet):
            raise Undecodable("KLV item cut off")
        length, at = span
        yield tag, packet[at : at + length]
        at += length


def _tag(packet: bytes, at: int) -> tuple[int, int]:
    """BER-OID: seven bits a byte, the first bit says that more follow. Three bytes hold every tag there is."""
    tag = 0
    for index in range(at, min(at + 3, len(packet))):
        tag = tag << 7 | packet[index] & 0x7F
        if packet[index] < 0x80:
            return tag, index + 1
    raise Undecodable("KLV tag that cannot be")


def _pose(items: Mapping[int, bytes], source: str, arrival: float) -> Pose:
    told = {
        tag: value for tag, item in _ITEMS.items() if (value := item.value(items.get(tag, b""))) is not None
    }
    get = told.get
    device_time = _timestamp(items)
    attitude = Attitude(turned(get(5)), get(90, get(6)), get(91, get(7)))
    gimbal = Gimbal("airframe", turned(get(18)), get(19), _tilt(get(20)))
    fov = Fov(get(16), get(17))
    return Pose(
        time=stamped(device_time, arrival),
        source=source,
        position=position(get(13), get(14)),
        heights=Heights(ellipsoid=get(104, get(75)), msl=get(15)),
        attitude=None if attitude == Attitude() else attitude,
        gimbal=None if gimbal == Gimbal("airframe") else gimbal,
        fov=None if fov == Fov() else fov,
        speed=get(56),
        course=turned(get(112)),
        aim=_aim(told),
        device_time=device_time,
        arrival=arrival,
    )


def _timestamp(items: Mapping[int, bytes]) -> float | None:
    """Item 2: microseconds since 1970."""
    raw = items.get(_TIMESTAMP, b"")
    return int.from_bytes(raw) / 1e6 if len(raw) == 8 else None


def _aim(told: Mapping[int, float]) -> Aim | None:
    centre = position(told.get(23), told.get(24))
    aim = Aim(centre, Heights(ellipsoid=told.get(78), msl=told.get(25)), told.get(21))
    return None if aim == Aim() else aim


def _tilt(degrees: float | None) -> float | None:
    """0 to 360 -> -180 to 180."""
    return None if degrees is None else (degrees + 180) % 360 - 180
