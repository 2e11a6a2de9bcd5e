"""One look at one picture: choose the parts, have them looked at side by side, and bring the answers together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from inference.asking import Asking
from inference.decoders import intersection, iou, suppress
from inference.detections import Boxes, Detections, Detector, Picture
from inference.motion import Motion, Polygon
from inference.places import Places
from inference.regions import Manner, Wanted, closer, tiles
from inference.sheets import Sheet, packed
from inference.stages import Stages
from inference.tracks import Tracks
from inference.views import Cut, Cutter, View, luma

_FULL_EVERY = 1.0  # s between looks at the whole picture: finds what stood still before we came
# inputs per picture: bounds its cost, whatever moves; what finds no room is first in the next
_MOST_SHEETS = 2
# The first in which everything finds room: the model that ships finds most with as much of the surroundings as of the
# object, and hardly any that are shown smaller than 64 px.
_MANNERS = (Manner(150.0, 1.8), Manner(128.0, 1.2), Manner(96.0, 0.8))
_MOST_CLOSER = 16  # cuts per picture that room is looked for
_MOST_EXPECTED = 2  # of them where nothing moves but objects often appear, with each whole look
_RECHECK = 1.1  # s after which an unmoved track is looked at closer: the whole look just missed it
_INSIDE = 0.8  # share of a box that lies in a better one of the same label: a part, not a second object
_DOUBTFUL = 0.3  # IoU: what was found and lies on no track by more than this is looked at once more, closer
_SURE = 0.3  # score from which the tracker begins a track
# px: how large things may be that move where nothing was followed yet; tried in turn, picture by picture: a blob may
# be the arm of an excavator or a whole lorry a mile off.
_GUESSES = (64.0, 64.0, 24.0)
_MERGED = 3.0  # times the size expected: a larger moving blob is taken for one thing of its own
_GREY = 114  # between panes: what the detectors we know pad with


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look did: the sheets it had looked at (views in px of the picture), whether anything moved, and
    what was found (px of the canvas)."""

    sheets: tuple[Sheet, ...]
    moving: bool
    found: Detections


class Look:
    """Looks closer where something moves, is followed or often appears, and at the whole picture every second.

    Where the picture is too large for the detector, every whole look also takes the next tile of it.
    """

    def __init__(self, detector: Detector, stages: Stages, ignore: Sequence[Polygon] = ()) -> None:
        """ignore: polygons, relative 0-1, in which motion means nothing."""
        self._limit, self._fit = detector.size, detector.fit
        self._cutter = Cutter(detector.size, detector.fit)
        self._motion = Motion(ignore)
        self._places = Places()
        self._stages = stages
        self._found = Detections.none()
        self._last_full = -np.inf
        self._round = 0
        self._guess = 0

    def at(self, picture: VideoFrame, time: float, tracks: Tracks, canvas: tuple[int, int]) -> Asking[Glance]:
        """time: seconds, frame clock. tracks: as they were after the last look, in px of the canvas.
        canvas: width and height in px that boxes are counted in.
        """
        size = (picture.width, picture.height)
        shrink = np.array([canvas[0] / size[0], canvas[1] / size[1]] * 2, np.float32)
        with self._stages.timed("motion"):
            moving = self._motion.update(luma(picture), time)
        with self._stages.timed("plan"):
            self._places.learn(tracks, canvas)
            still = _stale(tracks, time).then(_fresh(self._found, tracks)).scaled(np.float32(1) / shrink)
            wanted = _moving(moving, tracks.boxes / shrink, self._likely(moving, size)).then(still)
            sheets = self._sheets(wanted, size, time)
        parts = []
        if sheets:
            with self._stages.timed("convert"):
                pictures = [self._drawn(picture, sheet) for sheet in sheets]
            with self._stages.timed("infer"):
                answers = yield pictures
            parts = [sheet.returned(answer, size) for sheet, answer in zip(sheets, answers, strict=True)]
        with self._stages.timed("merge"):
            found = _without_parts(suppress(Detections.joined(parts)))
        self._motion.judged(found.boxes, time)
        self._found = Detections(found.boxes * shrink, found.scores, found.labels)
        return Glance(sheets, len(moving) > 0, self._found)

    def stir(self, boxes: Boxes) -> NDArray[np.float32]:
        """The share of each box that moved in the picture looked at last, float32 [N]; NaN where nothing can be
        said. boxes: px of that picture."""
        return self._motion.stir(boxes)

    def moved(self, picture: VideoFrame, time: float) -> bool:
        """Whether anything moved since the last picture; learns from it only if not."""
        with self._stages.timed("motion"):
            return len(self._motion.glimpse(luma(picture), time)) > 0

    def _likely(self, moving: Boxes, size: tuple[int, int]) -> NDArray[np.float32]:
        """float32 [N], px: how large what moves there is, as far as it is known."""
        learned = self._places.sizes(moving, size)
        self._guess = (self._guess + 1) % len(_GUESSES)
        guessed = np.maximum(_longer(moving), np.float32(_GUESSES[self._guess]))
        return np.where(learned > 0, learned, guessed)

    def _sheets(self, wanted: Wanted, size: tuple[int, int], time: float) -> tuple[Sheet, ...]:
        # Who waited longest comes first: what found no room in this picture does in the next.
        wanted = wanted.ordered(-self._places.waited(wanted.boxes, size, time))
        full = self._full(size, time)
        if full:
            wanted = wanted.then(self._places.due(size, time, _MOST_EXPECTED))
        sheets = self._arranged(wanted, full, size)
        shown = (pane.cut.view for sheet in sheets for pane in sheet.panes)
        self._places.looked((view for view in shown if view != View.whole(size)), size, time)
        return sheets

    def _arranged(self, wanted: Wanted, full: tuple[Cut, ...], size: tuple[int, int]) -> tuple[Sheet, ...]:
        """As large as there is room for all; else as small as is of use, and the last ones are left out."""
        sheets: tuple[Sheet, ...] = ()
        for manner in _MANNERS:
            cuts = (*full, *closer(wanted, size, self._limit, _MOST_CLOSER, full, manner))
            sheets = packed(cuts, self._limit, _MOST_SHEETS)
            if sum(len(sheet.panes) for sheet in sheets) == len(cuts):
                break
        return sheets

    def _full(self, size: tuple[int, int], time: float) -> tuple[Cut, ...]:
        """The whole picture when it is due, and its next tile where it has any."""
        # A clock that jumps back must not put the next full look off for as long as it jumped.
        if 0 <= time - self._last_full < _FULL_EVERY:
            return ()
        self._last_full = time
        views = [View.whole(size)]
        if parts := tiles(size, self._limit):
            self._round = (self._round + 1) % len(parts)
            views.append(parts[self._round])
        return tuple(Cut.filling(view, self._limit, self._fit) for view in views)

    def _drawn(self, picture: VideoFrame, sheet: Sheet) -> Picture:
        if len(sheet.panes) == 1:
            return self._cutter.scaled(picture, sheet.panes[0].cut)
        width, height = sheet.size
        drawn = np.full((height, width, 3), _GREY, np.uint8)
        for pane in sheet.panes:
            left, top, right, bottom = pane.box
            drawn[top:bottom, left:right] = self._cutter.scaled(picture, pane.cut)
        return drawn


def _stale(tracks: Tracks, time: float) -> Wanted:
    """Tracks nobody has looked at for a while, the longest unseen first."""
    due = np.flatnonzero(time - tracks.last >= _RECHECK)
    chosen = tracks.boxes[due[np.argsort(tracks.last[due], kind="stable")]]
    return Wanted(chosen, _longer(chosen))


def _fresh(found: Detections, tracks: Tracks) -> Wanted:
    """What was found in the last picture and is not followed yet: a second sighting decides."""
    fresh = found.scores >= _SURE
    if len(tracks):
        fresh &= iou(found.boxes, tracks.boxes).max(axis=1, initial=0) < _DOUBTFUL
    return Wanted(found.boxes[fresh], _longer(found.boxes[fresh]))


def _moving(moving: Boxes, followed: Boxes, likely: NDArray[np.float32]) -> Wanted:
    """What moves, each as large as what is followed there, else as is likely.

    Motion shows parts of a thing (the front of a lorry that drives slowly) or several at once.
    """
    sizes, boxes = likely.copy(), moving.copy()
    if len(followed):
        shared = intersection(moving, followed)
        best, met = shared.argmax(axis=1), shared.max(axis=1, initial=0) > 0
        sizes[met] = _longer(followed)[best[met]]
        boxes[met, :2] = np.minimum(moving[met, :2], followed[best[met], :2])
        boxes[met, 2:] = np.maximum(moving[met, 2:], followed[best[met], 2:])
    sizes = np.maximum(sizes, _longer(boxes) / _MERGED)
    return Wanted(_grown(boxes, sizes), sizes)


def _grown(boxes: Boxes, sizes: NDArray[np.float32]) -> Boxes:
    """About their centres to at least these sizes."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = np.maximum(boxes[:, 2:] - boxes[:, :2], sizes[:, None]) / 2
    return np.concatenate([centres - half, centres + half], axis=1).astype(np.float32)


def _longer(boxes: Boxes) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0), np.float32)


def _without_parts(found: Detections) -> Detections:
    """Drop a box that lies mostly inside a better one of its own label: two views saw the same object."""
    areas = np.maximum(intersection(found.boxes, found.boxes).diagonal(), 1e-6)
    shares = intersection(found.boxes, found.boxes) / areas[:, None]
    better = np.tri(len(found), k=-1, dtype=bool)  # row i may fall to column j < i, which scores higher
    alike = found.labels[:, None] == found.labels[None, :]
    return found.keep(~((shares > _INSIDE) & better & alike).any(axis=1))
