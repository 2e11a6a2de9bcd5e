"""Evidence of land disturbance made up for tests: a quiet view, and places in it that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.change import Place, Reference
from inference.detections import Boxes
from inference.findings import Finding, Phase
from inference.land.evidence import Evidence
from inference.land.patches import LandStep, Patches

SHAPE = (54, 96)
START = 1_790_000_000.0
NOBODY: Boxes = np.zeros((0, 4), np.float32)
Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scene:
    """What one look is made of. dug: left, top, right, bottom in px of SHAPE of what changed, and how much more like soil
    it looks than it did."""

    dug: Sequence[tuple[Area, float]] = ()
    change: float = 0.9
    usual: float = 0.1
    noise: float = 0.0
    light: str = "noon"
    reference: str = "noon"
    unknown: Sequence[Area] = ()
    occupied: Boxes = field(default_factory=lambda: NOBODY)
    working: Boxes = field(default_factory=lambda: NOBODY)
    infrared: bool = False

    def evidence(self, time: float, seed: int = 0, shape: tuple[int, int] = SHAPE) -> Evidence:
        change = np.full(shape, self.usual, np.float32)
        soil = np.zeros(shape, np.float32)
        for (left, top, right, bottom), likeness in self.dug:
            change[top:bottom, left:right] = self.change
            soil[top:bottom, left:right] = likeness
        if self.noise:
            spread = np.random.default_rng([seed, int(time)]).normal(0, self.noise, shape)
            change = np.clip(change + spread, 0, 1).astype(np.float32)
        for left, top, right, bottom in [*self.unknown, *_pixels(self.occupied, shape)]:
            change[top:bottom, left:right] = np.nan
        if self.infrared:
            soil[:] = np.nan
        soil[np.isnan(change)] = np.nan
        return Evidence(change, soil, time, self.light, Reference(START - 1e6, "ab" * 32, self.reference))


def _pixels(boxes: Boxes, shape: tuple[int, int]) -> list[Area]:
    scale = np.array([shape[1], shape[0], shape[1], shape[0]])
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in np.rint(boxes * scale)]


def boxes(*areas: Area) -> Boxes:
    """Relative, of px of SHAPE."""
    scale = np.array([SHAPE[1], SHAPE[0], SHAPE[1], SHAPE[0]])
    return np.array([np.array(area) / scale for area in areas], np.float32).reshape(-1, 4)


def steps(
    patches: Patches, scenes: Iterable[Scene], start: float = START, every: float = 30.0
) -> list[LandStep]:
    return [
        patches.update(scene.evidence(start + number * every), scene.occupied, scene.working)
        for number, scene in enumerate(scenes)
    ]


def watched(
    patches: Patches, scenes: Iterable[Scene], start: float = START, every: float = 30.0
) -> list[Finding]:
    return [finding for step in steps(patches, scenes, start, every) for finding in step.findings]


def story(findings: Iterable[Finding], start: float = START) -> list[tuple[str, float, str | None]]:
    """(phase, minutes since the start, reason)."""
    return [(each.phase.value, (each.time - start) / 60, each.reason) for each in findings]


def phases(findings: Iterable[Finding]) -> list[Phase]:
    return [each.phase for each in findings]


def flat(outline: Sequence[tuple[float, float]]) -> Place:
    """As if 1 px of SHAPE were 1 m2, exactly."""
    corners: NDArray[np.float64] = np.array(outline) * SHAPE[::-1]
    x, y = corners.T
    size = float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
    return Place((), 0.5, size, 0.0)
