"""One question about the ground, answered in a process of its own (edge.aside)."""

from edge.aside import answers
from edge.ground import cameras, parcels
from edge.ground.cameras import Json
from edge.ground.words import TASK, Fit, Lay, Take

_NOTHING: Json = {"parcels": [], "left": 0, "unfit": []}


def answer(question: bytes) -> Json:
    """Raises ProblemError."""
    match TASK.validate_json(question):
        case Fit() as task:
            found = cameras.fitted(task.camera, task.position, task.crs)
            lines = parcels.drawn(task.layers, task.position, found) if task.position else _NOTHING
            return {**cameras.told(found, task), **lines}
        case Lay() as task:
            seen = {each.name: cameras.view(cameras.fitted(each, task.position)) for each in task.cameras}
            land = parcels.laid(task.layers, task.position) if task.position else _NOTHING
            return {"cameras": {**seen}, **land}
        case Take() as task:
            return parcels.take(task)


if __name__ == "__main__":
    answers(answer)
