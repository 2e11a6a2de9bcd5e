"""The last words of every message, said when the outbox knows its number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.envelope import Clock, Message, Occurrence, seal
from edge.letter import Letter
from edge.site_id import SiteId

Extra = Callable[[Occurrence], Mapping[str, object]]
"""Fields of `data` that are known only then; called on the outbox's thread."""


@dataclass(slots=True)
class Sealer:
    """An edge.outbox_file.Seal. clock: the state of the box's clock now."""

    where: SiteId
    boot_id: str
    extras: tuple[Extra, ...] = ()
    clock: Callable[[], Clock] = Clock

    def __call__(self, letter: Letter, seq: int) -> Message:
        return seal(self.where, self.boot_id, letter, seq, clock=self.clock(), extra=self._extra)

    def _extra(self, occurrence: Occurrence) -> Mapping[str, object]:
        return {name: value for extra in self.extras for name, value in extra(occurrence).items()}
