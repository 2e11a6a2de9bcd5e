"""KLV out of a transport stream's data packets: whole, split, several at once, damaged (MISB ST 1402)."""

from streams.telemetry import klv
from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import Pose

# The largest packet believed. With every item of ST 0601 and dozens of moving-target reports (item 74) a packet
# stays below 16 KiB; what claims more is a damaged length.
LARGEST = 64 * 1024

# ST 1402 / ISO 13818-1 metadata AU cell: service id, sequence number, flags, length (2 bytes).
_CELL = 5


def uncelled(data: bytes) -> bytes:
    """The payload of synchronous metadata (stream type 0x15), each access unit cell of which has a header of five
    bytes; `data` itself if the headers do not fit it exactly (asynchronous metadata has none, and FFmpeg takes the
    first one away)."""
    if data.startswith(klv.UAS_LABEL):
        return data
    parts, at = [], 0
    while at + _CELL <= len(data):
        size = int.from_bytes(data[at + 3 : at + _CELL])
        if data[at + 2] & 0x0F != 0x0F:  # reserved bits, all set
            return data
        parts.append(data[at + _CELL : at + _CELL + size])
        at += _CELL + size
    return b"".join(parts) if at == len(data) and parts else data


class KlvStream:
    """One data stream's poses. refused: how often something in it could not be decoded."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._held = bytearray()
        self.refused = 0

    def feed(self, data: bytes, time: float) -> list[Pose]:
        """data: the next packet's payload. time: when it arrived, s since 1970. Never raises over the data."""
        data = uncelled(data)
        if self._held and data.startswith(klv.UAS_LABEL):  # what came before will never be whole
            self.refused += 1
            self._held.clear()
        self._held += data
        poses = []
        while (packet := self._next()) is not None:
            try:
                poses.append(klv.decode(packet, self._source, time))
            except Undecodable:
                self.refused += 1
                # Its length may be what is damaged: the next label may lie inside it.
                self._held[:0] = packet[len(klv.UAS_LABEL) :]
        return poses

    def _next(self) -> bytes | None:
        """The first whole packet, taken out; None if there is none yet."""
        while self._aligned():
            span = self._span()
            if span is None:
                return None
            begin, end = span
            if end - begin > LARGEST:
                self.refused += 1
                del self._held[: len(klv.UAS_LABEL)]
                continue
            if end > len(self._held):
                return None
            packet = bytes(self._held[:end])
            del self._held[:end]
            return packet
        return None

    def _aligned(self) -> bool:
        """Drop what lies before the next label. Whether there is one."""
        at = self._held.find(klv.UAS_LABEL)
        if at < 0:
            # A label may be split between two packets: its first 15 bytes are kept.
            del self._held[: max(0, len(self._held) - len(klv.UAS_LABEL) + 1)]
            return False
        del self._held[:at]
        return True

    def _span(self) -> tuple[int, int] | None:
        """Where the value of the packet at the front begins and ends; None if its length has not arrived."""
        try:
            span = klv.ber_length(self._held, len(klv.UAS_LABEL))
        except Undecodable:
            return 0, LARGEST + 1
        return None if span is None else (span[1], span[1] + span[0])
