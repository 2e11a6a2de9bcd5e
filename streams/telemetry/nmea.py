"""NMEA 0183 of a patrol vehicle's GPS receiver: GGA, RMC, VTG and HDT sentences to poses.

Of any talker (GP, GN, BD, GB ...). A sentence without its checksum is refused. GGA's altitude is above mean sea level
by the receiver's own geoid; with the separation it gives, above the ellipsoid as well.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pynmeagps import NMEAReader
from pynmeagps import exceptions as nmea_error

from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import (
    Attitude,
    Heights,
    Pose,
    Position,
    finite,
    position,
    stamped,
    turned,
    within,
)

Kind = Literal["GGA", "RMC", "VTG", "HDT"]

_NO_HEIGHTS = Heights()
_USED = re.compile(rb"\$[A-Z]{2}(GGA|RMC|VTG|HDT),[\x20-\x7e]*")
_WHOLE = re.compile(rb"\$[A-Z]{2}(?:GGA|RMC|VTG|HDT),[\x20-\x7e]*\*[0-9A-Fa-f]{2}")
_FOREIGN = (
    nmea_error.NMEAParseError,
    nmea_error.NMEAMessageError,
    nmea_error.NMEATypeError,
    nmea_error.NMEAStreamError,
)

# GGA's quality: 1 to 5 and 9 are real fixes. 6 to 8 are dead reckoning, typed in, simulated: an extrapolation that
# nobody marked is what we must not pass on. RMC's mode likewise.
_FIX = frozenset({1, 2, 3, 4, 5, 9})
_FIX_MODES = frozenset({"", "A", "D", "F", "P", "R"})
_KNOT = 1852 / 3600  # m/s
_FASTEST = 150.0  # m/s, beyond any vehicle or drone of ours
# VTG and HDT carry no time. Receivers send them in the same burst as RMC, at 1 Hz or more: two missed, s.
_SAME_BURST = 2.0
# The standard ends a sentence after 82 characters; makers go to 200.
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one sentence tells. clock, day: UTC. fix: False where it says that it has none, or not a real one.
    speed: m/s. course, heading: degrees from true north."""

    kind: Kind
    clock: time | None = None
    day: date | None = None
    fix: bool = True
    position: Position | None = None
    heights: Heights = _NO_HEIGHTS
    speed: float | None = None
    course: float | None = None
    heading: float | None = None


def parse(line: bytes) -> Sentence | None:
    """One sentence, `$` to checksum. None: of a kind that we do not use. Raises Undecodable."""
    used = _USED.match(line)
    if used is None:
        return None
    if not _WHOLE.fullmatch(line.rstrip()):
        raise Undecodable("NMEA sentence cut off or without checksum")
    try:
        told = NMEAReader.parse(line.rstrip())
    except (*_FOREIGN, ValueError, LookupError, TypeError):
        raise Undecodable("NMEA sentence damaged") from None
    return _sentence(used[1].decode(), told)


def _sentence(kind: str, told: object) -> Sentence:
    match kind:
        case "GGA":
            return _gga(told)
        case "RMC":
            return _rmc(told)
        case "VTG":
            kmh = within(_get(told, "sogk"), 0, _FASTEST * 3.6)
            speed = None if kmh is None else kmh / 3.6
            return Sentence("VTG", speed=speed, course=turned(_get(told, "cogt")))
        case _:
            return Sentence("HDT", heading=turned(_get(told, "headingT")))


def _gga(told: object) -> Sentence:
    fix = _get(told, "quality") in _FIX
    msl, separation = finite(_get(told, "alt")), finite(_get(told, "sep"))
    ellipsoid = None if msl is None or separation is None else msl + separation
    heights = Heights(ellipsoid=ellipsoid, msl=msl) if fix else Heights()
    return Sentence("GGA", _clock(told), fix=fix, position=_position(told) if fix else None, heights=heights)


def _rmc(told: object) -> Sentence:
    fix = _get(told, "status") == "A" and _get(told, "posMode") in _FIX_MODES
    day, knots = _get(told, "date"), within(_get(told, "spd"), 0, _FASTEST / _KNOT)
    return Sentence(
        "RMC",
        _clock(told),
        day if isinstance(day, date) else None,
        fix,
        _position(told) if fix else None,
        speed=knots * _KNOT if fix and knots is not None else None,
        course=turned(_get(told, "cog")) if fix else None,
    )


def _get(told: object, name: str) -> object:
    """An empty field is "" to the library; a missing one is not there at all."""
    return getattr(told, name, "")


def _clock(told: object) -> time | None:
    clock = _get(told, "time")
    return clock if isinstance(clock, time) else None


def _position(told: object) -> Position | None:
    return position(_get(told, "lat"), _get(told, "lon"))


class Calendar:
    """Sentences tell the time of day; only RMC tells the date."""

    def __init__(self) -> None:
        self._dated: tuple[float, float] | None = None

    def at(self, clock: time, day: date | None, arrival: float) -> float:
        """s since 1970. day None: the day that puts it nearest to what the last RMC said, or to our own clock."""
        if day is not None:
            stamp = datetime.combine(day, clock, UTC).timestamp()
            self._dated = stamp, arrival
            return stamp
        told, then = self._dated or (arrival, arrival)
        about = told + arrival - then
        today = datetime.fromtimestamp(about, UTC).date()
        days = (today + timedelta(days=shift) for shift in (-1, 0, 1))
        return min((datetime.combine(d, clock, UTC).timestamp() for d in days), key=lambda t: abs(t - about))


@dataclass(slots=True)
class _Epoch:
    """The sentences of one moment. sent: as many of them as the last pose was made of."""

    clock: time
    sentences: dict[Kind, Sentence]
    sent: int = 0


class NmeaDecoder:
    """One receiver's sentences. A pose comes when the sentences of a moment are together: all kinds that the moment
    before had, or the next moment's first. refused: sentences that could not be used."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._held = bytearray()
        self._calendar = Calendar()
        self._epoch: _Epoch | None = None
        self._usual: frozenset[Kind] = frozenset()
        self._loose: dict[Kind, tuple[Sentence, float]] = {}
        self.refused = 0

    def feed(self, data: bytes, time: float) -> list[Pose]:
        """data: any piece of the stream. time: of arrival, s since 1970. Never raises over the data."""
        poses: list[Pose] = []
        for line in self._lines(data):
            try:
                sentence = parse(line)
            except Undecodable:
                self.refused += 1
                continue
            if sentence is not None:
                poses += self._take(sentence, time)
        return poses

    def _lines(self, data: bytes) -> list[bytes]:
        self._held += data
        *lines, rest = bytes(self._held).replace(b"\r", b"\n").split(b"\n")
        rest = rest[max(0, rest.rfind(b"$")) :]
        if _WHOLE.fullmatch(rest):  # a datagram often ends without a line end
            lines, rest = [*lines, rest], b""
        elif len(rest) > _LONGEST:
            self.refused += 1
            rest = b""
        self._held[:] = rest
        return [line[max(0, line.rfind(b"$")) :] for line in lines if line]

    def _take(self, sentence: Sentence, arrival: float) -> list[Pose]:
        if sentence.kind in ("VTG", "HDT"):
            self._loose[sentence.kind] = sentence, arrival
            return []
        if sentence.clock is None:  # switched on a moment ago
            return [self._pose({sentence.kind: sentence}, None, arrival)]
        poses: list[Pose] = []
        epoch = self._epoch
        # The same kind again: a receiver at 10 Hz that writes whole seconds.
        if epoch is None or epoch.clock != sentence.clock or sentence.kind in epoch.sentences:
            poses += self._closed(arrival)
            epoch = self._epoch = _Epoch(sentence.clock, {})
        epoch.sentences[sentence.kind] = sentence
        if self._usual and self._usual <= epoch.sentences.keys():
            poses += self._sent(epoch, arrival)
        return poses

    def _closed(self, arrival: float) -> list[Pose]:
        """What the epoch so far still has to tell."""
        if self._epoch is None:
            return []
        self._usual = frozenset(self._epoch.sentences)
        return self._sent(self._epoch, arrival)

    def _sent(self, epoch: _Epoch, arrival: float) -> list[Pose]:
        if epoch.sent == len(epoch.sentences):
            return []
        epoch.sent = len(epoch.sentences)
        rmc = epoch.sentences.get("RMC")
        day = rmc.day if rmc is not None else None
        return [self._pose(epoch.sentences, self._calendar.at(epoch.clock, day, arrival), arrival)]

    def _pose(self, told: dict[Kind, Sentence], device_time: float | None, arrival: float) -> Pose:
        nothing = Sentence("HDT")
        gga, rmc = told.get("GGA", nothing), told.get("RMC", nothing)
        vtg, hdt = (self._recent("VTG", arrival) or nothing), (self._recent("HDT", arrival) or nothing)
        pose = Pose(
            time=stamped(device_time, arrival),
            source=self._source,
            attitude=None if hdt.heading is None else Attitude(hdt.heading),
            device_time=device_time,
            arrival=arrival,
        )
        if not all(sentence.fix for sentence in told.values()):
            return pose
        return replace(
            pose,
            position=gga.position or rmc.position,
            heights=gga.heights,
            speed=vtg.speed if rmc.speed is None else rmc.speed,
            course=vtg.course if rmc.course is None else rmc.course,
        )

    def _recent(self, kind: Kind, now: float) -> Sentence | None:
        sentence, arrival = self._loose.get(kind, (None, now))
        return sentence if now - arrival <= _SAME_BURST else None
