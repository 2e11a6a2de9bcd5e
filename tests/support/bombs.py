"""Small things that claim to be large, and who is given them. See tests/security/test_bombs.py."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import typer

from edge.cli_calibrate import _opened
from edge.evidence.problems import EvidenceRefused
from edge.evidence.report import Pins
from edge.evidence.verify import verify
from edge.settings.finding import SettingsError
from edge.settings.loader import load
from edge.survey_files import SurveyRefused, _picture
from edge.zones.seen import NoPicture, _read
from streams.errors import StreamError
from streams.sources.folder import Spec, build
from tests.support.sinks import Collector


def png(width: int, height: int) -> bytes:
    """White on black, one bit per pixel: 900 million of them are 110 kB."""
    row = bytes(1 + (width + 7) // 8)
    pack = zlib.compressobj(9)
    packed = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(width: int, height: int) -> bytes:
    """A JPEG of 8x8 pixels whose header says otherwise."""
    data = bytearray(cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    frame = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height, width)
    return bytes(data)


def zip_of_records(path: Path, records: int, *, claimed: int | None = None) -> None:
    """Nothing but a directory. claimed: how many its end says there are."""
    record = (
        struct.pack("<4s6H3I5H2I", b"PK\1\2", *[20, 20, 0x800, 0, 0, 0x21], 0, 0, 0, 1, *[0] * 5, 0) + b"x"
    )
    count = min(records if claimed is None else claimed, 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, records * len(record), 0, 0)
    path.write_bytes(record * records + end)


def verified(path: str) -> list[str]:
    try:
        return [each.detail.en for each in verify(Path(path), Pins()).findings]
    except EvidenceRefused as refused:
        return [refused.problem.what.en]


def from_folder(path: str) -> list[str]:
    sink = Collector()
    try:
        build(Spec(path=Path(path))).run(sink, sink.stop)
    except StreamError as error:
        return [type(error).__name__]
    return [str(frame.size) for frame in sink.frames]


def to_draw_in(path: str) -> list[str]:
    try:
        return [str(_read(Path(path)).shape)]
    except NoPicture as error:
        return [error.problem.what.en]


def surveyed(path: str) -> list[str]:
    try:
        return [str(_picture(Path(path)).shape)]
    except SurveyRefused as error:
        return [error.problem.what.en]


def calibrated(path: str) -> list[str]:

    try:
        return [str(_opened(Path(path)))]
    except typer.BadParameter as error:
        return [str(error)]


def site(path: str) -> list[str]:
    try:
        load(Path(path), {})
    except SettingsError as error:
        return [each.say("en") for each in error.findings]
    return []
