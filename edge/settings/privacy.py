"""Keeping what must not be seen out of what is said."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from edge.settings.document import Document
from edge.settings.finding import DocumentPath
from streams.problem import Text

_SECRET_KEY = re.compile(r"pass|secret|token|credential|url|key$", re.IGNORECASE)
_ECHO = re.compile(r"[^\s@/]{1,32}")  # longer, or shaped like a URL or a login: not to be repeated
_LOGIN = re.compile(r"^(?:[\w+.-]+:/*)?([^@]*)@")
_QUERY = re.compile(r"(?:pass\w*?|pwd|psw|token|auth\w*?|key)=([^&/?;\s]+)", re.IGNORECASE)
_WITHHELD = Text("is not allowed here", "此处不允许这样的值")


def is_private(path: DocumentPath, document: Document) -> bool:
    """Whether the value there is not to be repeated: given by !secret, or under a key that says so."""
    named = any(isinstance(part, str) and _SECRET_KEY.search(part) for part in path)
    return named or any(path[:length] in document.secrets for length in range(len(path) + 1))


class Privacy:
    """Cleans the words of foreign validators, which may quote what they were given."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._hidden = sorted(set(_hidden(document)), key=len, reverse=True)

    def clean(self, text: Text, path: DocumentPath, value: object) -> Text:
        """The same text, or a plain refusal where it could give something away."""
        if isinstance(value, str) and (is_private(path, self._document) or not _ECHO.fullmatch(value)):
            text = Text(_without(text.en, value), _without(text.zh, value))
        held = any(hidden in text.en or hidden in text.zh for hidden in self._hidden)
        return _WITHHELD if held else text


def _without(words: str, value: str) -> str:
    """Validators end on ", has 'what they were given'": that end goes; if they quote it elsewhere, all goes."""
    words = words.removesuffix(f", has {value!r}")
    return _WITHHELD.en if value and value in words else words


def url_password(text: str) -> str | None:
    """The password inside a URL, right or wrong ("rtsp//me:secret@host" too), as it is written there."""
    login, query = _LOGIN.search(text), _QUERY.search(text)
    if login and ":" in login[1]:
        return login[1].partition(":")[2] or None
    return query[1] if query else None


def _hidden(document: Document) -> Iterator[str]:
    """Every secret the document holds, as written and percent-decoded. One or two letters are in any word."""
    for path, value in texts(document.data, ()):
        password = url_password(value)
        for secret in (value if is_private(path, document) else None, password):
            if secret is not None and len(secret) > 2:
                yield secret
                yield unquote(secret)


def texts(value: Any, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*path, index))
