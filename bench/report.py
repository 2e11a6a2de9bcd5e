"""What a bench found, for people and for machines."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figure = float | str | None
Figures = Mapping[str, "Figure | Mapping[str, Any]"]

_ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
_PEERS = (
    "av",
    "opencv-python-headless",
    "onnxruntime",
    "openvino",
    "aiortc",
    "aiomqtt",
    "paho-mqtt",
    "starlette",
    "uvicorn",
    "ultralytics-opencv-headless",
    "torch",
)
_PROGRAMS = {"ffmpeg": ("ffmpeg", "-version"), "mosquitto": ("mosquitto", "-h")}
_PROGRAM_SECONDS = 5.0  # to say its version, from a cold disk
_GIT_SECONDS = 10.0  # a status of a cold checkout on an SD card


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure somebody promised. Bounds are inclusive; a value that is not finite meets none."""

    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if self.at_most is None and self.at_least is None:
            raise ValueError("a goal needs a bound")

    @property
    def bound(self) -> str:
        """'<= 1', '>= 0.95' or '0.9-0.99'."""
        if self.at_least is None:
            return f"<= {self.at_most:g}"
        if self.at_most is None:
            return f">= {self.at_least:g}"
        return f"{self.at_least:g}-{self.at_most:g}"

    @property
    def met(self) -> bool:
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return math.isfinite(self.value) and low <= self.value <= high


@dataclass(frozen=True, slots=True)
class Report:
    """figures: name -> number, text, None (could not be measured) or more figures; units end the names."""

    figures: Figures
    goals: Mapping[str, Goal] = field(default_factory=dict)


def spread(samples: Sequence[float]) -> dict[str, Figure]:
    """Median, 5th and 95th percentile (nearest rank) and how many samples there were (at least one)."""
    ranked = sorted(samples)
    last = len(ranked) - 1
    return {
        "median": ranked[round(last * 0.5)],
        "p05": ranked[round(last * 0.05)],
        "p95": ranked[round(last * 0.95)],
        "samples": len(ranked),
    }


def as_json(name: str, question: str, report: Report, *, quick: bool = False) -> str:
    """One object; a number that is not finite is null."""
    document = {
        "name": name,
        "question": question,
        "commit": commit(),
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
        "figures": _plain(report.figures),
        "goals": {
            key: {"value": _plain(goal.value), "unit": goal.unit, "goal": goal.bound, "met": goal.met}
            for key, goal in report.goals.items()
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def show(name: str, question: str, report: Report, console: Console) -> None:
    facts = machine()
    console.print(f"[bold]{name}[/]: {question}")
    console.print(f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, NumPy {facts['numpy']}")
    console.print(_figure_table(report))
    if report.goals:
        console.print(_goal_table(report))


def commit() -> str | None:
    """Of the checkout these benches are in, "-dirty" where it has changes; None where there is none."""
    git = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(git, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


def save(name: str, text: str) -> Path:
    """Keep a result where bench.pages finds it."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def versions() -> dict[str, str | None]:
    """Of what is measured, and of what it is compared with; None: not installed."""
    return {name: _installed(name) for name in _PEERS} | {
        name: _said(command) for name, command in _PROGRAMS.items()
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _said(command: Sequence[str]) -> str | None:
    """The first line a program says; Mosquitto ends with 1 after its help."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROGRAM_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.splitlines()), None)


def machine() -> dict[str, Figure]:
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "load_15_min": round(os.getloadavg()[2], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.processor() or platform.machine()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _figure_table(report: Report) -> Table:
    table = Table("figure", "value")
    table.columns[1].justify = "right"
    for name, value in _flat(report.figures):
        table.add_row(name, _written(value))
    return table


def _goal_table(report: Report) -> Table:
    table = Table("goal", "value", "unit", "wanted", "")
    for key, goal in report.goals.items():
        mark = "[green]met[/]" if goal.met else "[bold red]missed[/]"
        table.add_row(key, _written(goal.value), goal.unit, goal.bound, mark)
    return table


def _flat(figures: Figures, prefix: str = "") -> Iterator[tuple[str, Figure]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _written(value: Figure) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
