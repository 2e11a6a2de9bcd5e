"""What is told of a patch: that it is there, that it grew, that it is over. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from inference.change import Change, Corner, Place, Reference
from inference.findings import Finding, Phase, Severity
from inference.geometry import area
from inference.land.allowed import polygons
from inference.land.book import Book
from inference.land.evidence import Evidence
from inference.land.outline import outline
from inference.land.patch import Patch, rate
from inference.land.settings import LandSettings
from inference.terrain.sight import Sight

DISTURBANCE: Final = "land.disturbance"
_APART: Final = 300.0  # s between two steps of growth: a 5-minute dig is one alarm and one update, not twenty
_CHANGED: Final = 0.05  # share of its pixels from which a patch is measured anew
_ROUGH: Final = 1.5  # times an area that is not sure enough to be told, which it may well have
_SEVERITIES: Final = list(Severity)

Placed = Callable[[tuple[Corner, ...]], Place | None]
"""From an outline, relative 0-1, to the ground; None: it cannot be said where it is."""


class Teller:
    """One view's.

    On a plane a heap covers more than its footprint when it is seen from a mast: its height hides ground behind it.
    What `place` says of an area has to hold that; here only outlines are known.
    """

    def __init__(self, settings: LandSettings, place: Placed | None, sight: Sight | None = None) -> None:
        """place: None where the camera is not calibrated: sizes are in pixels of the evidence then. sight: for what is
        too small or too far off to have its area told."""
        self._settings, self._place, self._sight = settings, place, sight

    def said(
        self, patch: Patch, book: Book, slot: int, evidence: Evidence, now: float, since: float
    ) -> Finding | None:
        """NEW or UPDATE, if there is something to say. now: steady s; since: as the clock of now shows it."""
        if not (patch.open or patch.sure(now)):
            return None
        due = patch.due(now)
        if due or abs(patch.px - patch.placed_px) > _CHANGED * patch.placed_px:
            self._measure(patch, book, slot)
        if due:
            patch.remember(now)
        if patch.told is None:
            key = f"{self._settings.rule}/{int(since)}-{patch.number}"
            return self._tell(patch, book, Phase.NEW, key, evidence, since) if self._large(patch) else None
        if self._news(patch, patch.told, evidence.time):
            return self._tell(patch, book, Phase.UPDATE, patch.told.key, evidence, since)
        return None

    def end(self, patch: Patch, reason: str, time: float) -> Finding:
        """Of an open one, as it was told last."""
        assert patch.told is not None
        patch.told = replace(patch.told, phase=Phase.END, time=time, reason=reason)
        return patch.told

    def _measure(self, patch: Patch, book: Book, slot: int) -> None:
        rows, columns = book.names.shape
        patch.outline = outline(book.mine(slot), *patch.box[:2], (columns, rows))
        patch.place = self._place(patch.outline) if self._place else None
        patch.placed_px = patch.px

    def _large(self, patch: Patch) -> bool:
        """It counts if it may be as large: to within one standard deviation, or by half where that is withheld."""
        place = patch.place
        if place is not None and place.area_m2 is not None:
            return place.area_m2 + (place.area_sigma_m2 or 0.0) >= self._settings.least_m2
        if self._sight is not None:
            corners = self._sight.metres(np.array(patch.outline))
            if np.isfinite(corners).all():
                return _ROUGH * area(corners) >= self._settings.least_m2
        return patch.px >= self._settings.least_px

    def _news(self, patch: Patch, told: Finding, time: float) -> bool:
        if self._severity(patch) is not told.severity:
            return True
        return not 0 <= time - told.time < _APART and self._grown(patch, told)

    def _grown(self, patch: Patch, told: Finding) -> bool:
        place, before = patch.place, told.change.place if told.change else None
        if place is None or before is None or place.area_m2 is None or before.area_m2 is None:
            return patch.placed_px >= patch.told_px * (1 + self._settings.growth)
        step = max(before.area_m2 * self._settings.growth, self._settings.growth_m2)
        return place.area_m2 - before.area_m2 >= step

    def _severity(self, patch: Patch) -> Severity:
        """One step more where a machine works."""
        usual = _SEVERITIES.index(self._settings.severity)
        return _SEVERITIES[min(usual + patch.machine, len(_SEVERITIES) - 1)]

    def _tell(
        self, patch: Patch, book: Book, phase: Phase, key: str, evidence: Evidence, since: float
    ) -> Finding:
        patch.told_px = patch.placed_px
        patch.told = Finding(
            type=DISTURBANCE,
            phase=phase,
            key=key,
            rule=self._settings.rule,
            zone=self._zone(patch, book),
            severity=self._severity(patch),
            whistle=self._settings.whistle,
            objects=(),
            since=since,
            time=evidence.time,
            change=_change(patch, book.names.size, evidence.reference),
        )
        return patch.told

    def _zone(self, patch: Patch, book: Book) -> str | None:
        """The watched polygon that holds most of it."""
        whole = polygons([np.array(patch.outline)], book.names.shape)
        shares = {
            name: np.count_nonzero(whole & polygons([corners], book.names.shape))
            for name, corners in self._settings.watch.items()
        }
        return max(shares, key=lambda name: shares[name], default=None)


def _change(patch: Patch, pixels: int, reference: Reference) -> Change:
    return Change(
        outline=patch.outline,
        share=patch.placed_px / pixels,
        confidence=patch.confidence,
        reference=reference,
        place=patch.place,
        growth_m2_per_hour=rate(patch.areas),
        machine=patch.machine,
        lights=max(len(patch.lights), 1),
    )
