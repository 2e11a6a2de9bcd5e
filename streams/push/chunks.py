"""RTMP's chunk stream (Adobe RTMP 1.0, 5.3): bytes to messages and back. Pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from streams.push.amf import Malformed

_SIZE = 128  # bytes in a chunk until the sender says otherwise (5.4.1)
_STREAMS = 32  # chunk streams at once; encoders use four
_EXTENDED = 0xFFFFFF
_HEADS = (11, 7, 3, 0)  # bytes of a message header by its format
SET_CHUNK_SIZE, ABORT = 1, 2


class Message(NamedTuple):
    """kind: RTMP message type id. time: ms on the sender's clock. stream: message stream id."""

    kind: int
    time: int
    stream: int
    data: bytes


@dataclass(slots=True)
class _Chunks:
    """One chunk stream: its last header, which the next may leave out, and the message under way."""

    time: int = 0
    delta: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    known: bool = False
    body: bytearray = field(default_factory=bytearray)


class Reader:
    """limit: longest message in bytes; all that are under way together may be twice that. Raises Malformed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._size = _SIZE
        self._held = bytearray()
        self._chunks: dict[int, _Chunks] = {}
        self._under_way = 0

    def feed(self, data: bytes) -> list[Message]:
        """What is complete by now."""
        held = self._held
        held += data
        at, messages = 0, list[Message]()
        while (step := self._chunk(held, at)) is not None:
            at, message = step
            if message is None:
                continue
            if not self._control(message):
                messages.append(message)
        del held[:at]
        return messages

    def _control(self, message: Message) -> bool:
        if message.kind == SET_CHUNK_SIZE:
            size = int.from_bytes(message.data[:4], "big") & 0x7FFFFFFF
            if not size:
                raise Malformed("chunks without content")
            self._size = size
        elif message.kind == ABORT:
            chunks = self._chunks.get(int.from_bytes(message.data[:4], "big"))
            if chunks is not None:
                self._under_way -= len(chunks.body)
                chunks.body.clear()
        return message.kind in (SET_CHUNK_SIZE, ABORT)

    def _chunk(self, held: bytearray, at: int) -> tuple[int, Message | None] | None:
        """One chunk: where the next begins, and the message it completes. None: not all of it is here yet."""
        have = len(held)
        if at >= have:
            return None
        form, number = held[at] >> 6, held[at] & 0x3F
        at += 1
        if number < 2:  # longer forms: 64 and above
            if have < at + number + 1:
                return None
            number, at = 64 + int.from_bytes(held[at : at + number + 1], "little"), at + number + 1
        head = at
        at += _HEADS[form]
        if have < at:
            return None
        chunks = self._of(number, form)
        stamp = int.from_bytes(held[head : head + 3], "big") if form < 3 else 0
        extended = stamp == _EXTENDED if form < 3 else chunks.extended
        if extended:
            if have < at + 4:
                return None
            stamp, at = int.from_bytes(held[at : at + 4], "big"), at + 4
        length = int.from_bytes(held[head + 3 : head + 6], "big") if form < 2 else chunks.length
        if length > self.limit:
            raise Malformed("a message too long")
        fresh = not chunks.body
        count = min(self._size, length if fresh or form < 3 else length - len(chunks.body))
        if have < at + count:
            return None
        if fresh or form < 3:
            self._begin(chunks, form, stamp, extended, held[head : head + _HEADS[form]])
        return at + count, self._add(chunks, held[at : at + count])

    def _of(self, number: int, form: int) -> _Chunks:
        chunks = self._chunks.get(number)
        if chunks is None:
            if len(self._chunks) >= _STREAMS:
                raise Malformed("too many chunk streams")
            chunks = self._chunks[number] = _Chunks()
        if form and not chunks.known:
            raise Malformed("a chunk stream that does not begin")
        return chunks

    def _begin(self, chunks: _Chunks, form: int, stamp: int, extended: bool, head: bytearray) -> None:
        """A header that comes before its message is complete begins another one."""
        self._under_way -= len(chunks.body)
        chunks.body.clear()
        if form == 0:
            chunks.time, chunks.delta, chunks.known = stamp, 0, True
            chunks.stream = int.from_bytes(head[7:11], "little")
        else:
            chunks.delta = stamp if form < 3 else chunks.delta
            chunks.time = chunks.time + chunks.delta & 0xFFFFFFFF
        if form < 2:
            chunks.length, chunks.kind = int.from_bytes(head[3:6], "big"), head[6]
        if form < 3:
            chunks.extended = extended

    def _add(self, chunks: _Chunks, piece: bytearray) -> Message | None:
        chunks.body += piece
        self._under_way += len(piece)
        if self._under_way > 2 * self.limit:
            raise Malformed("too much under way")
        if len(chunks.body) < chunks.length:
            return None
        message = Message(chunks.kind, chunks.time, chunks.stream, bytes(chunks.body))
        self._under_way -= len(chunks.body)
        chunks.body.clear()
        return message


def written(kind: int, data: bytes, *, number: int, stream: int = 0, size: int) -> bytes:
    """A message of ours, cut into chunks of at most `size` bytes."""
    head = bytes([number]) + b"\0\0\0" + len(data).to_bytes(3, "big") + bytes([kind])
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    return head + stream.to_bytes(4, "little") + bytes([0xC0 | number]).join(pieces)
