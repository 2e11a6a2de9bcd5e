"""One way to write a JSON value: what is hashed and signed is the same bytes wherever it is written again.

RFC 8785 (JSON Canonicalization Scheme) for values without fractions, which need no number formatting: a float is
refused rather than rounded.
"""

import json

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

_LARGEST = (1 << 53) - 1  # RFC 7493, 2.2: integers beyond are not the same number everywhere


class NotCanonical(ValueError):
    """The value cannot be written in one way only, or the bytes are not that way."""


def canonical(value: object) -> bytes:
    """UTF-8, keys in the order of their UTF-16 code units, no blanks. Raises NotCanonical."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(str(error)) from None


def parsed(data: bytes) -> dict[str, Json]:
    """The object that these canonical bytes are. Raises NotCanonical: for any other way of writing it, too."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(str(error)) from None
    if not isinstance(value, dict) or canonical(value) != data:
        raise NotCanonical("not one canonical JSON object")
    return value


def _ordered(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int() if -_LARGEST <= value <= _LARGEST:
            return value
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
        case list() | tuple():
            return [_ordered(each) for each in value]
    raise NotCanonical(f"a {type(value).__name__} has no canonical form here")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
