"""The whole way of a drone's metadata: MPEG-TS with a KLV stream, through FFmpeg's demuxer, to poses."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.packet import Packet

from streams.telemetry.klv_stream import KlvStream
from tests.support.telemetry import about, cell, here, packet

RATE = 10
# ISO 13818-1: PES with metadata (ST 1402 synchronous), and its registration's stream id.
SYNCHRONOUS = (0x15, 0xFC)


def flown(path: Path, count: int = 20) -> list[bytes]:
    """A transport stream of `count` pictures, a KLV packet beside each. Returns these."""
    sent = [packet(here(31 + n / 1000, 121 - n / 1000), time=1_700_000_000 + n / RATE) for n in range(count)]
    with av.open(str(path), "w", format="mpegts") as out:
        video = out.add_stream("mpeg2video", rate=RATE)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        data = out.add_data_stream("klv")
        data.time_base = Fraction(1, 90_000)
        for n, payload in enumerate(sent):
            picture = av.VideoFrame.from_ndarray(np.full((240, 320, 3), n * 5, np.uint8), "bgr24")
            picture.pts, picture.time_base = n, Fraction(1, RATE)
            out.mux(video.encode(picture))
            metadata = Packet(payload)
            metadata.stream, metadata.time_base = data, data.time_base
            metadata.pts = metadata.dts = n * 90_000 // RATE
            out.mux(metadata)
        out.mux(video.encode(None))
    return sent


def read(path: Path) -> tuple[list[tuple[float, float, float]], int]:
    """Time, latitude and longitude of each pose; and how much was refused."""
    stream = KlvStream("uav")
    poses = []
    with av.open(str(path)) as source:
        (data,) = [s for s in source.streams if s.codec_context is None or s.type == "data"]
        for got in source.demux(data):
            if got.size and got.pts is not None:
                poses += stream.feed(bytes(got), float(got.pts * got.time_base))
    return [(pose.time, *pose.position) for pose in poses if pose.position is not None], stream.refused


def expected(count: int = 20) -> list[object]:
    return [about((1_700_000_000 + n / RATE, 31 + n / 1000, 121 - n / 1000), abs=1e-6) for n in range(count)]


def test_asynchronous_metadata(tmp_path: Path) -> None:
    flown(tmp_path / "flight.ts")
    assert read(tmp_path / "flight.ts") == (expected(), 0)


def test_synchronous_metadata(tmp_path: Path) -> None:
    sent = flown(tmp_path / "flight.ts")
    path = tmp_path / "synchronous.ts"
    path.write_bytes(synchronous((tmp_path / "flight.ts").read_bytes(), sent))
    assert read(path) == (expected(), 0)


def test_lost_transport_packets_cost_only_what_they_carried(tmp_path: Path) -> None:
    flown(tmp_path / "flight.ts")
    packets = chunks((tmp_path / "flight.ts").read_bytes())
    pid = klv_pid(packets)
    kept, seen = [], 0
    for one in packets:
        seen += pid_of(one) == pid
        if pid_of(one) != pid or seen % 7:
            kept.append(one)
    path = tmp_path / "lossy.ts"
    path.write_bytes(b"".join(kept))
    poses, _ = read(path)
    everything = [31 + n / 1000 for n in range(20)]
    assert 10 <= len(poses) < 20
    assert all(any(abs(lat - sent) < 1e-6 for sent in everything) for _, lat, _ in poses)


def chunks(stream: bytes) -> list[bytes]:
    return [stream[at : at + 188] for at in range(0, len(stream), 188)]


def pid_of(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def klv_pid(packets: list[bytes]) -> int:
    return next(pid_of(one) for one in packets if b"\x06\x0e\x2b\x34\x02\x0b\x01\x01" in one)


def synchronous(stream: bytes, sent: list[bytes]) -> bytes:
    """The same stream with its metadata as ST 1402 wants the synchronous kind: stream type 0x15, PES stream id 0xFC,
    and an access unit cell header before each KLV packet. Each PES fits one transport packet."""
    packets = chunks(stream)
    pid = klv_pid(packets)
    out, counter = [], 0
    for one in packets:
        if pid_of(one) == pid:
            payload = next(klv for klv in sent if klv[:60] in one)
            start = one.index(b"\0\0\1")
            header = one[start + 9 : start + 9 + one[start + 8]]
            out.append(metadata_packet(pid, counter, header, cell(payload)))
            counter = (counter + 1) % 16
        elif b"KLVA" in one:
            out.append(with_stream_type(one, pid))
        else:
            out.append(one)
    return b"".join(out)


def metadata_packet(pid: int, counter: int, optional: bytes, payload: bytes) -> bytes:
    body = b"\x84\x80" + bytes([len(optional)]) + optional + payload
    pes = b"\0\0\1" + bytes([SYNCHRONOUS[1]]) + len(body).to_bytes(2, "big") + body
    stuffing = 184 - len(pes) - 2
    head = bytes([0x47, 0x40 | pid >> 8, pid & 0xFF, 0x30 | counter])
    return head + bytes([stuffing + 1, 0]) + b"\xff" * stuffing + pes


def with_stream_type(pmt: bytes, pid: int) -> bytes:
    at = pmt.index(bytes([0x06, 0xE0 | pid >> 8, pid & 0xFF]))
    changed = bytearray(pmt)
    changed[at] = SYNCHRONOUS[0]
    begin = 5
    length = int.from_bytes(changed[begin + 1 : begin + 3], "big") & 0x0FFF
    end = begin + 3 + length
    changed[end - 4 : end] = crc32_mpeg(bytes(changed[begin : end - 4])).to_bytes(4, "big")
    return bytes(changed)


def crc32_mpeg(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value
