"""What that process is asked, as JSON. Loads nothing heavy: the daemon's main process writes it."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from edge.settings.fields import Coordinate
from inference.geodesy.layer import LayerSpec

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e8, le=1e8)]
Place = tuple[Number, Number]
Crs = Annotated[str, Field(min_length=1, max_length=64)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Point(_Asked):
    """pixel: x, y relative 0-1. Measured in one of three ways: lonlat (WGS84, longitude first), metres (east and north
    of the site's position), grid (east and north, or x and y, of the reference system beside it). height, sigma_m: m.
    """

    pixel: tuple[Coordinate, Coordinate]
    lonlat: Place | None = None
    metres: Place | None = None
    grid: Place | None = None
    height: Annotated[float, Field(ge=-500, le=9000)] | None = None
    sigma_m: Annotated[float, Field(gt=0, le=100)] | None = None

    @model_validator(mode="after")
    def _is_measured_once(self) -> Self:
        if [self.lonlat, self.metres, self.grid].count(None) != 2:
            raise ValueError("needs exactly one of lonlat, metres and grid")
        return self


class Pointed(_Asked):
    """A camera looking one way. elevation: a GeoTIFF of heights. aspect: of its picture, width by height."""

    name: str
    points: Annotated[tuple[Point, ...], Field(max_length=200)]
    elevation: Path | None = None
    aspect: Annotated[float, Field(gt=0.2, lt=10)] = 16 / 9


class Fit(_Asked):
    """How well these points fix its ground. crs: of points in `grid`. position: latitude and longitude of the site."""

    kind: Literal["fit"] = "fit"
    camera: Pointed
    crs: Crs | None = None
    position: Place | None = None
    layers: tuple[LayerSpec, ...] = ()


class Lay(_Asked):
    """What a map shows of cameras and parcels."""

    kind: Literal["lay"] = "lay"
    cameras: tuple[Pointed, ...] = ()
    position: Place | None = None
    layers: tuple[LayerSpec, ...] = ()


class Take(_Asked):
    """A file of parcels as it was sent: GeoJSON, or a Shapefile in a zip. folder: where it is unpacked to."""

    kind: Literal["take"] = "take"
    sent: Path
    folder: Path
    spec: LayerSpec
    position: Place


Task = Annotated[Fit | Lay | Take, Field(discriminator="kind")]
TASK: TypeAdapter[Task] = TypeAdapter(Task)
