"""A site file on trial: in its place, with a note beside it of how it was before.

The note is written first and goes last, so that whatever is killed in between, the next start knows what to do.
"""

import contextlib
import stat
from pathlib import Path
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from edge.geo import TextData
from streams import whole
from streams.problem import Problem, Text

log = structlog.get_logger()

State = Literal["trying", "kept", "rolled_back"]


class Why(BaseModel):
    """A Problem, as JSON."""

    model_config = ConfigDict(frozen=True)

    code: str
    what: TextData
    do: TextData

    @classmethod
    def of(cls, problem: Problem) -> "Why":
        return cls(code=problem.code, what=TextData.of(problem.what), do=TextData.of(problem.do))

    @property
    def problem(self) -> Problem:
        return Problem(self.code, Text(self.what.en, self.what.zh), Text(self.do.en, self.do.zh))


class Note(BaseModel):
    """who, id: of the order; id is empty where a person at the box did it. previous: the site file as it was. result: of
    the order, if it is kept."""

    model_config = ConfigDict(frozen=True)

    who: str
    id: str
    previous: str
    result: dict[str, JsonValue]
    state: State = "trying"
    why: Why | None = None


class Trial:
    """Of one site file. Every method but `note` raises OSError."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._path = config.with_name(f".{config.name}.trial")

    @property
    def note(self) -> Note | None:
        """None: nothing is on trial, or just was."""
        try:
            return Note.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.error("config.note_unreadable", file=str(self._path), why=type(error).__name__)
            return None

    @property
    def on(self) -> bool:
        note = self.note
        return note is not None and note.state == "trying"

    def begin(self, text: str, note: Note) -> None:
        """Put the new text in place."""
        self._write(note)
        self._put(text)

    def withdraw(self, previous: Note | None) -> None:
        """What could not begin; previous: the note that was there."""
        if previous is None:
            self.forget()
        else:
            self._write(previous)

    def keep(self) -> None:
        """It stays."""
        if (note := self.note) is not None:
            self._write(note.model_copy(update={"state": "kept"}))

    def roll_back(self, problem: Problem) -> None:
        """As it was before."""
        if (note := self.note) is not None:
            self._put(note.previous)
            self._write(note.model_copy(update={"state": "rolled_back", "why": Why.of(problem)}))
            log.error("config.rolled_back", code=problem.code, problem=problem.say("en"))

    def forget(self) -> None:
        """What came of it was told."""
        self._path.unlink(missing_ok=True)

    def _put(self, text: str) -> None:
        """With the mode that the file has."""
        mode = stat.S_IMODE(self._config.stat().st_mode)
        whole.write(self._config, text.encode())
        with contextlib.suppress(PermissionError):  # a file system without modes
            self._config.chmod(mode)

    def _write(self, note: Note) -> None:
        whole.write(self._path, note.model_dump_json().encode())
        self._path.chmod(0o600)


def died() -> Problem:
    return _rolled_back(
        Text("the gateway ended while it was on trial", "试运行期间网关退出"),
    )


def does_not_run(error: Exception) -> Problem:
    return _rolled_back(
        Text(
            f"the gateway did not run with it ({type(error).__name__})",
            f"网关无法以此运行（{type(error).__name__}）",
        )
    )


def out_of_reach(seconds: float) -> Problem:
    return _rolled_back(
        Text(f"the broker was not reached within {seconds:.0f} s", f"{seconds:.0f} 秒内未能连接 MQTT 服务器")
    )


def _rolled_back(why: Text) -> Problem:
    return Problem(
        "config.rolled_back",
        Text(f"the site file was put back as it was: {why.en}", f"站点文件已恢复原状：{why.zh}"),
        Text("see the gateway's log, correct the file, apply it again", "请查看网关日志，更正后重新下发"),
    )
