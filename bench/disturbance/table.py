"""The bench's figures as Markdown, side by side, for docs/land-figures.md. Pure."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from bench.report import Goal

Figures = Mapping[str, Any]
Cell = Callable[[Figures], str]

_TITLES = {
    "rendered": "Rendered days (exact truth)",
    "filmed": "Real footage with soil laid over it (the clock, the course of light and the soil are made)",
}


def document(found: Figures, goals: Mapping[str, Goal], facts: str) -> str:
    """The whole page. found: as bench.disturbance.measure tells it."""
    everybody = {
        name: row for name, row in found.items() if isinstance(row, Mapping) and {*_TITLES} <= {*row}
    }
    parts = ["# Land disturbance: figures", facts, _goals(goals), _speed(found.get("speed", {}))]
    for origin, title in _TITLES.items():
        mine = {name: row[origin] for name, row in everybody.items() if row[origin]}
        if mine:
            parts += [f"## {title}", _overall(mine), _ramps(mine), _distances(mine), _scenarios(mine)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _goals(goals: Mapping[str, Goal]) -> str:
    rows = [
        [name, f"{goal.value:.3g} {goal.unit}", goal.bound, "met" if goal.met else "missed"]
        for name, goal in goals.items()
    ]
    return _table(["goal", "measured", "wanted", ""], rows)


def _speed(found: Figures) -> str:
    rows = [[name, _number(row["median"], 0), _number(row["p95"], 0)] for name, row in found.items()]
    return _table(["ms per look at 1920x1080, one thread", "median", "95th percentile"], rows)


def _overall(found: Figures) -> str:
    cells: dict[str, Cell] = {
        "digs found": lambda row: f"{row['found']} of {row['digs']}",
        "of them in time": lambda row: str(row["found_in_time"]),
        "IoU, median": lambda row: _number((row["iou"] or {}).get("median")),
        "false alarms": lambda row: f"{row['false_alarms']} in {row['camera_days']:.1f} camera-days",
        "of them on days without digs": lambda row: (
            f"{row['quiet_false_alarms']} in {row['quiet_camera_days']:.1f}"
        ),
        "ms per look, median": lambda row: _number(row["ms_per_look"]["median"], 1),
        "looks not judged": lambda row: row["not_judged"] or "none",
    }
    rows = [[words, *(cell(row) for row in found.values())] for words, cell in cells.items()]
    return _table(["", *found], rows)


def _ramps(found: Figures) -> str:
    """Minutes from the moment the dig reached 20 m2."""

    def cell(row: Figures) -> str:
        minutes = f"{_number(row['minutes_median'], 0)} / {_number(row['minutes_longest'], 0)}"
        return f"{row['found_in_time']} of {row['digs']}; {minutes}"

    first: Figures = next(iter(found.values()))["ramps"]
    rows = [
        [
            f"{ramp} ({row['minutes_allowed']:.0f} min allowed)",
            *(cell(each["ramps"][ramp]) for each in found.values()),
        ]
        for ramp, row in first.items()
    ]
    return _table(["ramp: in time; minutes from 20 m2, median / longest", *found], rows)


def _distances(found: Figures) -> str:
    def cell(row: Figures) -> str:
        plain = f"{row['found']} of {row['digs']}; {_number(row['iou_median'])}"
        if "areas" not in row:
            return plain
        return f"{plain}; {_percent(row['area_error_median'])} ({row['area_withheld']} withheld)"

    first: Figures = next(iter(found.values()))["distances"]
    rows = [[far, *(cell(each["distances"][far]) for each in found.values())] for far in first]
    return _table(["distance: found; IoU; area error (where the ground is known), medians", *found], rows)


def _scenarios(found: Figures) -> str:
    def cell(row: Figures) -> str:
        false = f"{row['false_alarms']} false"
        if "minutes" not in row:
            return false
        return f"{_number(row['minutes'], 0)} min, IoU {_number(row['iou'])}, {false}"

    first: Figures = next(iter(found.values()))["scenarios"]
    rows = [[name, *(cell(each["scenarios"][name]) for each in found.values())] for name in first]
    return _table(["each", *found], rows)


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:+.0%}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
