from dataclasses import replace

import numpy as np
import pytest

from inference.survey.georeferenced import placed
from inference.survey.outlined import Sketch, surveyed
from inference.survey.refusal import NotMeasured
from streams.telemetry.pose import Heights, Pose
from tests.support.flight import FRAME, SIZE, Floats, camera, fix, noisy, pose, ring

YARD = ring(5.0, 8.0, 900.0, seed=2)


def sketch(true: Pose, told: Pose | None = None, outline: Floats = YARD, name: str = "a.jpg") -> Sketch:
    """Drawn exactly along the edge, in a picture whose pose is told so."""
    seen = camera(true).pixels(np.column_stack([outline, np.zeros(len(outline))]))
    return Sketch(placed(fix(told or true), SIZE, frame=FRAME), seen, name)


def below(told: Pose) -> tuple[float, float]:
    """East and north that the middle of its picture shows."""
    east, north = placed(fix(told), SIZE, frame=FRAME).sight.metres(np.array([[0.5, 0.5]]))[0]
    return float(east), float(north)


def orbit(chance: np.random.Generator | None = None) -> list[Sketch]:
    """Four pictures from around the yard, looking at it."""
    sketches = []
    for yaw in (0.0, 90.0, 180.0, 270.0):
        back = 80 / np.tan(np.radians(60)) * np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
        true = pose(5.0 - back[0], 8.0 - back[1], 80, yaw, -60)
        sketches.append(sketch(true, None if chance is None else noisy(true, chance), name=f"{yaw:.0f}.jpg"))
    return sketches


def test_a_yard_from_above() -> None:
    place = surveyed([sketch(pose(up=80))]).place
    assert place.area_m2 == pytest.approx(900, rel=1e-6)
    assert place.area_sigma_m2 is not None
    assert 0.03 < place.area_sigma_m2 / 900 < 0.12  # 2.8 m of 80, twice, and the lens
    assert np.abs(FRAME.metres(np.array(place.outline)) - YARD).max() < 0.01


def test_areas_err_as_their_sigma_says() -> None:
    chance, off = np.random.default_rng(8), []
    for _ in range(60):
        true = pose(up=chance.uniform(60, 120), pitch=chance.uniform(-90, -55), yaw=chance.uniform(0, 360))
        outline = ring(*below(true), 300.0)
        place = surveyed([sketch(true, noisy(true, chance), outline)]).place
        if place.area_m2 is not None and place.area_sigma_m2 is not None:
            off.append((place.area_m2 - 300) / place.area_sigma_m2)
    assert len(off) > 55
    assert np.mean(np.abs(off) < 1.96) >= 0.9
    assert 0.6 < np.std(off) < 1.3


def test_an_orbit_is_fused_and_never_surer_than_what_its_pictures_share() -> None:
    survey = surveyed(orbit())
    sigmas = [each.sigma_m2 for each in survey.each]
    assert len(survey.each) == 4
    assert survey.place.area_m2 == pytest.approx(900, rel=1e-3)
    assert survey.place.area_sigma_m2 is not None
    best = min(each for each in sigmas if each is not None)
    assert 0.8 * best < survey.place.area_sigma_m2 <= best * 1.05  # independent ones would halve it


def test_an_orbit_with_usual_errors_agrees() -> None:
    place = surveyed(orbit(np.random.default_rng(3))).place
    assert place.area_m2 is not None
    assert place.area_sigma_m2 is not None
    assert abs(place.area_m2 - 900) < 3 * place.area_sigma_m2


def test_a_picture_with_another_area_is_named() -> None:
    sketches = orbit()
    other = sketches[2].outline * 0.5 + 0.5 * sketches[2].outline.mean(axis=0)
    sketches[2] = replace(sketches[2], outline=other)
    with pytest.raises(NotMeasured) as refused:
        surveyed(sketches)
    assert refused.value.problem.code == "survey.disagreeing"
    assert "180.jpg" in refused.value.problem.say("zh")


def test_a_picture_whose_pose_is_of_another_moment_is_named() -> None:
    sketches = orbit()
    true = pose(5.0, 8.0 - 46, 80, 0, -60)
    sketches[0] = sketch(true, pose(45.0, 8.0 - 46, 80, 0, -60), name="0.jpg")
    with pytest.raises(NotMeasured) as refused:
        surveyed(sketches)
    assert "0.jpg" in refused.value.problem.say("en")


def test_an_area_too_uncertain_is_withheld_with_its_reason() -> None:
    low = replace(pose(), heights=Heights(takeoff=12.0))  # 2.8 m of 12, twice: nearly half of the area
    place = surveyed([sketch(low, outline=ring(0, 0, 30.0))]).place
    assert place.area_m2 is None
    assert place.withheld is not None
    assert "30 %" in place.withheld.en
    assert place.outline


@pytest.mark.parametrize(
    "corners",
    [
        [[0.1, 0.1], [0.9, 0.9]],
        [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]],
        [[0.1, 0.1], [1.2, 0.5], [0.5, 0.9]],
        [[0.1, 0.1], [np.nan, 0.5], [0.5, 0.9]],
    ],
)
def test_what_is_no_outline_is_refused(corners: list[list[float]]) -> None:
    wrong = replace(sketch(pose()), outline=np.array(corners))
    with pytest.raises(NotMeasured) as refused:
        surveyed([wrong])
    assert refused.value.problem.code == "survey.outline"
