"""A site file as text for people to edit: secrets that stand in it in the open neither leave nor get lost."""

import re
from collections.abc import Iterator

from pydantic import SecretStr

from edge.settings.document import Document, parse
from edge.settings.edit import edit
from edge.settings.finding import DocumentPath, Finding, Level, nearest, written
from edge.settings.privacy import texts, url_password
from edge.settings.secrets import Secret, SecretStore
from streams.problem import Text

MASK = "***"
_KEY = re.compile(r"(?i)pass|secret|token|credential|key$")


class _Names(SecretStore):
    """In the place of every secret, its name."""

    def find(self, name: str) -> Secret:
        return Secret(SecretStr(name))


def masked(text: str) -> str:
    """With *** for every password that is written out; all else as it is. Raises EditRefused where one cannot be told
    from what is around it."""
    for path, value in _open(read(text)):
        text = edit(text, path, _hidden(path, value))
    return text


def unmasked(text: str, before: str) -> tuple[str, tuple[Finding, ...]]:
    """What `masked` hid of `before`, put back where it was. Findings: where *** stands now and nothing did."""
    held = dict(_open(read(before)))
    document, lost = read(text), []
    for path, value in list(texts(document.data, ())):
        if MASK not in value or path in document.secrets:
            continue
        if path in held and _hidden(path, held[path]) == value:
            text = edit(text, path, held[path])
        elif _hidden(path, value) == value:
            lost.append(Finding("", nearest(document.marks, path), written(path), _MOVED, Level.ERROR))
    return text, tuple(lost)


def read(text: str) -> Document:
    """Its data, in the place of every secret its name."""
    return parse(text, "", _Names({}))


def _open(document: Document) -> Iterator[tuple[DocumentPath, str]]:
    if not document.failed:
        for path, value in texts(document.data, ()):
            if path not in document.secrets and _hidden(path, value) != value:
                yield path, value


def _hidden(path: DocumentPath, value: str) -> str:
    """The same without a password."""
    if "://" in value and (password := url_password(value)):
        return value.replace(password, MASK)
    return MASK if value and path and _KEY.search(str(path[-1])) else value


_MOVED = Text(
    "was hidden as *** and stood elsewhere: write it anew, or better !secret NAME",
    "原以 *** 隐藏且不在此处：请重新填写，最好写成 !secret 名称",
)
