"""Which picture is drawn at which step: a pure function of (seed, index), so that a run can be resumed anywhere."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.train.augment import View, view
from bench.train.samples import Sample

_RARE = 0.15  # a class in fewer than this part of the pictures is drawn more often


class Deck:
    """The samples, drawn with replacement: sources by their share, pictures with rare classes more often."""

    def __init__(self, samples: Sequence[Sample], seed: int) -> None:
        """Raises ValueError where there is nothing to draw."""
        if not samples:
            raise ValueError("no labelled pictures to draw from")
        self._samples = samples
        self._seed = seed
        self._odds = odds(samples)

    def draw(self, index: int) -> View:
        """The index-th picture of the run, augmented: uint8 [SIZE, SIZE, 3] BGR, and its truth in px."""
        rng = np.random.default_rng([self._seed, index])
        several = [self._samples[int(i)] for i in rng.choice(len(self._samples), 4, p=self._odds)]
        return view(several, rng)


def odds(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Chance [N] of each sample, summing to 1.

    Within a source a picture counts by its rarest class: repeat factor sqrt(t / frequency), at least 1
    (Gupta et al. 2019, arXiv:1908.03195); over sources by their `share`.
    """
    present = np.array([(sample.classes * sample.weights).any(0) for sample in samples])
    frequency = np.maximum(present.mean(0), 1e-9)
    repeat = np.maximum(1.0, np.sqrt(_RARE / frequency))
    factor = np.where(present, repeat, 1.0).max(1)
    totals: Counter[str] = Counter()
    for sample, value in zip(samples, factor, strict=True):
        totals[sample.source.name] += value
    shares = np.array([sample.source.share / totals[sample.source.name] for sample in samples])
    weights = factor * shares
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances
