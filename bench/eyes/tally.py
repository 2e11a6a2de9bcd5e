"""Verdicts over many pictures, added up. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from bench.eyes.judging import Verdict

SIZES = ((12, 20), (20, 45), (45, 100), (100, 10_000))  # px, longer side at judging.WIDTH


@dataclass(slots=True)
class Tally:
    """Of one target in a set of pictures. complete: the labels name every such object, so that a box without one
    is false."""

    complete: bool = True
    pictures: int = 0
    sides: list[float] = field(default_factory=list)
    hits: list[float] = field(default_factory=list)
    words: list[str | None] = field(default_factory=list)
    false: list[float] = field(default_factory=list)
    astray: list[bool] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        self.pictures += 1
        self.sides += verdict.sides
        self.hits += verdict.hits
        self.words += verdict.called
        self.false += verdict.false
        self.astray += verdict.astray

    @property
    def objects(self) -> int:
        return len(self.hits)

    def recall(self, at: float, sizes: tuple[float, float] = (0, np.inf)) -> float | None:
        """Share of the objects of these sizes (px, low <= side < high) found at score `at`; None: there are none."""
        pairs = zip(self.sides, self.hits, strict=True)
        found = [hit >= at for side, hit in pairs if sizes[0] <= side < sizes[1]]
        return fmean(found) if found else None

    def count(self, sizes: tuple[float, float]) -> int:
        return sum(sizes[0] <= side < sizes[1] for side in self.sides)

    def precision(self, at: float) -> float | None:
        """None: nothing was found, or the labels cannot tell."""
        right, wrong = (sum(score >= at for score in scores) for scores in (self.hits, self.false))
        return right / (right + wrong) if self.complete and right + wrong else None

    def false_per_picture(self, at: float) -> float | None:
        if not self.complete or not self.pictures:
            return None
        return sum(score >= at for score in self.false) / self.pictures

    def called(self) -> Counter[str]:
        """What the objects that were not found were called instead, if anything."""
        return Counter(word for word in self.words if word is not None)


def even(values: Sequence[float | None]) -> float | None:
    """The mean, each set of pictures counting the same, however many there are in it; None: nothing to tell."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def recall_where(tallies: Sequence[Tally], false: float) -> float | None:
    """Recall at the lowest score at which no more than `false` boxes per picture are false; all sets even."""
    scores = sorted({score for tally in tallies for score in (*tally.false, *tally.hits) if score > 0})
    low, high = 0, len(scores)
    while low < high:  # fewer boxes are false the higher the score: find the first that will do
        middle = (low + high) // 2
        if (even([tally.false_per_picture(scores[middle]) for tally in tallies]) or 0) <= false:
            high = middle
        else:
            low = middle + 1
    return even([tally.recall(scores[low]) for tally in tallies]) if low < len(scores) else None
