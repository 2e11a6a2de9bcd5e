"""Reading what a camera says without trusting its shape. Pure."""

import math
from typing import Any

# characters of any text we keep: names and tokens are 64 at most (ONVIF tt:Name, ReferenceToken)
LONGEST = 256


def at(answer: Any, *names: str) -> Any:
    """answer.a.b.c, or None where any step is missing."""
    for name in names:
        answer = getattr(answer, name, None)
    return answer


def items(value: Any) -> list[Any]:
    """A list as it is, None as empty, anything else as its only item."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def number(value: Any) -> float | None:
    """A finite number, or None."""
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def whole(value: Any) -> int | None:
    """A whole number, or None."""
    read = number(value)
    return None if read is None else int(read)


def text(value: Any) -> str | None:
    """Printable text of bounded length, or None where none is left."""
    if not isinstance(value, str):
        return None
    return "".join(filter(str.isprintable, value.strip()))[:LONGEST] or None
