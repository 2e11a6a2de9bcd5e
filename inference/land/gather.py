"""Several looks in one light become one: their median first, then a mean that no single look can pull far. Pure."""

from dataclasses import dataclass, field
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.features import PATCH, Floats, Mask, fine
from inference.land.model import FLOORS, MEANS, STEP, Model
from inference.land.relight import Residue

FIRST: Final = 5  # looks whose median is taken: two lorries that nobody boxed may be among them
_MOST: Final = 60  # looks that the newest one is weighed against: ten hours of one light
_PULL: Final = 2.0  # spreads that one look counts for at most (Huber, 1964)
_NO: Final = -128  # of a look that says nothing of a pixel
_TO_SIGMA: Final = 1.4826  # of a normal spread, from the median of its deviations

Stack = NDArray[np.int8]


@dataclass(slots=True)
class Gather:
    """base: what all looks are laid over and fitted to. first: int8 [n, 3, h, w], the first looks less the base, in
    steps of 1/64 (-128: nothing known). mean: float16 [3, h, w] less the base; spread: float16 [4, h, w]; count:
    uint8 [h, w]; these from the fifth look on."""

    base: Model
    first: list[Stack] = field(default_factory=list)
    mean: NDArray[np.float16] | None = None
    spread: NDArray[np.float16] | None = None
    count: NDArray[np.uint8] | None = None

    @classmethod
    def begun(cls, base: Model) -> Self:
        """base: of one look, or of another light where that look has nothing to say."""
        return cls(base)

    @property
    def looks(self) -> int:
        return len(self.first) if self.count is None else int(self.count.max())

    def add(self, rest: Residue, valid: Mask) -> None:
        """rest: a look less the base in that look's light. valid: bool [h, w], where it may be learnt from."""
        layers = np.stack([rest.tint, rest.warmth, rest.luma])
        if self.count is None:
            steps = np.clip(np.rint(layers / STEP), -127, 127).astype(np.int8)
            steps[:, ~valid] = _NO
            self.first.append(steps)
            if len(self.first) == FIRST:
                self.mean, self.spread, self.count = _settled(self.first)
                self.first.clear()
            return
        self._pull(layers, valid)

    def model(self) -> Model:
        """As it is known now. Where no look was valid it is the base."""
        if not self.looks:
            return self.base
        mean, spread, count = (
            (self.mean, self.spread, self.count) if self.count is not None else _settled(self.first)
        )
        assert mean is not None
        assert spread is not None
        base = self.base.features()
        means = np.stack([getattr(base, name) for name in MEANS]) + mean.astype(np.float32)
        known = np.where(count > 0, spread, np.maximum(spread, self.base.spreads * np.float32(STEP / 2)))
        return Model.of(means, known.astype(np.float32), np.where(count > 0, count, self.base.looks))

    def _pull(self, layers: Floats, valid: Mask) -> None:
        assert self.mean is not None
        assert self.spread is not None
        assert self.count is not None
        self.count = np.minimum(self.count + valid, _MOST).astype(np.uint8)
        share = np.where(valid, 1 / np.maximum(self.count, FIRST), 0).astype(np.float32)
        off = layers - self.mean
        floors = np.array([FLOORS[name] for name in MEANS], np.float32)[:, None, None]
        most = _PULL * np.hypot(self.spread[:3].astype(np.float32), floors)
        off = np.clip(off, -most, most)
        self.mean = (self.mean + share * off).astype(np.float16)
        sizes = np.abs(_signs(off)) * np.float32(1.2533)  # mean size to 1 sigma
        self.spread = (self.spread + share * (sizes - self.spread)).astype(np.float16)


def _settled(first: list[Stack]) -> tuple[NDArray[np.float16], NDArray[np.float16], NDArray[np.uint8]]:
    """Medians of what is known of each pixel, and the spread about them."""
    count = np.asarray(np.sum([look[0] != _NO for look in first], axis=0), np.uint8)
    mean = _median(first, count)
    spread = _median([_sizes(look, mean) for look in first], count) * np.float32(_TO_SIGMA * STEP)
    return (mean * np.float32(STEP)).astype(np.float16), spread.astype(np.float16), count


def _sizes(look: Stack, mean: Floats) -> Stack:
    """int8 [4, h, w], steps: how far the signs of a look are from the mean's."""
    known = look[0] != _NO
    sizes = np.abs(_signs((look - mean) * known))
    steps = np.minimum(np.rint(sizes), 127).astype(np.int8)
    return np.where(known, steps, np.int8(_NO))


def _signs(off: Floats) -> Floats:
    """float32 [4, h, w]: what is compared of tint, warmth, luma: the mean of a patch; and the fine structure."""
    means = [cv2.blur(np.ascontiguousarray(each, np.float32), PATCH) for each in off]
    return np.stack([*means, fine(np.ascontiguousarray(off[2], np.float32))])


def _median(looks: list[Stack], count: NDArray[np.uint8]) -> Floats:
    """float32 [layers, h, w]; the upper one of two in the middle; 0 where nothing is known."""
    ordered: list[Stack] = [look.reshape(-1, look.shape[-1]) for look in looks]
    for last in range(len(ordered) - 1, 0, -1):
        for one in range(last):  # what is not known comes first
            low, high = ordered[one], ordered[one + 1]
            ordered[one] = np.asarray(cv2.min(low, high), np.int8)
            ordered[one + 1] = np.asarray(cv2.max(low, high), np.int8)
    middle = len(looks) - count.astype(np.intp) + count // 2
    chosen = np.zeros(looks[0].shape, np.int8)
    for number, each in enumerate(ordered):
        np.copyto(chosen, each.reshape(chosen.shape), where=(middle == number) & (count > 0))
    return chosen.astype(np.float32)
