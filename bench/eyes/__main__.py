"""python -m bench.eyes: the eyes bench, with its folders by hand, as tables, or as pictures to look at."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench import eyes
from bench.eyes.contestants import contestants, shipped
from bench.eyes.labelled import stills
from bench.eyes.sheets import draw
from bench.eyes.table import placed, tables
from bench.report import Report, as_json, show


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.eyes", description=eyes.QUESTION)
    parser.add_argument("--data", type=Path, help="labelled pictures and clips; default $SANDWATCH_DATA")
    parser.add_argument("--weights", type=Path, help="models of others; default $SANDWATCH_WEIGHTS")
    parser.add_argument("--quick", action="store_true", help="a tenth of it: a smoke test, not a measurement")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--markdown", type=Path, help="write the tables between the markers of this document")
    parser.add_argument("--sheets", type=Path, help="measure nothing: draw detections into this folder")
    options = parser.parse_args(arguments)
    data = options.data or eyes.folder("SANDWATCH_DATA", "data")
    if options.sheets:
        return _sheets(data, options.sheets)
    report = eyes.measure(
        data, options.weights or eyes.folder("SANDWATCH_WEIGHTS", "weights"), quick=options.quick
    )
    if options.markdown:
        _write(options.markdown, report)
    if options.json:
        print(as_json("eyes", eyes.QUESTION, report))
    elif not options.markdown:
        show("eyes", eyes.QUESTION, report, Console())
    return 0


def _write(document: Path, report: Report) -> None:
    found = tables(report.figures, report.goals, shipped())
    document.write_text(placed(document.read_text(encoding="utf-8"), found), encoding="utf-8")


def _sheets(data: Path | None, folder: Path) -> int:
    if data is None:
        print("needs data: name its folder with --data or $SANDWATCH_DATA", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as desk:
        detector = contestants(None, Path(desk))[0].detector()
    for path in draw(detector, stills(data), folder):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
