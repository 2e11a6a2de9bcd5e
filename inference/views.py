"""Parts of a picture at the size they are looked at: which part, how it is cut out, and the way back."""

from dataclasses import dataclass

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from inference.detections import Boxes, Detections, Fit, Picture

# What decoders give, and by what px are divided to bytes across and rows down, plane by plane; anything else is
# converted to the first before a crop.
_PLANES = {
    "yuv420p": ((1, 1), (2, 2), (2, 2)),
    "yuvj420p": ((1, 1), (2, 2), (2, 2)),
    "nv12": ((1, 1), (1, 2)),  # of hardware
}
_THREADS = 1  # swscale's own choice is one per core, for each scaler of each camera
_EDGE = 2.0  # px of the source picture: a box this near a cut is taken as cut off by it


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of the source picture, in px: left, top, width, height. Even numbers (4:2:0 chroma)."""

    left: int
    top: int
    width: int
    height: int

    @staticmethod
    def whole(size: tuple[int, int]) -> "View":
        return View(0, 0, *size)


@dataclass(frozen=True, slots=True)
class Cut:
    """A view and the width and height in px it is shown to the detector at."""

    view: View
    width: int
    height: int

    @property
    def zoom(self) -> float:
        """px it is shown at per px of the source picture."""
        return min(self.width / self.view.width, self.height / self.view.height)

    @staticmethod
    def filling(view: View, size: tuple[int, int], fit: Fit) -> "Cut":
        """As large as an input of that size (width, height) takes it."""
        return Cut(view, *fitted(view, size, fit))


def fitted(view: View, size: tuple[int, int], fit: Fit) -> tuple[int, int]:
    """Width and height in px of the view once it fills the detector's input."""
    if fit == "stretch":
        return size
    scale = min(size[0] / view.width, size[1] / view.height)
    return max(1, round(view.width * scale)), max(1, round(view.height * scale))


class Cutter:
    """Cuts views out of decoded pictures: one swscale pass does colour and size, and nothing is copied: crop and whole
    picture are read where the decoder left them, and what is returned lies where swscale wrote it.

    Keeps two scalers, so that the whole picture's does not have to be set up again after every crop.
    """

    def __init__(self, size: tuple[int, int], fit: Fit) -> None:
        self._size = size
        self._fit: Fit = fit
        self._whole = VideoReformatter()
        self._crops = VideoReformatter()
        self._planar = VideoReformatter()

    def cut(self, picture: VideoFrame, view: View) -> Picture:
        """uint8 [height, width, 3] BGR at the size `fitted` gives."""
        return self.scaled(picture, Cut.filling(view, self._size, self._fit))

    def scaled(self, picture: VideoFrame, cut: Cut) -> Picture:
        """uint8 [cut.height, cut.width, 3] BGR."""
        whole = cut.view == View.whole((picture.width, picture.height))
        scaler = self._whole if whole else self._crops
        source = picture if whole else self._crop(picture, cut.view)
        # AREA would alias least, but costs three times as much; BILINEAR reads as well on video.
        way = Interpolation.FAST_BILINEAR
        scaled = scaler.reformat(source, cut.width, cut.height, "bgr24", interpolation=way, threads=_THREADS)
        return np.asarray(scaled.to_ndarray(), np.uint8)

    def _crop(self, picture: VideoFrame, view: View) -> VideoFrame:
        """The same memory, seen from another corner."""
        if picture.format.name not in _PLANES:
            picture = self._planar.reformat(picture, format="yuv420p", threads=_THREADS)
        planes = tuple(
            _rows(picture, index)[
                view.top // down : (view.top + view.height) // down,
                view.left // across : (view.left + view.width) // across,
            ]
            for index, (across, down) in enumerate(_PLANES[picture.format.name])
        )
        cropped = av.VideoFrame.from_dlpack(planes, format=picture.format.name)
        cropped.colorspace, cropped.color_range = picture.colorspace, picture.color_range
        return cropped


def luma(picture: VideoFrame) -> Picture:
    """The Y plane, uint8 [height, width], as a view of the decoder's memory: read it before the next frame."""
    if picture.format.name not in (*_PLANES, "gray", "yuv422p", "yuvj422p", "yuv444p"):
        picture = picture.reformat(format="gray", threads=_THREADS)
    return _rows(picture, 0)[: picture.height, : picture.width]


def placed(found: Detections, view: View, cut: tuple[int, int], size: tuple[int, int]) -> Detections:
    """Detections of a cut view, moved to px of the source picture, without those the cut goes through.

    cut: width and height of the cut picture. size: width and height of the source picture.
    """
    scale = np.array([view.width / cut[0], view.height / cut[1]] * 2, np.float32)
    corner = np.array([view.left, view.top] * 2, np.float32)
    boxes = found.boxes * scale + corner
    # What hangs over the padding of a letterboxed view is outside the picture.
    limits = np.array([view.left + view.width, view.top + view.height] * 2, np.float32)
    boxes = np.clip(boxes, corner, limits)
    moved = Detections(boxes, found.scores, found.labels)
    return moved.keep(~_cut_off(boxes, view, size))


def _cut_off(boxes: Boxes, view: View, size: tuple[int, int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    right, bottom = view.left + view.width, view.top + view.height
    return np.asarray(
        ((view.left > 0) & (boxes[:, 0] < view.left + _EDGE))
        | ((view.top > 0) & (boxes[:, 1] < view.top + _EDGE))
        | ((right < size[0]) & (boxes[:, 2] > right - _EDGE))
        | ((bottom < size[1]) & (boxes[:, 3] > bottom - _EDGE)),
        bool,
    )


def _rows(picture: VideoFrame, index: int) -> Picture:
    """A plane with the padding of its rows, where the decoder left it."""
    plane = picture.planes[index]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
