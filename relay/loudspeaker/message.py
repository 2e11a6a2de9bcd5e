"""RTSP messages on the wire (RFC 2326 and, as far as it goes beyond, RFC 7826). Pure: bytes in, values out.

Heads are taken as Latin-1, so that what a camera says in GBK comes back to it byte for byte.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LARGEST_HEAD = 16384  # bytes: a Location of 4 kB and the vendor's own fields
LARGEST_BODY = 65536  # bytes: a recorder's longest description of a session is a few kB

_END = re.compile(rb"\r?\n\r?\n")
_ANSWER = re.compile(r"RTSP/[0-9]\.[0-9] +([0-9]{3})(?: |$)")
_ASKED = re.compile(r"([A-Z_]{1,32}) +\S+ +RTSP/[0-9]\.[0-9] *$")
_NUMBER = re.compile(r"[0-9]{1,9}")
_FRAME = 0x24  # "$": RTP inside the connection (RFC 2326, 10.12)


class Malformed(ValueError):
    """Not RTSP. Its text quotes nothing."""


@dataclass(frozen=True, slots=True)
class Headers:
    """In their order, names in lower case."""

    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first; empty where there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)

    def number(self, name: str) -> int | None:
        """None where it is missing. Raises Malformed where it is no number."""
        value = self.get(name)
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            raise Malformed(f"a {name} that is no number")
        return int(value)


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 100 to 999. cseq: of the request that it answers; None where the camera does not say."""

    status: int
    headers: Headers
    body: bytes
    cseq: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the camera makes."""

    method: str
    cseq: int | None


Message = Answer | Asked


class Parser:
    """Cuts what a camera sends into messages. Frames of RTP and RTCP between them are skipped: we listen to none."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """What is complete now; keeps at most one message. Raises Malformed, and is of no use after that."""
        self._data += data
        found = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Message | None:
        self._skip()
        end = _END.search(self._data, 0, LARGEST_HEAD)
        if end is None:
            if len(self._data) >= LARGEST_HEAD:
                raise Malformed("a head without end")
            return None
        head = _Head(bytes(self._data[: end.start()]))
        length = head.headers.number("content-length") or 0
        if length > LARGEST_BODY:
            raise Malformed("a body too large")
        if len(self._data) < end.end() + length:
            return None
        body = bytes(self._data[end.end() : end.end() + length])
        del self._data[: end.end() + length]
        return head.message(body)

    def _skip(self) -> None:
        """Frames, and the empty lines that some cameras put after a message."""
        data = self._data
        while data and data[0] in (_FRAME, *b"\r\n"):
            if data[0] != _FRAME:
                del data[:1]
            elif len(data) >= 4 and len(data) >= 4 + (length := int.from_bytes(data[2:4], "big")):
                del data[: 4 + length]
            else:
                return


class _Head:
    def __init__(self, head: bytes) -> None:
        self._first, *lines = re.split(r"\r?\n", head.decode("latin-1"))
        self.headers = Headers(tuple(_fields(lines)))

    def message(self, body: bytes) -> Message:
        cseq = self.headers.number("cseq")
        if answer := _ANSWER.match(self._first):
            return Answer(int(answer[1]), self.headers, body, cseq)
        if asked := _ASKED.match(self._first):
            return Asked(asked[1], cseq)
        raise Malformed("a first line of no kind")


def _fields(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Continued lines (RFC 2326, 4.2, after RFC 2068) are joined."""
    joined: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and joined:
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    for line in joined:
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed("a header without a colon")
        yield name.strip().lower(), value.strip()


def request(method: str, uri: str, cseq: int, fields: Iterable[tuple[str, str]] = ()) -> bytes:
    lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {cseq}", "User-Agent: sandwatch"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def not_done(asked: Asked) -> bytes:
    """The answer to whatever a camera may want from us: that we do not do it (501)."""
    cseq = "" if asked.cseq is None else f"CSeq: {asked.cseq}\r\n"
    return f"RTSP/1.0 501 Not Implemented\r\n{cseq}\r\n".encode("latin-1")
