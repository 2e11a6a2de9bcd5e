"""How a view of the ground stands, for people and for the next start."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

CARD = "view.json"


class Standing(BaseModel):
    """Times are s since 1970. frozen: when its references were dated; looked: the last look. condition: why the ground
    is not judged (inference.land.silence), since then; None: it is."""

    model_config = ConfigDict(frozen=True)

    frozen: float | None = None
    looked: float | None = None
    condition: str | None = None
    since: float | None = None


def standing(folder: Path) -> Standing:
    """Of the view kept there, as of its last copy: minutes old. Raises OSError, pydantic.ValidationError."""
    try:
        return Standing.model_validate_json((folder / CARD).read_bytes())
    except FileNotFoundError:
        return Standing()
