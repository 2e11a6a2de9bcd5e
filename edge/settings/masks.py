"""A site file as text for people to edit: secrets that stand in it in the open neither leave nor get lost."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from edge.settings.document import Document, parse
from edge.settings.edit import edit
from edge.settings.finding import DocumentPath, Finding, Level, nearest, written
from edge.settings.privacy import texts, url_password
from edge.settings.secrets import Secret, SecretStore
from streams.problem import Text

MASK = "***"
_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|(?:stun|turn)s?:")
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
    """What `masked` hid of `before`, put back where it was. Findings: where *** stands now and nothing did, or where it
    would go elsewhere: who may write addresses may not have a password sent to one of them."""
    old, document = read(before), read(text)
    held, lost = dict(_open(old)), []
    for path, value in list(texts(document.data, ())):
        if MASK not in value or path in document.secrets:
            continue
        was = _before(path, document.data, old.data)
        same = _hidden(path, held.get(was, "")) == value and _places(document, path) <= _places(old, was)
        if was in held and same:
            text = edit(text, path, held[was])
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


def _before(path: DocumentPath, new: Any, old: Any) -> DocumentPath:
    """Where it stood: items of a list are known again by their names, those without by their place."""
    found: list[str | int] = []
    try:
        for part in path:
            new = new[part]
            found.append(_known_again(new, old, part) if isinstance(part, int) else part)
            old = old[found[-1]]
    except (KeyError, IndexError, TypeError):  # nothing of the kind stood there
        return path
    return tuple(found)


def _known_again(item: Any, old: Any, place: int) -> int:
    name = item.get("name") if isinstance(item, dict) else None
    names = [each.get("name") if isinstance(each, dict) else None for each in old]
    return names.index(name) if name is not None and name in names else place


def _places(document: Document, secret: DocumentPath) -> frozenset[str]:
    """Where it is sent: every scheme, host and port in the same item of a list, or in the same section; in an item
    without an address the name stands for it."""
    number = next((at for at in range(len(secret) - 1, -1, -1) if isinstance(secret[at], int)), 0)
    item = secret[: number + 1]
    beside = [(path, value) for path, value in texts(document.data, ()) if path[: len(item)] == item]
    found = {_place(value) for path, value in beside if _ADDRESS.match(value) or path[-1] == "host"}
    if not found:
        return frozenset(value for path, value in beside if path == (*item, "name"))
    section = document.data
    for part in item:
        section = section[part]
    return frozenset(found | {f"port {port}" for port in _ports(section)})


def _ports(section: Any) -> Iterator[int]:
    """Those that stand apart from their hosts."""
    if isinstance(section, list):
        for item in section:
            yield from _ports(item)
    elif isinstance(section, dict):
        for key, value in section.items():
            if key == "port" and isinstance(value, int):
                yield value
            yield from _ports(value)


def _place(address: str) -> str:
    """Without login, path and query."""
    scheme, colon, rest = address.rpartition("://") if "://" in address else address.partition(":")
    return f"{scheme}{colon}{re.split('[/?#]', rest)[0].rpartition('@')[2]}".lower()


_MOVED = Text(
    "was hidden as *** and stood elsewhere, or for another address: write it anew, or better !secret NAME",
    "原以 *** 隐藏且不在此处，或属于另一地址：请重新填写，最好写成 !secret 名称",
)
