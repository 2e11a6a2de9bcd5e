"""What must hold, and the report that says whether it did."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.report import commit, machine
from bench.soak.box import Sample
from bench.soak.seen import Course
from bench.soak.slopes import Slope, grown, slope

_GROWTH = 1.0  # MB/h of the main process
_MORE = {"descriptors": 4.0, "threads": 3.0, "tasks": 6.0}  # that come and go with connections and visits
# Ladder of 30 s, 5 s of a connection that hangs, 5 s until its first picture, and as much for a box that is busy.
LADDER = 45.0


@dataclass(frozen=True, slots=True)
class Invariant:
    """held: None where this run was too short to tell."""

    name: str
    held: bool | None
    found: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was seen of a run, times in s of time.monotonic. stored, arrived: by number, when it was committed and when
    it came to the centre, in that order. broker_deaths: when,
    and when the centre was back. waits: s until cameras were back. ended: exit code of the gateway."""

    seconds: float
    seed: int
    cameras: int
    stored: Mapping[int, float]
    arrived: Mapping[int, float]
    dropped: Sequence[tuple[int, int]]
    repeats: int
    broker_deaths: Sequence[tuple[float, float]]
    chain: Sequence[str]
    entries: int
    samples: Sequence[Sample]
    waits: Sequence[tuple[str, float]]
    courses: Sequence[Course]
    visits: tuple[int, int]
    stray: Sequence[str]
    ended: int
    left_out: Sequence[str] = field(default=())


def invariants(found: Findings, warm: float) -> Iterator[Invariant]:
    """warm: s from which on memory and the like have to stand still."""
    told = {seq for first, last in found.dropped for seq in range(first, last + 1)}
    lost = sorted(set(found.stored) - set(found.arrived) - told)
    count = len(found.stored)
    yield Invariant(
        "no event lost", count > 0 and not lost, f"{count} committed, {len(lost)} lost {lost[:9]}"
    )
    late = list(_late(found))
    yield Invariant("in order", not late, f"{found.repeats} repeats, {len(late)} out of order {late[:9]}")
    yield Invariant(
        "chain verifies", not found.chain and found.entries > 0, f"{found.entries} entries {found.chain[:3]}"
    )
    slow = [(camera, wait) for camera, wait in found.waits if wait > LADDER]
    longest = max((wait for _, wait in found.waits), default=0.0)
    told_slow = f"{len(found.waits)} outages, longest {longest:.1f} s after the fault {slow[:5]}"
    yield Invariant(f"cameras back within {LADDER:g} s", not slow, told_slow)
    samples = [sample for sample in found.samples if sample.at >= warm]
    yield _memory(samples)
    for name, values in _counts(samples).items():
        more = grown(values)
        told_more = f"{median(values):g} in the middle, {more:+g}" if values else "never told"
        yield Invariant(f"{name} flat", more <= _MORE[name] if len(values) >= 9 else None, told_more)
    yield Invariant("ends in good order", found.ended == 0, f"exit {found.ended}")
    yield Invariant("no defect in the log", not found.stray, f"{len(found.stray)} {list(found.stray)[:2]}")


def _late(found: Findings) -> Iterator[int]:
    """What came after a higher number, although no broker died with it or took it before the centre was back: what it
    lost comes again later."""
    highest = 0
    for seq, came in found.arrived.items():
        stored = found.stored.get(seq, 0.0)
        died = any(stored - 1 <= back and death <= came for death, back in found.broker_deaths)
        if seq < highest and not died:
            yield seq
        highest = max(highest, seq)


def _memory(samples: Sequence[Sample]) -> Invariant:
    """Failed where it certainly grows; unknown where the run is too short to exclude it."""
    found = slope([sample.at for sample in samples], [sample.rss for sample in samples])
    name = f"memory grows by less than {_GROWTH:g} MB/h"
    if found is None:
        return Invariant(name, None, "too short")
    held = False if found.low > _GROWTH else True if found.high < _GROWTH else None
    return Invariant(name, held, f"{_written(found)}; {samples[-1].rss:.0f} MiB")


def _written(found: Slope) -> str:
    return f"{found.value:+.1f} MB/h ({found.low:+.1f} to {found.high:+.1f})"


def _counts(samples: Sequence[Sample]) -> dict[str, list[float]]:
    return {
        "descriptors": [sample.fds for sample in samples],
        "threads": [sample.threads for sample in samples],
        "tasks": [sample.tasks for sample in samples if sample.tasks is not None],
    }


def recoveries(courses: Sequence[Course]) -> Iterator[dict[str, Any]]:
    """By kind of fault."""
    for kind in dict.fromkeys(each.kind for each in courses):
        mine = [each for each in courses if each.kind is kind]
        told = [each.told for each in mine if each.told]
        seen = [each.seen for each in mine if each.seen is not None]
        back = [each.back for each in mine if each.back is not None]
        yield {
            "fault": kind.value,
            "times": len(mine),
            "said": len(told),
            "words": sorted(set(told), key=lambda word: (-told.count(word), word)),
            "seen_s": _spread(seen),
            "back_s": _spread(back),
        }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    return {"median": round(median(values), 1), "max": round(max(values), 1)} if values else None


def document(found: Findings, held: Sequence[Invariant]) -> str:
    """One JSON object."""
    told = {
        "commit": commit(),
        "machine": machine(),
        "seconds": round(found.seconds),
        "seed": found.seed,
        "cameras": found.cameras,
        "left_out": list(found.left_out),
        "visits": {"joined": found.visits[0], "turned_away": found.visits[1]},
        "invariants": [asdict(each) for each in held],
        "faults": list(recoveries(found.courses)),
        "samples": [asdict(each) for each in found.samples],
    }
    return json.dumps(told, ensure_ascii=False)


def show(found: Findings, held: Sequence[Invariant], console: Console) -> None:
    faults = Table("fault", "times", "said", "first words", "seen after, s", "over after, s", title="Faults")
    for row in recoveries(found.courses):
        spreads = (_shown(row["seen_s"]), _shown(row["back_s"]))
        faults.add_row(
            row["fault"], str(row["times"]), str(row["said"]), ", ".join(row["words"][:3]), *spreads
        )
    table = Table(
        "invariant", "", "found", title=f"{found.seconds:.0f} s, {found.cameras} cameras, seed {found.seed}"
    )
    marks = {True: "[green]held[/]", False: "[bold red]BROKEN[/]", None: "[yellow]too short to tell[/]"}
    for each in held:
        table.add_row(each.name, marks[each.held], each.found)
    console.print(faults, table)
    console.print(f"visits: {found.visits[0]} let in, {found.visits[1]} turned away")
    for missing in found.left_out:
        console.print(f"left out: {missing}")


def _shown(spread: Mapping[str, float] | None) -> str:
    return "-" if spread is None else f"{spread['median']:.1f} (max {spread['max']:.1f})"
