"""Duty rosters in a site file: who is on duty when, by the week or in turns."""

from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from edge.settings.fields import Name, Title, wrong
from edge.settings.part import Part
from inference.schedule import Clock, Window
from streams.units import Duration, seconds

Officers = Annotated[tuple[Title, ...], Field(min_length=1, max_length=50)]

_DAY = 86400.0


def _turn(value: object) -> object:
    """A duration of whole days, in days."""
    length = seconds(value)
    if isinstance(length, int | float) and (length <= 0 or length % _DAY):
        raise wrong("needs whole days, such as 1d or 7d", "须为整天数，例如 1d 或 7d")
    return length / _DAY if isinstance(length, int | float) else length


class Shift(Window):
    """rosters[n].shifts[m]: who is on duty from one time of day until another, first in line first."""

    officers: Officers


class Rotation(Part):
    """rosters[n].rotation: teams that take turns. start: the day on which the first of them begins. every: length of a
    turn, days."""

    start: date
    every: Annotated[int, BeforeValidator(_turn, json_schema_input_type=int | str), Field(ge=1, le=366)] = 1
    teams: Annotated[tuple[Officers, ...], Field(min_length=1)]


class OtherDays(Part):
    """rosters[n].dates[m]: who is on duty on these days instead. until: the last of them; left out, one day."""

    on: date
    until: date | None = None
    officers: Officers

    @model_validator(mode="after")
    def _goes_forward(self) -> Self:
        if self.until is not None and self.until < self.on:
            raise wrong("ends before it begins: until is the last day", "结束早于开始：until 为最后一天")
        return self


class RosterSettings(Part):
    """rosters[n]: by shifts of the week, or by rotation. Times are the site's.

    handover: when the day of a turn, and of `dates`, begins. backup: next in line after those on duty, at any time.
    """

    name: Name
    title: Title | None = None
    handover: Clock = "00:00"
    shifts: tuple[Shift, ...] = ()
    rotation: Rotation | None = None
    dates: tuple[OtherDays, ...] = ()
    backup: tuple[Title, ...] = ()

    @field_validator("handover")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if not text[0].isdigit() or text == "24:00":
            raise wrong('needs a time by the clock, such as "08:00"', '须为钟点，例如 "08:00"')
        return text

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.shifts) == (self.rotation is not None):
            raise wrong("needs shifts or a rotation, one of them", "须填写 shifts 或 rotation 之一")
        if any(shift.by_the_sun for shift in self.shifts):
            raise wrong(
                "has shifts by the sun; people's hours go by the clock", "值班时段须用钟点，不能用日出日落"
            )
        return self


class CaseSettings(Part):
    """cases: what the centres' answers are kept for. keep: closed cases so long, then they go into the archive."""

    keep: Annotated[Duration, Field(ge=_DAY)] = 400 * _DAY
