from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from inference.schedule import Schedule, Window, active, fit

ADAPTER: TypeAdapter[tuple[Window, ...]] = TypeAdapter(Schedule)
SHANGHAI = "Asia/Shanghai"
BERLIN = "Europe/Berlin"
NIGHT = "19:00-06:00"
# 2026-03-02 is a Monday.
MON, TUE, FRI, SAT, SUN = "2026-03-02", "2026-03-03", "2026-03-06", "2026-03-07", "2026-03-08"


def at(day: str, clock: str, zone: str = SHANGHAI, fold: int = 0) -> float:
    moment = datetime.fromisoformat(f"{day}T{clock}")
    return moment.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def awake(schedule: object, epoch: float, zone: str = SHANGHAI) -> bool:
    return active(ADAPTER.validate_python(schedule), epoch, zone)


FRIDAY_NIGHT = {"days": ["fri"], "from": "19:00", "to": "06:00"}
OFFICE = {"days": "weekdays", "from": "8:00", "to": "12:00"}


@pytest.mark.parametrize(
    ("schedule", "day", "clock", "expected"),
    [
        (NIGHT, MON, "18:59:59", False),
        (NIGHT, MON, "19:00", True),
        (NIGHT, MON, "23:59", True),
        (NIGHT, TUE, "00:00", True),
        (NIGHT, TUE, "05:59:59", True),
        (NIGHT, TUE, "06:00", False),
        (FRIDAY_NIGHT, FRI, "05:00", False),
        (FRIDAY_NIGHT, FRI, "20:00", True),
        (FRIDAY_NIGHT, SAT, "05:00", True),
        (FRIDAY_NIGHT, SAT, "20:00", False),
        ([{"days": ["sun"], "from": "22:00", "to": "02:00"}], MON, "01:00", True),
        (OFFICE, FRI, "08:00", True),
        (OFFICE, SAT, "08:00", False),
        ([OFFICE, {"days": ["weekend", "Mon"], "from": "13:00", "to": "24:00"}], SUN, "23:59", True),
        ([OFFICE, {"days": ["weekend", "Mon"], "from": "13:00", "to": "24:00"}], TUE, "23:59", False),
        ("00:00-24:00", TUE, "12:00", True),
        ("22:00-00:00", TUE, "23:00", True),
        ("22:00-00:00", TUE, "00:00", False),
        ([], TUE, "12:00", True),
        (None, TUE, "12:00", True),
    ],
)
def test_when_it_is_awake(schedule: object, day: str, clock: str, *, expected: bool) -> None:
    assert awake(schedule, at(day, clock)) is expected


def test_no_schedule_is_always() -> None:
    assert active(None, 0.0, SHANGHAI)


def test_the_time_zone_is_the_sites() -> None:
    assert awake("19:00-20:00", at(MON, "19:30"), SHANGHAI)
    assert not awake("19:00-20:00", at(MON, "19:30"), "Asia/Urumqi")


def test_the_night_summer_time_begins_is_watched_to_its_end() -> None:
    for clock, expected in [("01:59", True), ("03:00", True), ("05:59", True), ("06:00", False)]:
        assert awake(NIGHT, at("2026-03-29", clock, BERLIN), BERLIN) is expected


def test_the_hour_that_comes_twice_counts_twice() -> None:
    for fold in (0, 1):
        assert awake("02:00-03:00", at("2026-10-25", "02:30", BERLIN, fold), BERLIN)
    assert not awake("02:00-03:00", at("2026-10-25", "03:00", BERLIN), BERLIN)


clocks = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(clocks, clocks, st.integers(0, 4_000_000_000))
def test_a_window_and_its_opposite_share_the_day(start: str, end: str, epoch: int) -> None:
    if start != end:
        assert awake(f"{start}-{end}", epoch) is not awake(f"{end}-{start}", epoch)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (1140, "in quotes"),
        ([1140], "in quotes"),
        ({"from": 1140, "to": "06:00"}, 'in quotes, such as "19:00", has 1140'),
        ("19-06", 'hours such as "19:00-06:00"'),
        ("25:00-06:00", '"00:00" to "24:00"'),
        ("19:60-20:00", '"00:00" to "24:00"'),
        ("19:00-19:00", "covers no time"),
        ("24:00-06:00", "covers no time"),
        ({"days": "someday", "from": "19:00", "to": "20:00"}, "weekdays or weekend, has 'someday'"),
        ({"days": [1], "from": "19:00", "to": "20:00"}, "has 1"),
        ({"days": [], "from": "19:00", "to": "20:00"}, "days"),
        ({"from": "19:00"}, "to"),
        ({"from": "19:00", "to": "20:00", "until": "21:00"}, "until"),
        ({"days": [["mon"]], "from": "19:00", "to": "20:00"}, "has ['mon']"),
    ],
)
def test_what_is_refused(schedule: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(schedule)
    assert words in str(caught.value)


def test_what_was_read_can_be_written_and_read_again() -> None:
    windows = ADAPTER.validate_python([NIGHT, {"days": "weekend", "from": "7:30", "to": "24:00"}])
    assert ADAPTER.validate_python(ADAPTER.dump_python(windows, by_alias=True)) == windows
    assert ADAPTER.validate_json(ADAPTER.dump_json(windows, by_alias=True)) == windows
    assert windows[1].start == "07:30"


def test_has_a_json_schema_with_the_short_form() -> None:
    schema = ADAPTER.json_schema()
    assert {"type": "string"} in schema["anyOf"]
    assert set(schema["$defs"]["Window"]["properties"]) == {"days", "from", "to"}


BEIJING = (39.90, 116.40)  # on 2026-07-01 the sun rises at 04:49 and sets at 19:47
KASHGAR = (39.47, 75.99)
TROMSO = (69.65, 18.96)


def lit(schedule: object, day: str, clock: str, position: tuple[float, float] = BEIJING) -> bool:
    return active(ADAPTER.validate_python(schedule), at(day, clock), SHANGHAI, position)


@pytest.mark.parametrize(
    ("schedule", "clock", "expected"),
    [
        ("sunset-sunrise", "19:40", False),
        ("sunset-sunrise", "19:50", True),
        ("sunset-sunrise", "00:30", True),
        ("sunset-sunrise", "04:45", True),
        ("sunset-sunrise", "04:55", False),
        ("日落-日出", "19:50", True),
        ("sunset+30m - sunrise-30m", "20:10", False),
        ("sunset+30m - sunrise-30m", "20:20", True),
        ("sunset+30m - sunrise-30m", "04:15", True),
        ("sunset+30m - sunrise-30m", "04:25", False),
        ({"from": "sunset + 1h", "to": "06:00"}, "20:40", False),
        ({"from": "sunset + 1h", "to": "06:00"}, "20:50", True),
        ("17:00-sunset", "19:40", True),
        ("17:00-sunset", "19:50", False),
        ("17:00-sunset", "16:50", False),
        ("18:00-sunset", "18:30", True),
        ("18:00-sunset", "03:00", False),
        ("sunset-22:00", "21:59", True),
        ("sunset-22:00", "22:01", False),
    ],
)
def test_by_the_sun(schedule: object, clock: str, *, expected: bool) -> None:
    assert lit(schedule, "2026-07-01", clock) is expected


def test_a_window_of_the_evening_is_empty_where_the_sun_sets_too_early_for_it() -> None:
    assert not any(lit("17:00-sunset", "2026-12-10", f"{hour:02}:30") for hour in range(24))  # sets at 16:50


def test_in_the_far_west_the_sun_keeps_its_own_hours() -> None:
    assert not lit("sunset-sunrise", "2026-07-01", "22:20", KASHGAR)
    assert lit("sunset-sunrise", "2026-07-01", "22:50", KASHGAR)
    assert lit("sunset-sunrise", "2026-07-01", "07:10", KASHGAR)


def test_a_polar_night_is_one_long_night_and_a_polar_day_has_none() -> None:
    hours = [f"{hour:02}:07" for hour in range(24)]
    assert all(lit("sunset-sunrise", "2026-12-21", hour, TROMSO) for hour in hours)
    assert not any(lit("sunrise-sunset", "2026-12-21", hour, TROMSO) for hour in hours)
    assert sum(lit("sunset-sunrise", "2026-06-21", hour, TROMSO) for hour in hours) == 0


def test_the_days_are_those_the_night_begins_on() -> None:
    night = {"days": "fri", "from": "sunset", "to": "sunrise"}
    assert lit(night, FRI, "23:00")
    assert lit(night, SAT, "03:00")
    assert not lit(night, SAT, "23:00")


@given(st.integers(0, 4_000_000_000), st.sampled_from([BEIJING, KASHGAR, TROMSO]))
def test_it_is_either_day_or_night(epoch: int, position: tuple[float, float]) -> None:
    day, night = (ADAPTER.validate_python(each) for each in ("sunrise-sunset", "sunset-sunrise"))
    assert active(day, epoch, SHANGHAI, position) is not active(night, epoch, SHANGHAI, position)


def test_without_a_position_the_sun_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="need site: position"):
        fit(ADAPTER.validate_python("sunset-06:00"), None)
    fit(ADAPTER.validate_python("19:00-06:00"), None)
    fit(ADAPTER.validate_python("sunset-06:00"), BEIJING)


@pytest.mark.parametrize("clock", ["sundown", "sunset+30", "sunset+13h", "sunset+30s", "sunset 30min"])
def test_what_is_refused_of_the_sun(clock: str) -> None:
    with pytest.raises(ValidationError, match="needs a time of day"):
        Window.model_validate({"from": clock, "to": "06:00"})


def test_the_suns_times_are_written_one_way() -> None:
    (window,) = ADAPTER.validate_python("日落 + 1h - sunrise-30m")
    assert (window.start, window.end) == ("sunset+60min", "sunrise-30min")
    assert ADAPTER.validate_json(ADAPTER.dump_json((window,), by_alias=True)) == (window,)
