"""One question about the ground to a process of its own. Loads nothing heavy."""

from pydantic import JsonValue

from edge import aside
from edge.ground.words import Task

# s: a county's parcels of 256 MB are read in half a minute; a slow box takes twice as long.
_PATIENCE = 90.0


async def asked(task: Task) -> dict[str, JsonValue]:
    """Raises edge.aside.Unanswered."""
    return await aside.asked("edge.ground", task.model_dump(mode="json"), _PATIENCE)
