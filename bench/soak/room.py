"""A small disk of its own for the gateway: a tmpfs in a mount namespace, which goes when this process goes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Room:
    """path: of the storage as the gateway sees it; outside: as we do. prefix: of a command that is to see it."""

    def __init__(self, path: Path, holder: int | None) -> None:
        self.path = path
        self.prefix = () if holder is None else ("nsenter", f"--target={holder}", "--mount", "--")
        self.outside = path if holder is None else Path(f"/proc/{holder}/root{path}")
        self.small = holder is not None

    def fill(self) -> None:
        """To the last byte."""
        with (self.outside / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 16))

    def empty(self) -> None:
        (self.outside / "ballast").unlink(missing_ok=True)


@contextmanager
def room(path: Path, megabytes: int) -> Iterator[Room]:
    """small is False where this machine lets us make no namespace: then no disk is filled."""
    path.mkdir(parents=True, exist_ok=True)
    mount = f'mount -t tmpfs -o size={megabytes}m tmpfs "{path}" && echo made && read _'
    flags = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    with subprocess.Popen(
        ["unshare", *flags, "sh", "-c", mount],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        made = holder.stdout.readline().strip() == "made" and os.geteuid() == 0
        try:
            yield Room(path, holder.pid if made else None)
        finally:
            holder.kill()
