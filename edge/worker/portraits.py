"""What goes with the end of an event: the best picture of it, and the number plate read there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.worker.proofs import Kept, named
from inference.best import BestShots, Shot
from inference.findings import Finding, Phase
from inference.pipeline import Step
from inference.plates import PlateReader
from inference.snapshot import SnapshotFailed, write_kept
from streams.frame import Frame
from streams.problem import Problem


class Portraits:
    """Of one camera. One thread at a time."""

    def __init__(
        self,
        root: Path,
        zones: Mapping[str, NDArray[np.float64]],
        classes: tuple[str, ...],
        better: Callable[[Frame], Frame],
        reader: PlateReader | None,
    ) -> None:
        """reader: None where plates are not asked for."""
        self._root, self._zones, self._reader = root, zones, reader
        self._shots = BestShots(classes, better)

    def look(self, frame: Frame, step: Step) -> Problem | None:
        """Once per picture, before its findings are told. Why it could not be kept, if it is among the best."""
        for finding in step.findings:
            if finding.pictured and finding.phase is not Phase.END:
                self._shots.follow(finding)
        try:
            self._shots.look(frame, step.tracks, step.canvas)
        except SnapshotFailed as failed:
            return failed.problem
        return None

    def last(
        self, finding: Finding, stem: str, *, read: bool, full: Problem | None = None
    ) -> tuple[Finding, Kept]:
        """The END with what the best picture tells, and that picture. stem: of its file. read: its number plate. full:
        why no picture can be kept."""
        shot = self._shots.best(finding)
        self._shots.follow(finding)
        if shot is None:
            return finding, ((), None)
        told = self._with_plate(finding, shot) if read else finding
        if full is not None:
            return told, ((), full)
        try:
            shown = replace(told, objects=(shot.sighting,))
            written = write_kept(self._root, stem, shot.data, shown, self._zones)
        except SnapshotFailed as failed:
            return told, ((), failed.problem)
        return told, (tuple(map(named, written)), None)

    def _with_plate(self, finding: Finding, shot: Shot) -> Finding:
        plate = self._reader.read(shot.crop()) if self._reader else None
        if plate is None:
            return finding
        read: dict[str, str | float] = {"plate": plate.text, "plate_score": plate.score}
        return replace(
            finding,
            objects=tuple(
                replace(seen, attributes={**seen.attributes, **read})
                if seen.track == shot.sighting.track
                else seen
                for seen in finding.objects
            ),
        )
