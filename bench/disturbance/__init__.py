"""Digs found, and not found, by what we have and by what people use instead; in rendered days and on real footage.

The passes that days are rendered from lie in $SANDWATCH_SEASONS (made by `python -m bench.provingground basis`), real clips
in $SANDWATCH_DATA; else in seasons and data of a folder `shared` beside the checkout. What is not there is not told.

A fast clock looks (see clock): 30 camera-days at the daemon's 30 s would be 86,400 pictures. Two days teach everybody, then
references are dated; only alarms after that count. A dig is found when an alarm that began after it touches it, at least
a tenth of the alarm being dug; time runs from when the dig has 20 m2. An alarm that never touches a dig is false.
"""

from pathlib import Path

from bench.eyes import folder
from bench.report import Report

QUESTION = "Does ground that is dug raise an alarm, how soon, how well outlined; and does anything else?"


def run(quick: bool) -> Report:
    return measure(folder("SANDWATCH_DATA", "data"), folder("SANDWATCH_SEASONS", "seasons"), quick=quick)


def measure(
    data: Path | None,
    seasons: Path | None,
    *,
    quick: bool = False,
    days: float | None = None,
    only: str = "",
    processes: int | None = None,
) -> Report:
    """days: rendered, without digs; None: thirty. only: scenarios whose name contains this. processes: scenarios at a
    time; None: one on each core. What a look costs is measured alone, when they are done. Raises what the scenes, the
    clips and the detector raise."""
    from bench.disturbance.choice import DAYS, chosen  # noqa: PLC0415  (listing the benches loads this)
    from bench.disturbance.findings import figures, goals  # noqa: PLC0415
    from bench.disturbance.speed import speed  # noqa: PLC0415
    from bench.disturbance.survey import survey  # noqa: PLC0415

    every = chosen(data, seasons, quick=quick, days=DAYS if days is None else days)
    courses = survey([each for each in every if only in each.told.name], processes=processes)
    missing = {"$SANDWATCH_DATA": data, "$SANDWATCH_SEASONS": seasons}
    told = {"not_here": ", ".join(name for name, place in missing.items() if place is None) or None}
    fast, cost = speed(quick=quick)
    return Report({**told, **figures(courses), "speed": fast}, {**goals(courses), **cost})
