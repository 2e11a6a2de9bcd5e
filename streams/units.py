"""Quantities as people write them in a configuration file."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)\s*")


def seconds(text: object) -> object:
    """'500ms', '3s', '10 min', '1h', '2d' or a bare number of seconds -> float seconds. Raises ValueError."""
    if not isinstance(text, str):
        return text
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"needs a duration such as 500ms, 3s, 10min, 1h or 2d, has {text!r}")
    return float(match[1]) * _UNITS[match[2]]


_WRITTEN = Annotated[str, Field(pattern=r"^\s*\d+(\.\d+)?\s*(ms|s|min|h|d)\s*$")]
Duration = Annotated[float, BeforeValidator(seconds, json_schema_input_type=float | _WRITTEN), Field(ge=0)]


def epoch(value: object) -> object:
    """'2026-05-01T08:00:00+08:00', a datetime with a zone, or seconds since 1970 -> seconds since 1970.

    Raises ValueError for a time without a zone: the box's own zone may not be the camera's.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"needs a time such as 2026-05-01T08:00:00+08:00, has {value!r}") from None
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(
            f"needs a zone after the time, as in {value.isoformat()}+08:00 or {value.isoformat()}Z"
        )
    return value.timestamp()


Instant = Annotated[
    float,
    BeforeValidator(
        epoch, json_schema_input_type=float | Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    ),
]
