"""Pictures to RTP payloads: H.264 (RFC 6184, packetization-mode 1) and VP8 (RFC 7741). Pure."""

from collections.abc import Callable, Iterable, Iterator

from relay.live.nal import Unit, kind, units
from relay.media.stream import Packet as RtpPacket
from streams.packet import Packet

PAYLOAD = 1180  # bytes: with RTP, SRTP, UDP, IP and a TURN relay's wrapping it stays below 1280, which every path carries
CLOCK = 90_000  # Hz

_STAP_A = 24
_FU_A = 28
_FIRST, _LAST = 0x80, 0x40
_LEFT_OUT = frozenset({Unit.DELIMITER, Unit.END_OF_SEQUENCE, Unit.END_OF_STREAM, Unit.FILLER})
_SMALL = frozenset({Unit.SPS, Unit.PPS})
_PICTURE_IDS = 1 << 15
_STEP = 10.0  # s between two pictures from which on it is another stream: the box's clock was set, a camera came back

Payloads = Callable[[Packet], Iterator[bytes]]


class Packer:
    """One stream of RTP out of a camera's pictures; a new SSRC wherever what follows has nothing to do with what was."""

    def __init__(self, payloads: Payloads) -> None:
        self._payloads = payloads
        self._ssrc = self._sequence = 0
        self._last: float | None = None
        self._stamp = 0

    def restart(self) -> None:
        """What follows is another stream."""
        self._last = None

    def pack(self, packet: Packet) -> Iterator[RtpPacket]:
        """The marker bit is on the last one of a picture."""
        self._advance(packet.time)
        pieces = list(self._payloads(packet))
        for piece in pieces:
            self._sequence = (self._sequence + 1) % (1 << 16)
            last = piece is pieces[-1]
            yield RtpPacket(self._sequence, self._stamp, piece, last, self._ssrc, time=packet.time)

    def _advance(self, time: float) -> None:
        """Stamps rise with every picture, even where two have the same time."""
        step = None if self._last is None else time - self._last
        if step is None or abs(step) > _STEP:
            self._ssrc += 1
            step = 0.0
        self._last = time
        self._stamp = (self._stamp + max(1, round(step * CLOCK))) % (1 << 32)


def h264(packet: Packet) -> Iterator[bytes]:
    """Parameter sets together in one packet (STAP-A), large units in fragments (FU-A)."""
    small: list[bytes] = []
    for unit in units(packet.data):
        if kind(unit) in _LEFT_OUT:
            continue
        if kind(unit) in _SMALL and _aggregate_size([*small, unit]) <= PAYLOAD:
            small.append(unit)
            continue
        yield from _aggregated(small)
        small = []
        yield from _fragments(unit)
    yield from _aggregated(small)


def _aggregate_size(together: Iterable[bytes]) -> int:
    return 1 + sum(2 + len(unit) for unit in together)


def _aggregated(together: list[bytes]) -> Iterator[bytes]:
    """STAP-A (RFC 6184, 5.7.1); one alone goes as it is."""
    if len(together) == 1:
        yield together[0]
    elif together:
        importance = max(unit[0] & 0x60 for unit in together)
        yield bytes([importance | _STAP_A]) + b"".join(len(unit).to_bytes(2) + unit for unit in together)


def _fragments(unit: bytes) -> Iterator[bytes]:
    """FU-A (RFC 6184, 5.8), of nearly equal size; what fits goes as it is."""
    if len(unit) <= PAYLOAD:
        yield unit
        return
    indicator, header, room = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F, PAYLOAD - 2
    count = -(-(len(unit) - 1) // room)
    size = -(-(len(unit) - 1) // count)
    for start in range(1, len(unit), size):
        end = start + size
        mark = _FIRST * (start == 1) | _LAST * (end >= len(unit))
        yield bytes([indicator, mark | header]) + unit[start:end]


class Vp8:
    """Payloads of VP8 with picture numbers, by which a browser knows a lost picture from a lost packet."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self, packet: Packet) -> Iterator[bytes]:
        self._number = (self._number + 1) % _PICTURE_IDS
        number = (0x8000 | self._number).to_bytes(2)
        room = PAYLOAD - 4
        for start in range(0, packet.size, room):
            # X, and S in the first one (RFC 7741, 4.2); then I: a picture number follows.
            first = bytes([0x90 if start == 0 else 0x80, 0x80])
            yield first + number + packet.data[start : start + room]
