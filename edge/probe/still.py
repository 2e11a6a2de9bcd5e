"""A picture as a file."""

from pathlib import Path

from av.video.frame import VideoFrame

from inference.snapshot import jpeg
from streams import whole
from streams.frame import Frame
from streams.problem import Problem, ProblemError, Text


class NotStored(ProblemError):
    """`problem` says why."""


def store(picture: VideoFrame | None, file: Path) -> None:
    """As a JPEG, whole or not at all. Raises NotStored, SnapshotFailed."""
    if picture is None:
        raise NotStored(_NONE)
    try:
        whole.write(file, jpeg(Frame(picture, 0.0, 0)))
    except OSError as error:
        raise NotStored(_unwritten(file, error)) from None


_NONE = Problem(
    "picture.none",
    Text("no picture of this stream could be decoded", "该码流没有可解码的画面"),
    Text("set the camera to H.264 or H.265", "请将摄像机编码设为 H.264 或 H.265"),
)


def _unwritten(file: Path, error: OSError) -> Problem:
    return Problem(
        "picture.unwritten",
        Text(f"{file} cannot be written: {error.strerror}", f"无法写入 {file}：{error.strerror}"),
        Text("choose another file", "请更换文件"),
    )
