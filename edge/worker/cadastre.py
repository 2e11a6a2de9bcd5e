"""Where the site's metres lie on the earth, and whose ground is whose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inference.change import Corner, Overlap
from inference.findings import Severity
from inference.geodesy.layer import LayerSpec
from streams.problem import Problem

if TYPE_CHECKING:
    from inference.geodesy.frame import LocalFrame
    from inference.geodesy.parcels import Layers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cadastre:
    """frame: None where the site does not say where it is. layers: None where no parcels can be looked up, for want
    of files, of a position, or of what `problem` says."""

    frame: "LocalFrame | None" = None
    layers: "Layers | None" = None
    problem: Problem | None = None

    @classmethod
    def of(cls, position: tuple[float, float] | None, parcels: Sequence[LayerSpec]) -> "Cadastre":
        """position: latitude and longitude. A file that cannot be used costs the parcels of all events, aloud, and
        not the events. Loads pyproj and shapely: some 30 MB that a site without ground does not pay for."""
        if position is None:
            return cls()
        from inference.geodesy.flaws import ParcelsRefused  # noqa: PLC0415
        from inference.geodesy.frame import LocalFrame  # noqa: PLC0415
        from inference.geodesy.parcels import Layers, Parcels  # noqa: PLC0415

        frame = LocalFrame(*position)
        try:
            loaded = [Parcels.load(spec, near=position) for spec in parcels]
        except ParcelsRefused as refused:
            return cls(frame, None, refused.problem)
        return cls(frame, Layers(loaded) if loaded else None)

    def corners(self, metres: Floats) -> tuple[Corner, ...]:
        """Longitude and latitude of places [N, 2]; none where the site's place is unknown, or one lies nowhere."""
        if self.frame is None or not np.isfinite(metres).all():
            return ()
        return tuple((float(lon), float(lat)) for lon, lat in self.frame.degrees(metres))

    def touched(self, outline: Sequence[Corner], *, measured: bool) -> tuple[Overlap, ...] | None:
        """measured: areas may be told. None: nobody knows."""
        if self.layers is None or not outline:
            return None
        overlaps = self.layers.touched(outline)
        return overlaps if measured else tuple(replace(each, area_m2=None) for each in overlaps)

    def severity(self, overlaps: Sequence[Overlap] | None) -> Severity | None:
        """Of the gravest layer among them."""
        return self.layers.severity(tuple(overlaps)) if self.layers and overlaps else None
