"""An RTMP server's side of one publisher (Adobe RTMP 1.0), up to FLV that FFmpeg reads. Pure.

FFmpeg's own listener takes whatever stream key comes; this one lets nothing through before the key was judged.
"""

import os
from collections.abc import Callable

from streams.push.amf import Malformed, Value, decode, encode
from streams.push.chunks import SET_CHUNK_SIZE, Message, Reader, written

_BLOCK = 1536  # bytes of each half of the handshake (5.2.3)
_VERSION = 3
_BEFORE = 65536  # bytes anybody may send before being let in: handshake, connect and publish take about 4 kB
_COMMAND = 16384  # bytes of the longest message before that
_PICTURE = 8 << 20  # bytes of the longest message after: a 4K key frame at the highest quality is 3 MB
_WINDOW = 2_500_000  # bytes between two acknowledgements
_OUR_CHUNK = 65536  # senders use the same (FFmpeg) or their own: fewer, larger chunks cost less
_FLV_HEAD = b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00"  # video only
_ACK, _USER, _WINDOW_SIZE, _BANDWIDTH, _AUDIO, _VIDEO, _COMMANDS = 3, 4, 5, 6, 8, 9, 20
_PING, _PONG = 6, 7

Judge = Callable[[str], str | None]
"""Given "app/name" as the sender asks for it: why it must not publish, None to let it in."""


class Rejected(Exception):
    """Not let in. Its text is for the log: it names the reason, and nothing that was sent.

    answer: what to send before closing.
    """

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


class Session:
    """Give it what arrives, send back what it returns, take FLV out of `flv`.

    Raises Rejected (also for what is no RTMP).
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._reader = Reader(_COMMAND)
        self._greeting = bytearray()
        self._greeted = 0
        self._app = ""
        self._received = self._acknowledged = 0
        self.flv = bytearray()
        self.publishing = False
        self.ended = False
        self.sound = self.video = 0
        """Messages of each so far."""

    def feed(self, data: bytes) -> bytes:
        self._received += len(data)
        if not self.publishing and self._received > _BEFORE:
            raise Rejected("sends much and publishes nothing")
        try:
            return self._handshake(data) if self._greeted < 2 else self._messages(data)
        except Malformed as error:
            reason = f"no RTMP: {error}"
        raise Rejected(reason)

    def _handshake(self, data: bytes) -> bytes:
        """C0 and C1, answered by S0, S1 and S2; then C2 (5.2)."""
        held, answer = self._greeting, b""
        held += data
        if held and held[0] != _VERSION and not self._greeted:
            raise Malformed("another protocol")
        if not self._greeted and len(held) > _BLOCK:
            answer = bytes([_VERSION]) + bytes(8) + os.urandom(_BLOCK - 8) + held[1 : _BLOCK + 1]
            del held[: _BLOCK + 1]
            self._greeted = 1
        if self._greeted == 1 and len(held) >= _BLOCK:
            rest = bytes(held[_BLOCK:])
            held.clear()
            self._greeted = 2
            answer += self._messages(rest)
        return answer

    def _messages(self, data: bytes) -> bytes:
        answer = b"".join(self._message(message) for message in self._reader.feed(data))
        if self._received - self._acknowledged >= _WINDOW:
            self._acknowledged = self._received
            answer += _control(_ACK, self._received & 0xFFFFFFFF)
        return answer

    def _message(self, message: Message) -> bytes:
        match message.kind:
            case k if k == _VIDEO:
                self._keep(message)
            case k if k == _AUDIO:
                self.sound += 1
            case k if k == _COMMANDS:
                return self._command(decode(message.data))
            case k if k == _USER and message.data[:2] == _PING.to_bytes(2, "big"):
                return written(_USER, _PONG.to_bytes(2, "big") + message.data[2:6], number=2, size=_OUR_CHUNK)
        return b""

    def _keep(self, message: Message) -> None:
        """As an FLV tag (Adobe FLV 10.1, E.4.1)."""
        if not self.publishing:
            raise Rejected("sends pictures before it may")
        self.video += 1
        size = len(message.data)
        stamp = (message.time & 0xFFFFFF).to_bytes(3, "big") + bytes([message.time >> 24])
        self.flv += b"\x09" + size.to_bytes(3, "big") + stamp + b"\0\0\0"
        self.flv += message.data
        self.flv += (size + 11).to_bytes(4, "big")

    def _command(self, values: list[Value]) -> bytes:
        name, number = [*values, None, None][:2]
        number = number if isinstance(number, float) else 0.0
        match name:
            case "connect":
                return self._connect(number, values[2] if len(values) > 2 else None)
            case "createStream":
                return _invoke(encode("_result", number, None, 1.0))
            case "releaseStream" | "FCPublish":
                return _invoke(encode("_result", number, None, None))
            case "publish":
                return self._publish(values[3] if len(values) > 3 else None)
            case "play":
                raise Rejected("wants to watch, and there is nothing to see")
            case "FCUnpublish" | "deleteStream" | "closeStream":
                self.ended = self.publishing
        return b""

    def _connect(self, number: float, wishes: Value) -> bytes:
        app = wishes.get("app") if isinstance(wishes, dict) else None
        self._app = _plain(app)
        properties: dict[str, float | str] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}
        status: dict[str, float | str] = {
            "level": "status",
            "code": "NetConnection.Connect.Success",
            "objectEncoding": 0.0,
        }
        return (
            _control(SET_CHUNK_SIZE, _OUR_CHUNK)
            + _control(_WINDOW_SIZE, _WINDOW)
            + written(_BANDWIDTH, _WINDOW.to_bytes(4, "big") + b"\x02", number=2, size=_OUR_CHUNK)
            + _invoke(encode("_result", number, properties, status))
        )

    def _publish(self, name: Value) -> bytes:
        if self.publishing:
            raise Rejected("publishes twice")
        reason = self._judge(f"{self._app}/{_plain(name)}")
        if reason is not None:
            raise Rejected(reason, _status("error", "NetStream.Publish.BadName", "refused"))
        self.publishing = True
        self._reader.limit = _PICTURE
        self.flv += _FLV_HEAD
        return _status("status", "NetStream.Publish.Start", "go ahead")


def _plain(value: Value) -> str:
    """Without query and slashes around."""
    return value.partition("?")[0].strip("/") if isinstance(value, str) else ""


def _control(kind: int, value: int) -> bytes:
    return written(kind, value.to_bytes(4, "big"), number=2, size=_OUR_CHUNK)


def _invoke(data: bytes, stream: int = 0) -> bytes:
    return written(_COMMANDS, data, number=3, stream=stream, size=_OUR_CHUNK)


def _status(level: str, code: str, words: str) -> bytes:
    information = {"level": level, "code": code, "description": words}
    return _invoke(encode("onStatus", 0.0, None, information), stream=1)
