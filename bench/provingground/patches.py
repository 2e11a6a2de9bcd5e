"""What was rendered, as arrays; and parts of a picture joined and laid into the whole."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.provingground.truth import Box

Floats = NDArray[np.float32]

_FADE = 4  # px over which a part's border fades into the whole


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """light: linear RGB [h, w, 3]. depth: m along the axis [h, w], 1e10 for the sky. ids: object numbers [h, w]."""

    light: Floats
    depth: Floats
    ids: Floats

    def copy(self) -> "Passes":
        return Passes(self.light.copy(), self.depth.copy(), self.ids.copy())


def merged(boxes: Iterable[tuple[Box, object]]) -> list[tuple[Box, object]]:
    """Overlapping boxes become the box round them; its key holds theirs and the box itself."""
    groups: list[tuple[Box, tuple[object, ...]]] = [(box, (key,)) for box, key in boxes]
    joined = True
    while joined:
        joined = False
        for index, (box, keys) in enumerate(groups):
            other = next((j for j in range(index + 1, len(groups)) if _overlap(box, groups[j][0])), None)
            if other is not None:
                second, more = groups.pop(other)
                groups[index] = (_around(box, second), keys + more)
                joined = True
                break
    return [(box, (box, keys)) for box, keys in groups]


def _overlap(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _around(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])
    )  # fmt: skip


def blend(shown: Passes, taken: Passes, box: Box) -> None:
    """A rendered part into the whole; its border fades, except along the picture's own edge."""
    part = slice(box[1], box[3]), slice(box[0], box[2])
    height, width = shown.depth.shape
    share = np.ones(taken.depth.shape, np.float32)
    ramp = (np.arange(_FADE) + 0.5) / _FADE
    if box[0] > 0:
        share[:, :_FADE] *= ramp
    if box[2] < width:
        share[:, -_FADE:] *= ramp[::-1]
    if box[1] > 0:
        share[:_FADE] *= ramp[:, None]
    if box[3] < height:
        share[-_FADE:] *= ramp[::-1, None]
    shown.light[part] += (taken.light - shown.light[part]) * share[..., None]
    shown.depth[part], shown.ids[part] = taken.depth, taken.ids
