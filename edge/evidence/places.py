"""Where an item lies: a name out of a message or a bundle is never trusted with more than the evidence folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

FOLDER = "evidence"  # of the storage; what uris of proof begin with

_LONGEST = 512  # bytes of a name


def is_safe(name: str) -> bool:
    """A relative path without tricks: no "..", no drive, no backslash, nothing that is not to be printed."""
    parts = name.split("/")
    return (
        0 < len(name.encode("utf-8", "replace")) <= _LONGEST
        and name.isprintable()
        and not any(sign in name for sign in '\\:"<>|?*')
        and not any(part in ("", ".", "..") for part in parts)
    )


def located(storage: Path, uri: str) -> Path | None:
    """The file that a uri of ours names; None: it is not one below the evidence folder, or there is a link on the
    way."""
    if not uri.startswith(f"{FOLDER}/") or not is_safe(uri):
        return None
    path = storage
    for part in PurePosixPath(uri).parts:
        path /= part
        if path.is_symlink():
            return None
    return path


def uri_of(storage: Path, path: Path) -> str:
    return path.relative_to(storage).as_posix()


def regular_files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All below `folder`, links passed over; those that vanish meanwhile too."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status
