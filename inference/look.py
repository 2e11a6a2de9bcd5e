"""One look at one picture: choose the views, detect in each, and bring the answers together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame

from inference.decoders import intersection, suppress
from inference.detections import Boxes, Detections, Detector
from inference.motion import Motion, Polygon
from inference.regions import regions
from inference.stages import Stages
from inference.tracks import Tracks
from inference.views import Cutter, View, fitted, luma, placed

_FULL_EVERY = 1.0  # s between looks at the whole picture: finds what stood still before we came
_MOST_CLOSER = 3  # crops per picture: the fourth would cost more than it finds (a box has two cores to spare)
_RECHECK = 1.0  # s after which an unmoved track is looked at again; the tracker forgets it after three
_INSIDE = 0.8  # share of a box that lies in a better one of the same label: a part, not a second object


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look did: the views it took (px of the picture), whether anything moved, and what was found (px
    of the canvas)."""

    views: tuple[View, ...]
    moving: bool
    found: Detections


class Look:
    """Looks closer where something moves or is followed, and at the whole picture every second."""

    def __init__(self, detector: Detector, stages: Stages, ignore: Sequence[Polygon] = ()) -> None:
        """ignore: polygons, relative 0-1, in which motion means nothing."""
        self._detector = detector
        self._cutter = Cutter(detector.size, detector.fit)
        self._motion = Motion(ignore)
        self._stages = stages
        self._last_full = -np.inf

    def at(self, picture: VideoFrame, time: float, tracks: Tracks, canvas: tuple[int, int]) -> Glance:
        """time: seconds, frame clock. tracks: as they were after the last look, in px of the canvas.
        canvas: width and height in px that boxes are counted in. Raises DetectorFailed.
        """
        size = (picture.width, picture.height)
        shrink = np.array([canvas[0] / size[0], canvas[1] / size[1]] * 2, np.float32)
        with self._stages.timed("motion"):
            moving = self._motion.update(luma(picture), time)
        views = self._views(moving, size, time, _stale(tracks, time) / shrink)
        parts = [self._inside(picture, view, size) for view in views]
        with self._stages.timed("merge"):
            found = _without_parts(suppress(Detections.joined(parts)))
        self._motion.judged(found.boxes, time)
        return Glance(views, len(moving) > 0, Detections(found.boxes * shrink, found.scores, found.labels))

    def moved(self, picture: VideoFrame, time: float) -> bool:
        """Whether anything moved since the last picture; learns from it only if not."""
        with self._stages.timed("motion"):
            return len(self._motion.glimpse(luma(picture), time)) > 0

    def _views(self, moving: Boxes, size: tuple[int, int], time: float, stale: Boxes) -> tuple[View, ...]:
        closer = regions(np.concatenate([moving, stale]), size, _MOST_CLOSER)
        # A clock that jumps back must not put the next full look off for as long as it jumped.
        if 0 <= time - self._last_full < _FULL_EVERY:
            return closer
        self._last_full = time
        return (View.whole(size), *closer)

    def _inside(self, picture: VideoFrame, view: View, size: tuple[int, int]) -> Detections:
        with self._stages.timed("convert"):
            cut = self._cutter.cut(picture, view)
        with self._stages.timed("infer"):
            found = self._detector.detect([cut])[0]
        return placed(found, view, fitted(view, self._detector.size, self._detector.fit), size)


def _stale(tracks: Tracks, time: float) -> Boxes:
    """Boxes of tracks nobody has looked at for a while, the longest unseen first."""
    due = np.flatnonzero(time - tracks.last >= _RECHECK)
    return tracks.boxes[due[np.argsort(tracks.last[due], kind="stable")]]


def _without_parts(found: Detections) -> Detections:
    """Drop a box that lies mostly inside a better one of its own label: two views saw the same object."""
    areas = np.maximum(intersection(found.boxes, found.boxes).diagonal(), 1e-6)
    shares = intersection(found.boxes, found.boxes) / areas[:, None]
    better = np.tri(len(found), k=-1, dtype=bool)  # row i may fall to column j < i, which scores higher
    alike = found.labels[:, None] == found.labels[None, :]
    return found.keep(~((shares > _INSIDE) & better & alike).any(axis=1))
