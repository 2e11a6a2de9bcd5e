"""Pictures to measure and to quantise a model with: whole frames of a clip or a folder, and their quarters."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from inference.detections import Detector, Picture
from inference.views import Cutter, View


def calibration_pictures(source: Path, detector: Detector, frames: int) -> list[Picture]:
    """Up to `frames` frames, evenly spread over a clip (or the pictures of a folder), each whole and in quarters, at
    the detector's size. Raises OSError for what cannot be read."""
    cutter = Cutter(detector.size, detector.fit)
    return [cutter.cut(frame, view) for frame in _frames(source, frames) for view in _views(frame)]


def _views(frame: VideoFrame) -> Iterator[View]:
    width, height = frame.width // 4 * 2, frame.height // 4 * 2  # even: 4:2:0 chroma
    yield View.whole((frame.width, frame.height))
    for left in (0, width):
        for top in (0, height):
            yield View(left, top, width, height)


def _frames(source: Path, most: int) -> Iterator[VideoFrame]:
    files = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
    try:
        for file in files[:: max(1, len(files) // most)][:most]:
            yield from _of_file(file, most if len(files) == 1 else 1)
    except FFmpegError as error:  # some of them are no OSError
        raise OSError(error.errno, error.strerror, str(source)) from error


def _of_file(file: Path, most: int) -> Iterator[VideoFrame]:
    with av.open(f"file:{file}") as container:
        pause = max(1, container.streams.video[0].frames // most)
        for index, frame in enumerate(container.decode(video=0)):
            if index >= pause * most:
                return
            if index % pause == 0:
                yield frame
