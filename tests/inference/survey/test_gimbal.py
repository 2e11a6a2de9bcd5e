import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.survey.gimbal import looking
from inference.survey.refusal import NotPlaced
from inference.terrain.posed import turned
from streams.telemetry.pose import Attitude, Gimbal, Pose

angle = st.floats(-179, 179)
tilt = st.floats(-80, 80)


def pose(gimbal: Gimbal | None, attitude: Attitude | None = None) -> Pose:
    return Pose(time=0.0, source="drone", gimbal=gimbal, attitude=attitude)


def ahead(gimbal: Gimbal, attitude: Attitude | None = None) -> list[float]:
    """East, north, up that the camera looks to."""
    return [round(float(part), 6) for part in looking(pose(gimbal, attitude))[:, 2]]


def test_against_the_earth_the_airframe_does_not_matter() -> None:
    assert ahead(Gimbal("earth", 90.0, 0.0, 0.0), Attitude(200.0, 20.0, -10.0)) == [1, 0, 0]


def test_straight_down_the_yaw_is_where_the_pictures_top_lies() -> None:
    turn = looking(pose(Gimbal("earth", 90.0, -90.0, 0.0)))
    assert turn[:, 2] == pytest.approx([0, 0, -1], abs=1e-9)
    assert -turn[:, 1] == pytest.approx([1, 0, 0], abs=1e-9)


def test_from_the_heading_only_yaw_adds_up() -> None:
    assert ahead(Gimbal("heading", 30.0, 0.0, 0.0), Attitude(60.0, 25.0, 25.0)) == [1, 0, 0]


def test_a_banked_airframe_turns_a_camera_that_is_bolted_to_it() -> None:
    # Heading north with the right wing 30 degrees down the belly looks down and to the left: to the west.
    east, north, up = ahead(Gimbal("airframe", 0.0, -90.0, 0.0), Attitude(0.0, 0.0, 30.0))
    assert (east, north, up) == pytest.approx((-0.5, 0.0, -np.sqrt(0.75)), abs=1e-6)


def test_a_nose_that_is_down_lowers_the_view() -> None:
    east, north, up = ahead(Gimbal("airframe", 0.0, -30.0, 0.0), Attitude(90.0, -15.0, 0.0))
    assert (east, north, up) == pytest.approx((np.sqrt(0.5), 0.0, -np.sqrt(0.5)), abs=1e-6)


@given(angle, tilt, angle)
def test_the_earths_frame_is_that_of_posed_cameras(yaw: float, pitch: float, roll: float) -> None:
    told = looking(pose(Gimbal("earth", yaw % 360, pitch, roll)))
    assert np.allclose(told, turned(yaw, pitch, roll), atol=1e-9)


@given(angle, tilt, angle, angle, tilt, tilt)
def test_every_frame_gives_a_rotation(
    yaw: float, pitch: float, roll: float, heading: float, nose: float, bank: float
) -> None:
    attitude = Attitude(heading % 360, nose, bank)
    for frame in ("airframe", "heading", "earth"):
        turn = looking(pose(Gimbal(frame, yaw % 360, pitch, roll), attitude))
        assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(turn) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("gimbal", "attitude", "code"),
    [
        (None, None, "survey.no_gimbal"),
        (Gimbal("earth", 10.0, None), None, "survey.no_gimbal"),
        (Gimbal("earth", None, -90.0), None, "survey.no_heading"),
        (Gimbal("heading", 10.0, -90.0), None, "survey.no_heading"),
        (Gimbal("airframe", 10.0, -90.0), Attitude(yaw=5.0), "survey.no_attitude"),
    ],
)
def test_what_is_missing_is_named(gimbal: Gimbal | None, attitude: Attitude | None, code: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        looking(pose(gimbal, attitude))
    assert refused.value.problem.code == code
    assert refused.value.problem.say("zh")
