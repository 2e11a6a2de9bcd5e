"""How far a camera's clock is from the box's. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from streams.onvif.reading import at, whole


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """offset: s, device minus box. uncertainty: s, the truth lies within +- of it.

    ONVIF tells whole seconds: half of one, and half of the round trip, cannot be known.
    """

    offset: float
    uncertainty: float

    def differs(self, other: "ClockOffset") -> bool:
        """Whether a clock was set in between; 1 s is left for what drifts."""
        return abs(self.offset - other.offset) > self.uncertainty + other.uncertainty + 1.0


def offset(told: float, asked: float, answered: float) -> ClockOffset:
    """told: the camera's time, whole unix s. asked, answered: the box's, unix s, round the request.

    The camera read its clock at some moment between the two, when it showed [told, told + 1).
    """
    middle = (asked + answered) / 2
    return ClockOffset(told + 0.5 - middle, 0.5 + max(0.0, answered - asked) / 2)


def told(answer: Any) -> float | None:
    """Unix s out of GetSystemDateAndTime (tt:SystemDateTime); None where it is no date.

    Only UTCDateTime counts: LocalDateTime comes with a POSIX time zone that cameras get wrong.
    """
    utc = at(answer, "UTCDateTime")
    fields = [whole(at(utc, "Date", name)) for name in ("Year", "Month", "Day")]
    fields += [whole(at(utc, "Time", name)) for name in ("Hour", "Minute", "Second")]
    year, month, day, hour, minute, second = (-1 if field is None else field for field in fields)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
