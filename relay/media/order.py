"""Where RTP packets of a recording belong, however they come. Pure."""

from relay.media.stream import Packet, sequence_step, stamp_step


class Places:
    """Numbers and ticks that do not wrap around, from 0 at the first packet; negative: from before it.

    Another SSRC goes on where the last one ended, `apart` ticks later: how long it was silent between is not known.
    """

    def __init__(self, apart: int) -> None:
        self._apart = apart
        self._newest: Packet | None = None
        self._number, self._ticks = 0, 0

    def place(self, packet: Packet) -> tuple[int, int]:
        last = self._newest
        if last is None:
            self._newest = packet
            return 0, 0
        if packet.ssrc != last.ssrc:
            step, ticks = 1, self._apart
        else:
            step = sequence_step(packet.sequence, last.sequence)
            ticks = stamp_step(packet.timestamp, last.timestamp)
        number, at = self._number + step, self._ticks + ticks
        if step > 0:
            self._newest, self._number, self._ticks = packet, number, at
        return number, at
