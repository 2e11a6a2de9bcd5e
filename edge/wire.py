"""What everything that leaves the box as JSON has in common."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict


def rfc3339(seconds: float) -> str:
    """Seconds since the Unix epoch -> "2025-06-01T08:00:00.250Z"."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class WireModel(BaseModel):
    """Unknown keys are ignored, so an older reader accepts what a newer box says."""

    model_config = ConfigDict(
        frozen=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True
    )
