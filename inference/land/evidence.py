"""What one look says of the ground, before anything is concluded from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.change import Reference

Grid = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look compared with a reference, in the reference picture's frame.

    change: float32 [h, w], 0 to 1: how sure it is that the surface at this pixel is another one than in the reference;
    NaN where nothing can be said (outside the registered view, before it a vehicle or a person, in a moving shadow,
    glare, water). soil: float32 [h, w], -1 to 1: how much more it looks like bare soil than it did in the reference; NaN
    where that shows no colour as well.
    time: s since 1970. light: name of the light the look was taken in ("day-high-sun", "ir"; what the reference bank
    keys by). reference: what it was compared with.
    """

    change: Grid
    soil: Grid
    time: float
    light: str
    reference: Reference
