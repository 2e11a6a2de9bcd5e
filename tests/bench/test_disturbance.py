"""The disturbance bench as somebody uses it: a small scene that is dug, peers that look, figures and pages of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.disturbance.chart import Chart
from bench.disturbance.clock import DAY, HOUR, times
from bench.disturbance.contestant import Answer, Shown
from bench.disturbance.digsites import clear
from bench.disturbance.filmed import Camera, Filmed, Place, cameras
from bench.disturbance.findings import figures, goals
from bench.disturbance.judging import Record, allowed, drawn, iou, touches
from bench.disturbance.plane import ByEye
from bench.disturbance.scenario import Dig, Look, Outline, Told, due
from bench.disturbance.seasons import Dug, Rendered
from bench.disturbance.sheets import Album, jpeg, sheet
from bench.disturbance.soil import Patch
from bench.disturbance.survey import Course, play
from bench.disturbance.table import document
from bench.provingground.outline import area
from bench.provingground.season import nearest, spots
from bench.provingground.season.weather import Climate
from bench.provingground.sun import BEIJING
from inference.detections import Picture
from inference.terrain.sight import Sight
from tests.support.season_basis import tiny

NOBODY = np.zeros((0, 4), np.float32)
MIDDAY = 1_749_441_600.0
PEERS = ("MOG2", "fixed reference", "running average")
VIEW = ByEye(10.0, 1.0, 0.2, 4 / 3)


def square(left: float, top: float, side: float) -> Outline:
    return np.array([[left, top], [left + side, top], [left + side, top + side], [left, top + side]])


def meadow(size: tuple[int, int] = (160, 120)) -> Picture:
    """Grass with tussocks before a dark wood under a bright sky."""
    width, height = size
    rough = cv2.resize(np.random.default_rng(1).normal(0, 15, (height // 4, width // 4)), size)
    picture = np.array([60, 110, 90]) + rough[..., None]
    picture[: height // 6] = (230, 210, 190)
    picture[height // 6 : height // 4] -= 70
    return np.clip(picture, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Meadow:
    """Looks every 30 s for an hour; from the half on, a light square is there at once if it is dug."""

    dug: bool
    boxes: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def told(self) -> Told:
        dig = Dig(100.0, 50.0, MIDDAY + 1800, 0.0, MIDDAY + 1800) if self.dug else None
        return Told(f"meadow {self.dug}", "rendered", MIDDAY + 900, MIDDAY + 3600, dig)

    def sight(self) -> Sight | None:
        return None

    def looks(self) -> Iterator[Look]:
        chance, plain = np.random.default_rng(2), meadow()
        for time in np.arange(MIDDAY, MIDDAY + 3600, 30.0).tolist():
            noisy = np.clip(plain * chance.uniform(0.8, 1.0) + chance.normal(0, 2, plain.shape), 0, 255)
            picture = noisy.astype(np.uint8)
            digs: tuple[Outline, ...] = ()
            if self.dug and time >= MIDDAY + 1800:
                picture[60:90, 40:70] = (150, 190, 230)
                digs = (np.array([[0.25, 0.5], [0.4375, 0.5], [0.4375, 0.75], [0.25, 0.75]]),)
            occupied = np.array(self.boxes, np.float32).reshape(-1, 4)
            yield Look(time, picture, occupied, NOBODY, digs, 100.0 if digs else 0.0)


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return [play(Meadow(dug=True), PEERS), play(Meadow(dug=False), PEERS)]


def test_a_difference_to_a_fixed_picture_finds_what_is_dug_and_where(courses: list[Course]) -> None:
    record, dig = courses[0].records["fixed reference"], courses[0].told.dig
    assert dig is not None
    assert record.delay(dig) == pytest.approx(300, abs=60)  # its persistence
    assert record.moments[-1].iou > 0.7
    assert record.false() == []


def test_nobody_alarms_where_nothing_changes(courses: list[Course]) -> None:
    assert {name: record.alarms for name, record in courses[1].records.items()} == {
        name: {} for name in PEERS
    }


def test_a_patch_under_a_vehicle_is_no_patch() -> None:
    covered = play(Meadow(dug=True, boxes=((0.2, 0.4, 0.5, 0.8),)), PEERS)
    assert all(not record.alarms for record in covered.records.values())


def test_figures_and_goals_say_what_was_found(courses: list[Course]) -> None:
    found = figures(courses)
    row = found["fixed reference"]["rendered"]
    assert (row["digs"], row["found"], row["found_in_time"], row["false_alarms"]) == (1, 1, 1, 0)
    assert row["quiet_camera_days"] == pytest.approx(2700 / DAY)
    assert row["distances"]["0-60 m"]["area_error_median"] is None  # nobody knows the ground
    assert found["MOG2"]["filmed"] is None


def test_goals_are_of_ours_and_a_miss_is_a_miss() -> None:
    dig = Dig(100.0, 250.0, MIDDAY, 300.0, MIDDAY + 60)
    told = Told("far", "rendered", MIDDAY - 60, MIDDAY + DAY, dig)
    missed = goals([Course(told, {"sandwatch": Record.empty()})])
    assert missed["rendered_digs_found_in_time"].value == 0
    assert not missed["rendered_digs_found_in_time"].met
    assert missed["rendered_false_alarms"].met
    assert "filmed_false_alarms" not in missed  # no clips, no promise about them


def test_the_page_has_every_contestant_and_every_scenario(courses: list[Course]) -> None:
    found = {"not_here": "some", **figures(courses), "speed": {"MOG2": {"median": 8.2, "p95": 9.6}}}
    page = document(found, {}, "Measured somewhere.")
    assert all(name in page for name in (*PEERS, "meadow True", "meadow False", "Measured somewhere."))
    assert "1 of 1" in page
    assert "| MOG2 | 8 | 10 |" in page


# What is true, and what is told


def look(*digs: Outline, time: float = 0.0, area_m2: float = 50.0) -> Look:
    return Look(time, np.zeros((9, 16, 3), np.uint8), NOBODY, NOBODY, digs, area_m2)


def test_an_alarm_about_everything_is_not_about_the_dig() -> None:
    dig = square(0.5, 0.5, 0.05)
    assert not touches(square(0, 0, 1), drawn([dig]))
    assert touches(square(0.51, 0.51, 0.02), drawn([dig]))
    assert not touches(square(0.1, 0.1, 0.1), drawn([dig]))


def test_what_was_told_before_anybody_dug_stays_false() -> None:
    record, dig = Record.empty(), Dig(50.0, 50.0, 10.0, 0.0, 10.0)
    record.noted(look(time=0.0), [Shown("a", square(0.5, 0.5, 0.1))], None)
    record.noted(look(square(0.5, 0.5, 0.1), time=20.0), [Shown("a", square(0.5, 0.5, 0.1))], "dark")
    assert record.false() == [0.0]
    assert record.delay(dig) is None
    assert record.silences == {"dark": 1}


def test_two_alarms_on_one_dig_are_judged_together() -> None:
    record = Record.empty()
    halves = [Shown("a", square(0.2, 0.2, 0.1), 20.0, 3.0), Shown("b", square(0.3, 0.2, 0.1), 25.0, 4.0)]
    whole = np.array([[0.2, 0.2], [0.4, 0.2], [0.4, 0.3], [0.2, 0.3]])
    record.noted(look(whole), halves, None)
    last = record.moments[-1]
    assert last.iou > 0.95
    assert (last.area_m2, last.sigma_m2) == (45.0, 5.0)


@given(st.floats(0.1, 0.8), st.floats(0.1, 0.8), st.floats(0.05, 0.2))
def test_a_patch_is_itself_whole(left: float, top: float, side: float) -> None:
    mask = drawn([square(left, top, side)])
    assert iou(mask, mask) == 1.0
    assert iou(mask, ~mask) == 0.0


def test_a_dig_may_take_ten_minutes_or_a_tenth_of_its_ramp() -> None:
    assert allowed(Dig(50.0, 1.0, 0.0, 300.0, 0.0)) == 600
    assert allowed(Dig(50.0, 1.0, 0.0, 3 * DAY, 0.0)) == 0.3 * DAY
    assert due(100.0, 300.0, 60.0) == 200.0
    with pytest.raises(ValueError, match="never reach"):
        due(0.0, 300.0, 10.0)


# The clock


@given(st.floats(0, DAY), st.sampled_from([300.0, 1800.0, 3 * DAY]))
def test_the_clock_looks_often_while_it_is_dug_and_never_sleeps_for_hours(start: float, ramp: float) -> None:
    begin = MIDDAY
    dig = Dig(100.0, 50.0, begin + DAY + start, ramp, 0.0)
    moments = list(times(begin, begin + DAY, begin + 3 * DAY, dig, BEIJING))
    steps = np.diff(moments)
    assert steps.min() > 0
    assert steps.max() <= HOUR
    if ramp < HOUR:
        while_dug = [each for each in moments if dig.start <= each < dig.start + ramp]
        assert len(while_dug) == ramp / 30


# Soil


@given(st.floats(0.2, 0.8), st.floats(0.35, 0.95))
def test_the_view_by_eye_goes_there_and_back(x: float, y: float) -> None:
    there = VIEW.metres(np.array([[x, y]]))
    assert np.allclose(VIEW.pixels(there), [[x, y]])
    above = VIEW.metres(np.array([[x, 0.1]]))
    assert np.isnan(above).any()  # no ground above the horizon


def test_soil_lies_where_its_outline_says_and_nowhere_else() -> None:
    patch, plain = Patch(VIEW, (0.0, 18.0), 40.0, seed=3), meadow((320, 240))
    laid = patch.laid(plain, 40.0)
    changed = np.abs(laid.astype(int) - plain).max(axis=2) > 8
    truth = drawn([patch.outline(40.0)], (320, 240))
    assert iou(changed, truth) > 0.8
    assert laid[truth][:, 2].mean() > plain[truth][:, 2].mean() + 10  # browner


@given(st.floats(5, 39), st.floats(1.01, 1.5))
def test_a_patch_grows_over_what_it_was(small: float, factor: float) -> None:
    patch = Patch(VIEW, (0.0, 18.0), 60.0, seed=3)
    assert isclose(area(VIEW.metres(patch.outline(small))), small, rel_tol=1e-6)
    inner, outer = drawn([patch.outline(small)]), drawn([patch.outline(small * factor)])
    assert (inner & ~outer).sum() <= 0.02 * inner.sum()  # a pixel's rounding


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "video" / "meadow.avi"
    path.parent.mkdir()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (320, 240))
    for _ in range(10):
        writer.write(meadow((320, 240)))
    writer.release()
    return path


def test_a_clip_becomes_a_day_with_a_dig(clip: Path) -> None:
    camera = Camera("meadow", (clip.name,), places=(Place((0.5, 0.8), 40.0, VIEW),))
    filmed = Filmed(clip.parent, camera, 0.1, (camera.places[0], 300.0))
    looks, dig = list(filmed.looks()), filmed.told.dig
    assert dig is not None
    assert not any(each.digs for each in looks if each.time <= dig.start)
    after = [each for each in looks if each.time > dig.start + dig.ramp]
    assert {each.area_m2 for each in after} == {40.0}
    grown = [each.area_m2 for each in looks]
    assert grown == sorted(grown)
    again = list(filmed.looks())
    assert all(np.array_equal(one.picture, two.picture) for one, two in zip(looks, again, strict=True))


def test_cameras_whose_clips_are_not_there_are_left_out(clip: Path) -> None:
    assert cameras(clip.parent.parent) == []


# Pictures for people


def test_a_sheet_shows_before_first_and_last() -> None:
    scenario, album = Meadow(dug=True), Album()
    for each in scenario.looks():
        outline = np.array([[0.25, 0.5], [0.4375, 0.5], [0.4375, 0.75], [0.25, 0.75]])
        album.keep(each, Answer((Shown("a", outline, 100.0),) if each.digs else ()))
    drawn_sheet = sheet(scenario.told, album)
    assert drawn_sheet is not None
    assert drawn_sheet.shape == (360, 3 * 640, 3)
    assert len(jpeg(drawn_sheet)) < 130_000
    assert sheet(scenario.told, Album()) is None


# Rendered days, with a scene that needs no renderer


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Rendered:
    seen = tiny()
    monkeypatch.setattr("bench.disturbance.seasons.basis", lambda folder, scene: seen)
    free = nearest(spots(seen, 12), 80)
    dug = Dug(free.place, free.distance, 120.0, 300.0, 12 * HOUR)
    return Rendered(Path(), "tiny", 1, 0.0, dug, learning=0.5)


def test_a_rendered_day_is_dug_when_it_says(days: Rendered) -> None:
    dig, looks = days.told.dig, days.looks()
    assert dig is not None
    seen = [each for each in looks if each.time <= dig.start + dig.ramp]
    assert not any(each.digs for each in seen if each.time <= dig.start)
    assert seen[-1].area_m2 == pytest.approx(120, rel=0.01)
    assert seen[-1].digs
    assert next(each.time for each in seen if each.area_m2 >= 20) == pytest.approx(dig.due, abs=30)


def test_a_technician_s_points_measure_the_ground(days: Rendered) -> None:
    assert days.dug is not None
    x, y = days.dug.place
    up = float(tiny().ground.height(x, y))
    pixel = tiny().camera.project(np.array([[x, y, up]]))[0] / tiny().camera.size
    assert np.linalg.norm(days.sight().metres(pixel)[0] - (x, y)) < 3


def test_a_map_of_heights_knows_its_ground_and_its_end() -> None:
    ground = tiny().ground
    chart = Chart(ground, np.random.default_rng(1))
    places = np.random.default_rng(2).uniform(-100, 100, (50, 2))
    wrong = chart.height(places) - ground.height(places[:, 0], places[:, 1])
    assert np.abs(wrong).mean() < 0.5
    assert np.isnan(chart.height(np.array([[0.0, 900.0]]))).all()
    assert chart.height(np.zeros((0, 2))).shape == (0,)


def test_nobody_digs_in_fog() -> None:
    climate, first = Climate(3, MIDDAY - DAY / 2, 5.0), MIDDAY - DAY / 2
    start = clear(climate, first, 300.0, 2)
    assert 8 <= start % DAY / HOUR < 17
    assert all(climate.at(first + start + each).name not in ("fog", "rain") for each in (0, 300, 600))
