"""How encoded packets cross from one process to another: binary frames, each a head and a body. Pure."""

import struct
from dataclasses import dataclass
from enum import IntFlag

from pydantic import BaseModel, ConfigDict, ValidationError

from streams.packet import Packet
from streams.source import StreamInfo

HEAD = struct.Struct("!IIBdd")  # bytes of the body, channel, what it is, packet's time and dts
LONGEST = 16 << 20  # bytes of a body; an 8K key frame has 4 MB


class Garbled(Exception):
    """What came is no frame: the process at the other end is broken."""


class _What(IntFlag):
    OPENING = 1
    KEY = 2
    HIDDEN = 4


class _Opening(BaseModel):
    """A StreamInfo on its way."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="hex", val_json_bytes="hex")

    codec: str
    width: int
    height: int
    rate: float | None
    extradata: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """channel: chosen by whoever ordered the packets. length: bytes of the body that follows."""

    length: int
    channel: int
    what: int
    time: float
    dts: float


def packed(channel: int, content: StreamInfo | Packet) -> bytes:
    """One frame: a packet, or what the packets after it belong to."""
    if isinstance(content, Packet):
        what = _What.KEY * content.key | _What.HIDDEN * (not content.shown)
        return HEAD.pack(content.size, channel, what, content.time, content.dts) + content.data
    opening = _Opening(
        codec=content.codec,
        width=content.width,
        height=content.height,
        rate=content.rate,
        extradata=content.extradata,
    )
    body = opening.model_dump_json().encode()
    return HEAD.pack(len(body), channel, _What.OPENING, 0.0, 0.0) + body


def head(data: bytes) -> Head:
    """data: HEAD.size bytes. Raises Garbled."""
    found = Head(*HEAD.unpack(data))
    if found.length > LONGEST or found.what > _What.OPENING | _What.KEY | _What.HIDDEN:
        raise Garbled("no head of a packet")
    return found


def content(of: Head, body: bytes) -> StreamInfo | Packet:
    """Raises Garbled."""
    what = _What(of.what)
    if _What.OPENING not in what:
        return Packet(body, of.time, of.dts, _What.KEY in what, _What.HIDDEN not in what)
    try:
        opening = _Opening.model_validate_json(body)
    except ValidationError:
        raise Garbled("no opening of a stream") from None
    return StreamInfo(opening.codec, opening.width, opening.height, opening.rate, opening.extradata)
