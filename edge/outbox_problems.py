"""What can go wrong with the outbox file, and SQLite's errors as ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.problem import Problem, ProblemError, Text


class OutboxError(ProblemError):
    """Nothing was stored or changed. `problem` says what to do."""


class OutboxFull(OutboxError):
    """No room on the disk, or the file has reached its limit. Later there may be."""


class OutboxBroken(OutboxError):
    """The file cannot be used as it is; opening it anew may mend it."""


class Damaged(OutboxBroken):
    """The file is not what SQLite wrote: opening it anew moves it aside."""


FULL = Problem(
    "outbox.full",
    Text(
        "too many events wait for the command centre; updates are dropped, beginnings and ends are kept",
        "等待上传的事件过多；丢弃更新，事件的开始和结束仍会保存",
    ),
    Text("check the network and the MQTT broker", "请检查网络和 MQTT 服务器"),
)
DISK_FULL = Problem(
    "outbox.disk_full",
    Text("the disk is full, the event could not be stored", "磁盘已满，事件无法保存"),
    Text("make room on the disk that holds the outbox", "请清理事件库所在的磁盘"),
)
LOCKED = Problem(
    "outbox.locked",
    Text("another program holds the event store", "事件库被其他程序占用"),
    Text(
        "stop the other sandwatch, or give this one a store of its own",
        "请停止另一个 sandwatch，或为本程序指定单独的事件库",
    ),
)
READ_ONLY = Problem(
    "outbox.read_only",
    Text("the event store cannot be written", "事件库无法写入"),
    Text(
        "check the owner and mode of its folder, and that the disk is not mounted read-only",
        "请检查目录的属主和权限，以及磁盘是否只读挂载",
    ),
)
BROKEN = Problem(
    "outbox.broken",
    Text("the event store failed", "事件库出错"),
    Text(
        "check the disk for errors; the daemon opens the store again by itself",
        "请检查磁盘是否有故障；程序会自动重新打开事件库",
    ),
)


def newer(version: int) -> Problem:
    return Problem(
        "outbox.newer",
        Text(
            f"the event store was written by a newer sandwatch (layout {version})",
            f"事件库由更新版本的 sandwatch 写入（格式 {version}）",
        ),
        Text("install that version again, or move the file away", "请重新安装该版本，或移走该文件"),
    )


def corrupt(path: Path, aside: Path) -> Problem:
    return Problem(
        "outbox.corrupt",
        Text(
            f"the event store {path.name} was damaged; a new one was begun, numbered from 1",
            f"事件库 {path.name} 已损坏；已新建事件库，序号从 1 开始",
        ),
        Text(
            f"events that had not been sent are in {aside.name}: keep it, and check the disk for errors",
            f"未上传的事件在 {aside.name} 中：请保留，并检查磁盘是否有故障",
        ),
    )


@contextmanager
def mapped() -> Iterator[None]:
    """sqlite3 and file errors -> OutboxFull, OutboxBroken or Damaged."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(error) from error
    except UnicodeDecodeError as error:  # as in edge.store
        raise Damaged(BROKEN) from error
    except OSError as error:
        raise OutboxBroken(READ_ONLY) from error


def _meaning(error: sqlite3.Error) -> Exception:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return OutboxFull(DISK_FULL)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return OutboxBroken(LOCKED)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return OutboxBroken(READ_ONLY)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Damaged(BROKEN)
    return OutboxBroken(BROKEN)
