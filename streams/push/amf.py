"""AMF 0, as far as RTMP commands need it (Adobe, Action Message Format AMF 0, 2007). Pure."""

import struct
from collections.abc import Callable, Mapping

Value = float | bool | str | None | dict[str, "Value"] | list["Value"]

_DEEP = 4  # a connect command nests two levels; more is somebody trying
_DOUBLE = struct.Struct(">d")


class Malformed(ValueError):
    """Not what the protocol says."""


def decode(data: bytes) -> list[Value]:
    """The values one after the other, up to the first of a kind that no command needs. Raises Malformed."""
    reader, values = _Reader(data), list[Value]()
    try:
        while not reader.done:
            values.append(reader.value(0))
    except _Unneeded:
        pass  # what follows a kind we do not read cannot be found
    return values


def encode(*values: float | bool | str | Mapping[str, float | str] | None) -> bytes:
    return b"".join(_encoded(value) for value in values)


def _encoded(value: float | bool | str | Mapping[str, float | str] | None) -> bytes:
    match value:
        case None:
            return b"\x05"
        case bool():
            return b"\x01\x01" if value else b"\x01\x00"
        case int() | float():
            return b"\x00" + _DOUBLE.pack(value)
        case str():
            return b"\x02" + _text(value)
        case _:
            fields = b"".join(_text(name) + _encoded(field) for name, field in value.items())
            return b"\x03" + fields + b"\x00\x00\x09"


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


class _Unneeded(Exception):
    pass


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._kinds: dict[int, Callable[[int], Value]] = {
            0: lambda _: float(_DOUBLE.unpack(self._take(8))[0]),
            1: lambda _: self._take(1) != b"\x00",
            2: lambda _: self._string(2),
            3: self._object,
            5: lambda _: None,
            6: lambda _: None,
            8: self._map,
            10: self._list,
            12: lambda _: self._string(4),
        }

    @property
    def done(self) -> bool:
        return self._at >= len(self._data)

    def value(self, depth: int) -> Value:
        if depth > _DEEP:
            raise Malformed("nested too deep")
        read = self._kinds.get(self._take(1)[0])
        if read is None:
            raise _Unneeded
        return read(depth)

    def _list(self, depth: int) -> Value:
        count = int.from_bytes(self._take(4), "big")
        return [self.value(depth + 1) for _ in range(min(count, len(self._data)))]

    def _map(self, depth: int) -> Value:
        self._take(4)  # its own count is only a hint
        return self._object(depth)

    def _object(self, depth: int) -> Value:
        fields: dict[str, Value] = {}
        while True:
            name = self._string(2)
            if not name and self._data[self._at : self._at + 1] == b"\x09":
                self._at += 1
                return fields
            fields[name] = self.value(depth + 1)

    def _string(self, width: int) -> str:
        size = int.from_bytes(self._take(width), "big")
        return self._take(size).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise Malformed("ends in the middle")
        self._at += count
        return piece
