"""Whether a figure grows: by medians of blocks and Theil and Sen's slope. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

_BLOCK = 30.0  # s: what an allocator or one fault does to a sample is no trend
_Z = 1.96  # of the normal distribution: 95 %


@dataclass(frozen=True, slots=True)
class Slope:
    """Per hour; low and high bound it with 95 %: P. K. Sen, J. Am. Stat. Assoc. 63 (1968), 1379-1389."""

    value: float
    low: float
    high: float


def slope(times: Sequence[float], values: Sequence[float]) -> Slope | None:
    """times: s. None: less than four blocks, of which nothing can be said."""
    points = _blocks(times, values)
    if len(points) < 4:
        return None
    slopes = sorted((b - a) / (t - s) * 3600 for (s, a), (t, b) in combinations(points, 2))
    n = len(points)
    spread = _Z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    first = max(0, math.floor((len(slopes) - spread) / 2))
    last = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Slope(median(slopes), slopes[first], slopes[last])


def grown(values: Sequence[float]) -> float:
    """By how much the median of the last third exceeds that of the first."""
    third = max(1, len(values) // 3)
    return median(values[-third:]) - median(values[:third]) if values else 0.0


def _blocks(times: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    found: dict[int, list[tuple[float, float]]] = {}
    for time, value in zip(times, values, strict=True):
        found.setdefault(int(time // _BLOCK), []).append((time, value))
    return [(median(t for t, _ in block), median(v for _, v in block)) for block in found.values()]
