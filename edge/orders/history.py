"""Dated copies of a site file: what it was, since when, and who made it so."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from streams import whole

log = structlog.get_logger()

_KEPT = 20  # copies

FILE, ROLLED_BACK = "file", "sandwatch"
"""Who made a change: somebody with an editor, and the gateway itself, which put back what was there."""


@dataclass(frozen=True, slots=True)
class Copy:
    """id: for `History.text`, and the name of its file. time: s since 1970. who: "console:NAME", "mqtt:CENTRE", FILE or
    ROLLED_BACK. sha256: of the file's bytes, in hex."""

    id: str
    time: float
    who: str
    sha256: str


class _Label(BaseModel):
    """What lies beside a copy."""

    model_config = ConfigDict(frozen=True)

    time: float
    who: str
    sha256: str


class History:
    """Of one site file. folder: made where it is missing, for nobody else: an old file may hold secrets."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock

    def add(self, data: bytes, who: str) -> Copy:
        """On disk when it returns. Raises OSError."""
        now, digest = self._clock(), hashlib.sha256(data).hexdigest()
        millis = int(now * 1000) % 1000
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}.{millis:03}Z-{digest[:8]}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        whole.write(self._folder / f"{name}.yaml", data)
        label = _Label(time=now, who=who, sha256=digest)
        whole.write(self._folder / f"{name}.json", label.model_dump_json().encode())
        self._sweep()
        return Copy(name, now, who, digest)

    def noted(self, data: bytes, who: str) -> Copy:
        """The newest copy where it is this very text, else a new one. Raises OSError."""
        newest = next(iter(self.all()), None)
        if newest is not None and newest.sha256 == hashlib.sha256(data).hexdigest():
            return newest
        return self.add(data, who)

    def all(self) -> tuple[Copy, ...]:
        """The newest first."""
        found = (_labelled(path) for path in sorted(self._folder.glob("*.json"), reverse=True))
        return tuple(copy for copy in found if copy is not None)

    def text(self, ident: str) -> bytes:
        """Raises KeyError where there is no such copy (any more), OSError."""
        if ident not in {copy.id for copy in self.all()}:
            raise KeyError(ident)
        return (self._folder / f"{ident}.yaml").read_bytes()

    def _sweep(self) -> None:
        for kind in ("*.yaml", "*.json"):
            for old in sorted(self._folder.glob(kind))[:-_KEPT]:
                old.unlink(missing_ok=True)


def _labelled(path: Path) -> Copy | None:
    """None: it is damaged, or was swept away meanwhile."""
    try:
        label = _Label.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        log.warning("config.copy_unreadable", file=str(path), why=type(error).__name__)
        return None
    return Copy(path.stem, label.time, label.who, label.sha256)
