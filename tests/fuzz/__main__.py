"""`python -m tests.fuzz`: thousands of spoilt answers, packets, access units, letters and files, always the same ones.

Ends with 1 where a process died, hung, took too much memory or raised what it must not, or the gateway suffered.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz import driver, live, material, seeds
from tests.fuzz.hostile import Hostile

_PARTS = ("rtsp", "units", "words", "live")
_WORDS = 5  # cases of words for one of access units: they cost so much less


def main() -> int:
    options = _arguments()
    clean = True
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        material.prepare(folder)
        seeds.prepare(folder)
        for part in options.part or _PARTS:
            began = time.monotonic()
            outcome = _run(part, options, folder)
            sys.stdout.write(f"{part}, seed {options.seed}, {time.monotonic() - began:.0f} s: {outcome}\n")
            sys.stdout.flush()
            clean = clean and outcome.clean
    return 0 if clean else 1


def _run(part: str, options: argparse.Namespace, folder: Path) -> driver.Tally | live.Outcome:
    if part == "live":
        return live.beside(folder, seed=options.seed, seconds=options.seconds)
    # Two thirds before the decoder, where an answer costs least, and a third behind it.
    share = options.cases * 2 // 3 if part == "rtsp" else options.cases - options.cases * 2 // 3
    cases = options.case or range(share)
    if part == "words":
        return driver.run(
            "words", options.case or range(options.cases * _WORDS), seed=options.seed, folder=folder
        )
    if part == "units":
        return driver.run("units", cases, seed=options.seed, folder=folder)
    with Hostile(folder, options.seed) as hostile:
        return driver.run("rtsp", cases, seed=options.seed, folder=folder, port=hostile.port)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--part", action="append", choices=_PARTS, help="more than once: these; else all")
    parser.add_argument(
        "--cases", type=int, default=10_000, help="of rtsp and units together; of words five times so many"
    )
    parser.add_argument("--case", type=int, action="append", help="only this one, to look at it again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--seconds", type=float, default=180.0, help="that the gateway stands beside hostile cameras"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
