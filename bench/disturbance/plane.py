"""Flat ground before a level camera whose measures were read from the picture, as a Sight. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.terrain.sight import Floats


@dataclass(frozen=True, slots=True)
class ByEye:
    """height: m of the camera above the ground. focal: in picture widths. horizon: row, 0 at the top, 1 at the bottom.
    aspect: width over height. Metres are x to the right and y ahead of the camera's foot.

    Read from lane markings whose sizes are in the rules (in Britain a lane is 3.65 m wide and a lane line repeats every
    9 m: Traffic Signs Manual, chapter 5): good for a tenth or two, so no area in m2 rests on it."""

    height: float
    focal: float
    horizon: float
    aspect: float

    def metres(self, pixels: Floats) -> Floats:
        below = (pixels[:, 1] - self.horizon) / self.aspect  # in picture widths
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.where(below > 0, self.focal * self.height / below, np.nan)
        return np.column_stack([(pixels[:, 0] - 0.5) * ahead / self.focal, ahead])

    def draws(self, pixels: Floats) -> Floats:
        """One truth: it is not known how wrong it is."""
        return self.metres(pixels)[None]

    def pixels(self, metres: Floats) -> Floats:
        """Where ground points ahead of the camera are seen, relative [N, 2]."""
        right, ahead = metres.T
        below = self.focal * self.height / ahead
        return np.column_stack([0.5 + self.focal * right / ahead, self.horizon + below * self.aspect])

    def plane(self, size: tuple[int, int]) -> NDArray[np.float64]:
        """float64 [3, 3]: from metres to px of a picture of that size, homogeneous."""
        width, height = size
        return np.array(
            [
                [self.focal * width, 0.5 * width, 0.0],
                [0.0, self.horizon * height, self.focal * self.height * self.aspect * height],
                [0.0, 1.0, 0.0],
            ]
        )
