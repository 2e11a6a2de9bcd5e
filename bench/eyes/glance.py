"""One model's look at one whole picture, by the way a camera's pictures take in the daemon."""

import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from av.video.frame import VideoFrame

from bench.eyes.judging import Seen
from bench.eyes.labelled import Still
from bench.eyes.weather import WEATHERS
from inference.detections import Detector, Picture
from inference.views import Cutter, View, fitted, placed

PLAIN = "as photographed"


def picture(still: Still) -> Picture:
    """uint8 [height, width, 3] BGR in the shape the camera had. Raises ValueError if it is no picture."""
    read = cv2.imread(str(still.path))
    if read is None:
        raise ValueError(f"not a picture: {still.path}")
    height, width = read.shape[:2]
    if still.shape != 1.0:
        read = cv2.resize(read, (width, round(height * still.shape)), interpolation=cv2.INTER_AREA)
    return np.asarray(read, np.uint8)


def weathered(still: Still, weathers: tuple[str, ...]) -> Iterator[tuple[str, Picture]]:
    """The picture, and the same under each of the weathers: the same every time it is asked for."""
    plain = picture(still)
    yield PLAIN, plain
    for name in weathers:
        rng = np.random.default_rng(zlib.crc32(f"{name} {still.key}".encode()))
        yield name, WEATHERS[name](plain, rng)


class Eyes:
    """A detector with what cuts pictures to its size."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._cutter = Cutter(detector.size, detector.fit)

    def on(self, shot: Picture) -> Seen:
        """Raises DetectorFailed."""
        size = (shot.shape[1], shot.shape[0])
        frame = VideoFrame.from_ndarray(shot, "bgr24").reformat(
            format="yuv420p"
        )  # what a camera's decoder gives
        view = View.whole(size)
        found = self._detector.detect([self._cutter.cut(frame, view)])[0]
        found = placed(found, view, fitted(view, self._detector.size, self._detector.fit), size)
        words = tuple(self._detector.classes[label] for label in found.labels.tolist())
        share = np.asarray(found.boxes / np.array(size * 2, np.float32), np.float32)
        return Seen(share, found.scores, words)
