"""The pictures that go with an event."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.envelope import Proof
from inference import snapshot
from inference.findings import Finding, Phase
from inference.snapshot import SnapshotFailed
from streams.frame import Frame
from streams.problem import Problem
from streams.ring import Ring
from streams.still import still

_REMEMBER = 60.0  # s between two pictures kept of the camera in good health

Kept = tuple[tuple[Proof, ...], Problem | None]
"""What could be kept, and why the rest could not."""


class Proofs:
    """Of one camera. ring: of the stream that proof is taken from; apart: it is not the one that is analysed."""

    def __init__(
        self, root: Path, zones: Mapping[str, NDArray[np.float64]], ring: Ring, *, apart: bool
    ) -> None:
        self._root, self._zones, self._ring, self._apart = root, zones, ring, apart
        self._healthy: Frame | None = None

    def remember(self, frame: Frame) -> None:
        """A picture of the camera in good health, for the event that says it no longer is."""
        if self._healthy is None or not 0 <= frame.time - self._healthy.time < _REMEMBER:
            self._healthy = frame

    def seen(self, finding: Finding, frame: Frame | None, stem: str, before: Path | None = None) -> Kept:
        """A snapshot of what a rule found, drawn and clean; nothing for the END. before: a kept picture of how it was,
        that goes with it; then the clean one is told as the one after."""
        if frame is None or finding.phase is Phase.END:
            return (), None
        try:
            drawn, clean = snapshot.write(self._root, stem, self.better(frame), finding, self._zones)
            if before is None:
                return (named(drawn), named(clean)), None
            earlier = snapshot.copied(self._root, f"{stem}-before{before.suffix}", "before", before)
        except SnapshotFailed as failed:
            return (), failed.problem
        return (named(drawn), named(earlier), named(replace(clean, kind="after"))), None

    def health(self, finding: Finding, frame: Frame | None, stem: str) -> Kept:
        """From before and after something befell the camera itself."""
        after = frame or self._newest(finding.time)
        before = self._healthy if finding.phase is Phase.NEW else None
        shown: tuple[tuple[snapshot.Kind, Frame | None], ...] = (("before", before), ("after", after))
        kept: list[Proof] = []
        for kind, picture in shown:
            if picture is None:
                continue
            try:
                data = snapshot.jpeg(picture)
                kept.append(named(snapshot.keep(self._root, f"{stem}-{kind}.jpg", kind, data)))
            except SnapshotFailed as failed:
                return tuple(kept), failed.problem
        return tuple(kept), None

    def better(self, frame: Frame) -> Frame:
        """The same moment on the better stream; the analysed picture where it has none."""
        picture = still(self._ring, frame.time) if self._apart else None
        return replace(frame, picture=picture) if picture else frame

    def _newest(self, time: float) -> Frame | None:
        """Of a camera that sends nothing, or sends again."""
        picture = still(self._ring, time)
        return Frame(picture, time, 0) if picture is not None else None


def named(kept: snapshot.Proof) -> Proof:
    return Proof(kind=kept.kind, uri=f"evidence/{kept.path}", size=kept.bytes, sha256=kept.sha256)
