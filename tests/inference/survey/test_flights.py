from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import Polygon

from inference.survey.flights import Comparison, compared, merged, paired
from inference.survey.georeferenced import placed
from inference.survey.refusal import NotCompared
from inference.survey.view import Frame
from streams.telemetry.pose import Pose
from tests.support.flight import FRAME, SIZE, Floats, Land, Picture, fields, fix, lit, noisy, pose, ring, shot

PIT = ring(6.0, -4.0, 120.0, seed=3)


@cache
def land(seed: int = 1) -> Land:
    return fields(seed)


def view(picture: Picture, told: Pose, occupied: Floats | None = None) -> Frame:
    boxes = np.zeros((0, 4)) if occupied is None else occupied
    return Frame(picture, placed(fix(told), SIZE, frame=FRAME), boxes.astype(np.float32))


def flown(dug: Land, *, seed: int = 5, later: Pose | None = None) -> Comparison:
    """A pass over the fields, and a later one by another line in another light; each with a pose as wrong as usual."""
    chance = np.random.default_rng(seed)
    first, second = pose(yaw=20, up=65), later or pose(east=4, north=-3, yaw=35, pitch=-80, up=72)
    before = view(shot(land(), first, seed=1), noisy(first, chance))
    return compared(before, view(lit(shot(dug, second, seed=2)), noisy(second, chance)))


def test_a_pit_is_found_where_it_is_and_as_large_as_it_is() -> None:
    result = flown(land().dug(PIT))
    (patch,) = result.patches
    place, shape = patch.place, Polygon(FRAME.metres(np.array(patch.place.outline)))
    assert place.area_m2 is not None
    assert place.area_sigma_m2 is not None
    assert abs(place.area_m2 - 120) < 3 * place.area_sigma_m2
    assert place.area_sigma_m2 < 0.15 * 120
    off = np.array(shape.centroid.coords[0]) - PIT.mean(axis=0)
    assert np.linalg.norm(off) < 3 * place.sigma_m
    moved, truth = translate(shape, -off[0], -off[1]), Polygon(PIT)
    assert moved.intersection(truth).area / moved.union(truth).area > 0.8
    assert patch.soil > 0.6
    assert patch.confidence > 0.7
    assert result.registration.residual_m < 0.3


def test_another_light_and_another_line_are_no_change() -> None:
    assert flown(land()).patches == ()


def test_an_oblique_pass_over_the_same_ground_is_no_change() -> None:
    later = pose(north=-40, yaw=0, pitch=-50, up=60)
    assert flown(land(), later=later).patches == ()


def test_a_change_smaller_than_asked_for_is_not_told() -> None:
    assert flown(land().dug(ring(6, -4, 9.0))).patches == ()


def test_other_ground_is_never_compared() -> None:
    with pytest.raises(NotCompared) as refused:
        flown(land(7))
    assert refused.value.problem.code == "survey.not_registered"
    assert "points" in refused.value.problem.say("en")


def test_ground_far_apart_is_refused_before_anything_is_looked_at() -> None:
    with pytest.raises(NotCompared) as refused:
        flown(land(), later=pose(east=900))
    assert refused.value.problem.code == "survey.apart"


def test_a_pose_far_beyond_its_sigma_is_not_believed() -> None:
    first, told = pose(up=65), pose(up=65)
    before = view(shot(land(), first, seed=1), first)
    after = view(shot(land(), replace(told, position=pose(east=26, up=65).position), seed=2), told)
    with pytest.raises(NotCompared) as refused:
        compared(before, after)
    assert refused.value.problem.code == "survey.not_registered"


def test_a_patch_that_may_go_on_beyond_the_picture_has_no_area() -> None:
    first = pose(up=50)
    wide = ring(35.0, 0.0, 150.0)  # half of it to the right of what is shown
    before, after = shot(land(), first, seed=1), shot(land().dug(wide), first, seed=2)
    (patch,) = compared(view(before, first), view(after, first)).patches
    assert patch.place.area_m2 is None
    assert patch.place.withheld is not None
    assert "beyond" in patch.place.withheld.en


def test_a_parked_lorry_is_no_ground() -> None:
    first = pose(up=65)
    lorry = np.array([[10.0, 8.0], [24.0, 8.0], [24.0, 11.0], [10.0, 11.0]])
    before, after = shot(land(), first, seed=1), shot(land().dug(lorry), first, seed=2)
    assert len(compared(view(before, first), view(after, first)).patches) == 1
    camera = placed(fix(first), SIZE, frame=FRAME).camera
    corners = camera.pixels(np.column_stack([lorry, np.zeros(4)]))
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])[None]
    assert compared(view(before, first), view(after, first, box)).patches == ()


def test_a_patch_seen_in_two_pairs_is_one() -> None:
    dug, poses = land().dug(PIT), [pose(up=65), pose(east=12, up=65)]
    before = [view(shot(land(), each, seed=1), each) for each in poses]
    after = [view(shot(dug, each, seed=2), each) for each in poses]
    pairs = paired(before, after)
    assert pairs == [(before[0], after[0]), (before[1], after[1])]
    results = [compared(*pair) for pair in pairs]
    assert [len(each.patches) for each in results] == [1, 1]
    assert len(merged(results)) == 1


def test_another_season_is_no_ground_for_a_judgement() -> None:
    told = pose(up=65)
    before, after = shot(land(), told, seed=1), shot(land().ripened(), told, seed=2)
    with pytest.raises(NotCompared) as refused:
        compared(view(before, told), view(after, told))
    assert refused.value.problem.code == "survey.another_season"
