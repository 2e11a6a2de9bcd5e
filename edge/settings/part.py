"""What every part of a site file has in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Frozen, closed to unknown keys, and silent about the values it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
