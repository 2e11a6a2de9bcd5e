"""When a rule is awake: windows of the week in the site's own time, by the clock or by the sun."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as midnight
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from inference.sun import sun_day

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Position = tuple[float, float]
"""Latitude and longitude, WGS84, degrees."""

_Days = Day | Literal["daily", "weekdays", "weekend"]
_DAYS: tuple[Day, ...] = get_args(Day)
_NAMED: dict[str, tuple[Day, ...]] = {"daily": _DAYS, "weekdays": _DAYS[:5], "weekend": _DAYS[5:]}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")
_SUN = re.compile(r"(sunrise|sunset|日出|日落)(?:\s*([+-])\s*(\d{1,3})\s*(min|m|h))?")
_WORDS = {"日出": "sunrise", "日落": "sunset"}
_ONE = r"\d{1,2}:\d{2}|(?:sunrise|sunset|日出|日落)(?:\s*[+-]\s*\d{1,3}\s*(?:min|m|h))?"
_SHORT = re.compile(rf"\s*({_ONE})\s*[-–~至]\s*({_ONE})\s*")
_USUAL = {"sunrise": 6 * 60, "sunset": 18 * 60}  # minutes: tells which way a window runs, whatever the season
_MOST_OFFSET = 12 * 60  # minutes: further away than that is another sunrise or sunset
_NIGHT = timedelta(days=1)


def _clock(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError(f'needs a time of day in quotes, such as "19:00", has {text!r}')  # noqa: TRY004
    plain = text.strip()
    if sun := _SUN.fullmatch(plain):
        return _by_the_sun(sun)
    if _CLOCK.fullmatch(plain) is None:
        raise ValueError(f'needs a time of day from "00:00" to "24:00", or sunset+30min, has {text!r}')
    return plain.zfill(5)


def _by_the_sun(match: re.Match[str]) -> str:
    """'日落 + 1h' -> 'sunset+60min'."""
    word = _WORDS.get(match[1], match[1])
    minutes = int(match[3] or 0) * (60 if match[4] == "h" else 1)
    if minutes > _MOST_OFFSET:
        raise ValueError(f"needs a time of day within 12 hours of {word}, has {match[0]!r}")
    return f"{word}{match[2]}{minutes}min" if minutes else word


def _days(value: object) -> object:
    """'daily', 'sat' or a list of both -> day names in the order of the week."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple | frozenset | set):
        return value
    chosen = set[object]()
    for name in names:
        word = name.casefold() if isinstance(name, str) else ""
        if word not in _NAMED and word not in _DAYS:
            raise ValueError(f"needs days such as mon, sat, daily, weekdays or weekend, has {name!r}")
        chosen.update(_NAMED.get(word, (word,)))
    return tuple(day for day in _DAYS if day in chosen)


def _window(value: object) -> object:
    """'19:00-06:00' -> {from: '19:00', to: '06:00'}."""
    if isinstance(value, int):
        raise ValueError(f'needs hours in quotes, such as "19:00-06:00", has {value!r}')  # noqa: TRY004
    if not isinstance(value, str):
        return value
    match = _SHORT.fullmatch(value)
    if match is None:
        raise ValueError(f'needs hours such as "19:00-06:00" or sunset-sunrise, has {value!r}')
    return {"from": match[1], "to": match[2]}


def _windows(value: object) -> object:
    """One window may stand alone; nothing at all means always."""
    if value is None:
        return ()
    return [value] if isinstance(value, str | dict | int | Window) else value


Clock = Annotated[str, BeforeValidator(_clock)]


class Window(BaseModel):
    """From one time of day until another: "19:00", or "sunset+30min" and "sunrise-1h" by the sun.

    Past midnight where `to` is the smaller one, sunrise counting as six and sunset as eighteen o'clock for
    this; so "17:00" to sunset is a window of the same day, and empty while the sun sets before five.
    days: when it starts: a window of fri 19:00-06:00 is also awake on Saturday before six.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: Annotated[
        tuple[Day, ...],
        BeforeValidator(_days, json_schema_input_type=_Days | list[_Days]),
        Field(min_length=1),
    ] = _DAYS
    start: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]

    @model_validator(mode="after")
    def _is_not_empty(self) -> "Window":
        if self.start in {self.end, "24:00"}:
            raise ValueError('covers no time: for the whole day write "00:00-24:00"')
        return self

    @property
    def by_the_sun(self) -> bool:
        return any(map(_event, (self.start, self.end)))

    def holds(self, local: datetime, zone: ZoneInfo, position: Position | None) -> bool:
        """local: wall-clock time, without a zone. position: of the site, where the window goes by the sun."""
        today = local.date()
        return any(
            self._started(day, zone, position) <= local < self._ended(day, zone, position)
            for day in (today - _NIGHT, today, today + _NIGHT)
            if _DAYS[day.weekday()] in self.days
        )

    def _started(self, day: date, zone: ZoneInfo, position: Position | None) -> datetime:
        return _moment(self.start, day, zone, position)

    def _ended(self, day: date, zone: ZoneInfo, position: Position | None) -> datetime:
        over_night = _usual(self.end) < _usual(self.start)
        return _moment(self.end, day + _NIGHT if over_night else day, zone, position)


Schedule = Annotated[
    tuple[Annotated[Window, BeforeValidator(_window)], ...],
    BeforeValidator(_windows, json_schema_input_type=str | Window | list[str | Window] | None),
]


def active(
    schedule: Sequence[Window] | None, epoch_s: float, time_zone: str, position: Position | None = None
) -> bool:
    """Whether any window holds the moment; always, where there are no windows.

    epoch_s: seconds since the Unix epoch, UTC. time_zone: IANA name. Read on the wall clock: when summer time
    ends, the hour that comes twice counts twice; when it begins, the hour that is skipped never comes.
    Raises zoneinfo.ZoneInfoNotFoundError, and ValueError where a window goes by the sun and there is no position.
    """
    if not schedule:
        return True
    zone = ZoneInfo(time_zone)
    local = datetime.fromtimestamp(epoch_s, zone).replace(tzinfo=None)
    return any(window.holds(local, zone, position) for window in schedule)


def fit(schedule: Sequence[Window], position: Position | None) -> None:
    """Raises ValueError where the schedule goes by the sun of a place nobody knows."""
    if position is None and any(window.by_the_sun for window in schedule):
        raise ValueError("sunrise and sunset need site: position: [latitude, longitude]")


def _moment(clock: str, day: date, zone: ZoneInfo, position: Position | None) -> datetime:
    """The wall-clock time, without a zone, that a time of day means on that day."""
    event = _event(clock)
    if event is None:
        return datetime.combine(day, midnight()) + timedelta(minutes=_minutes(clock))
    if position is None:
        raise ValueError("a window goes by the sun, and there is no position")
    word, offset = event
    sun = sun_day(day, *position)
    seconds = (sun.rise if word == "sunrise" else sun.set) + 60 * offset
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)


def _usual(clock: str) -> int:
    """Minutes since midnight, the sun's times as they are at the equinox."""
    event = _event(clock)
    return _minutes(clock) if event is None else _USUAL[event[0]] + event[1]


def _event(clock: str) -> tuple[str, int] | None:
    """'sunset-30min' -> sunset and -30; None for a time by the clock."""
    match = _SUN.fullmatch(clock)
    return (match[1], int(f"{match[2] or ''}{match[3] or 0}")) if match else None


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
