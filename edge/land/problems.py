"""What the disk may say to who asks for the ground, mapped to ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.problem import Problem, ProblemError, Text


class LandRefused(ProblemError):
    """It cannot be told or done; `problem` says why."""


@contextmanager
def readable() -> Iterator[None]:
    """Raises LandRefused where the box's folder cannot be read."""
    try:
        yield
    except OSError as error:
        raise LandRefused(
            Problem(
                "land.unreadable",
                Text(f"{error.filename}: {error.strerror}", f"{error.filename}：{error.strerror}"),
                Text("run this as the gateway's user, or as root", "请以网关用户或 root 身份执行"),
            )
        ) from None


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Raises LandRefused where this file cannot be written."""
    try:
        yield
    except OSError as error:
        raise LandRefused(
            Problem(
                "land.unwritable",
                Text(f"{path}: {error.strerror}", f"{path}：{error.strerror}"),
                Text("give --out a file in a folder you may write to", "请用 --out 指定可写的文件"),
            )
        ) from None


def unknown_case(event_id: str) -> LandRefused:
    return LandRefused(
        Problem(
            "land.unknown_case",
            Text(f"no disturbance has the event id {event_id}", f"没有编号为 {event_id} 的动土事件"),
            Text("see sandwatch land list", "请查看 sandwatch land list"),
        )
    )


def unknown_camera(camera: str) -> LandRefused:
    return LandRefused(
        Problem(
            "land.unknown_camera",
            Text(f"the ground of {camera!r} was never watched", f"从未监测过“{camera}”的地面"),
            Text(
                "see sandwatch land list; a stream needs land: in the site file",
                "请查看 sandwatch land list；视频流需在站点文件中配置 land:",
            ),
        )
    )


NOBODY = Text(
    "nobody answered: the gateway does not run, or does not watch this camera; nothing was done",
    "无应答：网关未运行，或未监测该摄像机；未执行任何操作",
)
