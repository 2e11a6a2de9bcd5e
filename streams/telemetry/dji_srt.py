"""The telemetry that DJI drones write beside a clip as subtitles (.SRT), in the dialects known:

  Mavic Pro, Phantom 4   GPS(149.0251,-20.2533,16) BAROMETER:1.9            longitude first, satellites
  Matrice 200/300        GPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M           latitude first, metres
  Phantom 4 RTK, M30     GPS (120.08, 30.21, 28), H 76.60m, H.S 3.20m/s, F.PRY (..), G.PRY (..)
  Mavic 2, Air 2S        [latitude : 0.6] [longtitude : -1.9] [altitude: 1429.6]        the misspelling is theirs
  Mini 3, Mavic 3        [latitude: ..] [longitude: ..] [rel_alt: 1.3 abs_alt: 132.8] [gb_yaw: .. gb_pitch: ..]

Local time without a zone: the zone is given. `altitude` and `abs_alt` have no declared datum ("unknown").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import zip_longest
from typing import Literal

from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import Attitude, Gimbal, Heights, Pose, Position, position, turned, within

Order = Literal["lon_lat", "lat_lon"]

_NUMBER = r"([-+]?\d{1,9}(?:\.\d{1,12})?)"
_CUE = re.compile(r"^\ufeff?(\d{1,3}):(\d\d):(\d\d)[,.](\d{3})\s*-->.*$", re.MULTILINE)
_DATE = re.compile(r"\b(\d{4})[-.](\d\d?)[-.](\d\d?) (\d\d?):(\d\d):(\d\d)(?:[.,](\d{3})(?:[.,](\d{3}))?)?")
# Begun at the head of a word alone, and no word longer than theirs: else a long one takes the square of its length.
_FIELD = re.compile(rf"(?<![a-z_])([a-z_]{{1,24}}) ?: ?{_NUMBER}", re.IGNORECASE)
_TRIPLE = re.compile(
    rf"(GPS|RTK|F\.PRY|G\.PRY) ?\( ?{_NUMBER}°?, ?{_NUMBER}°?, ?{_NUMBER}(°|M)? ?\)", re.IGNORECASE
)
_HEIGHT = re.compile(rf"\bH {_NUMBER}m")
_SPEED = re.compile(rf"\bH\.S {_NUMBER}m/s")

Triple = tuple[float, float, float, str]


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. start: s since the clip's beginning."""

    start: float
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """A file's poses, in its order. refused: cues that could not be used."""

    poses: tuple[Pose, ...]
    refused: int


def cues(text: str) -> Iterator[Cue]:
    """The file's subtitles; what is none is skipped."""
    heads = list(_CUE.finditer(text))
    for head, after in zip_longest(heads, heads[1:]):
        hours, minutes, seconds, milliseconds = map(int, head.groups())
        start = hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
        yield Cue(start, text[head.end() : after.start() if after is not None else None])


def decode(
    cue: Cue, source: str, zone: tzinfo, *, clip_start: float | None = None, order: Order | None = None
) -> Pose:
    """zone: of the times in the file. clip_start: the clip's first picture, s since 1970; it beats the drone's own
    time, so that poses and pictures have one clock. order: of GPS(..), where the dialect is not to be guessed.

    Raises Undecodable: no telemetry in it, neither time known, or a position outside the globe.
    """
    fields = {name.lower(): float(value) for name, value in _FIELD.findall(cue.text)}
    triples = _triples(cue.text)
    if not ({"latitude", "barometer"} & fields.keys() or {"GPS", "RTK"} & triples.keys()):
        raise Undecodable("subtitle without telemetry")
    device_time = _time(cue.text, zone)
    time = device_time if clip_start is None else clip_start + cue.start
    if time is None:
        raise Undecodable("subtitle without a date, and no start of the clip given")
    return Pose(
        time=time,
        source=source,
        position=_position(fields, triples, order),
        heights=_heights(fields, cue.text),
        attitude=_attitude(triples),
        gimbal=_gimbal(fields, triples),
        speed=_first(_SPEED, cue.text),
        device_time=device_time,
    )


def load(
    text: str,
    source: str,
    zone: tzinfo,
    *,
    clip_start: float | None = None,
    order: Order | None = None,
    every: float = 0.2,
) -> Track:
    """The whole file. every: s between the poses kept (a drone writes one per picture). Raises Undecodable if
    nothing in it is telemetry."""
    poses: list[Pose] = []
    refused, due = 0, 0.0
    for cue in cues(text):
        if poses and 0 <= due - cue.start < every:
            continue
        try:
            poses.append(decode(cue, source, zone, clip_start=clip_start, order=order))
            due = cue.start + every
        except Undecodable:
            refused += 1
    if not poses:
        raise Undecodable("no DJI telemetry")
    return Track(tuple(poses), refused)


def _triples(text: str) -> dict[str, Triple]:
    found = (
        (name.upper(), (float(a), float(b), float(c), unit)) for name, a, b, c, unit in _TRIPLE.findall(text)
    )
    return dict(found)


def _time(text: str, zone: tzinfo) -> float | None:
    match = _DATE.search(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, milli, micro = (int(part or 0) for part in match.groups())
    try:
        local = datetime(year, month, day, hour, minute, second, milli * 1000 + micro, tzinfo=zone)
        return local.timestamp()
    except (ValueError, OverflowError):
        raise Undecodable("no such date") from None


def _position(fields: dict[str, float], triples: dict[str, Triple], order: Order | None) -> Position | None:
    lat, lon = fields.get("latitude"), fields.get("longitude", fields.get("longtitude"))
    triple = triples.get("RTK", triples.get("GPS"))
    if lat is None and triple is not None:
        lat, lon = _ordered(triple, order)
    return position(lat, lon)


def _ordered(triple: Triple, order: Order | None) -> tuple[float, float]:
    """Latitude, longitude. Undeclared: beyond 90 only a longitude can be; else the unit tells the dialects apart."""
    a, b, _, unit = triple
    if order is None:
        metres_third: Order = "lat_lon" if unit.upper() == "M" else "lon_lat"
        order = "lon_lat" if abs(a) > 90 else "lat_lon" if abs(b) > 90 else metres_third
    return (a, b) if order == "lat_lon" else (b, a)


def _heights(fields: dict[str, float], text: str) -> Heights:
    takeoff = fields.get("rel_alt", fields.get("barometer", _first(_HEIGHT, text)))
    return Heights(takeoff=takeoff, unknown=fields.get("abs_alt", fields.get("altitude")))


def _attitude(triples: dict[str, Triple]) -> Attitude | None:
    if "F.PRY" not in triples:
        return None
    pitch, roll, yaw, _ = triples["F.PRY"]
    return Attitude(turned(yaw), within(pitch, -180, 180), within(roll, -180, 180))


def _gimbal(fields: dict[str, float], triples: dict[str, Triple]) -> Gimbal | None:
    pitch, roll, yaw, _ = triples.get("G.PRY", (None, None, None, ""))
    pitch, roll, yaw = (
        fields.get(f"gb_{axis}", old) for axis, old in (("pitch", pitch), ("roll", roll), ("yaw", yaw))
    )
    gimbal = Gimbal("earth", turned(yaw), within(pitch, -180, 180), within(roll, -180, 180))
    return None if gimbal == Gimbal("earth") else gimbal


def _first(pattern: re.Pattern[str], text: str) -> float | None:
    match = pattern.search(text)
    return float(match[1]) if match else None


class SubtitleDecoder:
    """A clip's own subtitle track, cue by cue. refused: cues that could not be used."""

    def __init__(self, source: str, zone: tzinfo, *, order: Order | None = None) -> None:
        self._source, self._zone, self._order = source, zone, order
        self.refused = 0

    def feed(self, data: bytes, time: float) -> list[Pose]:
        """data: one cue's text. time: of the picture that it belongs to, s since 1970."""
        cue = Cue(0.0, data.decode("utf-8", "replace"))
        try:
            return [decode(cue, self._source, self._zone, clip_start=time, order=self._order)]
        except Undecodable:
            self.refused += 1
            return []
