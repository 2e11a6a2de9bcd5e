"""Cameras and rules that are muted until a time: their events are stored and chained as ever, and call nobody."""

from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from edge.orders.problems import OrderFailed
from edge.wire import rfc3339
from streams import whole
from streams.problem import Problem, Text

log = structlog.get_logger()


class Mute(BaseModel):
    """rule: None is all of the camera, its own health too. until: s since 1970. by: who ordered it."""

    model_config = ConfigDict(frozen=True)

    camera: str
    rule: str | None
    until: float
    by: str
    reason: str = ""

    def covers(self, camera: str, rule: str, time: float) -> bool:
        return self.camera == camera and self.rule in (None, rule) and time < self.until


_FILE: TypeAdapter[tuple[Mute, ...]] = TypeAdapter(tuple[Mute, ...])


class Mutes:
    """Kept in a file, so that a restart ends none. `covers` may be called from any thread; the rest from one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutes = _read(path)

    def covers(self, camera: str, rule: str, time: float) -> bool:
        """Whether an event of that time (s since 1970) is muted."""
        return any(mute.covers(camera, rule, time) for mute in self._mutes)

    def now(self, time: float) -> tuple[Mute, ...]:
        """Those in force."""
        return tuple(mute for mute in self._mutes if time < mute.until)

    def set(self, mute: Mute, time: float) -> None:
        """In the place of one of the same camera and rule; one whose time is over lifts it. Raises OrderFailed."""
        others = (each for each in self._mutes if (each.camera, each.rule) != (mute.camera, mute.rule))
        mutes = tuple(each for each in (*others, mute) if time < each.until)
        try:
            whole.write(self._path, _FILE.dump_json(mutes))
        except OSError as error:
            raise OrderFailed(_unwritable(self._path, error)) from error
        self._mutes = mutes
        log.warning("orders.muted", camera=mute.camera, rule=mute.rule, until=rfc3339(mute.until), by=mute.by)


def _read(path: Path) -> tuple[Mute, ...]:
    """A file that cannot be read mutes nothing: an alarm too many beats one too few."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        log.error("orders.mutes_unreadable", file=str(path), why=type(error).__name__)
        return ()


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "mute.disk",
        Text(f"{path} cannot be written: {error.strerror}", f"无法写入 {path}：{error.strerror}"),
        Text("free some space or check the disk; nothing was muted", "请清理空间或检查磁盘；未执行静音"),
    )
