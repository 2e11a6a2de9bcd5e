"""python -m bench.mutation [NAME ...] [--sample N] [--seed N] [--again FILE] [--processes N] [--json FILE]

Ends with 1 where a mutant survives that equivalent.toml does not explain.
"""

import argparse
import json
import os
import random
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.mutation.mutants import Mutant, mutants
from bench.mutation.subjects import SUBJECTS
from bench.mutation.trial import Outcome, Trial, outcomes, whole

EQUIVALENT = Path(__file__).parent / "equivalent.toml"

Change = tuple[str, str, str]
"""Module, the line as it was, as it becomes."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """why: nobody could tell the difference; None: tests should."""

    line: int
    was: str
    becomes: str
    why: str | None


@dataclass(slots=True)
class Tally:
    """Of one module. tried: of all its mutants. endless: noticed by the time they took."""

    subject: str
    module: str
    mutants: int
    tried: int
    endless: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def equivalent(self) -> int:
        return sum(each.why is not None for each in self.survivors)

    @property
    def missed(self) -> int:
        return len(self.survivors) - self.equivalent

    def count(self, mutant: Mutant, outcome: Outcome, known: Mapping[Change, str]) -> None:
        self.endless += outcome is Outcome.ENDLESS
        if outcome is Outcome.SURVIVED:
            why = known.get((self.module, mutant.was, mutant.becomes))
            self.survivors.append(Survivor(mutant.line, mutant.was, mutant.becomes, why))


def main() -> int:
    options = _arguments()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: a pool of threads does not survive a fork
    console = Console(width=140)
    tallies = []
    for tally in _tallies(options):
        tallies.append(tally)
        _tell(tally, console)
    console.print(_table(tallies))
    if options.json:
        document = json.dumps([asdict(each) for each in tallies], ensure_ascii=False, indent=1)
        options.json.write_text(document + "\n", encoding="utf-8")
    return int(any(each.missed for each in tallies))


def _tallies(options: argparse.Namespace) -> Iterator[Tally]:
    known, again = equivalent(), _survived(options.again) if options.again else None
    for subject in SUBJECTS:
        for module, tests in subject.modules.items():
            if options.names and subject.name not in options.names and module not in options.names:
                continue
            found = mutants(Path(module).read_text("utf-8"))
            chosen = [each for each in found if again is None or (module, each.was, each.becomes) in again]
            if options.sample is not None and len(chosen) > options.sample:
                chosen = random.Random(options.seed).sample(chosen, options.sample)
            tally = Tally(subject.name, module, len(found), len(chosen))
            _try(tally, chosen, tests, known, options.processes)
            yield tally


def _try(
    tally: Tally, chosen: list[Mutant], tests: tuple[str, ...], known: Mapping[Change, str], processes: int
) -> None:
    by_source = {each.source: each for each in chosen}
    trials = [Trial(tally.module, tests, source) for source in by_source]
    for trial, outcome in outcomes(trials, whole(tally.module, tests), processes):
        tally.count(by_source[trial.source], outcome, known)
        sys.stderr.write("S" if outcome is Outcome.SURVIVED else ".")
        sys.stderr.flush()
    sys.stderr.write("\n")
    tally.survivors.sort(key=lambda each: (each.line, each.becomes))


def equivalent() -> dict[Change, str]:
    """Why nobody could tell the difference."""
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8"))["mutant"]
    return {
        (each["module"], each["was"], becomes): each["why"] for each in listed for becomes in each["becomes"]
    }


def _survived(file: Path) -> set[Change]:
    return {
        (tally["module"], each["was"], each["becomes"])
        for tally in json.loads(file.read_text("utf-8"))
        for each in tally["survivors"]
    }


def _tell(tally: Tally, console: Console) -> None:
    for each in tally.survivors:
        text = f"{tally.module}:{each.line}: {each.was}\n  -> {each.becomes}\n  {each.why or 'NOT NOTICED'}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def _table(tallies: list[Tally]) -> Table:
    table = Table("", "module", "mutants", "tried", "noticed", "of them endless", "equivalent", "not noticed")
    for each in tallies:
        noticed = each.tried - len(each.survivors)
        figures = (each.mutants, each.tried, noticed, each.endless, each.equivalent, each.missed)
        table.add_row(each.subject, each.module, *(str(figure) for figure in figures))
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="subjects or modules; none: all")
    parser.add_argument("--sample", type=int, help="mutants of each module at most")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--again", type=Path, help="only what survived then: what --json wrote")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
