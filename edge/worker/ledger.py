"""The cases of a camera's ground on disk: what was told of them, whatever becomes of the process."""

from collections.abc import Collection
from pathlib import Path

import structlog

from edge.casebook import Entry as Step
from edge.land.folders import view, views
from edge.land.history import Entry, History, entry
from inference.findings import Finding, Phase

log = structlog.get_logger()


class Ledger:
    """Of one camera: a history per preset. A disk that refuses costs the memory over a restart, aloud."""

    def __init__(self, storage: Path, camera: str, presets: Collection[str]) -> None:
        """presets: empty for a camera that does not turn."""
        self._storage, self._camera = storage, camera
        self._presets: list[str | None] = list(presets) or [None]
        self._owners: dict[str, str | None] = {}

    def recalled(self) -> dict[str, Step]:
        """key -> the last step of each case that was open when the box went."""
        found = {}
        for each in views(self._storage, self._camera):
            for last in self._open(each.preset) if each.preset in self._presets else ():
                self._owners[last.key] = each.preset
                found[last.key] = Step(last.event_id, last.number)
        return found

    def lost(self, preset: str | None, known: Collection[str], now: float) -> list[Finding]:
        """END of the cases there whose patch nobody knows any more. known: keys of the patches."""
        return [last.finding(Phase.END, now, "lost") for last in self._open(preset) if last.key not in known]

    def left(self, now: float, reason: str) -> list[Finding]:
        """END of every open case: nobody watches this ground any more."""
        views = {self._owners[key] for key in self._owners}
        return [last.finding(Phase.END, now, reason) for preset in views for last in self._open(preset)]

    def note(self, finding: Finding, step: Step, preset: str | None) -> None:
        """A message that is about to be told; preset: where the camera points."""
        owner = self._owners.setdefault(finding.key, preset)
        message = entry(finding, step.event_id, step.number, self._camera, owner)
        if finding.phase is Phase.END:
            del self._owners[finding.key]
        try:
            self._history(owner).add(message)
        except OSError as error:
            log.warning("land.history_not_kept", camera=self._camera, why=str(error))

    def owner(self, key: str) -> str | None:
        """The preset at which it was seen. Raises KeyError: it is not open."""
        return self._owners[key]

    def _open(self, preset: str | None) -> list[Entry]:
        try:
            return list(self._history(preset).open().values())
        except OSError as error:
            log.warning("land.history_unreadable", camera=self._camera, why=str(error))
            return []

    def _history(self, preset: str | None) -> History:
        return History(view(self._storage, self._camera, preset).folder)
