"""How fast to learn, as a function of the pictures seen, never of the clock."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Warm-up, plateau, cool-down (Hagele et al. 2024, arXiv:2405.18392).

    Until the cool-down begins nothing depends on `pictures`: a run that stopped on the plateau may go on
    with a larger total, or be cooled down early with a smaller one.
    pictures: of the whole run. warm_up: pictures. cool_down: part of `pictures`.
    """

    pictures: int
    warm_up: int = 2000
    cool_down: float = 0.3

    @property
    def plateau_ends(self) -> int:
        return round(self.pictures * (1 - self.cool_down))

    def factor(self, seen: int) -> float:
        """What the peak rate is multiplied by, 0 to 1."""
        warm = min(1.0, (seen + 1) / max(self.warm_up, 1))
        if seen <= self.plateau_ends:
            return warm
        part = min(1.0, (seen - self.plateau_ends) / max(self.pictures - self.plateau_ends, 1))
        return warm * (0.01 + 0.99 * (1 - math.sqrt(part)))
