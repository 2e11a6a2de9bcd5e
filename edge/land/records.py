"""The disturbances of a box, as its histories tell them: for lists and exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.land.folders import View, views
from edge.land.history import Entry, History
from edge.land.standing import Standing, standing
from inference.findings import Phase
from inference.geodesy.export import Disturbance


@dataclass(frozen=True, slots=True)
class Record:
    """A view, how it stands, and the last message of each of its cases, oldest first."""

    view: View
    standing: Standing
    cases: tuple[Entry, ...]

    @property
    def open(self) -> tuple[Entry, ...]:
        return tuple(case for case in self.cases if case.phase is not Phase.END)


def records(storage: Path, camera: str | None = None) -> Iterator[Record]:
    """Of every view, or of one camera's. Raises OSError."""
    for view in views(storage, camera):
        cases = sorted(History(view.folder).latest().values(), key=lambda case: case.since)
        try:
            stands = standing(view.folder)
        except ValidationError:  # damaged, and written anew by the gateway within minutes
            stands = Standing()
        yield Record(view, stands, tuple(cases))


def disturbances(storage: Path, camera: str | None, since: float | None) -> Iterator[Disturbance]:
    """Those that were there at or after `since` (s since 1970). Raises OSError."""
    for record in records(storage, camera):
        for case in record.cases:
            ended = case.phase is Phase.END
            if case.change is None or (since is not None and ended and case.time < since):
                continue
            yield Disturbance(
                event_id=case.event_id,
                camera=case.camera,
                severity=case.severity,
                since=case.since,
                time=case.time,
                change=case.change,
                ended=ended,
            )
