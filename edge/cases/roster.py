"""Who is on duty at a moment, and who is next. Pure.

Read on the wall clock of the site, as inference.schedule is: when summer time ends, the hour that comes twice has the same
people twice; no moment is left out and none belongs to two days.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.settings.rosters import OtherDays, RosterSettings, Rotation


def on_duty(roster: RosterSettings, time: float, zone: ZoneInfo) -> tuple[str, ...]:
    """First in line first; empty where nobody is. time: s since 1970."""
    local = datetime.fromtimestamp(time, zone).replace(tzinfo=None)
    day = _day(roster, local)
    for others in roster.dates:
        if _is_on(others, day):
            return others.officers
    if roster.rotation is not None:
        return _turn(roster.rotation, day)
    held = (shift.officers for shift in roster.shifts if shift.holds(local, zone, None))
    return _once(name for officers in held for name in officers)


def line(roster: RosterSettings, time: float, zone: ZoneInfo) -> tuple[str, ...]:
    """Those on duty, then those behind them."""
    return _once((*on_duty(roster, time, zone), *roster.backup))


def next_in_line(line: Iterable[str], called: Collection[str]) -> str | None:
    """The first whom nobody has called yet. None: everybody was."""
    return next((name for name in line if name not in called), None)


def _day(roster: RosterSettings, local: datetime) -> date:
    """The day it counts as: before the hand-over it is still yesterday's."""
    hours, minutes = map(int, roster.handover.split(":"))
    return (local - timedelta(hours=hours, minutes=minutes)).date()


def _is_on(others: OtherDays, day: date) -> bool:
    return others.on <= day <= (others.until or others.on)


def _turn(rotation: Rotation, day: date) -> tuple[str, ...]:
    """Before its start too: the order is the same backwards."""
    number = (day - rotation.start).days // rotation.every
    return rotation.teams[number % len(rotation.teams)]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
