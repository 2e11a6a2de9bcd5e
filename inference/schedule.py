"""When a rule is awake: windows of the week in the site's own time."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAYS: tuple[Day, ...] = get_args(Day)
_NAMED: dict[str, tuple[Day, ...]] = {"daily": _DAYS, "weekdays": _DAYS[:5], "weekend": _DAYS[5:]}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")
_SHORT = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–~至]\s*(\d{1,2}:\d{2})\s*")


def _clock(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError(f'needs a time of day in quotes, such as "19:00", has {text!r}')  # noqa: TRY004
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'needs a time of day from "00:00" to "24:00", has {text!r}')
    return text.strip().zfill(5)


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
        raise ValueError(f'needs hours such as "19:00-06:00", has {value!r}')
    return {"from": match[1], "to": match[2]}


def _windows(value: object) -> object:
    """One window may stand alone; nothing at all means always."""
    if value is None:
        return ()
    return [value] if isinstance(value, str | dict | int | Window) else value


Clock = Annotated[str, BeforeValidator(_clock)]


class Window(BaseModel):
    """From one wall-clock time until another; past midnight where `to` is the smaller one.

    days: when it starts: a window of fri 19:00-06:00 is also awake on Saturday before six.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: Annotated[tuple[Day, ...], BeforeValidator(_days), Field(min_length=1)] = _DAYS
    start: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]

    @model_validator(mode="after")
    def _is_not_empty(self) -> "Window":
        if self.start in {self.end, "24:00"}:
            raise ValueError('covers no time: for the whole day write "00:00-24:00"')
        return self

    def holds(self, weekday: int, minute: int) -> bool:
        """weekday: 0 is Monday; minute: since midnight."""
        start, end = _minutes(self.start), _minutes(self.end)
        today, yesterday = _DAYS[weekday] in self.days, _DAYS[weekday - 1] in self.days
        if start < end:
            return today and start <= minute < end
        return (today and minute >= start) or (yesterday and minute < end)


Schedule = Annotated[
    tuple[Annotated[Window, BeforeValidator(_window)], ...],
    BeforeValidator(_windows, json_schema_input_type=str | Window | list[str | Window] | None),
]


def active(schedule: Sequence[Window] | None, epoch_s: float, time_zone: str) -> bool:
    """Whether any window holds the moment; always, where there are no windows.

    epoch_s: seconds since the Unix epoch, UTC. time_zone: IANA name. Read on the wall clock: when summer time
    ends, the hour that comes twice counts twice; when it begins, the hour that is skipped never comes.
    Raises zoneinfo.ZoneInfoNotFoundError.
    """
    if not schedule:
        return True
    local = datetime.fromtimestamp(epoch_s, ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    return any(window.holds(local.weekday(), minute) for window in schedule)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
