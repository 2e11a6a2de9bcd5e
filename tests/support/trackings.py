"""Tracks as a tracker would hand them to a rule, picture by picture."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.findings import Finding, Phase
from inference.rule import Rule
from inference.tracks import Tracks

CLASSES = ("truck", "excavator", "person")
TRUCK, EXCAVATOR, PERSON = 0, 1, 2
SIZE = (100, 100)
START = 1_000_000.0
STEP = 0.2


@dataclass(frozen=True, slots=True)
class Stirred(Tracks):
    """With what only some rules look at: the share of each box that moved, and what else is known."""

    stir: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    attributes: tuple[Mapping[str, str | float], ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """One track in one picture: its foot in px of a picture of 100 x 100; its box is 10 px wide and high."""

    x: float
    y: float
    track: int = 1
    label: int = TRUCK
    seen: bool = True
    stir: float = 0.0


def tracks(rows: Iterable[At]) -> Tracks:
    rows = list(rows)
    count = len(rows)
    return Stirred(
        ids=np.array([row.track for row in rows], np.int64),
        boxes=np.array([(row.x - 5, row.y - 10, row.x + 5, row.y) for row in rows], np.float32).reshape(
            -1, 4
        ),
        scores=np.full(count, 0.7, np.float32),
        labels=np.array([row.label for row in rows], np.int32),
        seen=np.array([row.seen for row in rows], np.bool_),
        first=np.full(count, START),
        last=np.full(count, START),
        stir=np.array([row.stir for row in rows], np.float32),
    )


def play(
    rule: Rule, pictures: Sequence[Iterable[At]], start: float = START, step: float = STEP
) -> list[Finding]:
    return [
        finding
        for number, picture in enumerate(pictures)
        for finding in rule.update(tracks(picture), SIZE, start + number * step)
    ]


def drive(start: tuple[float, float], end: tuple[float, float], pictures: int, track: int = 1) -> list[At]:
    """Evenly from one foot to the other."""
    ways = np.linspace(start, end, pictures)
    return [At(float(x), float(y), track) for x, y in ways]


def together(*lives: Sequence[At | None]) -> list[list[At]]:
    """Lives that begin with the first picture, side by side; None: not there."""
    longest = max(map(len, lives))
    return [
        [row for life in lives if number < len(life) and (row := life[number]) is not None]
        for number in range(longest)
    ]


def story(found: Iterable[Finding], start: float = START) -> list[tuple[str, float, str | None]]:
    """Phase, seconds since the start, reason."""
    return [(finding.phase.value, round(finding.time - start, 3), finding.reason) for finding in found]


def assert_whole_lives(found: Iterable[Finding]) -> None:
    """Each key begins once, ends once, and is told nothing of before or after."""
    lives: dict[str, list[Finding]] = {}
    for finding in found:
        lives.setdefault(finding.key, []).append(finding)
        assert finding.since <= finding.time
        assert (finding.reason is None) == (finding.phase is not Phase.END)
        assert len(finding.objects) <= 32
    for key, findings in lives.items():
        phases = [finding.phase for finding in findings]
        assert phases == [Phase.NEW, *[Phase.UPDATE] * (len(phases) - 2), Phase.END], key
