"""What people ask of a running gateway's ground, through a folder: the command line writes a letter, the worker that
watches the camera takes it, obeys, and writes an answer beside it.

Files need no port, no password and no broker; who may write in the storage folder may give orders.
"""

import contextlib
import time
import uuid
from pathlib import Path
from typing import Annotated, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.geo import TextData
from edge.land.folders import camera_folder
from streams import whole
from streams.problem import Text

_STALE = 300.0  # s: an order that nobody took is not obeyed days later, when the ground is another one
_MOST = 64  # letters taken at once
_LARGEST = 64 << 10  # bytes
_PAUSE = 0.1  # s between two looks for an answer

log = structlog.get_logger()


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Freeze(_Order):
    """What the camera has seen becomes the dated reference. preset: None means every one."""

    kind: Literal["freeze"] = "freeze"
    preset: str | None = None


class Allow(_Order):
    """The patch of this case is known, and may be there until then (s since 1970)."""

    kind: Literal["allow"] = "allow"
    event_id: str
    until: float
    note: str = ""


class Forget(_Order):
    """Throw the references and all that has gathered away, and begin anew. preset: None means every one."""

    kind: Literal["forget"] = "forget"
    preset: str | None = None


Order = Annotated[Freeze | Allow | Forget, Field(discriminator="kind")]


class Letter(BaseModel):
    """id: of the file. written: s since 1970."""

    model_config = ConfigDict(frozen=True)

    id: str
    written: float
    order: Order


class Answer(BaseModel):
    """done: it was obeyed. text: what came of it."""

    model_config = ConfigDict(frozen=True)

    done: bool
    text: TextData

    @classmethod
    def of(cls, text: Text, *, done: bool = True) -> "Answer":
        return cls(done=done, text=TextData.of(text))


class Mailbox:
    """Of one camera."""

    def __init__(self, storage: Path, camera: str) -> None:
        self._folder = camera_folder(storage, camera) / "orders"

    def ready(self) -> None:
        """Make the folder, as its owner: so may he take out what others put in. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def post(self, order: Order, now: float) -> str:
        """The letter's id. Raises OSError."""
        letter = Letter(id=uuid.uuid4().hex, written=now, order=order)
        whole.write(self._folder / f"{letter.id}.json", letter.model_dump_json().encode())
        return letter.id

    def take(self, now: float) -> list[Letter]:
        """The letters that wait, oldest first; they are gone from the folder. Those that are no letters, or too old,
        are thrown away aloud."""
        try:
            waiting = sorted(self._folder.glob("[!.]*.json"))[:_MOST]
        except OSError:
            return []
        letters = [
            letter for path in waiting if not path.stem.endswith("-answer") and (letter := _opened(path, now))
        ]
        return sorted(letters, key=lambda letter: letter.written)

    def answer(self, letter: Letter, answer: Answer) -> None:
        """Nobody may be waiting for it any more."""
        try:
            whole.write(self._answer(letter.id), answer.model_dump_json().encode())
        except OSError as error:
            log.warning("land.answer_not_written", folder=str(self._folder), why=str(error))

    def await_answer(self, letter: str, patience: float) -> Answer | None:
        """None: nobody obeyed within `patience` s; the letter is withdrawn. Raises OSError."""
        path, deadline = self._answer(letter), time.monotonic() + patience
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, ValidationError):
                answer = Answer.model_validate_json(path.read_bytes())
                path.unlink(missing_ok=True)
                return answer
            time.sleep(_PAUSE)
        (self._folder / f"{letter}.json").unlink(missing_ok=True)
        return None

    def sweep(self, now: float) -> None:
        """Answers that nobody fetched."""
        with contextlib.suppress(OSError):
            for path in self._folder.glob("*-answer.json"):
                if not 0 <= now - path.stat().st_mtime < _STALE:
                    path.unlink(missing_ok=True)

    def _answer(self, letter: str) -> Path:
        return self._folder / f"{letter}-answer.json"


def _opened(path: Path, now: float) -> Letter | None:
    try:
        with path.open("rb") as file:
            letter = Letter.model_validate_json(file.read(_LARGEST))
        path.unlink()
    except (OSError, ValidationError) as error:
        log.warning("land.order_unreadable", path=str(path), why=type(error).__name__)
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    if abs(now - letter.written) > _STALE:
        log.warning("land.order_stale", order=letter.order.kind, age_s=round(now - letter.written))
        return None
    return letter if letter.id == path.stem else None
