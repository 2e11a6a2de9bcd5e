"""Where events and proof are kept: room, and how long a write takes to be safe."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from edge.doctor.question import Box, Question, Verdict, fail, fine, warn
from edge.evidence.room import Room
from streams.problem import Problem, Text

# s. A memory card that tidies itself up holds up a write for some seconds; a dying one for much longer.
_PATIENCE = 30.0
_SLOW = 1.0  # s that one fsync may take: every event waits for one


def questions(box: Box) -> Iterable[Question]:
    if box.site is None:
        return []
    path = box.site.storage.path
    room = Room.of(box.site.evidence.free_gigabytes)
    return [Question(str(path), partial(_look, path, room), _PATIENCE)]


def _look(path: Path, room: Room) -> Iterator[Verdict]:
    try:
        took = _written(path)
        free = shutil.disk_usage(path).free
    except OSError as error:
        yield fail(_unwritable(path, error))
        return
    if took > _SLOW:
        yield warn(_slow(took))
    if (problem := room.for_picture(path)) is not None:
        yield fail(problem)
    elif (problem := room.for_clip(path)) is not None:
        yield warn(problem)
    else:
        words = f"{free / 1e9:.1f} GB", f"{1000 * took:.1f} ms"
        yield fine(
            f"{words[0]} free; a write is safe after {words[1]}", f"可用 {words[0]}；写入落盘耗时 {words[1]}"
        )


def _written(folder: Path) -> float:
    """s that it took to put 4 KiB on the disk. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        file.write(bytes(4096))
        file.flush()
        began = time.monotonic()
        os.fsync(file.fileno())
        return time.monotonic() - began


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "storage.path",
        Text(f"{path}: {error.strerror}", f"{path}：{error.strerror}"),
        Text(
            "give the gateway's user this folder: chown sandwatch: and chmod 700; look at the disk with dmesg",
            "请把该目录交给网关用户（chown sandwatch:，chmod 700）；并用 dmesg 检查磁盘",
        ),
    )


def _slow(took: float) -> Problem:
    return Problem(
        "storage.slow",
        Text(f"a write takes {took:.1f} s until it is safe", f"写入落盘需要 {took:.1f} 秒"),
        Text(
            "the card or disk is worn out or busy: replace it before it fails",
            "存储卡或磁盘老化或繁忙：请在损坏前更换",
        ),
    )
