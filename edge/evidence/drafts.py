"""What is to become an entry: the words of a message or a recording, and its items as they lie there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from edge.evidence.entries import Kind
from edge.evidence.hashes import Measured
from edge.evidence.places import FOLDER, located
from edge.wire import rfc3339


@dataclass(frozen=True, slots=True)
class Lying:
    """An item that is kept on this box: what it is, where, bytes."""

    kind: str
    uri: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Draft:
    """ref: what makes it one of its kind; a second draft of the same ref is not entered again.

    payload: the words themselves, kept beside the entry, which holds their hashes. lying: what retention has to look
    after. marks: how far a log was read when this is entered. removes: numbers of items that this is the tombstone of.
    """

    kind: Kind
    ref: str
    body: Mapping[str, object]
    case: str | None = None
    payload: bytes | None = None
    lying: tuple[Lying, ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)
    removes: tuple[int, ...] = ()


class _Told(BaseModel):
    """An item as the worker told it."""

    kind: str = "file"
    uri: str
    sha256: str = ""


class _Model(BaseModel):
    name: str
    sha256: str


class _Clock(BaseModel):
    source: str
    offset_ms: float | None = None
    synchronised: bool | None = None


class _Data(BaseModel):
    event_id: str | None = None
    seq: int | None = None
    boot_id: str | None = None
    proof: object = ()
    model: _Model | None = None
    clock: _Clock | None = None


class _Said(BaseModel):
    """A line of a talk group's log."""

    group: str | None = None
    member: str | None = None
    since: float | None = None
    until: float | None = None
    file: str | None = None
    sha256: str = ""


class _Event(BaseModel):
    type: str = ""
    subject: str | None = None
    time: str | None = None
    data: Annotated[_Data, Field(default_factory=_Data)]


def of_message(storage: Path, seq: int, id_: str, payload: bytes, config: str) -> Draft:
    """A row of the outbox, with the items it names hashed where they lie. config: SHA-256 of the site file."""
    event = _event(payload)
    items = [_item(storage, told) for told in _proof(event.data.proof)]
    clock, model = event.data.clock, event.data.model
    body = {
        "seq": seq,
        "id": id_,
        "type": event.type,
        "subject": event.subject,
        "time": event.time,
        "boot": event.data.boot_id,
        "payload": Measured.of(payload).as_json(),
        "items": [told for told, _ in items],
        "model": {"name": model.name, "sha256": model.sha256} if model else None,
        "config": config,
        "clock": _clock(clock) if clock else None,
    }
    return Draft(
        Kind.MESSAGE,
        ref=f"message:{id_}",
        body=body,
        case=event.data.event_id,
        payload=payload,
        lying=tuple(lying for _, lying in items if lying),
    )


def of_talk(storage: Path, log: str, start: int, line: bytes) -> Draft:
    """A line of a talk group's log and the recording it names. log: its uri; start: of the line, in bytes."""
    said = _said(line)
    named = _Told(kind="talk", uri=f"{FOLDER}/talk/{said.file}", sha256=said.sha256) if said.file else None
    items = [_item(storage, named)] if named else []
    body = {
        "log": log,
        "line": Measured.of(line).as_json(),
        "group": said.group,
        "member": said.member,
        "since": _when(said.since),
        "until": _when(said.until),
        "items": [each for each, _ in items],
    }
    return Draft(
        Kind.TALK,
        ref=f"talk:{log}:{start}",
        body=body,
        payload=line,
        lying=tuple(lying for _, lying in items if lying),
        marks={log: start + len(line) + 1},
    )


def of_found(storage: Path, uris: tuple[str, ...]) -> Draft:
    """Files that lay in the evidence folder and no message named."""
    items = [_item(storage, _Told(kind="file", uri=uri)) for uri in uris]
    return Draft(
        Kind.FOUND,
        ref=f"found:{uris[0]}",
        body={"items": [told for told, _ in items]},
        lying=tuple(lying for _, lying in items if lying),
    )


def _item(storage: Path, told: _Told) -> tuple[dict[str, object], Lying | None]:
    """state: kept; differs (from what the worker said of it); absent (not there any more); elsewhere (not ours)."""
    words: dict[str, object] = {"kind": told.kind, "uri": told.uri, "told": told.sha256 or None}
    path = located(storage, told.uri)
    if path is None:
        return {**words, "state": "elsewhere"}, None
    try:
        measured = Measured.of_file(path)
    except OSError:
        return {**words, "state": "absent"}, None
    same = told.sha256 in ("", measured.hashes.sha256)
    found = {**words, "state": "kept" if same else "differs", **measured.as_json()}
    return found, Lying(told.kind, told.uri, measured.size)


def _event(payload: bytes) -> _Event:
    """What of it we know: a message of another form is entered by its hash all the same."""
    try:
        return _Event.model_validate_json(payload)
    except ValidationError:
        return _Event(data=_Data())


def _proof(told: object) -> list[_Told]:
    """Of a form we know; the rest is in the words, which are entered as they are."""
    found = []
    for each in told if isinstance(told, list) else ():
        try:
            found.append(_Told.model_validate(each))
        except ValidationError:
            continue
    return found


def _clock(clock: _Clock) -> dict[str, object]:
    return {
        "source": clock.source,
        "offset_ms": _whole(clock.offset_ms),
        "synchronised": clock.synchronised,
    }


def _said(line: bytes) -> _Said:
    try:
        return _Said.model_validate_json(line)
    except ValidationError:
        return _Said()


def _when(seconds: float | None) -> str | None:
    try:
        return None if seconds is None else rfc3339(seconds)
    except (ValueError, OverflowError, OSError):  # not a time of this calendar
        return None


def _whole(number: float | None) -> int | None:
    """No fractions in a body: see edge.evidence.canonical."""
    return None if number is None else round(number)
