"""How encoded packets cross from one process to another: binary frames, each a head and a body. Pure."""

import struct
from dataclasses import asdict, dataclass
from enum import IntFlag

from pydantic import BaseModel, ConfigDict, ValidationError

from streams.packet import Packet
from streams.sound import Sound, SoundInfo
from streams.source import StreamInfo

HEAD = struct.Struct("!IIBdd")  # bytes of the body, channel, what it is, packet's time and dts (of sound: 0)
LONGEST = 16 << 20  # bytes of a body; an 8K key frame has 4 MB


class Garbled(Exception):
    """What came is no frame: the process at the other end is broken."""


class _What(IntFlag):
    OPENING = 1
    KEY = 2
    HIDDEN = 4
    SOUND = 8


# A picture may be a key frame, hidden, or both.
_FRAMES = frozenset(
    {0, _What.KEY, _What.HIDDEN, _What.KEY | _What.HIDDEN, _What.OPENING, _What.SOUND},
)
Content = StreamInfo | Packet | Sound


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_bytes="hex", val_json_bytes="hex")


class _Heard(_Part):
    """A SoundInfo on its way."""

    codec: str
    rate: int
    channels: int
    extradata: bytes


class _Opening(_Part):
    """A StreamInfo on its way."""

    codec: str
    width: int
    height: int
    rate: float | None
    extradata: bytes
    sound: _Heard | None


@dataclass(frozen=True, slots=True)
class Head:
    """channel: chosen by whoever ordered the packets. length: bytes of the body that follows."""

    length: int
    channel: int
    what: int
    time: float
    dts: float


def packed(channel: int, content: Content) -> bytes:
    """One frame: a packet, or what the packets after it belong to."""
    if isinstance(content, Sound):
        return HEAD.pack(len(content.data), channel, _What.SOUND, content.time, 0.0) + content.data
    if isinstance(content, Packet):
        what = _What.KEY * content.key | _What.HIDDEN * (not content.shown)
        return HEAD.pack(content.size, channel, what, content.time, content.dts) + content.data
    opening = _Opening(
        codec=content.codec,
        width=content.width,
        height=content.height,
        rate=content.rate,
        extradata=content.extradata,
        sound=_Heard(**asdict(content.sound)) if content.sound else None,
    )
    body = opening.model_dump_json().encode()
    return HEAD.pack(len(body), channel, _What.OPENING, 0.0, 0.0) + body


def head(data: bytes) -> Head:
    """data: HEAD.size bytes. Raises Garbled."""
    found = Head(*HEAD.unpack(data))
    if found.length > LONGEST or found.what not in _FRAMES:
        raise Garbled("no head of a packet")
    return found


def content(of: Head, body: bytes) -> Content:
    """Raises Garbled."""
    what = _What(of.what)
    if what is _What.SOUND:
        return Sound(body, of.time)
    if _What.OPENING not in what:
        return Packet(body, of.time, of.dts, _What.KEY in what, _What.HIDDEN not in what)
    try:
        opening = _Opening.model_validate_json(body)
    except ValidationError:
        raise Garbled("no opening of a stream") from None
    sound = SoundInfo(**opening.sound.model_dump()) if opening.sound else None
    return StreamInfo(opening.codec, opening.width, opening.height, opening.rate, opening.extradata, sound)
