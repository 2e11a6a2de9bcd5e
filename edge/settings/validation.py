"""A document against the models: every pydantic error becomes a finding of the document."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from edge.settings.document import Document
from edge.settings.finding import Level
from edge.settings.model import Site
from edge.settings.privacy import Privacy
from edge.settings.scalars import plain, same_as_text
from edge.settings.shape import document_path, known_keys, value_at, wants_number
from edge.settings.words import BLANK, MISSING, NOT_BOOLEAN, QUOTE_IT, translate, unknown_key

# What a whole may say only because a part of it is wrong: pydantic counts the good items of a list.
_AFTERMATH = ("value_error", "assertion_error", "too_short")
_TEXTS = ("string_type", "path_type")


def validate(document: Document, model: type[Site]) -> Site | None:
    """None where there is an error; all of them are then among the document's findings."""
    _settle_blanks(document, model)
    _refuse_booleans(document, model)
    site, errors = _attempt(model, document.data)
    # `area: 410122` is a number to YAML: where only such stand in the place of text, the text is put there.
    if [error for error in errors if _becomes_text(document, error)]:
        site, errors = _attempt(model, document.data)
    privacy = Privacy(document)
    for error in sorted(errors, key=lambda each: -len(each["loc"])):
        _explain(document, model, privacy, error)
    return site


def _settle_blanks(document: Document, model: type[Site]) -> None:
    """`title:` with nothing behind it counts as not given; a zone with nothing behind it stays, and is wrong."""
    for path in document.blanks:
        keys = known_keys(model, path[:-1], document.data)
        name = str(path[-1])
        if not keys:
            value_at(document.data, path[:-1])[name] = None
        elif name in keys:
            document.add(path, BLANK, Level.WARNING)
        else:
            document.add(path, unknown_key(name, keys))


def _attempt(model: type[Site], data: Any) -> tuple[Site | None, list[Any]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False))


def _becomes_text(document: Document, error: Mapping[str, Any]) -> bool:
    path = document_path(error["loc"], document.data, missing=False)
    text = document.plain.get(path)
    if error["type"] not in _TEXTS or text is None or not same_as_text(plain(text), text):
        return False
    value_at(document.data, path[:-1])[path[-1]] = document.plain.pop(path)
    return True


def _explain(document: Document, model: type[Site], privacy: Privacy, error: Mapping[str, Any]) -> None:
    kind, value = error["type"], error["input"]
    path = document_path(error["loc"], document.data, missing=kind == "missing")
    if document.is_settled(path) or (kind in _AFTERMATH and document.holds_settled(path)):
        return
    if kind == "extra_forbidden":
        keys = known_keys(model, path[:-1], document.data)
        document.add(path, unknown_key(str(path[-1]), keys))
    elif kind == "missing" and isinstance(error["loc"][-1], str):
        document.add(path, MISSING)
    elif kind in _TEXTS and path in document.plain and value is not None:
        document.add(path, QUOTE_IT)
    else:
        document.add(path, privacy.clean(translate(kind, error.get("ctx", {}), value), path, value))


def _refuse_booleans(document: Document, model: type[Site]) -> None:
    """pydantic takes true for 1; nobody who writes `fps: true` means one picture a second."""
    for path in document.plain:
        if isinstance(value_at(document.data, path), bool) and wants_number(model, path, document.data):
            document.add(path, NOT_BOOLEAN)
