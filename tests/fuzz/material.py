"""What is mutated: the beginning of the demo's clip in every codec, and a camera's words about it."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import Literal

from streams.packet import Packet, parameter_sets
from streams.source import NullSink, StreamInfo
from streams.sources.file import Spec, build
from tests.support.remade import remade

CODECS: dict[str, Literal["libx264", "libx265", "mjpeg"]] = {
    "h264": "libx264",
    "hevc": "libx265",
    "mjpeg": "mjpeg",
}
_PICTURES = 24
_SIZE = (320, 180)  # px: the same code for a quarter of the time
_START = "2026-05-01T08:00:00+08:00"
_HEVC_SETS = ("vps", "sps", "pps")
_PAYLOAD = 1200  # bytes of a picture in one RTP packet
_STEP = 9000  # ticks of 90 kHz between two pictures


@dataclass(frozen=True)
class Material:
    info: StreamInfo
    units: tuple[Packet, ...]


class _Kept(NullSink):
    def __init__(self) -> None:
        self.info: StreamInfo | None = None
        self.units: list[Packet] = []

    def opened(self, info: StreamInfo) -> None:
        self.info = info

    def packet(self, packet: Packet) -> None:
        self.units.append(packet)


def prepare(folder: Path) -> None:
    """Once, before any child runs."""
    for name, encoder in CODECS.items():
        remade(folder / f"{name}.mkv", codec=encoder, size=_SIZE, frames=_PICTURES)


@cache
def material(folder: Path, codec: str) -> Material:
    kept = _Kept()
    build(Spec.model_validate({"path": folder / f"{codec}.mkv", "start": _START})).run(kept, Event())
    assert kept.info is not None
    assert len(kept.units) == _PICTURES
    return Material(kept.info, tuple(kept.units))


def description(it: Material) -> bytes:
    """SDP (RFC 8866; RFC 6184, 8.2.1; RFC 7798, 7.1)."""
    sets = [b64encode(nal).decode() for nal in nals(parameter_sets(it.info.codec, it.units[0].data))]
    name, form = {
        "h264": ("H264", f"packetization-mode=1;sprop-parameter-sets={','.join(sets)}"),
        "hevc": (
            "H265",
            ";".join(f"sprop-{kind}={one}" for kind, one in zip(_HEVC_SETS, sets, strict=False)),
        ),
    }[it.info.codec]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=0-",
        "m=video 0 RTP/AVP 96",
        f"a=rtpmap:96 {name}/90000",
        f"a=fmtp:96 {form}",
        "a=framerate:10",
        "a=control:track1",
        "m=audio 0 RTP/AVP 8",
        "a=rtpmap:8 PCMA/8000/1",
        "a=control:track2",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def nals(data: bytes) -> list[bytes]:
    """The NAL units of an access unit in Annex B form."""
    pieces = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [piece for piece in pieces if piece]


def rtp(codec: str, number: int, unit: bytes) -> list[bytes]:
    """One access unit as RTP packets (RFC 6184, 5.6 and 5.8; RFC 7798, 4.4)."""
    payloads = [part for nal in nals(unit) for part in (_parts(codec, nal) if len(nal) > _PAYLOAD else [nal])]
    packets = []
    for place, payload in enumerate(payloads):
        last = place == len(payloads) - 1
        order = (number * 64 + place) % (1 << 16)
        head = bytes([0x80, 96 | last << 7]) + order.to_bytes(2, "big")
        packets.append(head + (number * _STEP).to_bytes(4, "big") + b"\0\0\0\7" + payload)
    return packets


def _parts(codec: str, nal: bytes) -> list[bytes]:
    if codec == "h264":
        kind, head, rest = nal[0] & 0x1F, bytes([nal[0] & 0xE0 | 28]), nal[1:]
    else:
        kind, head, rest = nal[0] >> 1 & 0x3F, bytes([nal[0] & 0x81 | 49 << 1, nal[1]]), nal[2:]
    pieces = [rest[at : at + _PAYLOAD] for at in range(0, len(rest), _PAYLOAD)]
    ends = len(pieces) - 1
    return [
        head + bytes([(place == 0) << 7 | (place == ends) << 6 | kind]) + piece
        for place, piece in enumerate(pieces)
    ]
