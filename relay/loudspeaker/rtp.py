"""The packets that a loudspeaker gets: RTP (RFC 3550), AAC in it (RFC 3640). Pure."""

import struct

_HEAD = struct.Struct("!BBHII")
_VERSION = 2 << 6
_AU_HEADERS = 16  # bits: one access unit's size (13) and index (3), the "AAC-hbr" mode of RFC 3640, 3.3.6


class Stream:
    """One continuous stream of packets to one loudspeaker. sequence, timestamp: of the first packet; random ones
    (RFC 3550, 5.1), as ssrc is."""

    def __init__(self, payload_type: int, *, ssrc: int, sequence: int, timestamp: int) -> None:
        self._type, self._ssrc = payload_type, ssrc
        self._sequence, self._stamp = sequence, timestamp

    def packet(self, payload: bytes, *, passed: int, marker: bool) -> bytes:
        """passed: ticks from the packet before this one to this. marker: it opens a talk spurt (RFC 3551, 4.1), or
        holds whole access units (RFC 3640, 3.1)."""
        self._stamp = (self._stamp + passed) % (1 << 32)
        head = _HEAD.pack(_VERSION, marker << 7 | self._type, self._sequence, self._stamp, self._ssrc)
        self._sequence = (self._sequence + 1) % (1 << 16)
        return head + payload


def access_unit(data: bytes) -> bytes:
    """An AAC frame (of at most 8191 bytes: 6 kbit per channel are) as a payload."""
    return struct.pack("!HH", _AU_HEADERS, len(data) << 3) + data
