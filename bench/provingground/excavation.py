"""One excavation that grows in five stages, with its exact outlines; and what of it a camera sees."""

import math
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera, Json
from bench.provingground.ground import Earthwork, Ground
from bench.provingground.outline import area, blob, denser, signed_distance
from bench.provingground.sun import BEIJING, sun

Mask = NDArray[np.uint8]

_DRAWN = 4  # times larger than the picture, so that a border's pixels carry shares
_FAR = 500.0  # m
_PIT, _HEAP = (-2.0, 32.0), (23.5, 33.0)  # m; the heap stands clear of the pit's last stage


@dataclass(frozen=True, slots=True)
class Stage:
    """pit, heap: m^2. clouded: no sun."""

    pit: float
    heap: float
    moment: datetime
    clouded: bool = False
    lorry_load: float | None = None

    @property
    def sun(self) -> tuple[float, float] | None:
        return None if self.clouded else sun(self.moment)

    def earthworks(self) -> list[Earthwork]:
        """Both grow about their middles, so that every stage's outlines lie inside the next one's."""
        if not self.pit:
            return []
        pit = blob(_PIT, self.pit, 1, stretch=1.35, turned=0.25)
        heap = blob(_HEAP, self.heap, 2, stretch=1.2, turned=-0.2)
        return [
            Earthwork("pit", pit, min(3.0, 0.5 + 0.12 * math.sqrt(self.pit))),
            Earthwork("heap", heap, min(4.0, 0.4 + 0.25 * math.sqrt(self.heap))),
        ]


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2025, 6, day, hour, minute, tzinfo=BEIJING)


STAGES = (
    Stage(0, 0, _at(1, 7, 30)),
    Stage(12, 8, _at(1, 10, 0), lorry_load=0.5),
    Stage(50, 30, _at(1, 12, 30), lorry_load=1.0),
    Stage(130, 70, _at(1, 15, 0), clouded=True),
    Stage(330, 170, _at(1, 18, 15), lorry_load=1.0),
)


def drawn_mask(works: list[Earthwork], ground: Ground, camera: Camera) -> Mask:
    """255 in pits, 128 on heaps, as if nothing stood before them; shares along the borders. [h, w]."""
    width, height = camera.size
    large = np.zeros((height * _DRAWN, width * _DRAWN), np.uint8)
    for work in works:
        outline = denser(work.outline)
        points = np.column_stack([outline, ground.height(outline[:, 0], outline[:, 1])])
        pixels = np.rint(camera.project(points)[0] * _DRAWN).astype(np.int32)
        cv2.fillPoly(large, [pixels], (255 if work.kind == "pit" else 128,))
    return np.asarray(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def visible_mask(
    works: list[Earthwork], depth: NDArray[np.floating], ids: NDArray[np.floating], camera: Camera
) -> Mask:
    """255 where bare ground of a pit or a heap is really seen: each pixel is traced back to the ground."""
    world = camera.world(depth.astype(np.float64))
    bare = (np.rint(ids) == 0) & (depth < _FAR)
    inside = np.zeros(depth.shape, bool)
    for work in works:
        inside |= (signed_distance(work.outline, world[..., 0], world[..., 1]) > 0) & bare
    return inside.astype(np.uint8) * 255


def described(works: list[Earthwork]) -> list[Json]:
    return [
        {
            "kind": work.kind,
            "area_m2": round(area(work.outline), 3),
            "polygon": work.outline.round(3).tolist(),
        }
        for work in works
    ]
