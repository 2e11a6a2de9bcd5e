"""The proving ground's sites: exact outlines, and nothing that stands in something else, the same for every seed."""

import math
from datetime import datetime
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.provingground.arrange import Arrangement
from bench.provingground.camera import look
from bench.provingground.clutter import scattered
from bench.provingground.earthworks import random_earthworks
from bench.provingground.excavation import STAGES, drawn_mask, visible_mask
from bench.provingground.fleet.model import Model
from bench.provingground.ground import Earthwork, Ground
from bench.provingground.outline import area, blob, denser, signed_distance
from bench.provingground.pool import random_pool
from bench.provingground.site import WATER, Site, random_site
from bench.provingground.sun import BEIJING, moment_with, sun
from bench.provingground.vegetation import TALL, Clearing, planted

seeds = st.integers(0, 10_000)


@given(seeds, st.floats(1, 1000), st.floats(1, 1.8), st.floats(0, 3))
def test_a_blob_has_exactly_the_area_asked_for(
    seed: int, wanted: float, stretch: float, turned: float
) -> None:
    outline = blob((3, -4), wanted, seed, stretch, turned)
    assert area(outline) == pytest.approx(wanted, rel=1e-9)
    assert area(denser(outline)) == pytest.approx(wanted, rel=1e-9)


def test_the_distance_to_a_border_is_positive_inside() -> None:
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    x, y = np.array([5.0, 9.0, 13.0, 13.0]), np.array([5.0, 5.0, 5.0, 14.0])
    assert signed_distance(square, x, y).tolist() == pytest.approx([5, 1, -3, -5])


def test_a_pit_goes_down_and_a_heap_up_and_only_there() -> None:
    pit, heap = blob((-10, 30), 100, 1), blob((25, 30), 80, 2)
    flat = Ground(Site(), 1)
    dug = Ground(Site(), 1, [Earthwork("pit", pit, 2.0), Earthwork("heap", heap, 3.0)])
    x, y = np.array([-10.0, 25.0, 8.0]), np.array([30.0, 30.0, 30.0])
    change = dug.height(x, y) - flat.height(x, y)
    assert change[0] < -1.5
    assert change[1] > 2.0
    assert change[2] == 0


def test_the_water_fills_the_river_and_nothing_else() -> None:
    ground = Ground(Site(), 1)
    x = np.linspace(-60, 60, 50)
    assert (ground.height(x, ground.site.river.at(x)) < WATER - 0.5).all()
    assert (ground.height(x, ground.site.shore(x) - 12) > WATER).all()


@given(seeds)
def test_a_seed_is_a_site(seed: int) -> None:
    assert random_site(seed) == random_site(seed)
    assert random_site(seed) != random_site(seed + 1)


def arranged(seed: int) -> tuple[Ground, Arrangement]:
    chance = np.random.default_rng(seed)
    site = random_site(seed)
    ground = Ground(site, seed, random_earthworks(site, chance))
    places = [(thing.x, thing.y) for thing in scattered(ground, seed)]
    return ground, Arrangement(ground, MODELS, places, np.random.default_rng([seed, 1]))


MODELS: list[Model] = [spec.build() for spec in random_pool(np.random.default_rng(1))]


@pytest.mark.parametrize("seed", range(8))
def test_machines_do_not_stand_in_one_another_or_in_the_river(seed: int) -> None:
    ground, arrangement = arranged(seed)
    machines = [thing for thing in arrangement.things if thing.model.label != "person"]
    for first, second in combinations(machines, 2):
        apart = math.dist(first.ground, second.ground)
        assert apart > first.model.room + second.model.room - 1e-6
    for thing in arrangement.things:
        off = float(ground.site.off_water(*thing.ground))
        assert off < 0 if thing.model.label == "vessel" else off > 0


def test_the_same_seed_arranges_the_same_things() -> None:
    first, second = arranged(4)[1].things, arranged(4)[1].things
    assert [thing.number for thing in first] == [thing.number for thing in second]
    assert all(np.array_equal(a.frame, b.frame) for a, b in zip(first, second, strict=True))


def test_no_tree_stands_on_a_track_in_a_pit_or_before_the_camera() -> None:
    site = Site(bank_track=18.0)
    ground = Ground(site, 1, [Earthwork("pit", blob((80, 40), 200, 1), 2)])
    clearing = Clearing(camera=(0, -60))
    for plant in planted(ground, 2, clearing):
        assert abs(plant.y - float(site.track.at(plant.x))) >= 4.5
        assert float(site.off_water(plant.x, plant.y)) >= 3
        assert not ground.worked(plant.x, plant.y, 2)
        assert not (plant.species < TALL and clearing.holds(plant.x, plant.y))
        assert math.hypot(plant.x, plant.y + 60) >= 25


def test_the_sun_stands_where_an_almanac_says() -> None:
    """Zhengzhou, 21 June 2025: noon at 12:27 by the clock, 78.5 degrees; the equinox's noon 55.1 degrees."""
    height, azimuth = sun(datetime(2025, 6, 21, 12, 27, tzinfo=BEIJING))
    assert height == pytest.approx(78.5, abs=0.5)
    assert azimuth == pytest.approx(180, abs=3)
    assert sun(datetime(2025, 3, 20, 12, 33, tzinfo=BEIJING))[0] == pytest.approx(55.1, abs=0.6)
    assert sun(datetime(2025, 6, 21, 0, 27, tzinfo=BEIJING))[0] < -30


@settings(max_examples=20)
@given(seeds, st.sampled_from([(0.3, 5.0), (6.0, 90.0), (-80.0, -8.0)]))
def test_a_moment_has_the_sun_it_was_asked_for(seed: int, heights: tuple[float, float]) -> None:
    moment = moment_with(np.random.default_rng(seed), *heights)
    assert heights[0] <= sun(moment)[0] <= heights[1]


def test_an_excavation_grows_and_its_mask_with_it() -> None:
    camera = look(np.array([-20.0, -105, 28]), np.array([0.0, 32, 0]), math.radians(30), (320, 180))
    drawn = []
    for stage in STAGES:
        works = stage.earthworks()
        assert sum(area(work.outline) for work in works) == pytest.approx(stage.pit + stage.heap)
        drawn.append(int((drawn_mask(works, Ground(Site(), 1, works), camera) > 60).sum()))
    assert drawn[0] == 0
    assert drawn == sorted(drawn)


def test_every_stage_of_an_excavation_lies_inside_the_next() -> None:
    for earlier, later in pairwise(STAGES):
        for smaller, larger in zip(earlier.earthworks(), later.earthworks(), strict=bool(earlier.pit)):
            inside = signed_distance(larger.outline, smaller.outline[:, 0], smaller.outline[:, 1])
            assert (inside > 0).all()


def test_the_pit_and_its_heap_keep_apart_and_the_day_goes_on() -> None:
    pit, heap = STAGES[-1].earthworks()
    assert (signed_distance(pit.outline, heap.outline[:, 0], heap.outline[:, 1]) < -1).all()
    moments = [stage.moment for stage in STAGES]
    assert moments == sorted(moments)
    suns = [stage.sun for stage in STAGES if stage.sun is not None]
    assert [azimuth for _, azimuth in suns] == sorted(azimuth for _, azimuth in suns)


def test_only_bare_ground_counts_as_seen() -> None:
    camera = look(np.array([0.0, 0.0, 60.0]), np.array([0.0, 0.01, 0.0]), math.radians(40), (64, 36))
    works = [Earthwork("pit", np.array([[-5.0, -5], [5, -5], [5, 5], [-5, 5]]), 1.0)]
    depth, ids = np.full((36, 64), 60.0), np.zeros((36, 64))
    seen = visible_mask(works, depth, ids, camera)
    assert (seen > 0).sum() == pytest.approx((10 * camera.focal / 60) ** 2, rel=0.2)
    ids[:, 32:] = 4  # a machine stands on the eastern half
    assert (visible_mask(works, depth, ids, camera)[:, 32:] == 0).all()
