"""What hangs together of what stays changed, and which of it was known before. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.patch import Box
from inference.land.persist import OFF, ON, Bytes, Mask

_BRIDGE: Final = cv2.getStructuringElement(
    cv2.MORPH_RECT, (5, 3)
)  # px: a plank, a line of compression blocks
_LEAST: Final = 6  # px: less is noise, or too far to be 20 m2


@dataclass(frozen=True, slots=True)
class Part:
    """Pixels that hang together. box: left, top, right, bottom."""

    box: Box
    px: int


@dataclass(frozen=True, slots=True)
class Parts:
    """labels: int32 [h, w], 0: none. parts: by label; those that have a pixel that surely stays changed, or that lie
    on a known patch."""

    labels: NDArray[np.int32]
    parts: Mapping[int, Part]
    shared: Sequence[tuple[int, int, int]]
    """(number of a patch, label, px that they share)."""

    def mask(self, label: int) -> tuple[tuple[slice, slice], Mask]:
        """Where its box lies, and bool [h, w] in it."""
        left, top, right, bottom = self.parts[label].box
        cut = slice(top, bottom), slice(left, right)
        return cut, np.asarray(self.labels[cut] == label)


def parted(level: Bytes, bare: Mask, shut: Mask | None, names: NDArray[np.uint8]) -> Parts:
    """level: of inference.land.persist. bare: bool [h, w], where soil came up or a machine worked: what else changed
    beside it, a bush in the wind or the edge of a road, is a part of its own. shut: bool [h, w], where nothing counts.
    names: uint8 [h, w], number of the known patch at each pixel, 0: none."""
    suspect = level >= OFF
    if shut is not None:
        suspect &= ~shut
    labels, stats = _labelled(suspect & bare, shut)
    others, more = _labelled(suspect & ~bare & (labels == 0), shut)
    if len(more) > 1:
        beside = (others > 0) & (labels == 0)  # what both bridge is soil
        labels[beside] = others[beside] + np.int32(len(stats) - 1)
        stats = np.concatenate([stats, more[1:]])
    shared = _shared(names, labels)
    known = {label for _, label, _ in shared}
    sure = known | set(np.unique(labels[(level >= ON) & (labels > 0)]).tolist())
    parts = {label: _part(stats[label]) for label in sure if stats[label][cv2.CC_STAT_AREA] >= _LEAST}
    return Parts(labels, parts, [each for each in shared if each[1] in parts])


def _labelled(suspect: Mask, shut: Mask | None) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """int32 [h, w], and what cv2.connectedComponentsWithStats tells of each label."""
    if not suspect.any():
        return np.zeros(suspect.shape, np.int32), np.zeros((1, 5), np.int32)
    whole = cv2.morphologyEx(suspect.astype(np.uint8), cv2.MORPH_CLOSE, _BRIDGE)
    if shut is not None:
        whole[shut] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _part(stats: NDArray[np.int32]) -> Part:
    left, top, width, height, px = (int(value) for value in stats)
    return Part((left, top, left + width, top + height), px)


def _shared(names: NDArray[np.uint8], labels: NDArray[np.int32]) -> list[tuple[int, int, int]]:
    both = (names > 0) & (labels > 0)
    pairs, counts = np.unique(
        np.stack([names[both].astype(np.int64), labels[both].astype(np.int64)]), axis=1, return_counts=True
    )
    return [(int(name), int(label), int(count)) for (name, label), count in zip(pairs.T, counts, strict=True)]


@dataclass(frozen=True, slots=True)
class Claims:
    """kept: patch -> its label. absorbed: patch -> the patch it grew into. heirs: label -> the patch it came off."""

    kept: Mapping[int, int]
    absorbed: Mapping[int, int]
    heirs: Mapping[int, int]


def claimed(shared: Sequence[tuple[int, int, int]], elders: Sequence[int]) -> Claims:
    """Each patch goes on in the part that holds most of it; of those that meet in one part the eldest keeps the name.
    elders: all patches, the eldest first."""
    best: dict[int, tuple[int, int]] = {}
    for name, label, px in shared:
        best[name] = max(best.get(name, (0, 0)), (px, -label))
    owners: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    for name in elders:
        if name in best:
            owner = owners.setdefault(-best[name][1], name)
            if owner != name:
                absorbed[name] = owner
    heirs: dict[int, int] = {}
    for name, label, _ in sorted(shared, key=lambda each: (-each[2], elders.index(each[0]))):
        if label not in owners:
            heirs.setdefault(label, name)
    return Claims({name: label for label, name in owners.items()}, absorbed, heirs)
