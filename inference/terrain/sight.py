"""What knows where the pixels of a picture lie on the ground. Pure."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Sight(Protocol):
    """Of one camera, pointing one way. Pixels are relative (x, y from 0 to 1 of the picture, y down); metres are east
    and north of the site's origin (inference.geodesy.frame.LocalFrame)."""

    def metres(self, pixels: Floats) -> Floats:
        """float64 [N, 2] of pixels [N, 2]: the best estimate; NaN where there is no ground (horizon, sky, no data)."""
        ...

    def draws(self, pixels: Floats) -> Floats:
        """float64 [K, N, 2]: the same places under K equally likely truths, given what is known of the calibration's
        (or the pose's) errors. Points of one draw share their errors, so that the spread of a length or an area over
        the draws is its uncertainty. The same pixels give the same draws."""
        ...
