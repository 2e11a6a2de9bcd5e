"""Land disturbance in a site file: what is watched, and whose ground it is."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.settings.fields import Name, Polygon
from edge.settings.part import Part
from inference.findings import Severity, Whistle
from inference.geodesy.layer import LayerSpec, Word
from streams.units import Duration


class LandSettings(Part):
    """streams[n].land: ground that changed against dated references. Given (`land: {}`), it is watched for.

    every: between two looks. watch: only there; left out, in the whole picture. least_m2: smaller patches are not
    told of, where the ground is calibrated. freeze: when what the camera has seen becomes the dated reference by
    itself, this long after its first look; or manual, by `sandwatch land freeze`.
    """

    every: Annotated[Duration, Field(ge=10, le=60)] = 30.0
    watch: dict[Name, Polygon] = Field(default={})
    least_m2: Annotated[float, Field(ge=1, le=100_000)] = 20.0
    severity: Severity = Severity.MEDIUM
    whistle: Whistle | None = None
    freeze: Literal["manual"] | Duration = 172_800.0


class ParcelLayer(Part):
    """parcels[n]: polygons of land, by which events say whose ground is disturbed.

    layer: what events call them (基本农田). file: GeoJSON or Shapefile; a relative path counts from the site file.
    crs: as declared there ("EPSG:4490"); None: what the file itself declares. severity: of a disturbance that touches
    this layer, at least. id, name: the attributes that hold a parcel's number and its name; without id the feature's
    own. bad: what to do where the file has polygons that are wrong.
    """

    layer: Word
    file: Path
    crs: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    severity: Severity = Severity.MEDIUM
    id: Word | None = None
    name: Word | None = None
    bad: Literal["refuse", "skip"] = "refuse"

    def spec(self, folder: Path) -> LayerSpec:
        """For the loader; folder: of the site file."""
        return LayerSpec(
            name=self.layer,
            file=folder / self.file,
            crs=self.crs,
            severity=self.severity,
            key=self.id,
            label=self.name,
            bad=self.bad,
        )
