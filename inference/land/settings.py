"""What a site says of land disturbance on one view. Loads nothing heavy: the main process plans with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.findings import Severity, Whistle
from inference.geometry import Points

# 1 sigma of where a side of an outline lies, px of a picture 1920 wide (inference.terrain.area.measured): two of the grid
# that is judged on, over which signs are averaged.
NOISE_PX = 4.0


@dataclass(frozen=True, slots=True)
class LandSettings:
    """rule: the rule's name in findings. severity: one step more is said where a machine works.

    least_m2: smaller patches are not told; least_px: the same in pixels of the evidence, where the area is not known.
    growth, growth_m2: share and m2 (where known), both, that a patch grows by before it is told again.
    watch: name -> polygon [N, 2], relative 0-1 of the picture: nothing outside is told; empty: the whole picture.
    """

    rule: str = "land"
    severity: Severity = Severity.MEDIUM
    whistle: Whistle | None = None
    least_m2: float = 20.0
    least_px: int = 40
    growth: float = 0.25
    growth_m2: float = 10.0
    watch: Mapping[str, Points] = field(default_factory=dict)
