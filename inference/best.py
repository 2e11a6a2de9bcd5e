"""The best picture there has been of each track of an open event, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from inference.cast import sighting
from inference.detections import Picture
from inference.findings import Finding, Phase, Sighting
from inference.snapshot import jpeg, opened
from inference.tracks import Tracks
from inference.views import luma
from streams.frame import Frame

Box = tuple[float, float, float, float]
"""x1 y1 x2 y2, relative 0-1 of the picture."""

_MOST = 16  # pictures kept per camera: under 8 MB at 1080p
_EVERY = 1.0  # s between two pictures kept: each costs 5 to 10 ms of colour conversion and JPEG
_BETTER = 1.15  # times the worth of the picture kept: a little better is not worth the work
_LARGE = (
    400.0  # px, root of the area: a lorry as large as that shows all there is to see, its number plate too
)
_CLEAR = 150.0  # variance of the Laplacian where a picture is half as sharp as it can be
_SIDE = 160  # px at which sharpness is measured: the noise of the sensor is averaged out, blur is not
_CUT = 0.3  # what is left of a vehicle that the edge of the picture cuts off
_EDGE = 3.0  # px


@dataclass(frozen=True, slots=True)
class Shot:
    """worth: see `worth`. time: s, frame clock. data: the whole picture, JPEG. sighting: of the track in it."""

    worth: float
    time: float
    data: bytes
    sighting: Sighting

    def crop(self) -> Picture:
        """The vehicle alone, uint8 [h, w, 3] BGR."""
        return _cut(opened(self.data), self.sighting.box)


def worth(box: Box, size: tuple[int, int], score: float, sharp: float) -> float:
    """0 to 1: how much a picture shows of a vehicle. size: of the picture in px; score, sharp: 0 to 1."""
    width, height = (box[2] - box[0]) * size[0], (box[3] - box[1]) * size[1]
    large = min(1.0, float(np.sqrt(max(width, 0) * max(height, 0))) / _LARGE)
    margins = (box[0] * size[0], box[1] * size[1], (1 - box[2]) * size[0], (1 - box[3]) * size[1])
    return score * large * sharp * (_CUT if min(margins) < _EDGE else 1.0)


def sharpness(grey: Picture) -> float:
    """0 to 1 for a cut-out, uint8 [h, w]: the variance of its Laplacian (Pech-Pacheco et al., ICPR 2000), which
    motion and a lens out of focus take away."""
    if min(grey.shape) < 3:
        return 0.0
    scale = min(1.0, _SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    variance = float(cv2.Laplacian(small, cv2.CV_32F).var())
    return variance / (variance + _CLEAR)


class BestShots:
    """Of one camera. One thread at a time."""

    def __init__(
        self, classes: tuple[str, ...], better: Callable[[Frame], Frame] = lambda frame: frame
    ) -> None:
        """classes: the detector's. better: the same moment on the stream that proof is taken from."""
        self._classes, self._better = classes, better
        self._cases: dict[str, tuple[int, ...]] = {}  # tracks of the open events, by their keys
        self._shots: dict[int, Shot] = {}
        self._last = -np.inf

    def follow(self, finding: Finding) -> None:
        """A case began, changed, or is over: then its pictures are forgotten, so ask for the best one before."""
        if finding.phase is Phase.END:
            self._cases.pop(finding.key, None)
        else:
            self._cases[finding.key] = tuple(seen.track for seen in finding.objects)
        followed = self._followed()
        self._shots = {track: shot for track, shot in self._shots.items() if track in followed}

    def best(self, finding: Finding) -> Shot | None:
        """The best picture of any of its tracks since its case began."""
        shots = [self._shots[seen.track] for seen in finding.objects if seen.track in self._shots]
        return max(shots, key=lambda shot: shot.worth, default=None)

    def look(self, frame: Frame, tracks: Tracks, canvas: tuple[int, int]) -> None:
        """At most once a second, but at once for a track that has no picture yet.

        canvas: width and height in px that the tracks' boxes are counted in. Raises SnapshotFailed.
        """
        followed = self._followed()
        if 0 <= frame.time - self._last < _EVERY:
            followed -= self._shots.keys()
        better = self._shown_better(frame, tracks, canvas, followed) if followed else []
        if better:
            self._last = frame.time
            data = jpeg(self._better(frame))
            for value, seen in better:
                self._shots[seen.track] = Shot(value, frame.time, data, seen)

    def _shown_better(
        self, frame: Frame, tracks: Tracks, canvas: tuple[int, int], followed: set[int]
    ) -> list[tuple[float, Sighting]]:
        """Whom this picture shows better than any before it, and its worth."""
        grey = luma(frame.picture)
        better = list[tuple[float, Sighting]]()
        for row in np.flatnonzero(tracks.seen & np.isin(tracks.ids, list(followed))).tolist():
            seen = sighting(tracks, row, canvas, self._classes)
            value = worth(seen.box, frame.size, seen.score, sharpness(_cut(grey, seen.box)))
            known = self._shots.get(seen.track)
            if known is None or value > _BETTER * known.worth:
                better.append((value, seen))
        return better

    def _followed(self) -> set[int]:
        """The first tracks of the open cases, as many as there is room for."""
        tracks = dict.fromkeys(track for case in self._cases.values() for track in case)
        return set(list(tracks)[:_MOST])


def _cut(picture: Picture, box: Box) -> Picture:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (round(side * extent) for side, extent in zip(box, (width, height) * 2, strict=True))
    return picture[y1:y2, x1:x2]
