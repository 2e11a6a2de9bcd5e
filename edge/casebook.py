"""Names for the cases of one camera: the same event id from `new` through every `update` to `end`."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.findings import Finding, Phase

LASTING = frozenset({"land.disturbance"})
"""Types of cases that go on when the process that watched them ends: the ground does not change back by that."""


@dataclass(frozen=True, slots=True)
class Entry:
    """event_id: shared by all messages of a case. number: 0 for `new`, then counting."""

    event_id: str
    number: int


class CaseBook:
    """Pure but for the id maker it is given. Remembers open cases only, so it is bounded by what is in view."""

    def __init__(self, make_id: Callable[[], str]) -> None:
        self._make_id = make_id
        self._open: dict[str, Entry] = {}

    def enter(self, finding: Finding) -> Entry:
        """The entry for this finding. An `end` closes its case; raises KeyError if it was never opened."""
        match finding.phase:
            case Phase.NEW:
                entry = Entry(self._make_id(), 0)
            case Phase.UPDATE | Phase.END:
                known = self._open[finding.key]
                entry = Entry(known.event_id, known.number + 1)
        if finding.phase is Phase.END:
            del self._open[finding.key]
        else:
            self._open[finding.key] = entry
        return entry

    def resume(self, key: str, entry: Entry) -> None:
        """A case that was open before a restart; entry: of its last message."""
        self._open[key] = entry

    def __contains__(self, key: str) -> bool:
        """Whether a case of that key is open."""
        return key in self._open

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the open cases."""
        return tuple(entry.event_id for entry in self._open.values())

    def key(self, event_id: str) -> str | None:
        """Of the open case of that id."""
        return next((key for key, entry in self._open.items() if entry.event_id == event_id), None)
