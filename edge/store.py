"""SQLite files of the gateway that others read while it runs: how one is opened, written, and set aside when damaged.

What is committed survives kill -9 and power loss (WAL, synchronous FULL). One thread writes; the command line reads
beside it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from streams.problem import Problem, ProblemError, Text

log = structlog.get_logger()

# A reader's snapshot never holds up the writer in WAL; a second writer (the command line leaving a request) is done
# within milliseconds, a slow card's fsync within a second or two.
_LOCK_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Layout:
    """What is in a file.

    code: what its problems' codes begin with. what: as people call it. schema: SQL that makes version n + 1 out of
    version n, from an empty file on; only ever added to.
    """

    code: str
    what: Text
    schema: tuple[str, ...]


class StoreError(ProblemError):
    """Nothing was changed. `problem` says what to do."""


class StoreFull(StoreError):
    """No room on the disk. Later there may be."""


class StoreBroken(StoreError):
    """The file cannot be used as it is; opening it anew may mend it."""


class Damaged(StoreBroken):
    """The file is not what SQLite wrote: opening it anew moves it aside."""


class StoreMissing(StoreError):
    """There is no such file yet."""


def open_store(path: Path, layout: Layout) -> tuple[sqlite3.Connection, Problem | None]:
    """The file, made or brought up to date, for one thread to write; and what was mended on the way.

    A damaged one is moved aside and a new one begun. Raises StoreFull, StoreBroken.
    """
    try:
        return _connect(path, layout), None
    except Damaged:
        aside = move_aside(path)
        problem = _corrupt(layout, path, aside)
        log.error(problem.code, file=str(path), moved_to=str(aside), problem=problem.say("en"))
    return _connect(path, layout), problem


def open_beside(path: Path, layout: Layout, *, write: bool = False) -> sqlite3.Connection:
    """The file as it is, beside a running daemon. Raises StoreMissing, StoreBroken."""
    with mapped(layout):
        if not path.exists():
            raise StoreMissing(_missing(layout, path))
        mode = "rw" if write else "ro"
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_LOCK_WAIT_S, isolation_level=None
        )
        try:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version != len(layout.schema):
                raise StoreBroken(_another(layout, version))
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection, layout: Layout) -> Iterator[None]:
    """All of it or nothing, on disk when left. Raises StoreFull, StoreBroken."""
    try:
        with mapped(layout):
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("COMMIT")
    except BaseException:
        with mapped(layout):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise


@contextmanager
def mapped(layout: Layout) -> Iterator[None]:
    """sqlite3 and file errors -> StoreFull, StoreBroken or Damaged."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(layout, error) from error
    except UnicodeDecodeError as error:  # SQLite quotes a layout that is no text any more
        raise Damaged(_broken(layout)) from error
    except OSError as error:
        raise StoreBroken(_unwritable(layout)) from error


def _connect(path: Path, layout: Layout) -> sqlite3.Connection:
    with mapped(layout):
        make_private(path)
        db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
        try:
            _prepare(db, layout)
        except BaseException:
            db.close()
            raise
    return db


def make_private(path: Path) -> None:
    """An empty file where there is none. SQLite gives its -wal and -shm the mode and owner of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def _prepare(db: sqlite3.Connection, layout: Layout) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Damaged(_broken(layout))
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(layout.schema):
        raise StoreBroken(_another(layout, version))
    for number, statements in enumerate(layout.schema[version:], version + 1):
        db.executescript(f"BEGIN IMMEDIATE; {statements} PRAGMA user_version = {number}; COMMIT;")


def move_aside(path: Path, why: str = "corrupt") -> Path:
    """A file, with its -wal, which may hold the newest of it; where it is now. why: becomes part of its name."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists():
            part.rename(aside.with_name(aside.name + end))
    return aside


def _meaning(layout: Layout, error: sqlite3.Error) -> StoreError:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreFull(_full(layout))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBroken(_locked(layout))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreBroken(_unwritable(layout))
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Damaged(_broken(layout))
    return StoreBroken(_broken(layout))


def _full(layout: Layout) -> Problem:
    return Problem(
        f"{layout.code}.disk_full",
        Text(
            f"the disk is full, nothing more can be written into {layout.what.en}",
            f"磁盘已满，{layout.what.zh}无法写入",
        ),
        Text("make room on the disk that holds it", "请清理其所在的磁盘"),
    )


def _locked(layout: Layout) -> Problem:
    return Problem(
        f"{layout.code}.locked",
        Text(f"another program holds {layout.what.en}", f"{layout.what.zh}被其他程序占用"),
        Text("stop the other program; it is tried again", "请停止该程序；本程序会自动重试"),
    )


def _unwritable(layout: Layout) -> Problem:
    return Problem(
        f"{layout.code}.unwritable",
        Text(f"{layout.what.en} cannot be opened or written", f"{layout.what.zh}无法打开或写入"),
        Text(
            "check the owner and mode of its folder, that the disk is not mounted read-only, and who you are",
            "请检查目录的属主和权限、磁盘是否只读挂载，以及当前用户",
        ),
    )


def _broken(layout: Layout) -> Problem:
    return Problem(
        f"{layout.code}.broken",
        Text(f"{layout.what.en} failed", f"{layout.what.zh}出错"),
        Text(
            "check the disk for errors; the daemon opens it again by itself",
            "请检查磁盘是否有故障；程序会自动重新打开",
        ),
    )


def _another(layout: Layout, version: int) -> Problem:
    return Problem(
        f"{layout.code}.version",
        Text(
            f"{layout.what.en} has layout {version}, this sandwatch knows {len(layout.schema)}",
            f"{layout.what.zh}的格式为 {version}，本程序支持 {len(layout.schema)}",
        ),
        Text(
            "use the version of sandwatch that wrote it, or start the daemon of this one first",
            "请使用写入它的版本，或先启动本版本的守护进程",
        ),
    )


def _missing(layout: Layout, path: Path) -> Problem:
    return Problem(
        f"{layout.code}.missing",
        Text(f"there is no {path.name} in {path.parent}", f"{path.parent} 中没有 {path.name}"),
        Text(
            "give the site file with --config, or start the daemon, which makes it",
            "请用 --config 指定站点文件，或先启动守护进程",
        ),
    )


def _corrupt(layout: Layout, path: Path, aside: Path) -> Problem:
    return Problem(
        f"{layout.code}.corrupt",
        Text(
            f"{layout.what.en} {path.name} was damaged; a new one was begun",
            f"{layout.what.zh} {path.name} 已损坏；已新建",
        ),
        Text(
            f"what was in it is in {aside.name}: keep it, and check the disk for errors",
            f"原有内容在 {aside.name} 中：请保留，并检查磁盘是否有故障",
        ),
    )
