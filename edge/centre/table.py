"""Where a centre keeps events: what every kind of table does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.centre.record import Record
from streams.problem import ProblemError


class TableFailed(ProblemError):
    """Nothing was stored. Later it may be."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers of a site that have not come, both ends included."""

    site: str
    first: int
    last: int


class Table(Protocol):
    """Synchronous, for one thread at a time. Every method raises TableFailed."""

    def commit(self, records: Sequence[Record]) -> int:
        """Keep those that are not there yet: how many. On disk when this returns."""

    def missing(self) -> list[Missing]:
        """Gaps that have had time to close, and nobody explained."""

    def close(self) -> None: ...
