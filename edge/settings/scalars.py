"""What an unquoted word in YAML means, by the 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema).

Decided here and not by the YAML library, so that `yes`, `19:00` and `0123` mean the same under any
`%YAML` directive.
"""

import re

Plain = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASES = {re.compile(r"0o[0-7]+"): 8, re.compile(r"0x[0-9a-fA-F]+"): 16}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 40  # no quantity here needs more digits; Python refuses to parse thousands of them


class NotFinite(ValueError):
    """.inf, .nan or a number too large for a float."""


def plain(text: str) -> Plain:
    """The value of an unquoted scalar. Raises NotFinite."""
    if text in _WORDS:
        return _WORDS[text]
    if _SPECIAL.fullmatch(text):
        raise NotFinite
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    for pattern, base in _BASES.items():
        if pattern.fullmatch(text):
            return int(text, base)
    return _float(text) if _FLOAT.fullmatch(text) else text


def same_as_text(value: Plain, text: str) -> bool:
    """Whether a number may stand where a text is wanted: 410122 may, 0123 and 1e3 would come out changed."""
    return isinstance(value, int | float) and not isinstance(value, bool) and str(value) == text


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NotFinite
    return value
