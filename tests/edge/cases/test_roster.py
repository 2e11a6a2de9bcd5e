"""Who is on duty, and who is next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cases.roster import line, next_in_line, on_duty
from edge.settings.rosters import RosterSettings

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
]
MOMENTS = st.integers(1_700_000_000, 1_900_000_000).map(float)

WEEK = {
    "name": "week",
    "shifts": [
        {"days": "weekdays", "from": "08:00", "to": "20:00", "officers": ["Zhang", "Li"]},
        {"days": "weekend", "from": "08:00", "to": "20:00", "officers": ["Zhao"]},
        {"days": "daily", "from": "20:00", "to": "08:00", "officers": ["Wang"]},
    ],
    "dates": [{"on": "2026-10-01", "until": "2026-10-07", "officers": ["Sun"]}],
    "backup": ["Chief"],
}


def roster(**changes: Any) -> RosterSettings:
    return RosterSettings.model_validate({**WEEK, **changes})


def turns(every: str, teams: int, handover: str = "08:00") -> RosterSettings:
    rotation = {"start": "2026-01-01", "every": every, "teams": [[f"team-{n}"] for n in range(teams)]}
    return RosterSettings.model_validate({"name": "turns", "handover": handover, "rotation": rotation})


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("when", "officers"),
    [
        ("2026-05-04T12:00", ("Zhang", "Li")),  # a Monday
        ("2026-05-04T08:00", ("Zhang", "Li")),
        ("2026-05-04T07:59:59", ("Wang",)),
        ("2026-05-04T20:00", ("Wang",)),
        ("2026-05-03T12:00", ("Zhao",)),  # a Sunday
        ("2026-10-01T00:00", ("Sun",)),
        ("2026-10-07T23:59:59", ("Sun",)),
        ("2026-10-08T00:00", ("Wang",)),
    ],
)
def test_shifts_of_the_week_and_other_days(when: str, officers: tuple[str, ...]) -> None:
    assert on_duty(roster(), at(when), SHANGHAI) == officers


def test_teams_take_turns_from_hand_over_to_hand_over() -> None:
    three = turns("1d", 3)
    said = [
        on_duty(three, at(when), SHANGHAI)[0]
        for when in ("2026-01-01T08:00", "2026-01-02T07:59", "2026-01-02T08:00")
    ]
    assert said == ["team-0", "team-0", "team-1"]
    assert on_duty(three, at("2025-12-31T09:00"), SHANGHAI) == ("team-2",)
    assert on_duty(turns("7d", 2), at("2026-01-08T09:00"), SHANGHAI) == ("team-1",)


def test_nobody_on_duty_leaves_those_behind() -> None:
    days = roster(shifts=WEEK["shifts"][:1])
    assert on_duty(days, at("2026-05-04T22:00"), SHANGHAI) == ()
    assert line(days, at("2026-05-04T22:00"), SHANGHAI) == ("Chief",)


def test_the_next_in_line_is_the_first_who_was_not_called() -> None:
    people = line(roster(backup=["Li", "Chief"]), at("2026-05-04T12:00"), SHANGHAI)
    assert people == ("Zhang", "Li", "Chief")
    called: list[str] = []
    while (name := next_in_line(people, called)) is not None:
        called.append(name)
    assert called == ["Zhang", "Li", "Chief"]


@given(MOMENTS, st.sampled_from(ZONES))
def test_shifts_that_cover_the_day_leave_nobody_out_at_any_moment(moment: float, zone: ZoneInfo) -> None:
    """Also in the hour that comes twice, and beside the one that never comes."""
    every = roster(
        dates=[],
        shifts=[
            {"from": "02:30", "to": "10:00", "officers": ["early"]},
            {"from": "10:00", "to": "22:00", "officers": ["late"]},
            {"from": "22:00", "to": "02:30", "officers": ["night"]},
        ],
    )
    assert len(on_duty(every, moment, zone)) == 1


@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 4), st.integers(1, 5))
def test_turns_follow_one_another_without_gap_or_overlap(
    moment: float, zone: ZoneInfo, every: int, teams: int
) -> None:
    """A turn later, on the wall clock, the next team is on duty: whatever the clocks did in between."""
    rotation = turns(f"{every}d", teams)
    local = datetime.fromtimestamp(moment, zone).replace(tzinfo=None, hour=12)
    now, later = (day.replace(tzinfo=zone).timestamp() for day in (local, local + timedelta(days=every)))
    first, second = (int(on_duty(rotation, time, zone)[0].removeprefix("team-")) for time in (now, later))
    assert second == (first + 1) % teams


@pytest.mark.parametrize(
    "wrong",
    [
        {"shifts": []},
        {"rotation": {"start": "2026-01-01", "teams": [["x"]]}},
        {"shifts": [{"from": "sunset", "to": "08:00", "officers": ["x"]}]},
        {"handover": "sunrise"},
        {"handover": "24:00"},
        {"dates": [{"on": "2026-10-07", "until": "2026-10-01", "officers": ["x"]}]},
        {"shifts": [], "rotation": {"start": "2026-01-01", "every": "12h", "teams": [["x"]]}},
    ],
)
def test_what_makes_no_roster_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        roster(**wrong)


def test_a_day_is_a_day_of_the_site() -> None:
    """00:30 in Shanghai is still yesterday in UTC."""
    late = datetime(2026, 9, 30, 16, 30, tzinfo=UTC).timestamp()
    assert on_duty(roster(), late, SHANGHAI) == ("Sun",)
    assert datetime.fromtimestamp(late, UTC).date() == date(2026, 9, 30)
