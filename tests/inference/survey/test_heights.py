import numpy as np
import pytest

from inference.survey.heights import Level, above
from inference.survey.refusal import NotPlaced
from inference.terrain.surface import Flat
from streams.telemetry.pose import Heights

HERE = np.zeros((1, 2))


def clearance(heights: Heights, level: Level) -> float:
    """m above the ground."""
    up, surface = above(heights, level)
    return up - float(surface.height(HERE)[0])


@pytest.mark.parametrize(
    ("heights", "level", "expected"),
    [
        (Heights(takeoff=80), Level(), 80),  # level with the take-off
        (Heights(msl=130), Level(msl=40), 90),
        (Heights(ellipsoid=105), Level(msl=40, geoid=-15), 80),
        (Heights(takeoff=80), Level(msl=40, takeoff=55), 95),
        (Heights(msl=130, takeoff=80), Level(msl=40), 90),
        (Heights(unknown=80), Level(datum="takeoff"), 80),
        (Heights(unknown=130), Level(datum="msl", msl=40), 90),
        (
            Heights(unknown=999, msl=130),
            Level(datum="msl", msl=40),
            90,
        ),  # what is told beats what is declared
        (Heights(msl=130), Level(elevation=Flat(35.0)), 95),
    ],
)
def test_a_height_counts_from_its_own_datum(heights: Heights, level: Level, expected: float) -> None:
    assert clearance(heights, level) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("heights", "level", "code"),
    [
        (Heights(), Level(), "survey.no_height"),
        (Heights(unknown=80), Level(), "survey.unknown_datum"),
        (Heights(msl=130), Level(), "survey.no_ground"),
        (Heights(ellipsoid=105), Level(msl=40), "survey.no_geoid"),
        (Heights(takeoff=80), Level(msl=40), "survey.no_takeoff"),
        (Heights(takeoff=80), Level(elevation=Flat(35.0)), "survey.no_takeoff"),
    ],
)
def test_a_height_that_means_nothing_here_is_refused(heights: Heights, level: Level, code: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        above(heights, level)
    assert refused.value.problem.code == code
