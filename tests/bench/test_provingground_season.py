"""Seasons: the same seed is the same days, digs are as large as they say and look like it, and light adds up."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.provingground.outline import area, signed_distance
from bench.provingground.season import Dig, Season, Spot, load, nearest, quiet, scenes, spots
from bench.provingground.season.basis import keep, lamp_name, sky_name, sun_name, written
from bench.provingground.season.moment import sunlight
from bench.provingground.season.plan import PLANS, Plan, plan
from bench.provingground.season.script import Kind
from bench.provingground.season.weather import Climate, daylight
from bench.provingground.shadow import sun_direction
from tests.support.season_basis import MEADOW, SUNS, tiny

HOUR, DAY = 3600.0, 86_400.0
PLACE = (5.0, -20.0)
STILL = quiet(1, traffic=0)
kinds = st.sampled_from(["pit", "heap", "both", "stripped"])


@cache
def digging(kind: Kind = "stripped", size: float = 150.0, *, machine: bool = False) -> Season:
    work = Dig(PLACE, size, 8 * HOUR, 2 * HOUR, kind, machine=machine)
    return Season(tiny(), 3, STILL.with_digs(work))


@settings(max_examples=40)
@given(kinds, st.floats(20, 2000), st.integers(0, 500), st.floats(300, 3 * DAY), st.floats(0, 1))
def test_a_dig_s_area_is_exact_and_only_grows(
    kind: Kind, size: float, seed: int, ramp: float, done: float
) -> None:
    work = Dig(PLACE, size, HOUR, ramp, kind, seed)
    now, later = HOUR + done * ramp, HOUR + min(1.0, done + 0.1) * ramp
    opened = sum(area(each.outline) for each in work.works(now))
    assert opened == pytest.approx(work.share(now) * size, rel=1e-9)
    assert opened == pytest.approx(done * size, abs=size / 200 + 1e-6)
    for smaller, larger in zip(work.works(now), work.works(later), strict=False):
        inside = signed_distance(larger.outline, smaller.outline[:, 0], smaller.outline[:, 1])
        assert (inside > -1e-6).all()


def test_nothing_is_dug_before_its_time_and_all_of_it_after() -> None:
    work = Dig(PLACE, 300, 10 * HOUR, HOUR)
    assert work.works(10 * HOUR - 1) == ()
    assert sum(area(each.outline) for each in work.works(40 * HOUR)) == pytest.approx(300)
    assert Dig(PLACE, 300, 10 * HOUR, 0).share(10 * HOUR) == 1


def test_the_same_seed_shows_the_same_moment_in_any_order() -> None:
    first, second, other = (Season(tiny(), seed, quiet(2)) for seed in (4, 4, 5))
    noon, evening = first.start + 12 * HOUR, first.start + 18 * HOUR
    at_noon, at_evening = first.at(noon), first.at(evening)
    assert np.array_equal(second.at(evening).picture, at_evening.picture)
    assert np.array_equal(second.at(noon).picture, at_noon.picture)
    assert not np.array_equal(other.at(noon).picture, at_noon.picture)


def test_moments_outside_the_season_are_refused() -> None:
    season = Season(tiny(), 1, STILL)
    with pytest.raises(ValueError, match="outside the season"):
        season.at(season.end + 1)


@pytest.mark.parametrize("kind", ["pit", "stripped"])
def test_dug_ground_is_where_the_truth_says(kind: Kind) -> None:
    season = digging(kind)
    time = season.start + 12 * HOUR
    before = Season(tiny(), 3, STILL).at(time).picture.astype(int)
    after = season.at(time).picture.astype(int)
    changed = np.abs(after - before).sum(-1)
    seen = season.mask(time)
    assert changed[seen].mean() > 5 * changed[~seen].mean()
    assert after[seen, 2].mean() - after[seen, 1].mean() > before[seen, 2].mean() - before[seen, 1].mean() + 5


def test_the_mask_is_the_outline_as_the_camera_sees_it() -> None:
    season = digging()
    time = season.start + 12 * HOUR
    [(outline, size)] = season.disturbed(time)
    assert size == pytest.approx(150)
    world = tiny().world.astype(float)
    drawn = signed_distance(outline, world[..., 0], world[..., 1]) > 0
    seen = season.mask(time)
    assert (seen & drawn).sum() / (seen | drawn).sum() > 0.9
    [ring] = season.outline_px(time)
    assert ((ring >= 0) & (ring <= 1)).all()
    assert season.at(time).visible == pytest.approx(1, abs=0.02)


def test_the_seen_part_grows_with_the_dig() -> None:
    season = digging("both", 400)
    seen = [int(season.mask(season.start + hour * HOUR).sum()) for hour in (7, 8.5, 9, 9.5, 10, 20)]
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-2] == seen[-1] > 100


def test_a_heap_hides_more_than_its_footprint() -> None:
    flat, heap = digging("stripped", 300), digging("heap", 300)
    time = flat.start + 12 * HOUR
    assert heap.mask(time).sum() > 1.05 * flat.mask(time).sum()


def test_a_heap_throws_its_shadow_away_from_the_sun() -> None:
    season = digging("heap", 300)
    [(earth, cut)] = season._parts.cuts(12 * HOUR)
    on_heap, beside = earth.sunlit(cut, (15.0, 270.0))
    shaded = cut.x[(beside < 0.5) & (cut.whole < 0.1)]
    assert len(shaded) > 5
    assert shaded.min() > PLACE[0]
    west, east = (on_heap[(cut.cover > 0.9) & side] for side in (cut.x < PLACE[0] - 3, cut.x > PLACE[0] + 3))
    assert west.mean() > 1.5 * east.mean()


def test_a_lamp_beside_the_camera_lights_the_side_that_faces_it() -> None:
    season = digging("heap", 300)
    [(earth, cut)] = season._parts.cuts(12 * HOUR)
    level = earth.lamplit(cut)
    south, north = (level[(cut.whole > 0.9) & side] for side in (cut.y < PLACE[1] - 4, cut.y > PLACE[1] + 4))
    assert south.mean() > 1.3
    assert not len(north) or north.mean() < 0.7 * south.mean()
    assert level[cut.whole < 0.01].mean() == pytest.approx(1, abs=0.1)


def test_light_between_two_passes_is_a_blend_of_them() -> None:
    basis = tiny()
    (low, first), (high, second) = SUNS[1], SUNS[2]
    halfway = sunlight(basis, ((low + high) / 2, (first + second) / 2))
    both = (basis.sunlit[1].astype(float) + basis.sunlit[2].astype(float)) / 2
    assert halfway == pytest.approx(both, abs=2e-3)
    assert sunlight(basis, (low, first)) == pytest.approx(basis.sunlit[1].astype(float), abs=2e-3)
    assert sunlight(basis, (-1, 60.0)).max() == 0


def test_a_picture_is_the_sum_of_its_light() -> None:
    """Twice the sun and twice the sky make the same picture: the exposure takes it back."""
    season = Season(tiny(), 2, STILL)
    basis = tiny()
    shown = season.at(season.start + 12 * HOUR).picture
    doubled = type(basis)(
        basis.name, basis.camera, basis.ground, basis.day, basis.infrared, basis.suns,
        basis.sky * np.float16(2), tuple(each * np.float16(2) for each in basis.sunlit), basis.lamp, basis.depth, basis.ids,
    )  # fmt: skip
    again = Season(doubled, 2, STILL).at(season.start + 12 * HOUR).picture
    land = ~basis.heaven
    assert np.abs(shown[land].astype(int) - again[land].astype(int)).mean() < 6


def test_nights_are_grey_where_the_camera_has_an_infrared_lamp() -> None:
    grey, coloured = Season(tiny(), 1, STILL), Season(tiny(infrared=False), 1, STILL)
    night, noon = grey.start + HOUR, grey.start + 12 * HOUR
    assert grey.at(night).infrared
    assert not grey.at(noon).infrared
    assert np.ptp(grey.at(night).picture.astype(int), axis=-1).max() <= 2
    assert not coloured.at(night).infrared
    assert np.ptp(coloured.at(night).picture.astype(int), axis=-1).max() > 10


def test_daylight_follows_the_sun() -> None:
    """Seidelmann (1992): 3.4 lx at the end of civil twilight; a high sun gives 90 to 110 klx on level ground."""
    heights = [-18, -12, -6, 0, 5, 20, 45, 75]
    lux = [daylight(height, 0).lux for height in heights]
    assert lux == sorted(lux)
    assert daylight(-6, 0).lux == pytest.approx(3.4, rel=0.1)
    whole = daylight(75, 0)
    assert 0.75 < float(whole.sun.mean()) * 0.966 + float(whole.sky.mean()) < 1.1
    assert daylight(-2, 0).sun.max() == 0
    low, high = daylight(4, 0).sun, daylight(60, 0).sun
    assert low[0] / low[2] > high[0] / high[2]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5000))
def test_weather_keeps_its_bounds_and_is_its_seed_s(seed: int) -> None:
    climate, same = Climate(seed, 0.0, 4), Climate(seed, 0.0, 4)
    for time in np.linspace(0, 4 * DAY, 60):
        weather = climate.at(float(time))
        assert weather == same.at(float(time))
        assert all(0 <= share <= 1 for share in (weather.cover, weather.rain, weather.wet, weather.puddles))
        assert weather.haze >= 0
        assert weather.wind >= 0


def test_rain_wets_the_ground_and_it_dries_again() -> None:
    climates = [Climate(seed, 0.0, 3) for seed in range(12)]
    seen = [each.at(float(time)) for each in climates for time in np.arange(0, 3 * DAY, 600)]
    assert {each.name for each in seen} == {"fair", "overcast", "haze", "fog", "rain"}
    raining = [each.wet for each in seen if each.rain > 0.4]
    dry = [each.wet for each in seen if each.rain == 0]
    assert float(np.median(raining)) > 0.3
    assert float(np.median(dry)) < 0.05
    assert all(each.cover > 0.5 for each in seen if each.rain > 0.2)


def test_machines_that_dig_are_told_from_those_that_stand() -> None:
    season = digging("pit", 400, machine=True)
    busy, done = season.at(season.start + 9 * HOUR), season.at(season.start + 20 * HOUR)
    assert busy.labels == ("excavator",)
    assert len(busy.working) == 1
    assert np.array_equal(busy.working[0], busy.boxes[0])
    assert done.labels == ()
    assert done.boxes.shape == (0, 4)


def test_vehicles_come_and_go_and_their_boxes_hold_them() -> None:
    season = Season(tiny(), 6, quiet(1, traffic=6))
    shots = [season.at(season.start + hour * HOUR) for hour in np.arange(8, 18, 0.25)]
    counts = {len(shot.boxes) for shot in shots}
    assert len(counts) > 2
    for shot in shots:
        assert len(shot.labels) == len(shot.boxes)
        left, top, right, bottom = shot.boxes.T
        assert (
            (left >= 0) & (left < right) & (right <= 1) & (top >= 0) & (top < bottom) & (bottom <= 1)
        ).all()
        assert not len(shot.working)


def test_crops_grow_over_days() -> None:
    """The ground's colour at the same hour, days apart, with growth and without."""
    changes = []
    for growth in (0.0, 0.5):
        season = Season(tiny(), 8, quiet(9, traffic=0, growth=growth))
        colours = []
        for day in (0, 8):
            picture = season.at(season.start + day * DAY + 12 * HOUR).picture[~tiny().heaven].astype(float)
            colours.append(picture[:, 1].mean() / picture.mean())
        changes.append(abs(colours[1] - colours[0]))
    assert changes[1] > changes[0] + 0.01
    assert MEADOW[1] > MEADOW[0]


def test_open_ground_is_open() -> None:
    basis, found = tiny(), spots(tiny(), 6)
    assert found == sorted(found, key=lambda spot: spot.distance)
    site = basis.ground.site
    for spot in found:
        assert float(site.off_water(spot.x, spot.y)) > 6
        assert abs(spot.y - float(site.track.at(spot.x))) > 6
    assert nearest(found, 0) == found[0]
    with pytest.raises(ValueError, match="no open ground"):
        nearest(list[Spot](), 50)


def test_a_plan_s_suns_go_through_the_day() -> None:
    for each in PLANS:
        suns = each.suns()
        azimuths = [azimuth for _, azimuth in suns]
        assert azimuths == sorted(azimuths)
        assert min(height for height, _ in suns) > 1
        towards = np.array([sun_direction(*sun) for sun in suns])
        assert np.degrees(np.arccos((towards[1:] * towards[:-1]).sum(1))).max() < 20
    assert len({each.name for each in PLANS}) == len(PLANS)
    with pytest.raises(KeyError):
        plan("nowhere")


def test_a_basis_is_complete_when_its_facts_are_written(tmp_path: Path) -> None:
    basis, small = (
        tiny(),
        Plan("small", None, (0.0, -90.0, 30.0), (0.0, 0.0, 0.0), 45, (6, 10), size=(192, 108)),
    )
    folder = tmp_path / "small"
    folder.mkdir()
    keep(folder / sky_name(), basis.sky.astype(np.float32))
    keep(folder / lamp_name(), basis.lamp.astype(np.float32))
    for number in range(len(small.suns())):
        keep(folder / sun_name(number), basis.sunlit[0].astype(np.float32))
    np.save(folder / "depth.npy", basis.depth)
    np.save(folder / "ids.npy", basis.ids)
    assert scenes(tmp_path) == []
    written(small, folder)
    assert scenes(tmp_path) == ["small"]
    read = load(tmp_path, "small")
    assert np.array_equal(read.sky, basis.sky)
    assert read.camera.truth() == small.camera().truth()
    assert len(read.sunlit) == len(read.suns) == len(small.suns())
    assert Season(read, 1, STILL).at(Season(read, 1, STILL).start + 12 * HOUR).picture.shape == (108, 192, 3)
