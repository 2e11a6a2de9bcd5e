"""MAVLink 1 and 2 on the wire: frames out of a byte stream, and the few messages that say where a camera is.

https://mavlink.io/en/guide/serialization.html, https://mavlink.io/en/messages/common.html. Read here and not with
pymavlink: its one dialect takes 70 MB of memory, and its wheel with lxml 60 MB of disk, for six messages.
Signatures (MAVLink 2) are skipped, not verified: who may send is a matter of the network.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

_V1, _V2 = 0xFE, 0xFD
_V1_HEAD, _V2_HEAD = 6, 10
_SIGNED, _SIGNATURE = 0x01, 13


class Message(IntEnum):
    SYSTEM_TIME = 2
    GPS_RAW_INT = 24
    ATTITUDE = 30
    GLOBAL_POSITION_INT = 33
    CAMERA_FOV_STATUS = 271
    GIMBAL_DEVICE_ATTITUDE_STATUS = 285


@dataclass(frozen=True, slots=True)
class _Layout:
    """fields: of the message's base part, as struct knows them; extensions behind them are not read.
    extra: CRC_EXTRA, a hash of the message's definition: a sender with another one fails the checksum."""

    fields: struct.Struct
    extra: int


_LAYOUTS: Mapping[int, _Layout] = {
    Message.SYSTEM_TIME: _Layout(struct.Struct("<QI"), 137),
    Message.GPS_RAW_INT: _Layout(struct.Struct("<QiiiHHHHBB"), 24),
    Message.ATTITUDE: _Layout(struct.Struct("<Iffffff"), 39),
    Message.GLOBAL_POSITION_INT: _Layout(struct.Struct("<IiiiihhhH"), 104),
    Message.CAMERA_FOV_STATUS: _Layout(struct.Struct("<Iiiiiii4fff"), 22),
    Message.GIMBAL_DEVICE_ATTITUDE_STATUS: _Layout(struct.Struct("<I4ffffIHBB"), 137),
}


@dataclass(frozen=True, slots=True)
class Packet:
    """A message whose checksum was right. values: in the order of the wire (largest fields first)."""

    system: int
    component: int
    message: Message
    values: tuple[float, ...]


def crc(data: bytes) -> int:
    """CRC-16/MCRF4XX, which MAVLink calls X.25."""
    value = 0xFFFF
    for byte in data:
        low = (byte ^ value) & 0xFF
        low = (low ^ low << 4) & 0xFF
        value = value >> 8 ^ low << 8 ^ low << 3 ^ low >> 4
    return value


class Frames:
    """A byte stream's messages of the kinds above. refused: frames whose checksum was wrong."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.refused = 0

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Never raises over the data. At most one unfinished frame (293 bytes) is kept."""
        self._held += data
        while (frame := self._next()) is not None:
            if (packet := self._read(frame)) is not None:
                yield packet

    def _next(self) -> bytes | None:
        """The first whole frame, left where it is; what lies before it is dropped."""
        held = self._held
        starts = [at for at in (held.find(_V1), held.find(_V2)) if at >= 0]
        del held[: min(starts, default=len(held))]
        size = _size(held)
        return None if size is None or size > len(held) else bytes(held[:size])

    def _read(self, frame: bytes) -> Packet | None:
        """Take the frame away if it is one; else only its first byte: the next one may begin inside it."""
        head, number = _head(frame)
        layout = _LAYOUTS.get(number)
        end = head + frame[1]
        if (
            layout is None
        ):  # without the message's definition its checksum cannot be verified: trust its length
            del self._held[: len(frame)]
            return None
        if crc(frame[1:end] + bytes([layout.extra])) != int.from_bytes(frame[end : end + 2], "little"):
            self.refused += 1
            del self._held[0]
            return None
        del self._held[: len(frame)]
        size = layout.fields.size
        # MAVLink 2 leaves zeros at a message's end away; a longer one has extensions.
        values = layout.fields.unpack(frame[head:end].ljust(size, b"\0")[:size])
        system, component = frame[head - 3 : head - 1] if frame[0] == _V1 else frame[5:7]
        return Packet(system, component, Message(number), values)


def _head(frame: bytes) -> tuple[int, int]:
    """The length of the head, and the message's number."""
    if frame[0] == _V1:
        return _V1_HEAD, frame[5]
    return _V2_HEAD, int.from_bytes(frame[7:10], "little")


def _size(held: bytearray) -> int | None:
    """Of the frame that begins here; None: too little of it to say."""
    if len(held) < 3:
        return None
    if held[0] == _V1:
        return _V1_HEAD + held[1] + 2
    return _V2_HEAD + held[1] + 2 + (_SIGNATURE if held[2] & _SIGNED else 0)
