"""From the packets of some seconds to what a technician asks about them. Pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from edge.probe.heard import Heard
from edge.probe.sets import Grade, grade
from relay.live import fitness
from relay.live.fitness import Unfit
from streams.packet import Packet

_GAP = 1.6  # of the usual pause between two pictures: at least one is missing there
# s until streams.stamps.LiveClock has settled: a camera sends at first, at once, what it held back.
_SETTLING = 2.0
_JUDGED = 1.0  # s that must be left after it; of a shorter look all of it is judged
_UNEVEN = 0.25  # of it: stamps that differ by more are not a clock's


@dataclass(frozen=True, slots=True)
class Measured:
    """fps: Hz, pictures by their stamps. announced: Hz, None where the stream does not tell. bitrate: bit/s.
    gop: pictures from key frame to key frame, one for each that was seen whole; gop_seconds: the longest of them;
    where none was, how long was looked without seeing one end (`gop` is empty then).
    b_frames: pictures come in another order than they are shown. unfit: why a browser cannot show it as it is.
    missing: pictures, by gaps in the spacing. uneven: share of pauses that are no clock's. jitter: s, 95 % of pictures
    arrive within that of the earliest. backwards: stamps that went back or stood still.
    """

    pictures: int
    seconds: float
    fps: float | None
    announced: float | None
    bitrate: float
    gop: tuple[int, ...]
    gop_seconds: float
    b_frames: bool
    unfit: Unfit | None
    grade: Grade | None
    missing: int
    uneven: float
    jitter: float
    backwards: int


def measured(heard: Heard) -> Measured:
    steady, packets = _steady(heard), heard.packets
    shown = sorted(packet.time for packet in steady.packets)
    pauses = [later - earlier for earlier, later in itertools.pairwise(shown)]
    usual = median(pauses) if pauses else 0.0
    seconds = shown[-1] - shown[0] + usual if shown else 0.0
    keys = [place for place, packet in enumerate(packets) if packet.key]
    return Measured(
        pictures=len(packets),
        seconds=seconds,
        fps=len(pauses) / (shown[-1] - shown[0]) if pauses and shown[-1] > shown[0] else None,
        announced=heard.info.rate,
        bitrate=8 * sum(packet.size for packet in steady.packets) / seconds if seconds else 0.0,
        gop=tuple(later - earlier for earlier, later in itertools.pairwise(keys)),
        gop_seconds=_longest(steady.packets) or _longest(packets) or _span(packets),
        b_frames=_reordered(packets),
        unfit=_unfit(heard),
        grade=grade(heard.info.codec, heard.info.extradata + b"".join(_heads(packets, keys))),
        missing=sum(round(pause / usual) - 1 for pause in pauses if pause > _GAP * usual) if usual else 0,
        uneven=_share(pauses, usual),
        jitter=_jitter(steady),
        backwards=sum(later.dts <= earlier.dts for earlier, later in itertools.pairwise(packets)),
    )


def _steady(heard: Heard) -> Heard:
    """Without the time in which stamps are not yet what the camera meant."""
    first = next((n for n, moment in enumerate(heard.arrived) if moment - heard.arrived[0] >= _SETTLING), 0)
    if heard.arrived and heard.arrived[-1] - heard.arrived[first] < _JUDGED:
        return heard
    return replace(heard, packets=heard.packets[first:], arrived=heard.arrived[first:])


def _heads(packets: Sequence[Packet], keys: list[int]) -> list[bytes]:
    return [packets[place].data for place in keys[:1]]


def _span(packets: Sequence[Packet]) -> float:
    return packets[-1].dts - packets[0].dts if packets else 0.0


def _longest(packets: Sequence[Packet]) -> float | None:
    """s; None without two key frames."""
    keys = [packet.dts for packet in packets if packet.key]
    return max((later - earlier for earlier, later in itertools.pairwise(keys)), default=None)


def _reordered(packets: Sequence[Packet]) -> bool:
    return any(later.time < earlier.time for earlier, later in itertools.pairwise(packets))


def _unfit(heard: Heard) -> Unfit | None:
    first = fitness.of_stream(heard.info)
    found = (fitness.of_packet(packet) for packet in heard.packets) if first is None else iter(())
    return first or next((unfit for unfit in found if unfit is not None), None)


def _share(pauses: list[float], usual: float) -> float:
    """Of pauses that are neither the usual one nor a whole number of it."""
    if not usual:
        return 0.0
    odd = [abs(pause / usual - max(1, round(pause / usual))) > _UNEVEN for pause in pauses]
    return sum(odd) / len(odd)


def _jitter(heard: Heard) -> float:
    late = sorted(moment - packet.dts for moment, packet in zip(heard.arrived, heard.packets, strict=True))
    return late[int(0.95 * (len(late) - 1))] - late[0] if late else 0.0
