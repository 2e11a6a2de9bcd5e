"""Where the objects of an event are: by the measured ground of a fixed camera, by the pose of one that flies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.settings.ground import GroundPoint
from edge.worker.cadastre import Cadastre
from edge.worker.job import CameraJob
from edge.worker.places import Places
from edge.worker.surveyed import Surveyed
from inference.findings import Finding, Phase, Severity, Sighting
from inference.geodesy.frame import LocalFrame
from inference.geodesy.layer import LayerSpec
from streams.sources import folder
from tests.support import timelapse
from tests.support.timelapse import POSITION

FRAME = LocalFrame(*POSITION)
CAMERA = CameraJob(
    name="mast",
    source=folder.Spec(path=Path("/nonexistent")),
    fps=5,
    zones={},
    rules=(),
    ground=tuple(GroundPoint(pixel=seen, metres=place) for seen, place in timelapse.control_points()),
)


def standing_at(metres: tuple[float, float]) -> Finding:
    """A lorry whose wheels are there."""
    ((x, y),) = timelapse.pixels(np.array([metres])).tolist()
    lorry = Sighting(1, "truck", 0.9, (x - 0.01, y - 0.03, x + 0.01, y), {"load": "loaded"})
    return Finding("vehicle.zone", Phase.NEW, "1", "zone", None, Severity.HIGH, None, (lorry,), 0.0, 0.0)


def surveyed(camera: CameraJob = CAMERA, position: tuple[float, float] | None = POSITION) -> Surveyed:
    return Surveyed(camera, Cadastre.of(position, ()), position)


@pytest.mark.parametrize("place", [(0.0, 60.0), (10.0, 80.0), (-20.0, 110.0)])
def test_a_lorry_before_a_fixed_camera_is_on_the_map(place: tuple[float, float]) -> None:
    (lorry,) = Places(CAMERA, surveyed()).told(standing_at(place), None, None).objects
    lon, lat, sigma = (float(lorry.attributes[name]) for name in ("lon", "lat", "sigma_m"))
    away = np.linalg.norm(FRAME.metres(np.array([[lon, lat]]))[0] - np.array(place))
    assert away < 0.1, "the points are exact"
    assert 0.1 < sigma < 10
    assert lorry.attributes["load"] == "loaded"


@pytest.mark.parametrize(
    ("camera", "position", "preset"),
    [(replace(CAMERA, ground=()), POSITION, None), (CAMERA, None, None), (CAMERA, POSITION, "elsewhere")],
    ids=["not calibrated", "no position", "points elsewhere"],
)
def test_without_ground_under_it_nothing_is_told(
    camera: CameraJob, position: tuple[float, float] | None, preset: str | None
) -> None:
    finding = standing_at((0.0, 60.0))
    assert Places(camera, surveyed(camera, position)).told(finding, preset, None) == finding


def test_an_area_is_told_without_a_position_and_a_place_is_not() -> None:
    outline = [(x, y) for x, y in timelapse.pixels(timelapse.Dig().corners(1e9)).tolist()]
    placed = surveyed(position=None).placing(None, 16 / 9)(outline)
    assert placed.area_m2 == pytest.approx(256.0, rel=0.01)
    assert (placed.outline, placed.overlaps) == ((), None)


def test_a_camera_without_points_says_why_there_is_no_area() -> None:
    placed = surveyed(replace(CAMERA, ground=())).placing(None, 16 / 9)([(0.1, 0.5), (0.2, 0.5), (0.2, 0.6)])
    assert placed.area_m2 is None
    assert placed.withheld is not None
    assert "not calibrated" in placed.withheld.en


def test_parcels_that_cannot_be_read_cost_the_parcels_and_not_the_place(tmp_path: Path) -> None:
    broken = tmp_path / "fields.geojson"
    broken.write_text("{")
    cadastre = Cadastre.of(POSITION, [LayerSpec(name="农田", file=broken)])
    assert cadastre.problem is not None
    assert "fields.geojson" in cadastre.problem.say("zh")
    outline = [(x, y) for x, y in timelapse.pixels(timelapse.Dig().corners(1e9)).tolist()]
    placed = Surveyed(CAMERA, cadastre, POSITION).placing(None, 16 / 9)(outline)
    assert len(placed.outline) == 4
    assert placed.overlaps is None, "not the same as none"


def test_points_that_fix_no_ground_are_a_problem_and_no_place() -> None:
    swapped = tuple(
        GroundPoint(pixel=point.pixel, lonlat=(34.7 + number / 1e4, 80.0 + number**2 / 1e4))
        for number, point in enumerate(CAMERA.ground)
    )
    found = surveyed(replace(CAMERA, ground=swapped))
    assert found.ground(None) is None
    assert found.problem is not None
    assert "mast" in found.problem.say("en")
