"""Orthophotos (GeoTIFF): pictures that know where each pixel lies. Read by rasterio (sandwatch[elevation])."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from inference.geodesy.frame import LocalFrame
from inference.survey.grid import Grid
from inference.survey.refusal import NO_RASTERIO, NotCompared, apart_from, unreadable
from inference.survey.view import Mask, Picture, sampled
from inference.terrain.sight import Sight
from streams.problem import Text

Floats = NDArray[np.float64]

_DRAWS = 64
_SCALE = 0.001  # 1 sigma of an orthophoto's own scale: mosaics are fitted to ground control
_MARGIN = 4  # pixels round what is read, for interpolation


@dataclass(frozen=True, slots=True, eq=False)
class Ortho:
    """file: a GeoTIFF with a coordinate system. off: m, 1 sigma of its places as its maker states it."""

    file: Path
    frame: LocalFrame
    cell: float
    edge: Floats
    off: float
    transform: tuple[float, ...]
    crs: str

    @classmethod
    def read(cls, file: Path, frame: LocalFrame | None = None, off: float = 1.0) -> Self:
        """Its frame only; pixels are read where they are needed. frame: whose metres; without it the origin is its
        own middle. Raises NotCompared: rasterio is not installed, no raster, without coordinate system."""
        with _opened(file) as raster:
            if raster.crs is None:
                raise NotCompared(unreadable(file.name, _NO_CRS))
            crs, affine = raster.crs.to_wkt(), raster.transform
            corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [raster.width, raster.height]
        transform = (affine.a, affine.b, affine.c, affine.d, affine.e, affine.f)
        x, y = _affine(corners, transform).T
        degrees = np.column_stack(_to_degrees(crs).transform(x, y))
        frame = frame or LocalFrame(float(degrees[:, 1].mean()), float(degrees[:, 0].mean()))
        edge = frame.metres(degrees)
        sides = np.linalg.norm(edge - np.roll(edge, -1, axis=0), axis=1)
        return cls(file, frame, float(sides[0] / corners[2, 0]), edge, off, transform, crs)

    def laid(self, grid: Grid) -> tuple[Picture, Mask]:
        pixels = self._pixels(grid.places())
        with _opened(self.file) as raster:
            window = _window(pixels, (raster.width, raster.height))
            if window is None:
                raise NotCompared(apart_from(self.file.name))
            # No finer than the grid's cells: an orthophoto of a county is read at the size that is needed.
            shrink = max(1.0, grid.cell / self.cell)
            picture, known = _bands(raster, window, shrink)
        left, top, width, height = window
        relative = ((pixels - [left, top]) / [width, height]).reshape(*grid.shape, 2)
        shown = np.asarray(((relative >= 0) & (relative <= 1)).all(axis=2), np.bool_)
        relative = np.where(shown[..., None], relative, -1.0)
        opaque = sampled(np.where(known, 255, 0).astype(np.uint8), relative, 1.0) > 254
        return sampled(picture, relative, 1.0), shown & opaque

    def sight(self, grid: Grid) -> Sight:
        return _Sheet(grid, self.off)

    def _pixels(self, metres: Floats) -> Floats:
        """Column and row of places [N, 2], from the raster's upper left corner."""
        degrees = self.frame.degrees(metres)
        x, y = _to_degrees(self.crs).transform(degrees[:, 0], degrees[:, 1], direction="INVERSE")
        a, b, c, d, e, f = self.transform
        back = np.linalg.inv(np.array([[a, b, c], [d, e, f], [0, 0, 1]]))
        return _affine(np.column_stack([x, y]), tuple(back[:2].ravel()))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A grid's picture that lies where the grid says, but for a shift and a scale that all its places share."""

    grid: Grid
    off: float

    def metres(self, pixels: Floats) -> Floats:
        return self.grid.metres(pixels * [self.grid.width, self.grid.height] - 0.5)

    def draws(self, pixels: Floats) -> Floats:
        chance = np.random.default_rng(0)
        shift = chance.normal(0, self.off, (_DRAWS, 1, 2))
        scale = chance.normal(1, _SCALE, (_DRAWS, 1, 1))
        return np.asarray(self.metres(pixels) * scale + shift, np.float64)


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """The one place where rasterio's errors become ours."""
    try:
        import rasterio  # noqa: PLC0415 - an optional extra
        from rasterio.errors import RasterioError  # noqa: PLC0415
    except ImportError:
        raise NotCompared(NO_RASTERIO) from None
    try:
        with rasterio.open(file) as raster:
            yield raster
    except RasterioError:
        raise NotCompared(unreadable(file.name, _NO_RASTER)) from None


def _bands(raster: Any, window: tuple[int, int, int, int], shrink: float) -> tuple[Picture, Mask]:
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    if raster.dtypes[0] != "uint8":
        raise NotCompared(unreadable(Path(raster.name).name, _NOT_BYTES))
    where = Window(*window)
    size = (max(1, round(window[3] / shrink)), max(1, round(window[2] / shrink)))
    wanted = [3, 2, 1] if raster.count >= 3 else [1, 1, 1]
    bands = raster.read(wanted, window=where, out_shape=(3, *size), resampling=Resampling.average)
    return np.ascontiguousarray(bands.transpose(1, 2, 0)), raster.dataset_mask(
        window=where, out_shape=size
    ) > 0


def _window(pixels: Floats, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of the part that holds the pixels [N, 2]; None where there is none."""
    least = np.maximum(np.floor(pixels.min(axis=0)) - _MARGIN, 0).astype(int)
    most = np.minimum(np.ceil(pixels.max(axis=0)) + _MARGIN, size).astype(int)
    if (most - least < 2).any():
        return None
    return int(least[0]), int(least[1]), int(most[0] - least[0]), int(most[1] - least[1])


def _affine(points: Floats, transform: tuple[float, ...]) -> Floats:
    a, b, c, d, e, f = transform
    return np.asarray(points @ np.array([[a, d], [b, e]]) + [c, f], np.float64)


def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(CRS.from_wkt(crs), 4326, always_xy=True)


_NO_CRS = Text("it has no coordinate system", "没有坐标系")
_NO_RASTER = Text("it is no raster that can be read", "不是可读取的栅格文件")
_NOT_BYTES = Text("its pixels are not 8 bits deep", "像素不是 8 位")
