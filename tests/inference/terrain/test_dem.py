"""Maps of heights from GeoTIFF: the right height at the right place, and a clear word where there is none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import from_origin

from inference.geodesy.frame import LocalFrame
from inference.terrain.dem import Elevation, ElevationRefused

Floats = NDArray[np.float64]
SITE = LocalFrame(34.8, 113.6)
SOUTH, WEST, SIDE, STEP = 34.75, 113.55, 400, 0.00025  # 0.1 degrees a side, about 25 m a cell


def written(
    file: Path,
    heights: NDArray[np.floating],
    crs: str | None = "EPSG:4326",
    nodata: float | None = -9999.0,
    transform: object = from_origin(WEST, SOUTH + SIDE * STEP, STEP, STEP),
) -> Path:
    height, width = heights.shape
    with rasterio.open(
        file, "w", driver="GTiff", height=height, width=width, count=1, dtype="float32", crs=crs, nodata=nodata,
        transform=transform,
    ) as out:  # fmt: skip
        out.write(heights.astype(np.float32), 1)
    return file


def slope(lon: Floats, lat: Floats) -> Floats:
    return np.asarray(100 + 2000 * (lon - 113.6) + 3000 * (lat - 34.8), np.float64)


def tilted() -> Floats:
    rows, columns = np.indices((SIDE, SIDE)).astype(np.float64)
    east, north = WEST + (columns + 0.5) * STEP, SOUTH + (SIDE - rows - 0.5) * STEP
    return slope(np.asarray(east, np.float64), np.asarray(north, np.float64))


def test_heights_are_where_the_file_has_them(tmp_path: Path) -> None:
    found = Elevation.read(written(tmp_path / "slope.tif", tilted()), SITE.degrees, 2000)
    places = np.array([[0.0, 0], [1500, -800], [-700, 1900], [333, 444]])
    lon, lat = SITE.degrees(places).T
    assert found.height(places) == pytest.approx(slope(lon, lat), abs=0.02)
    assert np.isnan(found.height(np.array([[2500.0, 0]]))).all()
    assert found.cell == pytest.approx(25, rel=0.2)


def test_a_projected_file_is_read_as_well(tmp_path: Path) -> None:
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform(113.6, 34.8)
    heights = np.tile(np.arange(600) * 0.1, (600, 1))
    file = written(
        tmp_path / "cgcs.tif", heights, "EPSG:4547", transform=from_origin(east - 3000, north + 3000, 10, 10)
    )
    found = Elevation.read(file, SITE.degrees, 1000)
    assert found.height(np.array([[0.0, 0]]))[0] == pytest.approx(29.95, abs=0.05)
    at = found.height(np.array([[500.0, 0], [0.0, 500]]))
    assert at[0] == pytest.approx(34.95, abs=0.1)


def test_what_is_not_known_stays_unknown(tmp_path: Path) -> None:
    heights = tilted()
    heights[:150] = -9999
    found = Elevation.read(written(tmp_path / "hole.tif", heights), SITE.degrees, 2000)
    assert np.isfinite(found.height(np.array([[0.0, 0]]))).all()
    assert np.isnan(found.height(np.array([[0.0, 1900]]))).all()
    low, _ = found.bounds
    assert low > 0


def test_memory_is_bounded_whatever_the_file(tmp_path: Path) -> None:
    fine = from_origin(113.58, 34.82, 0.00001, 0.00001)  # 1 m
    file = written(tmp_path / "fine.tif", np.full((4000, 4000), 77.0), transform=fine)
    found = Elevation.read(file, SITE.degrees, 3000)
    assert found.heights.shape == (1001, 1001)
    assert found.height(np.array([[0.0, 0]]))[0] == pytest.approx(77)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "none.tif", "cannot be read"),
        (lambda folder: _text(folder / "text.tif"), "cannot be read"),
        (lambda folder: written(folder / "bare.tif", tilted(), None), "no coordinate system"),
        (
            lambda folder: written(folder / "far.tif", tilted(), transform=from_origin(100, 30, STEP, STEP)),
            "no height at the site",
        ),
        (lambda folder: written(folder / "feet.tif", tilted() * 1000), "metres"),
        (
            lambda folder: written(folder / "empty.tif", np.full((SIDE, SIDE), np.nan)),
            "no height at the site",
        ),
    ],
)
def test_a_file_that_tells_no_heights_says_why(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with pytest.raises(ElevationRefused, match=words) as refused:
        Elevation.read(make(tmp_path), SITE.degrees, 2000)
    assert refused.value.text.zh


def _text(file: Path) -> Path:
    file.write_text("no picture", encoding="utf-8")
    return file
