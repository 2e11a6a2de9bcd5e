"""The clips' scripts: lorries drive in, are loaded by the excavator that reaches over them, and leave."""

import math
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.provingground import stage
from bench.provingground.fleet.excavator import Excavator
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.patches import Passes, blend, merged
from bench.provingground.path import Leg, Path, travelled
from bench.provingground.script import Digging, Haul, State
from bench.provingground.shadow import changed_box
from bench.provingground.sun import sun
from bench.provingground.transforms import apply
from bench.provingground.truth import Box, Thing

GROUND = stage.ground()
DAY = stage.script("day", GROUND.site)
CAMERA = stage.camera((640, 360))
HAULS = [actor for actor in DAY.actors if isinstance(actor, Haul)]


def box(state: State) -> Box | None:
    thing = Thing(1, state.spec.build(), GROUND.stand(state.x, state.y, state.yaw))
    return changed_box(thing, CAMERA, None, GROUND, 0)


def test_two_lorries_come_one_after_the_other() -> None:
    assert len(HAULS) == 2
    for haul in HAULS:
        what = [event.what for event in haul.events()]
        assert what == ["enters", "stops", "loaded", "leaves", "gone"]
        assert all(first.t <= second.t for first, second in pairwise(haul.events()))


@pytest.mark.parametrize("haul", HAULS, ids=["first", "second"])
def test_a_lorry_comes_from_outside_the_picture_and_goes_out_of_it(haul: Haul) -> None:
    seen = [(time, state) for time in DAY.times() if (state := haul.at(time)) is not None]
    assert box(seen[0][1]) is None
    assert box(seen[-1][1]) is None
    assert box(seen[len(seen) // 2][1]) is not None
    assert seen[-1][0] < DAY.seconds - 0.05
    for (_, first), (_, second) in pairwise(seen):
        assert (
            math.dist((first.x, first.y), (second.x, second.y)) < 1.8
        )  # m in an eighth of a second: 50 km/h


@pytest.mark.parametrize("haul", HAULS, ids=["first", "second"])
def test_it_is_loaded_while_it_stands(haul: Haul) -> None:
    for dump in haul.dumps:
        before, after = haul.at(dump - 0.1), haul.at(dump + 0.1)
        assert before is not None
        assert after is not None
        assert not before.moving
        assert not after.moving
        assert isinstance(before.spec, Tipper)
        assert isinstance(after.spec, Tipper)
        assert after.spec.load > before.spec.load
    left = haul.at(haul.legs[-1].start)
    assert left is not None
    assert left.spec.build().load == "loaded"


def test_the_bucket_is_over_the_body_when_it_is_emptied() -> None:
    [digger] = [actor for actor in DAY.actors if isinstance(actor, Digging)]
    for haul in HAULS:
        for dump in haul.dumps:
            digging, lorry = digger.at(dump - 0.1), haul.at(dump)
            assert lorry is not None
            assert digging is not None
            assert isinstance(digging.spec, Excavator)
            hinge = digging.spec.arm.bucket_frame()[:3, 3]
            over = apply(GROUND.stand(digging.x, digging.y, digging.yaw), hinge[None])
            frame = GROUND.stand(lorry.x, lorry.y, lorry.yaw)
            ahead, left, up = (np.linalg.inv(frame) @ [*over[0], 1])[:3]
            assert -4.5 < ahead < 2.0
            assert abs(left) < 1.8
            assert up > 3.0


def test_nothing_has_happened_on_the_empty_site() -> None:
    empty = stage.script("empty", GROUND.site)
    assert empty.events() == []
    assert empty.actors == ()


def test_the_day_s_light_is_that_of_its_time() -> None:
    light = stage.LIGHTS["day"]
    assert light.sun == pytest.approx(sun(datetime.fromisoformat(light.time)), abs=2.5)


@given(st.lists(st.floats(0.5, 5), min_size=1, max_size=4), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_way_never_goes_back(lengths: list[float], speeding: float, braking: float) -> None:
    ends = np.cumsum([0, *lengths])
    legs = [Leg(2 * a, 2 * b - 0.1, 3 * a, 3 * b, speeding, braking) for a, b in pairwise(ends.tolist())]
    ways = [travelled(legs, float(time)) for time in np.linspace(-1, 2 * ends[-1] + 1, 200)]
    assert all(second >= first - 1e-9 for first, second in pairwise(ways))
    assert ways[0] == 0
    assert ways[-1] == pytest.approx(3 * ends[-1])


def test_a_path_s_heading_follows_its_bend() -> None:
    path = Path.through([(0, 0), (40, 0), (40, 40)])
    assert path.heading(10) == pytest.approx(0)
    assert path.heading(path.length - 5) == pytest.approx(math.pi / 2)
    assert 0.3 < path.heading(path.nearest(38, 2)) < 1.3
    assert path.length == pytest.approx(80, abs=6)


boxes = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30), st.integers(1, 30)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(boxes, max_size=8))
def test_merged_boxes_hold_all_and_do_not_overlap(given_boxes: list[Box]) -> None:
    joined = [each for each, _ in merged((each, index) for index, each in enumerate(given_boxes))]
    for each in given_boxes:
        assert any(
            j[0] <= each[0] and j[1] <= each[1] and j[2] >= each[2] and j[3] >= each[3] for j in joined
        )
    for index, first in enumerate(joined):
        for second in joined[index + 1 :]:
            assert min(first[2], second[2]) <= max(first[0], second[0]) or min(first[3], second[3]) <= max(
                first[1], second[1]
            )


def test_a_part_fades_into_the_whole_except_at_the_picture_s_edge() -> None:
    whole = Passes(
        np.zeros((40, 60, 3), np.float32), np.full((40, 60), 9, np.float32), np.zeros((40, 60), np.float32)
    )
    part = Passes(
        np.ones((20, 20, 3), np.float32), np.full((20, 20), 5, np.float32), np.ones((20, 20), np.float32)
    )
    blend(whole, part, (0, 10, 20, 30))
    light = whole.light[..., 0]
    assert light[20, 0] == 1
    assert light[20, 10] == 1
    assert 0 < light[20, 19] < 0.5
    assert light[20, 20] == 0
    assert (whole.ids[10:30, :20] == 1).all()
    assert whole.ids.sum() == 400
