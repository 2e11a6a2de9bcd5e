"""Sunrise and sunset against tables that others published."""

from datetime import date, datetime, timedelta
from math import cos, radians
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.sun import CIVIL, sun_day

CHINA = ZoneInfo("Asia/Shanghai")
DAY = 86_400


def clock(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, CHINA)


@pytest.mark.parametrize(
    ("lat", "lon", "day", "rise", "set_"),
    [
        # timeanddate.com, Chongqing
        (29.56, 106.55, "2026-02-01", "07:43", "18:31"),
        (29.56, 106.55, "2026-02-04", "07:41", "18:33"),
        (29.56, 106.55, "2026-02-10", "07:37", "18:38"),
        # vercalendario.info, Beijing
        (39.90, 116.40, "2026-07-01", "04:49:23", "19:46:55"),
        (39.90, 116.40, "2026-07-15", "04:58:09", "19:42:13"),
    ],
)
def test_cities(lat: float, lon: float, day: str, rise: str, set_: str) -> None:
    sun = sun_day(date.fromisoformat(day), lat, lon)
    for found, published in ((sun.rise, rise), (sun.set, set_)):
        expected = datetime.fromisoformat(f"{day}T{published}").replace(tzinfo=CHINA)
        assert abs(clock(found) - expected) <= timedelta(minutes=2)


@pytest.mark.parametrize(
    ("lat", "rise"),
    [(20, "06:35"), (24, "06:43"), (30, "06:56"), (36, "07:11"), (40, "07:22"), (46, "07:42"), (50, "07:59")],
)
def test_every_latitude_of_the_country_on_new_years_day(lat: int, rise: str) -> None:
    """Local mean time in 2002, astronomy answers of Utrecht's L. Strous (aa.quae.nl); that of 120 degrees east
    is China's."""
    expected = datetime.fromisoformat(f"2002-01-01T{rise}").replace(tzinfo=CHINA)
    assert abs(clock(sun_day(date(2002, 1, 1), lat, 120).rise) - expected) <= timedelta(minutes=2)


@pytest.mark.parametrize("lat", [20, 30, 45])
def test_twilight_is_as_long_as_the_sun_takes_down_its_slope(lat: int) -> None:
    """At an equinox it goes down at 15 degrees an hour along a way that leans by the latitude."""
    sun, sky = (sun_day(date(2026, 3, 20), lat, 105, *zenith) for zenith in ((), (CIVIL,)))
    expected = (96 - 90.833) / (15 * cos(radians(lat))) * 3600
    assert sky.set - sun.set == pytest.approx(expected, abs=60)
    assert sun.rise - sky.rise == pytest.approx(expected, abs=60)


def test_beyond_the_polar_circle_the_day_has_no_length_or_all_of_it() -> None:
    winter, summer = sun_day(date(2026, 12, 21), 70, 25), sun_day(date(2026, 6, 21), 70, 25)
    assert winter.set - winter.rise == pytest.approx(0, abs=1)
    assert summer.set - summer.rise == pytest.approx(DAY, abs=60)


@given(
    day=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
)
def test_the_sun_rises_before_it_sets_and_noon_is_near_the_places_own(
    day: date, lat: float, lon: float
) -> None:
    sun = sun_day(day, lat, lon)
    assert -60 <= sun.set - sun.rise <= DAY + 60
    mean_noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC")).timestamp() - 240 * lon
    assert abs((sun.rise + sun.set) / 2 - mean_noon) < 20 * 60  # the equation of time stays under 17 minutes
