"""A map of heights round a site, from a GeoTIFF. Needs sandwatch[elevation] (rasterio) to read; pure afterwards."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.problem import Text

Floats = NDArray[np.float64]

REACH = 3000.0  # m round the site: as far as a camera is asked
_MOST_NODES = 1001  # a side: 4 MB, whatever the file; 6 m between them at 3 km reach
_MOST_PIXELS = (
    4096  # a side of the file that is read, coarser where it is finer: 64 MB for as long as that takes
)
_HIGHEST = 9000.0  # m, and as deep: beyond it the file counts in another unit, or is no map of heights


class ElevationRefused(ValueError):
    """This file tells no heights here. `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True, eq=False)
class Elevation:
    """A Surface: heights on a square grid of the site's own metres, as the file has them (whatever zero it counts
    from, a camera's height must too). heights: float32 [rows, columns], the first row southernmost; NaN: not known.
    corner: east and north of heights[0, 0]. cell: m."""

    heights: NDArray[np.float32]
    corner: tuple[float, float]
    cell: float

    @property
    def bounds(self) -> tuple[float, float]:
        return float(np.nanmin(self.heights)), float(np.nanmax(self.heights))

    def height(self, metres: Floats) -> Floats:
        """Bilinear; NaN outside, and where one of the four neighbours is not known."""
        return _bilinear(self.heights, (metres - np.array(self.corner)) / self.cell)

    @classmethod
    def read(cls, file: Path, degrees: Callable[[Floats], Floats], reach: float = REACH) -> Self:
        """degrees: what turns the site's metres [N, 2] into longitude and latitude (WGS84). reach: m round its origin.

        Memory is bounded, whatever the file: a window of it is read, and kept on 1001 x 1001 nodes at most.
        Raises ElevationRefused.
        """
        try:
            import rasterio  # noqa: PLC0415 (an optional extra, and heavy)
            from rasterio.errors import RasterioError  # noqa: PLC0415
        except ImportError:
            raise ElevationRefused(_NOT_INSTALLED) from None
        try:
            with rasterio.open(file) as source:
                found = cls(*_sampled(source, degrees, reach))
        except (RasterioError, OSError, ValueError) as error:
            if isinstance(error, ElevationRefused):
                raise
            raise ElevationRefused(_unreadable(file)) from error
        if not math.isfinite(float(found.height(np.zeros((1, 2)))[0])):
            raise ElevationRefused(_elsewhere(file))
        if max(map(abs, found.bounds)) > _HIGHEST:
            raise ElevationRefused(_no_heights(file))
        return found


def _sampled(
    source: Any, degrees: Callable[[Floats], Floats], reach: float
) -> tuple[NDArray[np.float32], tuple[float, float], float]:
    if source.crs is None or source.transform.is_identity:
        raise ElevationRefused(_unplaced(Path(source.name)))
    beside = _places(source, degrees(np.array([[0.0, 0], [100, 0], [0, 100]])))
    finest = float(np.linalg.norm(beside[1:] - beside[0], axis=1).max()) / 100  # file's px per m
    count = min(math.ceil(2 * reach * finest) + 1, _MOST_NODES)
    cell = 2 * reach / (count - 1)
    line = np.linspace(-reach, reach, count)
    east, north = np.meshgrid(line, line)
    places = _places(source, degrees(np.stack([east.ravel(), north.ravel()], axis=1)))
    heights = _window(source, places).reshape(count, count)
    return heights.astype(np.float32), (-reach, -reach), cell


def _places(source: Any, degrees: Floats) -> Floats:
    """[N, 2]: column and row, in px of the file between the middles of its cells."""
    from rasterio.warp import transform  # noqa: PLC0415 (an optional extra, and heavy)

    x, y = transform("EPSG:4326", source.crs, degrees[:, 0], degrees[:, 1])
    a, b, c, d, e, f = (~source.transform)[:6]
    across, down = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return np.stack([a * across + b * down + c, d * across + e * down + f], axis=1) - 0.5


def _window(source: Any, places: Floats) -> Floats:
    """Heights at places of the file; NaN outside."""
    from rasterio.enums import Resampling  # noqa: PLC0415 (an optional extra, and heavy)
    from rasterio.windows import Window  # noqa: PLC0415

    size = np.array([source.width, source.height])
    inside = np.isfinite(places).all(axis=1)
    if not inside.any():
        return np.full(len(places), np.nan)
    first = np.clip(np.floor(places[inside].min(axis=0)).astype(int) - 1, 0, size)
    last = np.clip(np.ceil(places[inside].max(axis=0)).astype(int) + 2, 0, size)
    if (last <= first).any():
        return np.full(len(places), np.nan)
    width, height = (last - first).tolist()
    shape = min(height, _MOST_PIXELS), min(width, _MOST_PIXELS)
    window = Window(int(first[0]), int(first[1]), width, height)
    read = source.read(1, window=window, out_shape=shape, resampling=Resampling.average, masked=True)
    shrink = np.array([shape[1] / width, shape[0] / height])
    heights = np.ma.filled(read.astype(np.float64), np.nan)
    return _bilinear(heights, (places - first + 0.5) * shrink - 0.5)


def _bilinear(grid: NDArray[np.floating], at: Floats) -> Floats:
    """Values between the middles of cells. at: column, row [N, 2]."""
    rows, columns = grid.shape
    least = np.clip(np.floor(np.nan_to_num(at)), 0, [max(columns - 2, 0), max(rows - 2, 0)]).astype(np.intp)
    share = at - least
    x, y = least.T
    right, down = np.minimum(x + 1, columns - 1), np.minimum(y + 1, rows - 1)
    above = grid[y, x] * (1 - share[:, 0]) + grid[y, right] * share[:, 0]
    below = grid[down, x] * (1 - share[:, 0]) + grid[down, right] * share[:, 0]
    found = np.asarray(above * (1 - share[:, 1]) + below * share[:, 1], np.float64)
    found[~((share >= -1e-9) & (share <= 1 + 1e-9)).all(axis=1)] = np.nan
    return found


_NOT_INSTALLED = Text(
    "maps of heights need rasterio: pip install 'sandwatch[elevation]'",
    "高程图需要 rasterio：pip install 'sandwatch[elevation]'",
)


def _unreadable(file: Path) -> Text:
    return Text(f"{file.name} cannot be read as a GeoTIFF", f"无法将 {file.name} 作为 GeoTIFF 读取")


def _unplaced(file: Path) -> Text:
    return Text(
        f"{file.name} does not say where it lies: it has no coordinate system",
        f"{file.name} 没有坐标系，无法确定其位置",
    )


def _elsewhere(file: Path) -> Text:
    return Text(f"{file.name} has no height at the site's position", f"{file.name} 在站点位置处没有高程数据")


def _no_heights(file: Path) -> Text:
    return Text(
        f"{file.name} holds numbers beyond {_HIGHEST:.0f} m: is it a map of heights in metres?",
        f"{file.name} 含超过 {_HIGHEST:.0f} 米的数值：是否为以米计的高程图？",
    )
