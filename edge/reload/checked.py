"""A site file on disk, checked whole: as `sandwatch check` does it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from edge.plan import Plan, plan
from edge.reload.problems import storage_moved
from edge.settings.finding import Finding, Level, Mark, SettingsError
from edge.settings.loader import Loaded, load
from edge.settings.model import Site
from edge.worker.job import Shares
from streams.problem import Text

_LONGEST = 120.0  # s: parcels of a county and a model of heights, from an SD card


def checked(file: Path, held: Callable[[Site], Shares], storage: Path) -> tuple[Loaded, Plan]:
    """held: who watches which camera, and goes on doing so with that site. storage: storage.path of the gateway that
    runs. Raises SettingsError with every finding."""
    loaded = load(file)
    if loaded.site.storage.path.absolute() != storage.absolute():
        moved = storage_moved()
        words = Text(f"{moved.what.en}: {moved.do.en}", f"{moved.what.zh}：{moved.do.zh}")
        raise SettingsError([loaded.finding(("storage", "path"), words)])
    planned = plan(loaded, held(loaded.site))
    if _measured(loaded.site):
        _tried(file)
    return loaded, planned


def _measured(site: Site) -> bool:
    """Whether it names what only a trial can tell of: files of parcels and heights, points of the ground."""
    return bool(site.parcels) or any(stream.ground or stream.elevation for stream in site.streams)


def _tried(file: Path) -> None:
    """In a process of its own: what it loads the daemon must not. Raises SettingsError."""
    command = [sys.executable, "-m", "edge", "check", "--json", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST, check=False)  # noqa: S603 (ours)
        found = [_finding(each) for each in json.loads(done.stdout)]
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        why = type(error).__name__
        words = Text(f"its ground could not be checked ({why})", f"无法校验地面数据（{why}）")
        raise SettingsError([Finding(str(file), Mark(), "", words)]) from error
    if any(finding.level is Level.ERROR for finding in found):
        raise SettingsError(found)


def _finding(told: dict[str, str]) -> Finding:
    mark = Mark(int(told["line"]), int(told["column"]))
    return Finding(told["file"], mark, told["path"], Text(told["en"], told["zh"]), Level(told["level"]))
