"""What a site says of one file of parcels. Loads nothing heavy: the daemon's main process reads it too."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from inference.findings import Severity

Word = Annotated[str, Field(min_length=1, max_length=64)]


class LayerSpec(BaseModel):
    """name: what events call it (基本农田). file: GeoJSON (.geojson, .json) or Shapefile (.shp).

    crs: its reference system: "EPSG:4490", "EPSG:4547" and what else PROJ knows, WKT, "GCJ-02" or "BD-09"; without it
    the file has to say it (.prj, or the member "crs"). severity: of a change that touches one of its parcels, at least.
    key, label: the attributes that hold a parcel's id and its name; without `key` the "id" of a GeoJSON feature, else
    its number in the file. bad: whether a file with bad features is refused, or they are left out and named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Word
    file: Path
    crs: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    severity: Severity = Severity.MEDIUM
    key: Word | None = None
    label: Word | None = None
    bad: Literal["refuse", "skip"] = "refuse"
