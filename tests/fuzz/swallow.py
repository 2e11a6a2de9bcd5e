"""Everything that a worker does with a camera's packets, on one thread: ring, eye, analysis, still, clip."""

import uuid
from collections.abc import Sequence
from pathlib import Path

from inference.detections import Detections, Fit, Picture
from inference.pipeline import Pipeline
from streams.camera import RingSink
from streams.clip import ClipFailed, ClipWriter
from streams.eye import Eye, Gaze
from streams.frame import Frame
from streams.ring import Kept, Ring
from streams.still import still


class Blind:
    """A detector that finds nothing in what it is given."""

    classes: tuple[str, ...] = ("truck",)
    size = (416, 416)
    fit: Fit = "letterbox"
    flexible = False
    problem = None

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        assert all(picture.shape[2] == 3 for picture in pictures)
        return [Detections.none() for _ in pictures]


class Analysed:
    """A slot that looks at every picture on the spot."""

    empty = True

    def __init__(self) -> None:
        self._pipeline = Pipeline(Blind(), ())
        self.pictures = 0

    def put(self, frame: Frame) -> None:
        self.pictures += 1
        self._pipeline.step(frame)

    def put_when_free(self, frame: Frame, _patience: float) -> None:
        self.put(frame)


class Swallow(RingSink):
    """A sink; `digest` does the rest once all has come."""

    def __init__(self, folder: Path) -> None:
        self._ring = Ring(seconds=60.0)
        super().__init__(self._ring)
        self._folder = folder
        self.slot = Analysed()

    def digest(self) -> None:
        for awake in (True, False):
            eye = Eye(self._ring, self.slot, Gaze(fps=30.0, glimpse=0.0), awake=awake)
            while eye.turn(0.0):
                pass
        newest = self._ring.newest
        if newest is not None:
            still(self._ring, newest)
            self._record()

    def _record(self) -> None:
        """One clip for every opening."""
        kept = self._ring.read(-1, 0.0)
        while kept is not None:
            kept = self._clip(kept)

    def _clip(self, first: Kept) -> Kept | None:
        """Write it as far as it goes; where the next one begins."""
        path = self._folder / f"{uuid.uuid4().hex}.mp4"
        kept: Kept | None = first
        try:
            with ClipWriter(path, first.info) as clip:
                while kept is not None and kept.opening == first.opening:
                    clip.write(kept.packet)
                    kept = self._ring.read(kept.number, 0.0)
        except ClipFailed:
            while kept is not None and kept.opening == first.opening:
                kept = self._ring.read(kept.number, 0.0)
        path.unlink(missing_ok=True)
        return kept
