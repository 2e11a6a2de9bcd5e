"""From pictures to a network's input: which of them go in together, and how their values are laid out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detections import Picture
from inference.manifest import STEP, ModelInput

Tensor = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures (their indices) that are run at once, on an input of this width and height in px."""

    pictures: tuple[int, ...]
    size: tuple[int, int]


def batches(
    pictures: Sequence[Picture], size: tuple[int, int], *, flexible: bool, most: int
) -> Iterator[Batch]:
    """Every picture once: those of one padded size together, at most `most` of them. size: the largest input.

    Raises ValueError for a picture that is larger than that.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for index, picture in enumerate(pictures):
        alike.setdefault(_padded(picture, size, flexible), []).append(index)
    for padded, indices in alike.items():
        for first in range(0, len(indices), most):
            yield Batch(tuple(indices[first : first + most]), padded)


def _padded(picture: Picture, size: tuple[int, int], flexible: bool) -> tuple[int, int]:
    height, width = picture.shape[:2]
    if width > size[0] or height > size[1]:
        raise ValueError(f"a picture of {width}x{height} px for an input of {size[0]}x{size[1]}")
    if not flexible:
        return size
    return min(size[0], -(-width // STEP) * STEP), min(size[1], -(-height // STEP) * STEP)


class Loader:
    """Lays pictures out as a tensor, in one buffer that is used again: what it returns holds until the next call."""

    def __init__(self, recipe: ModelInput, dtype: np.dtype[np.generic], *, channels_last: bool) -> None:
        """Raises ValueError for a recipe that this type of number cannot hold."""
        self._dtype = dtype
        self._channels_last = channels_last
        self._swap = recipe.colour == "rgb"
        self._mean = np.asarray(recipe.mean, np.float32).reshape(-1, 1, 1)
        self._scale = np.asarray(recipe.scale, np.float32).reshape(-1, 1, 1)
        # A plain assignment is twice as fast as an assignment after a multiplication by one.
        self._plain = not self._mean.any() and bool((self._scale == 1.0).all())
        if dtype == np.uint8 and not self._plain:
            raise ValueError("an input of whole numbers takes neither mean nor scale")
        self._pad = (np.full((3, 1, 1), recipe.pad, np.float32) - self._mean) * self._scale
        self._buffer = np.empty(0, dtype)

    def load(self, pictures: Sequence[Picture], size: tuple[int, int]) -> Tensor:
        """uint8 [height, width, 3] BGR, none larger than `size` (width, height) -> [N, 3, height, width] or
        [N, height, width, 3], each picture at the top left."""
        width, height = size
        count = len(pictures) * 3 * height * width
        if self._buffer.size < count:
            self._buffer = np.empty(count, self._dtype)
        laid = self._buffer[:count]
        if self._channels_last:
            tensor = laid.reshape(-1, height, width, 3)
            planes = tensor.transpose(0, 3, 1, 2)
        else:
            tensor = planes = laid.reshape(-1, 3, height, width)
        for place, picture in zip(planes, pictures, strict=True):
            self._fill(place, picture)
        return tensor

    def _fill(self, place: Tensor, picture: Picture) -> None:
        height, width = picture.shape[:2]
        colours = picture.transpose(2, 0, 1)
        if self._swap:
            colours = colours[::-1]
        inside = place[:, :height, :width]
        if self._plain:
            inside[...] = colours
        else:
            np.subtract(colours, self._mean, out=inside)
            np.multiply(inside, self._scale, out=inside)
        place[:, height:, :] = self._pad
        place[:, :height, width:] = self._pad
