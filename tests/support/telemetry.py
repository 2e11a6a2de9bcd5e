"""Encoders of what drones and receivers send, written against the standards and not against our decoders."""

import struct
from collections.abc import Iterable
from typing import Any

import pytest

LABEL = bytes.fromhex("060E2B34020B01010E01030101000000")


def about(value: object, *, abs: float | None = None) -> Any:  # noqa: A002 - as pytest calls it
    """pytest.approx, fit to stand inside a value of ours."""
    return pytest.approx(value, abs=abs)


def ber(length: int, *, octets: int = 0) -> bytes:
    """ST 336 length: short form where it fits, or the long form with so many octets."""
    if length < 128 and not octets:
        return bytes([length])
    octets = octets or (length.bit_length() + 7) // 8
    return bytes([0x80 | octets]) + length.to_bytes(octets, "big")


def oid(tag: int) -> bytes:
    groups = [tag & 0x7F]
    while tag := tag >> 7:
        groups.append(0x80 | tag & 0x7F)
    return bytes(reversed(groups))


def item(tag: int, value: bytes, *, octets: int = 0) -> bytes:
    return oid(tag) + ber(len(value), octets=octets) + value


def unsigned(size: int, low: float, high: float, value: float) -> bytes:
    steps = (1 << 8 * size) - 1
    return round((value - low) / (high - low) * steps).to_bytes(size, "big")


def signed(size: int, high: float, value: float) -> bytes:
    steps = (1 << 8 * size - 1) - 1
    return round(value / high * steps).to_bytes(size, "big", signed=True)


def packet(items: Iterable[bytes], *, time: float | None = 1_700_000_000.0, octets: int = 0) -> bytes:
    """A whole local set: time stamp first, checksum last (a 16-bit running sum, byte by byte)."""
    stamp = [] if time is None else [item(2, struct.pack(">Q", round(time * 1e6)))]
    body = b"".join([*stamp, *items]) + b"\x01\x02"
    whole = LABEL + ber(len(body) + 2, octets=octets) + body
    total = 0
    for index, byte in enumerate(whole):
        total = (total + (byte << 8 * ((index + 1) % 2))) & 0xFFFF
    return whole + struct.pack(">H", total)


def here(lat: float, lon: float) -> list[bytes]:
    return [item(13, signed(4, 90, lat)), item(14, signed(4, 180, lon))]


def cell(data: bytes, *, fragment: int = 3) -> bytes:
    """An ST 1402 metadata access unit cell. fragment: 3 whole, 2 first, 1 last, 0 in between."""
    return bytes([0, 7, fragment << 6 | 0x1F]) + struct.pack(">H", len(data)) + data


def nmea(text: str) -> bytes:
    total = 0
    for character in text.encode():
        total ^= character
    return f"${text}*{total:02X}\r\n".encode()
