"""What goes wrong with bytes on their way, and what malice does to them. Everything from one Random."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from streams.packet import Packet
from tests.fuzz.sps import absurd

_EDGES = (0x00, 0x01, 0x7F, 0x80, 0xFF)
_NUMBERS = (b"0", b"-1", b"65536", b"4294967296", b"99999999999999999999", b"1e9", b"", b"%n", b"0x10")
_LONG = 40_000  # bytes: longer than any buffer that a head of an answer is read into

Change = Callable[[Random, bytearray], None]


def _flip(random: Random, data: bytearray) -> None:
    for _ in range(random.choice((1, 1, 4, 32))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _edge(random: Random, data: bytearray) -> None:
    data[random.randrange(len(data))] = random.choice(_EDGES)


def _truncate(random: Random, data: bytearray) -> None:
    del data[random.randrange(len(data)) :]


def _cut_out(random: Random, data: bytearray) -> None:
    start = random.randrange(len(data))
    del data[start : start + random.choice((1, 2, 16, 300))]


def _repeat(random: Random, data: bytearray) -> None:
    start = random.randrange(len(data))
    piece = data[start : start + random.choice((1, 16, 300))]
    data[start:start] = piece * random.choice((1, 1, 2, 50))


def _insert(random: Random, data: bytearray) -> None:
    start = random.randrange(len(data))
    data[start:start] = random.randbytes(random.choice((1, 4, 64, 2000)))


_CHANGES: tuple[Change, ...] = (_flip, _flip, _edge, _truncate, _cut_out, _repeat, _insert)


def mutated(random: Random, data: bytes) -> bytes:
    """One to three changes."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        if changed:
            random.choice(_CHANGES)(random, changed)
    return bytes(changed)


def mutated_text(random: Random, text: bytes) -> bytes:
    """Changes that keep the form of lines and fields, and some that do not."""
    match random.randrange(6):
        case 0:
            return _other_number(random, text)
        case 1:
            return _lines(random, text)
        case 2:
            return _other_word(random, text)
        case 3:
            return text.replace(
                b"\r\n", random.choice((b"\n", b"\r", b"\r\n\r\n", b"\0")), random.choice((1, -1))
            )
        case _:
            return mutated(random, text)


def _other_number(random: Random, text: bytes) -> bytes:
    found = list(re.finditer(rb"\d+", text))
    if not found:
        return text
    chosen = random.choice(found)
    return text[: chosen.start()] + random.choice(_NUMBERS) + text[chosen.end() :]


def _lines(random: Random, text: bytes) -> bytes:
    lines = text.split(b"\r\n")
    place = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, lines[random.randrange(len(lines))])
        case 2:
            lines[place] += b"A" * _LONG
        case _:
            random.shuffle(lines)
    return b"\r\n".join(lines)


def _other_word(random: Random, text: bytes) -> bytes:
    words = re.findall(rb"[A-Za-z0-9]{3,}", text)
    if not words:
        return text
    return text.replace(random.choice(words), random.choice((*words, b"", b"%s%s%n", b"\xff\xfe")), 1)


def mutated_units(random: Random, codec: str, units: Sequence[Packet]) -> list[Packet]:
    """Some access units spoilt, lost, repeated or out of order; sometimes all of them."""
    share = random.choice((0.05, 0.2, 1.0))
    changed: list[Packet] = []
    for unit in units:
        if random.random() >= share:
            changed.append(unit)
            continue
        match random.randrange(9):
            case 0:
                continue
            case 1:
                changed += [unit] * random.choice((2, 3, 20))
            case 2:
                changed.insert(max(0, len(changed) - random.randrange(1, 6)), unit)
            case 3:
                changed.append(replace(unit, key=not unit.key))
            case 4:
                changed.append(replace(unit, time=unit.time + random.choice((-86400.0, 86400.0, -3.0))))
            case 5 if codec == "h264":
                changed.append(replace(unit, data=absurd(random) + unit.data, key=True))
            case 6:
                changed.append(replace(unit, data=_other_head(random, unit.data)))
            case _:
                changed.append(replace(unit, data=mutated(random, unit.data)))
    return changed


def _other_head(random: Random, data: bytes) -> bytes:
    """Another type for one of its NAL units."""
    starts = [found.end() for found in re.finditer(rb"\x00\x00\x01", data) if found.end() < len(data)]
    if not starts:
        return mutated(random, data)
    changed = bytearray(data)
    changed[random.choice(starts)] = random.randrange(256)
    return bytes(changed)


_ODD: tuple[object, ...] = (
    None, True, -1, 0, 1 << 70, -0.0, 1e308, float("nan"), float("inf"), "", "\0", "\ud800", "x" * _LONG, "1e9", [], {}
)  # fmt: skip
_DEEP = 5000  # levels: more than a parser that calls itself can take


def mutated_json(random: Random, text: bytes) -> bytes:
    """One value of another kind, a key more or less, a nest; or the text itself is spoilt."""
    if random.random() < 0.3:
        return mutated_text(random, text)
    if random.random() < 0.02:
        return b"[" * _DEEP + b"]" * _DEEP
    whole = [json.loads(text)]
    for _ in range(random.choice((1, 1, 2))):
        _other_value(random, whole)
    return json.dumps(whole[0], ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def _other_value(random: Random, whole: list[Any]) -> None:
    """At some depth."""
    holder: Any = whole
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(holder[key], dict | list) and holder[key] and random.random() < 0.8:
            holder = holder[key]
            continue
        match random.randrange(4):
            case 0 if holder is not whole:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[f"{key}x"] = holder[key]
            case _:
                holder[key] = random.choice(_ODD)
        return
