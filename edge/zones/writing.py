"""A changed site file put in its place: validated whole before, with dated copies of both."""

import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge.orders.trial import Trial
from edge.plan import plan
from edge.settings.loader import Loaded, load, load_text
from streams import whole
from streams.problem import Problem, ProblemError, Text


class NotWritten(ProblemError):
    """The site file is as it was; `problem` says why."""


def rewrite(file: Path, change: Callable[[Loaded, str], str]) -> Path:
    """change: of what is loaded and its text. Where the copy of the old text lies.

    Copies lie where those of `config.apply` do: STORAGE/config, named by the time in UTC. Raises SettingsError with
    every finding of the new text, EditRefused, NotWritten.
    """
    loaded = load(file)
    try:
        raw = file.read_bytes()
        if Trial(file).on:
            raise NotWritten(_ON_TRIAL)
        text = change(loaded, raw.decode("utf-8-sig"))
        plan(load_text(text, str(file)))
        return _put(file, raw, text.encode(), loaded.site.storage.path / "config")
    except OSError as error:
        raise NotWritten(_unwritable(file, error)) from None


def _put(file: Path, raw: bytes, new: bytes, copies: Path) -> Path:
    stamp = _stamp(copies)
    kept = copies / f"{stamp}-before.yaml"
    _copy(kept, raw)
    _copy(copies / f"{stamp}-new.yaml", new)
    if file.read_bytes() != raw:
        raise NotWritten(_CHANGED)
    held = file.stat()
    whole.write(file, new)
    with suppress(PermissionError):  # a file system without them, or another's file
        file.chmod(stat.S_IMODE(held.st_mode))
        os.chown(file, held.st_uid, held.st_gid)
    return kept


def _stamp(copies: Path) -> str:
    """Of this second, and when that is taken, of the next that is free: names sort by time."""
    moment = time.time()
    while (copies / f"{(stamp := _named(moment))}-before.yaml").exists():
        moment += 1
    return stamp


def _named(moment: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


def _copy(path: Path, data: bytes) -> None:
    """For nobody else: an old file may hold secrets."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole.write(path, data)
    path.chmod(0o600)


def _unwritable(file: Path, error: OSError) -> Problem:
    return Problem(
        "config.unwritable",
        Text(f"{file} was not changed: {error.strerror}", f"未能更改 {file}：{error.strerror}"),
        Text(
            "run the command as a user who may write it, and the storage folder", "请以有写入权限的用户运行"
        ),
    )


_ON_TRIAL = Problem(
    "config.on_trial",
    Text("a change that came by order is on trial", "一项远程下发的更改正在试运行"),
    Text("wait two minutes, then try again", "请两分钟后重试"),
)
_CHANGED = Problem(
    "config.changed",
    Text("somebody else changed the site file meanwhile", "站点文件刚被他人修改"),
    Text("try again", "请重试"),
)
