"""What everything that leaves the box as JSON has in common."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA: Literal["sandwatch/v1"] = "sandwatch/v1"


def rfc3339(seconds: float) -> str:
    """Seconds since the Unix epoch -> "2025-06-01T08:00:00.250Z"."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class WireModel(BaseModel):
    """Unknown keys are ignored, so an older reader accepts what a newer box says."""

    model_config = ConfigDict(
        frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True
    )


class Attributes(WireModel):
    """The context attributes of a CloudEvent 1.0; `data` is its own."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
