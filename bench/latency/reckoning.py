"""What the notes of a run come to: pure counting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bench.probe.notes import Note
from bench.report import Figure, Figures, Goal, Report, spread

STAGES = (
    "noticed",
    "camera_and_network",
    "wake_and_decode",
    "queue",
    "look",
    "track_and_rules",
    "proof",
    "outbox",
    "publish",
)

_EARLY = 1.0  # s before half of it is there in which some of the lorry is
_PERCENTILES = (5, 10, 25, 50, 75, 90, 95)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A NEW event at the centre. at: s since 1970. taken: when its picture was, by its own time code; None: the code
    was not readable."""

    id: str
    at: float
    taken: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """shown: s since 1970 of each visit's first picture. period: s between two. arrived: by how much the daemon decodes
    of the camera. naive: what the other way sent. bare: s of one publish."""

    period: float
    shown: Sequence[float]
    arrived: Mapping[str, Sequence[Arrived]]
    naive: Sequence[Arrived]
    notes: Sequence[Note]
    bare: Sequence[float]
    settings: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journey:
    """One event's way. total: s from shown to arrived; stages: s each, in order; they add up to the total. Only what
    is known is there."""

    total: float
    stages: Mapping[str, float]


def reported(run: Run) -> Report:
    naive = visits(run.shown, run.naive, run.period)
    noted = _noted(run.notes)
    ours = {name: journeys(run, arrived, noted) for name, arrived in run.arrived.items()}
    figures: Figures = {
        "settings": dict(run.settings),
        "visits": len(run.shown),
        **{f"ours_{name}": {"events": len(run.arrived[name]), **_ways(ways)} for name, ways in ours.items()},
        "unreadable_codes": sum(one.taken is None for each in run.arrived.values() for one in each),
        "naive": {
            "met": len(naive),
            "total_ms": _ms([one.at - at for at, one in naive]),
            "percentiles_ms": _percentiles([one.at - at for at, one in naive]),
        },
        "naive_from_its_picture_ms": _ms([one.at - one.taken for _, one in naive if one.taken is not None]),
        "bare_publish_ms": _ms(run.bare),
    }
    met = {
        f"met_{name}": Goal(len(ways) / max(1, len(run.shown)), "share", at_least=1.0)
        for name, ways in ours.items()
    }
    return Report(figures, met)


def _ways(ways: Sequence[Journey]) -> dict[str, Any]:
    """A stage that p95 names is not the sum's p95: each is ranked by itself."""
    totals = [way.total for way in ways]
    stages = {stage: [way.stages[stage] for way in ways if stage in way.stages] for stage in STAGES}
    return {
        "met": len(ways),
        "total_ms": _ms(totals),
        "percentiles_ms": _percentiles(totals),
        "stage_ms": {stage: _ms(times) for stage, times in stages.items()},
    }


def visits(shown: Sequence[float], arrived: Iterable[Arrived], period: float) -> list[tuple[float, Arrived]]:
    """Each visit with the first that arrived between it and the next: less than half of a lorry may have been enough."""
    ranked = sorted(arrived, key=lambda one: one.at)
    found = []
    for at in shown:
        first = next((one for one in ranked if at - _EARLY <= one.at < at + period - _EARLY), None)
        if first is not None:
            found.append((at, first))
    return found


def journeys(run: Run, arrived: Iterable[Arrived], noted: Mapping[tuple[str, str], float]) -> list[Journey]:
    found = visits(run.shown, arrived, run.period)
    return [Journey(one.at - at, _stages(at, one, noted)) for at, one in found]


def _noted(notes: Iterable[Note]) -> dict[tuple[str, str], float]:
    """The first of each: what is sent again later is no part of the way."""
    found: dict[tuple[str, str], float] = {}
    for note in notes:
        if note.what.startswith("picture:"):
            found[note.what, ""] = int(note.key) / 1e6
        found.setdefault((note.what, note.key), note.at)
    return found


def _stages(shown: float, event: Arrived, noted: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """The doors in order of passing; between two that are known lies a stage."""
    stamped = noted.get((f"picture:{event.id}", ""))
    key = "" if stamped is None else str(round(stamped * 1e6))
    doors = (
        ("", shown),
        ("noticed", event.taken),
        ("camera_and_network", stamped),
        ("wake_and_decode", noted.get(("decoded", key))),
        ("queue", noted.get(("taken", key))),
        ("look", noted.get(("looked", key))),
        ("track_and_rules", noted.get(("judged", key))),
        ("proof", noted.get(("told", event.id))),
        ("outbox", noted.get(("committed", event.id))),
        ("publish", event.at),
    )
    known = [(name, at) for name, at in doors if at is not None]
    return {name: at - before for (_, before), (name, at) in pairwise(known)}


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """ms by percent (nearest rank)."""
    ranked = sorted(seconds)
    return {
        str(each): 1000 * ranked[round((len(ranked) - 1) * each / 100)] for each in _PERCENTILES if ranked
    }


def _ms(seconds: Sequence[float]) -> dict[str, Figure]:
    return spread([1000 * each for each in seconds]) if seconds else {"samples": 0}
