"""What each model sees: held-out pictures in every light and weather, and clips through the daemon's pipeline.

The pictures lie in $SANDWATCH_DATA, other people's weights in $SANDWATCH_WEIGHTS; else in data and weights of a folder
`shared` beside the checkout. Without them, the clips that ship with their truth are measured, and nothing else is told.
"""

import os
import tempfile
from pathlib import Path

from bench.report import Report

QUESTION = (
    "How well does each model see trucks and machines: by source, size, light and weather, and in clips?"
)

_ROOT = Path(__file__).parents[2]
_EVERY = 10  # quick: every tenth picture
_FEW = ("clip_day", "motorway2", "night_person")  # quick: clips, beside the shipped ones


def run(quick: bool) -> Report:
    return measure(folder("SANDWATCH_DATA", "data"), folder("SANDWATCH_WEIGHTS", "weights"), quick=quick)


def measure(data: Path | None, weights: Path | None, *, quick: bool = False) -> Report:
    """Raises what the detectors, the clips and the pictures raise."""
    from bench.eyes.clips import clips  # noqa: PLC0415  (listing the benches loads this)
    from bench.eyes.contestants import OUTSIDERS, contestants, shipped  # noqa: PLC0415
    from bench.eyes.findings import figures  # noqa: PLC0415
    from bench.eyes.goals import goals  # noqa: PLC0415
    from bench.eyes.labelled import stills  # noqa: PLC0415
    from bench.eyes.survey import survey  # noqa: PLC0415

    pictures = stills(data) if data else []
    footage = clips(data)
    if quick:
        pictures = pictures[::_EVERY]
        footage = [
            clip for clip in footage if clip.name in _FEW or data is None or data not in clip.path.parents
        ]
    with tempfile.TemporaryDirectory() as desk:
        models = contestants(weights, Path(desk))
        found = figures(survey(models, pictures, footage))
    missing = {each.name for each in OUTSIDERS} - {each.name for each in models}
    told = {
        "needs_data": None if data else "$SANDWATCH_DATA: what rests on its pictures and clips is not told",
        "models_not_here": ", ".join(sorted(missing)) or None,
        "pictures": len(pictures),
    }
    return Report({**told, **found}, goals(found, shipped()))


def folder(variable: str, name: str) -> Path | None:
    """The folder that the variable names, else the one beside the checkout, else None. A folder that is named but
    missing is a mistake, not a wish to do without: raises NotADirectoryError."""
    if named := os.environ.get(variable):
        if not Path(named).is_dir():
            raise NotADirectoryError(f"${variable}: {named} is no folder")
        return Path(named)
    beside = _ROOT.parent / "shared" / name
    return beside if beside.is_dir() else None
