"""python -m bench.disturbance: the bench with its folders by hand, as a page of figures, or as pictures to look at."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench import disturbance
from bench.disturbance.choice import DAYS, chosen
from bench.disturbance.table import document
from bench.eyes import folder
from bench.report import Report, as_json, commit, machine, show


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.disturbance", description=disturbance.QUESTION)
    parser.add_argument("--data", type=Path, help="real clips; default $SANDWATCH_DATA")
    parser.add_argument("--seasons", type=Path, help="passes of rendered scenes; default $SANDWATCH_SEASONS")
    parser.add_argument("--quick", action="store_true", help="a smoke test, not a measurement")
    parser.add_argument("--days", type=float, default=DAYS, help=f"rendered, without digs; default {DAYS:g}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--markdown", type=Path, help="write the figures as this document")
    parser.add_argument("--sheets", type=Path, help="measure nothing: draw what is told into this folder")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--processes", type=int, help="scenarios at a time; default: one on each core")
    options = parser.parse_args(arguments)
    data = options.data or folder("SANDWATCH_DATA", "data")
    seasons = options.seasons or folder("SANDWATCH_SEASONS", "seasons")
    if options.sheets:
        return _sheets(data, seasons, options.sheets, options.only)
    report = disturbance.measure(
        data,
        seasons,
        quick=options.quick,
        days=options.days,
        only=options.only,
        processes=options.processes,
    )
    if options.markdown:
        options.markdown.write_text(
            document(report.figures, report.goals, _facts(report, options)), encoding="utf-8"
        )
    if options.json:
        print(as_json("disturbance", disturbance.QUESTION, report))
    elif not options.markdown:
        show("disturbance", disturbance.QUESTION, report, Console())
    return 0


def _facts(report: Report, options: argparse.Namespace) -> str:
    facts, missing = machine(), report.figures.get("not_here")
    asked = f"--days {options.days:g}" + (f' --only "{options.only}"' if options.only else "")
    measured = (
        f"Measured by `python -m bench.disturbance {asked} --markdown` at commit {commit()}, {facts['cpu']}."
    )
    return f"{measured} Not there: {missing}." if missing else measured


def _sheets(data: Path | None, seasons: Path | None, into: Path, only: str) -> int:
    """Names scenarios on the way: it takes minutes."""
    from bench.disturbance.sheets import album, jpeg, sheet  # noqa: PLC0415

    into.mkdir(parents=True, exist_ok=True)
    for scenario in chosen(data, seasons):
        if only not in scenario.told.name:
            continue
        with tempfile.TemporaryDirectory() as desk:
            seen = sheet(scenario.told, album(scenario, Path(desk)))
        print(scenario.told.name, "" if seen is not None else "(nothing was told)", flush=True)
        if seen is not None:
            name = "".join(each if each.isalnum() else "-" for each in scenario.told.name)
            (into / f"{name}.jpg").write_bytes(jpeg(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
