"""Who may read and change what is the gateway's alone."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge import centres
from edge.doctor.question import Box, Question, Verdict, fine, warn
from edge.settings.secrets import folders
from streams.problem import Problem, Text

_PATIENCE = 10.0  # s: the modes of a few files


def questions(box: Box) -> Iterable[Question]:
    return [Question("", lambda: _look(box), _PATIENCE)]


def _look(box: Box) -> Iterator[Verdict]:
    found = [*_open(box), *_closed(box)]
    yield from found
    if not found:
        yield fine("site file, state and secrets are the gateway's own", "站点文件、状态与密钥权限正确")


def _open(box: Box) -> Iterator[Verdict]:
    """What others may do. Secrets of systemd's are its own care."""
    if _mode(box.file) & 0o022:
        yield warn(_others(box.file, "go-w"))
    for path in [*folders(box.environ), *([box.site.storage.path] if box.site else [])]:
        if _mode(path) & 0o077:
            yield warn(_others(path, "go="))


def _closed(box: Box) -> Iterator[Verdict]:
    """What we may not, and have to: config.apply exchanges the site file."""
    brokers = centres.settings(box.site).values() if box.site else ()
    if any("config.apply" in broker.may for broker in brokers) and not os.access(
        box.file.resolve().parent, os.W_OK
    ):
        yield warn(_FIXED)


def _mode(path: Path) -> int:
    """0 where there is no such file: others say that it is missing."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _others(path: Path, change: str) -> Problem:
    return Problem(
        "permissions.open",
        Text(f"{path} is open to other users", f"其他用户可以访问 {path}"),
        Text(f"chmod {change} {path}", f"请执行 chmod {change} {path}"),
    )


_FIXED = Problem(
    "config.unwritable",
    Text(
        "a centre may send config.apply, and this user may not exchange the site file",
        "中心可下发 config.apply，但当前用户无法更换站点文件",
    ),
    Text(
        "keep the site file in the gateway's state directory, and ask again as its user",
        "请把站点文件放在网关的状态目录，并以其用户身份再次检查",
    ),
)
