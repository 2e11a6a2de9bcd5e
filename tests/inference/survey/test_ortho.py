from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine

from inference.survey.flights import compared
from inference.survey.georeferenced import placed
from inference.survey.ortho import Ortho
from inference.survey.refusal import NotCompared
from inference.survey.view import Frame
from tests.support.flight import FRAME, SIZE, Land, fields, fix, lit, noisy, pose, ring, shot

ZONE = 4547  # CGCS2000, 3-degree zone of 114 E; turned by its convergence of half a degree against true north


def orthophoto(file: Path, land: Land, crs: int | None = ZONE) -> Path:
    """The land as a map in projected metres, its pixels laid where they are."""
    height, width = land.texture.shape[:2]
    to_map = Transformer.from_crs(4326, ZONE, always_xy=True)
    corners = FRAME.degrees(
        np.array([[0, 0], [width, 0], [0, height]]) * land.cell * [1, -1] + _upper_left(land)
    )
    (x0, y0), (x1, y1), (x2, y2) = zip(*to_map.transform(corners[:, 0], corners[:, 1]), strict=True)
    affine = Affine((x1 - x0) / width, (x2 - x0) / height, x0, (y1 - y0) / width, (y2 - y0) / height, y0)
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": 3,
        "dtype": "uint8",
        "tiled": True,
    }
    with rasterio.open(file, "w", crs=crs, transform=affine, **profile) as raster:
        raster.write(land.texture[..., ::-1].transpose(2, 0, 1))
    return file


def _upper_left(land: Land) -> list[float]:
    height, width = land.texture.shape[:2]
    return [-width / 2 * land.cell, height / 2 * land.cell]


def test_a_flight_against_an_orthophoto(tmp_path: Path) -> None:
    """What the drone sees is measured on the map, which knows better where it lies."""
    pit, told = ring(6.0, -4.0, 120.0, seed=3), pose(yaw=35, pitch=-75, up=70)
    ortho = Ortho.read(orthophoto(tmp_path / "map.tif", fields()), FRAME)
    picture = lit(shot(fields().dug(pit), told))
    flight = Frame(picture, placed(fix(noisy(told, np.random.default_rng(2))), SIZE, frame=FRAME))
    result = compared(ortho, flight)
    (patch,) = result.patches
    assert patch.place.area_m2 == pytest.approx(120, rel=0.1)
    assert patch.place.area_sigma_m2 is not None
    assert patch.place.area_sigma_m2 < 10  # of the pose alone it would be 14
    middle = FRAME.metres(np.array(patch.place.outline)).mean(axis=0)
    assert np.linalg.norm(middle - pit.mean(axis=0)) < 0.7  # of the pose alone 3 m


def test_a_map_lies_where_its_coordinates_say(tmp_path: Path) -> None:
    ortho = Ortho.read(orthophoto(tmp_path / "map.tif", fields()), FRAME)
    assert ortho.cell == pytest.approx(0.1, rel=1e-3)
    assert np.abs(ortho.edge).max(axis=0) == pytest.approx([120, 120], abs=0.05)
    alone = Ortho.read(tmp_path / "map.tif")
    assert (alone.frame.lat, alone.frame.lon) == pytest.approx((FRAME.lat, FRAME.lon), abs=1e-6)


@pytest.mark.parametrize("kind", ["no crs", "no raster"])
def test_a_map_that_cannot_be_used_says_why(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "map.tif"
    if kind == "no crs":
        orthophoto(file, fields(size=64), None)
    else:
        file.write_bytes(b"II*\0 nothing of the kind")
    with pytest.raises(NotCompared) as refused:
        Ortho.read(file)
    assert refused.value.problem.code == "survey.unreadable"
    assert "map.tif" in refused.value.problem.say("zh")
