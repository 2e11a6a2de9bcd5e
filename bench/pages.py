"""python -m bench.pages: docs/performance.md and its plots out of bench/results/*.json.

What stands between the two marks of the page is written anew; the rest of it is written by people.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.pictured import plots
from bench.report import RESULTS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = (
    "<!-- measured: python -m bench.pages writes what follows -->",
    "<!-- end of what is measured -->",
)
_BY_PAGE = {"eyes": "model.md"}  # their figures are thousands, and have a page of their own
_ORDER = ("cameras", "latency", "coldstart", "memory", "attention", "pipeline", "eyes", "talkback")

Result = Mapping[str, Any]


class NoMarks(Exception):
    """The page has lost the marks between which figures stand."""


def main() -> int:
    """0: written; 2: nothing to write from."""
    results = read(RESULTS)
    if not results:
        print(f"no results under {RESULTS}: python -m bench NAME --save", file=sys.stderr)
        return 2
    folder = PAGE.with_suffix("")
    folder.mkdir(exist_ok=True)
    drawn = {name: plots(name, result) for name, result in results.items()}
    for each in drawn.values():
        for file, svg in each:
            (folder / f"{file}.svg").write_text(svg, encoding="utf-8")
    shown = {name: [file for file, _ in each] for name, each in drawn.items()}
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), results, shown), encoding="utf-8")
    return 0


def read(folder: Path) -> dict[str, Result]:
    """By the bench's name; those that people ask for first come first."""
    found = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    }
    first = [name for name in _ORDER if name in found]
    return {name: found[name] for name in (*first, *(name for name in found if name not in first))}


def renewed(page: str, results: Mapping[str, Result], shown: Mapping[str, list[str]]) -> str:
    """shown: the plots of each. Raises NoMarks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarks(BEGIN)
    told = (line for name, result in results.items() for line in section(name, result, shown.get(name, [])))
    return f"{before}{BEGIN}\n\n" + "\n".join(told) + f"\n{END}{after}"


def section(name: str, result: Result, shown: list[str]) -> Iterator[str]:
    """Lines of Markdown."""
    yield from (f"### {name}", "", result["question"], "")
    if result["quick"]:
        yield from ("**A smoke test (`--quick`), not a measurement.**", "")
    if result["goals"]:
        yield from ("| goal | value | unit | wanted | |", "|---|---:|---|---|---|")
        for key, goal in result["goals"].items():
            mark = "met" if goal["met"] else "**missed**"
            yield f"| {key} | {written(goal['value'])} | {goal['unit']} | {goal['goal']} | {mark} |"
        yield ""
    for file in shown:
        yield from (f"![{file}](performance/{file}.svg)", "")
    if page := _BY_PAGE.get(name):
        yield f"All figures: [{page}]({page})."
    else:
        yield from ("<details><summary>All figures</summary>", "", "| figure | value |", "|---|---:|")
        for key, value in flat(result["figures"]):
            yield f"| {key} | {written(value)} |"
        yield from ("", "</details>")
    yield from ("", _circumstances(result), "")


def _circumstances(result: Result) -> str:
    machine, versions = result["machine"], result["versions"]
    peers = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    missing = ", ".join(name for name, version in versions.items() if version is None)
    words = [
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_15_min']} over its last 15 min",
        f"Python {machine['python']}",
        peers,
        *([f"not installed: {missing}"] if missing else []),
        f"commit `{(result['commit'] or 'unknown')[:12]}{'-dirty' if str(result['commit']).endswith('-dirty') else ''}`",
        result["taken"][:10],
    ]
    return f"<sub>{'; '.join(words)}.</sub>"


def flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A spread is one figure; long courses are for plots only."""
    for name, value in figures.items():
        if isinstance(value, Mapping) and not {"median", "p05", "p95"} <= value.keys():
            yield from flat(value, f"{prefix}{name} / ")
        elif not (isinstance(value, str) and value.count(" ") > 30):
            yield f"{prefix}{name}", value


def written(value: Any) -> str:
    """median (p05 to p95, of how many), or the value."""
    if isinstance(value, Mapping):
        low, high = written(value["p05"]), written(value["p95"])
        return f"{written(value['median'])} ({low} to {high}, n={value['samples']})"
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
