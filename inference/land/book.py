"""The patches of one view and whose each pixel is. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.land.parts import Claims, Parts, claimed, parted
from inference.land.patch import Patch
from inference.land.persist import Bytes, Mask

_MOST: Final = 200  # patches, told or not; further ones wait until one is over
Names = NDArray[np.uint8]


class Book:
    """names: uint8 [h, w], at each pixel the slot of its patch, 0: none. patches: by slot, 1 to 200. last: the number
    given last."""

    def __init__(self, names: Names, patches: Mapping[int, Patch] | None = None, last: int = 0) -> None:
        self.names, self.last = names, last
        self.patches: dict[int, Patch] = dict(patches or {})

    def __iter__(self) -> Iterator[tuple[int, Patch]]:
        return iter(list(self.patches.items()))

    def mine(self, slot: int) -> Mask:
        """bool: the patch's pixels within its cut."""
        return np.asarray(self.names[self.patches[slot].cut] == slot)

    def dug(self) -> Mask:
        """bool [h, w]: ground of the open cases that a machine made: it hangs together when the machine is long gone."""
        made = [slot for slot, patch in self if patch.open and patch.machine]
        return np.isin(self.names, made)

    def forget(self, slot: int) -> Patch:
        patch = self.patches[slot]
        cut = self.names[patch.cut]
        cut[cut == slot] = 0
        del self.patches[slot]
        return patch

    def regroup(self, level: Bytes, bare: Mask, shut: Mask | None, now: float) -> list[Patch]:
        """What hangs together now gets the names that its pixels had. Returns patches that grew into an elder one.

        A patch of which no pixel stays changed keeps those it had, so that its ground is watched on.
        """
        parts = parted(level, bare, shut, self.names)
        claims = claimed(parts.shared, self._elders())
        before, self.names = self.names, np.zeros_like(self.names)
        for slot, patch in self:
            self._go_on(slot, patch, parts, claims, before)
        self._begin(parts, claims, now)
        gone = {slot: self.patches.pop(slot) for slot in claims.absorbed}
        for slot, patch in gone.items():
            self.patches[claims.absorbed[slot]].absorb(patch)
        return list(gone.values())

    def _elders(self) -> list[int]:
        """What was told, by age; then suspicions, the surest first: a case never ends because of one, and a dig is not
        as old as the bush it reaches."""

        def rank(slot: int) -> tuple[bool, float, int]:
            patch = self.patches[slot]
            return not patch.open, patch.since if patch.open else -patch.score, patch.number

        return sorted(self.patches, key=rank)

    def _go_on(self, slot: int, patch: Patch, parts: Parts, claims: Claims, before: Names) -> None:
        label = claims.kept.get(slot)
        if label is not None:
            self._write(slot, parts, label)
            patch.box, patch.px, patch.parted = parts.parts[label].box, parts.parts[label].px, False
        elif slot not in claims.absorbed:
            self.names[patch.cut][before[patch.cut] == slot] = slot
            patch.parted = True

    def _begin(self, parts: Parts, claims: Claims, now: float) -> None:
        fresh = sorted(parts.parts.keys() - claims.kept.values(), key=lambda label: -parts.parts[label].px)
        free = [slot for slot in range(1, _MOST + 1) if slot not in self.patches]
        for label, slot in zip(fresh, free, strict=False):
            self.last += 1
            part, parent = parts.parts[label], claims.heirs.get(label)
            if parent is not None and self.patches[parent].open:
                self.patches[slot] = self.patches[parent].heir(self.last, part.box, part.px)
            else:
                self.patches[slot] = Patch(self.last, now, part.box, part.px)
            self._write(slot, parts, label)

    def _write(self, slot: int, parts: Parts, label: int) -> None:
        cut, mask = parts.mask(label)
        self.names[cut][mask] = slot
