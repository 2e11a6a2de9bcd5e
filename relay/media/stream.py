"""RTP packets, and how one listener's stream is made of the streams of all who speak in turn (RFC 3550).

Pure: time is an argument. A listener has one stream from the first word to the last: sequence numbers and time stamps
go on when the speaker changes, so that the jitter buffer of its browser never starts anew. What the network lost stays
a hole, at its place, and what comes late keeps its place: concealing is the browser's work, and it does it well.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

_SEQUENCES = 1 << 16
_STAMPS = 1 << 32
_MAX_DROPOUT = 3000  # packets missing at once after which it is a new stream (RFC 3550, A.1)
_MAX_MISORDER = 100  # packets a late one may be late (RFC 3550, A.1)
_SHORTEST = 50  # 1/s: no packet carries less than about 20 ms, so two talk spurts are at least that far apart


class Kind(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet, its payload as it was received.

    sequence: 16 bit; timestamp: 32 bit, ticks of the codec's clock (Opus 48000/s, H.264 90000/s, G.711 8000/s);
    level: of speech in -dBov, 0 loudest to 127 silent (RFC 6464), None where the sender does not say. time: what its
    stamp is on the box's clock, s since 1970, where that is known: pictures and sound are shown together by it.
    """

    sequence: int
    timestamp: int
    payload: bytes
    marker: bool = False
    ssrc: int = 0
    level: int | None = None
    time: float | None = None


def sequence_step(later: int, earlier: int) -> int:
    """How many packets `later` comes after `earlier`, -32768 to 32767: numbers wrap around."""
    return _signed(later - earlier, _SEQUENCES)


def stamp_step(later: int, earlier: int) -> int:
    """How many ticks `later` is after `earlier`; stamps wrap around."""
    return _signed(later - earlier, _STAMPS)


@dataclass(slots=True)
class _Run:
    """Packets of one source with one shift: a talk spurt, or a video from the picture where a viewer came in.

    shift, ticks: what is added to sequence numbers and stamps; newest: the highest number so far as it came in;
    place: how many numbers it is past the first of the run.
    """

    ssrc: int
    shift: int
    ticks: int
    newest: int
    place: int = 0


class Rewriter:
    """One listener's stream. Not for two threads."""

    def __init__(self, rate: int, *, spurts: bool, sequence: int, timestamp: int) -> None:
        """rate: ticks per s; spurts: whether the first packet of each run gets the marker bit (audio, RFC 3551, 4.1);
        sequence, timestamp: of the first packet; random ones (RFC 3550, 5.1), the sequence in the lower half."""
        self._rate = rate
        self._spurts = spurts
        self._sequence = (sequence - 1) % _SEQUENCES  # highest given out
        self._stamp = timestamp % _STAMPS  # newest given out, at _at
        self._at: float | None = None
        self._run: _Run | None = None
        self._odd: int | None = None

    def fresh(self) -> None:
        """What comes next is a new talk spurt, or another source."""
        self._run = None

    def rewrite(self, packet: Packet, now: float) -> Packet | None:
        """As the listener gets it at `now` (s, monotonic); None: it is older than what this listener began with, or
        too odd to be of this stream."""
        run = self._run
        if run is None or run.ssrc != packet.ssrc:
            return self._begin(packet, now)
        step = sequence_step(packet.sequence, run.newest)
        if step > _MAX_DROPOUT or step < -_MAX_MISORDER:
            return self._doubtful(packet, now)
        self._odd = None
        if run.place + step < 0:
            return None
        if step > 0:
            run.newest, run.place = packet.sequence, run.place + step
        return self._shifted(packet, run, now)

    def _doubtful(self, packet: Packet, now: float) -> Packet | None:
        """Two in a row say that the sender has started over (RFC 3550, A.1); one alone is not believed."""
        if packet.sequence == self._odd:
            return self._begin(packet, now)
        self._odd = (packet.sequence + 1) % _SEQUENCES
        return None

    def _begin(self, packet: Packet, now: float) -> Packet:
        stamp = self._stamp
        if self._at is not None:
            stamp += max(round((now - self._at) * self._rate), self._rate // _SHORTEST)
        self._odd = None
        self._run = _Run(
            packet.ssrc, self._sequence + 1 - packet.sequence, stamp - packet.timestamp, packet.sequence
        )
        first = self._shifted(packet, self._run, now)
        return replace(first, marker=True) if self._spurts else first

    def _shifted(self, packet: Packet, run: _Run, now: float) -> Packet:
        sequence = (packet.sequence + run.shift) % _SEQUENCES
        stamp = (packet.timestamp + run.ticks) % _STAMPS
        if sequence_step(sequence, self._sequence) > 0:
            self._sequence = sequence
        if self._at is None or stamp_step(stamp, self._stamp) > 0:
            self._stamp, self._at = stamp, now
        return Packet(sequence, stamp, packet.payload, packet.marker, level=packet.level, time=packet.time)


def _signed(difference: int, modulus: int) -> int:
    return (difference + modulus // 2) % modulus - modulus // 2
