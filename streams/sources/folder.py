"""A folder of time-lapse pictures, one per `every`."""

import re
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import av
import structlog
from av import error as av_error
from av.video.frame import VideoFrame
from pydantic import Field

from streams.decoding import video_of
from streams.errors import NO_FILES, Missing, StreamError, Unreadable
from streams.frame import Frame
from streams.source import Sink, SourceSpec, StreamInfo
from streams.units import Duration, Instant

log = structlog.get_logger()

_MOST_PIXELS = str(
    1 << 27
)  # a few kB may claim more than the memory holds; the largest cameras take 100 million

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


class Spec(SourceSpec):
    """`kind: folder`. every: between two pictures, s.

    start: when the first was taken; without it, when that file was last changed.
    """

    kind: Literal["folder"] = "folder"
    path: Path
    every: Annotated[Duration, Field(gt=0)] = 60.0
    start: Instant | None = None


def build(spec: Spec) -> "FolderSource":
    return FolderSource(spec)


def natural(path: Path) -> list[tuple[int, str]]:
    """Sort key: img2 before img10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())
    ]


class FolderSource:
    """Pictures in natural order of their names. A broken one is named in a warning and leaves its turn empty.

    Raises Missing, Unreadable (no picture at all).
    """

    live = False

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.where = str(spec.path)

    def run(self, sink: Sink, stop: Event) -> None:
        pictures = self._listed()
        start = self._spec.start if self._spec.start is not None else pictures[0].stat().st_mtime
        index, known = 0, None
        for turn, path in enumerate(pictures):
            if stop.is_set():
                return
            if (found := _decoded(path, self._spec.every)) is None:
                continue
            picture, info = found
            if known != info:
                known = info
                sink.opened(info)
            sink.frame(Frame(picture, start + turn * self._spec.every, index))
            index += 1
        if index == 0:
            raise Unreadable(self.where)
        sink.ended()

    def _listed(self) -> list[Path]:
        try:
            entries = sorted(self._spec.path.iterdir(), key=natural)
        except OSError:
            entries = None
        if entries is None:
            raise Missing(self.where)
        pictures = [
            path for path in entries if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        ]
        if not pictures:
            raise Unreadable(self.where, NO_FILES)
        return pictures


def _decoded(path: Path, every: float) -> tuple[VideoFrame, StreamInfo] | None:
    """The picture, or None and a warning."""
    try:
        with (
            path.open("rb") as file,
            av.open(file, "r", metadata_errors="replace") as container,
        ):  # a name with %d would be taken for a series
            stream = video_of(container, str(path))
            codec = stream.codec_context.name
            stream.codec_context.options = {"max_pixels": _MOST_PIXELS}
            if (
                codec == "mjpeg"
            ):  # else the missing part of a cut-off JPEG is painted grey and passes for a picture
                stream.codec_context.options = {"err_detect": "explode", "max_pixels": _MOST_PIXELS}
            picture = next(container.decode(stream), None)
    except (av_error.FFmpegError, OSError, StreamError) as error:
        log.warning("folder.broken_picture", path=str(path), error=type(error).__name__)
        return None
    if picture is None:
        log.warning("folder.broken_picture", path=str(path), error="empty")
        return None
    return picture, StreamInfo(codec, picture.width, picture.height, 1 / every)
