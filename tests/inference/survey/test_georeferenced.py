from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from inference.survey.georeferenced import Georeferenced, Precision, Surroundings, placed
from inference.survey.heights import Level
from inference.survey.refusal import NotPlaced
from streams.telemetry.book import Fix, PoseBook, Reason
from streams.telemetry.pose import Fov, Gimbal, Heights, Pose
from tests.support.flight import FRAME, SIZE, camera, fix, noisy, pose


def on_ground(told: Pose, around: Surroundings | None = None) -> Georeferenced:
    return placed(fix(told), SIZE, around or Surroundings(), FRAME)


@given(st.floats(0, 360), st.floats(-90, -35), st.floats(-10, 10), st.floats(0.1, 0.9), st.floats(0.3, 0.9))
@settings(max_examples=40, deadline=None)
def test_what_the_camera_sees_is_where_it_is(
    yaw: float, pitch: float, roll: float, x: float, y: float
) -> None:
    told = pose(yaw=yaw, pitch=pitch, roll=roll)
    seen = np.array([[x, y]])
    metres = on_ground(told).sight.metres(seen)
    back = camera(told).pixels(np.column_stack([metres, np.zeros(1)]))
    assert back == pytest.approx(seen, abs=1e-9)


def test_straight_down_a_box_stands_in_its_middle() -> None:
    lon, lat, sigma = on_ground(pose(east=30, north=-20)).places(np.array([[0.4, 0.4, 0.6, 0.6]]))
    east, north = FRAME.metres(np.column_stack([lon, lat]))[0]
    assert (east, north) == pytest.approx((30, -20), abs=0.01)
    assert 2 < sigma[0] < 5  # GNSS 2.5 m in each direction, and half a degree from 60 m up


def test_from_the_side_a_box_stands_near_its_lower_edge() -> None:
    there = on_ground(pose(pitch=-25))
    low, high = (
        there.places(np.array([[0.4, 0.5, 0.6, 0.6]])),
        there.places(np.array([[0.4, 0.4, 0.6, 0.6]])),
    )
    foot = there.sight.metres(np.array([[0.5, 0.6]]))[0, 1]
    middle = there.sight.metres(np.array([[0.5, 0.55]]))[0, 1]
    north = FRAME.metres(np.column_stack(low[:2]))[0, 1]
    assert foot < north < middle
    assert high[1][0] > low[1][0]


def test_sky_has_no_place() -> None:
    lon, lat, sigma = on_ground(pose(pitch=-12)).places(
        np.array([[0.1, 0.0, 0.2, 0.02], [0.4, 0.8, 0.6, 0.9]])
    )
    assert np.isnan([lon[0], lat[0], sigma[0]]).all()
    assert np.isfinite([lon[1], lat[1], sigma[1]]).all()


def test_places_err_as_their_sigma_says() -> None:
    """Poses as wrong as they are said to be: 95 of 100 places lie within two sigmas in each direction."""
    chance, off, box = np.random.default_rng(4), [], np.array([[0.25, 0.6, 0.3, 0.7]])
    for _ in range(60):
        true = pose(yaw=chance.uniform(0, 360), pitch=chance.uniform(-90, -40), up=chance.uniform(40, 120))
        exact = np.column_stack(on_ground(true).places(box)[:2])
        lon, lat, sigma = on_ground(noisy(true, chance)).places(box)
        apart = FRAME.metres(np.column_stack([lon, lat])) - FRAME.metres(exact)
        off.append(np.linalg.norm(apart) / sigma[0])
    assert np.mean(np.array(off) < 2.45) >= 0.9  # the radius that holds 95 % of a round Gaussian
    assert np.median(off) > 0.5  # and no sigma to hide behind


@pytest.mark.parametrize("pitch", [-90.0, -45.0, -30.0])
def test_a_tilted_gimbal_errs_along_the_line_of_sight(pitch: float) -> None:
    """By height x error / sin^2(depression), and by nothing else when all else is known."""
    only = Precision(place_m=0, up_m=0, yaw=0, pitch=0.5, roll=0, fov=0)
    around = Surroundings(level=Level(sigma=0), precision=only)
    sight = on_ground(pose(pitch=pitch), around).sight
    off = sight.draws(np.array([[0.5, 0.5]]))[:, 0].std(axis=0)
    assert off == pytest.approx(
        [0, 60 * np.radians(0.5) / np.sin(np.radians(pitch)) ** 2], rel=0.05, abs=1e-6
    )


def test_a_footprint_from_above_is_the_pictures_field_of_view() -> None:
    shown = Polygon(FRAME.metres(np.array(on_ground(pose(yaw=30)).footprint)))
    width = 2 * 60 * np.tan(np.radians(35))
    assert shown.area == pytest.approx(width * width * 9 / 16, rel=1e-3)
    assert shown.is_valid


def test_a_footprint_towards_the_horizon_ends() -> None:
    place = on_ground(pose(pitch=-15))
    metres = FRAME.metres(np.array(place.footprint))
    assert 300 < np.linalg.norm(metres, axis=1).max() < 1000  # of 60 m up, ten heights ahead and to the sides
    assert metres[:, 1].min() > 0


def test_a_better_receiver_is_believed() -> None:
    box = np.array([[0.4, 0.4, 0.6, 0.6]])
    usual = on_ground(pose()).places(box)[2][0]
    fine = Precision(place_m=0.05, up_m=0.1, yaw=1.0, pitch=0.2, roll=0.2, fov=0.005)
    assert on_ground(pose(), Surroundings(precision=fine)).places(box)[2][0] < usual / 3


def test_a_field_of_view_told_by_its_height_is_as_good() -> None:
    tall = float(2 * np.degrees(np.arctan(np.tan(np.radians(35)) * SIZE[1] / SIZE[0])))
    told = replace(pose(), fov=Fov(None, tall))
    assert on_ground(told).footprint == pytest.approx(np.array(on_ground(pose()).footprint), abs=1e-9)


def test_a_pose_that_is_too_old_is_refused() -> None:
    book = PoseBook(max_age=2.0)
    book.add(pose())
    with pytest.raises(NotPlaced) as refused:
        placed(book.at(pose().time + 2.5), SIZE)
    assert refused.value.problem.code == "survey.stale"
    assert placed(book.at(pose().time + 1.5), SIZE).height == 60


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (replace(pose(), position=None), "survey.no_pose"),
        (replace(pose(), fov=None), "survey.no_fov"),
        (replace(pose(), gimbal=None), "survey.no_gimbal"),
        (replace(pose(), heights=Heights(unknown=60)), "survey.unknown_datum"),
        (replace(pose(), gimbal=Gimbal("earth", 0.0, 5.0)), "survey.above_horizon"),
        (replace(pose(), gimbal=Gimbal("earth", 0.0, -4.0)), "survey.above_horizon"),
        (replace(pose(), gimbal=Gimbal("earth", 0.0, float("nan"))), "survey.above_horizon"),
        (pose(up=1.0), "survey.below_ground"),
        (pose(up=-20.0), "survey.below_ground"),
    ],
)
def test_a_pose_that_puts_nothing_on_the_ground_is_refused(told: Pose, code: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        on_ground(told)
    problem = refused.value.problem
    assert problem.code == code
    assert any("\u4e00" <= sign <= "\u9fff" for sign in problem.say("zh"))


def test_without_a_pose_there_is_no_place() -> None:
    with pytest.raises(NotPlaced) as refused:
        placed(Fix(None, None, False, Reason.NO_POSE), SIZE)
    assert refused.value.problem.code == "survey.no_pose"


def test_the_ground_below_the_take_off_is_further_away() -> None:
    told = replace(pose(), heights=Heights(takeoff=60))
    place = on_ground(told, Surroundings(level=Level(msl=20.0, takeoff=50.0)))
    assert place.height == pytest.approx(90)
