"""What a file of this folder gives: how an output is recognised, and how it is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference.decoders.boxes import Array
from inference.detections import Detections
from streams.problem import Text

Outputs = Sequence[NDArray[np.generic]]
"""Of one picture: every array has a leading 1."""
Size = tuple[int, int]
"""Width and height in px of the network's input."""

UNTOLD = 0
"""In place of a number of classes: the shapes do not tell it."""
STRIDES = (8, 16, 32)
_LOOSE = 0.01  # an INT8 sigmoid may answer a little outside of 0 to 1


class BadOutput(ValueError):
    """The network's output does not have the layout its manifest promises; `text` says what was found."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Layout:
    """One form of output.

    wants: its shapes, in words. classes: how many classes these outputs have (or UNTOLD), None if they are not of
    this form. decode: takes outputs of this form, and the score below which nothing counts; raises BadOutput.
    """

    wants: str
    classes: Callable[[Outputs, Size], int | None]
    decode: Callable[[Outputs, Size, float], Detections]


def sure(scores: Array) -> Array:
    """Scores as they are. Raises BadOutput if they are not numbers from 0 to 1."""
    finite(scores)
    if scores.size and (scores.min() < -_LOOSE or scores.max() > 1 + _LOOSE):
        low, high = float(scores.min()), float(scores.max())
        raise BadOutput(
            Text(
                f"its scores go from {low:.3g} to {high:.3g} instead of 0 to 1: another layout, or no sigmoid",
                f"得分范围为 {low:.3g} 到 {high:.3g}，应为 0 到 1：可能是其他输出格式，或缺少 sigmoid",
            )
        )
    return scores


def finite(values: Array) -> Array:
    """Values as they are. Raises BadOutput if one of them is NaN or infinite."""
    if not np.isfinite(values).all():
        raise BadOutput(Text("it answers with NaN or infinity", "输出中含有 NaN 或无穷大"))
    return values


def whole(labels: Array) -> NDArray[np.intp]:
    """Labels that come as floating point. Raises BadOutput if they are no whole numbers from 0."""
    rounded = np.rint(finite(labels))
    if labels.size and (np.abs(labels - rounded).max() > _LOOSE or rounded.min() < 0):
        raise BadOutput(Text("its class numbers are no whole numbers", "类别编号不是整数"))
    return rounded.astype(np.intp)


@lru_cache(maxsize=64)
def grid(size: Size) -> tuple[Array, Array]:
    """Cell corners [cells, 2] and strides [cells, 1] of the three levels, coarse last; sides multiples of 32."""
    cells, strides = [], []
    for stride in STRIDES:
        columns, rows = size[0] // stride, size[1] // stride
        y, x = np.mgrid[:rows, :columns]
        cells.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        strides.append(np.full((rows * columns, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def cells(size: Size) -> int:
    """How many places a network with three levels answers for. 0 for sides that are no multiples of 32."""
    if size[0] % STRIDES[-1] or size[1] % STRIDES[-1]:
        return 0
    return sum((size[0] // stride) * (size[1] // stride) for stride in STRIDES)


def shapes(outputs: Outputs) -> str:
    return ", ".join(str(list(output.shape)) for output in outputs)
