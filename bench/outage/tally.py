"""What became of the events: pure counting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message at the centre. number: of the event, as it was produced. replayed: it says that it may be known."""

    number: int
    id: str
    replayed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Events. promised: the sender answered for them; refused: it did not take them. lost: of those promised, never
    came. out_of_order: came for the first time after one that was produced later. again: came once more; doubled: of
    these, without saying so, or under another name. seconds: from the broker's return until everything was there; None:
    it never was."""

    promised: int
    refused: int
    lost: int
    out_of_order: int
    again: int
    doubled: int
    seconds: float | None

    def figures(self) -> dict[str, Any]:
        return {
            "promised": self.promised,
            "refused": self.refused,
            "lost": self.lost,
            "out_of_order": self.out_of_order,
            "came_again": self.again,
            "doubled": self.doubled,
            "all_there_after_s": self.seconds,
        }


def tally(
    promised: Iterable[int], arrivals: Sequence[Arrival], seconds: float | None, refused: int = 0
) -> Tally:
    names: dict[int, str] = {}
    late = again = doubled = 0
    newest = -1
    for arrival in arrivals:
        if arrival.number in names:
            again += 1
            doubled += not arrival.replayed or names[arrival.number] != arrival.id
        else:
            names[arrival.number] = arrival.id
            late += arrival.number < newest
            newest = max(newest, arrival.number)
    owed = set(promised)
    return Tally(len(owed), refused, len(owed - names.keys()), late, again, doubled, seconds)
