"""Who waits for the floor, in the order they will get it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """ticket: counts requests in the order they came. urgent: asked to pre-empt."""

    name: str
    ticket: int
    urgent: bool = False


Level = tuple[bool, int]
"""Of a member: whether it is in an emergency, then its priority. The greater one goes first."""


class FloorQueue:
    """By level, then who asked urgently, then first come. level: of a member now; it may change while one waits."""

    def __init__(self, level: Callable[[str], Level]) -> None:
        self._level = level
        self._waiting: dict[str, Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, name: str) -> bool:
        return name in self._waiting

    def __getitem__(self, name: str) -> Waiting:
        return self._waiting[name]

    def get(self, name: str) -> Waiting | None:
        return self._waiting.get(name)

    def put(self, waiting: Waiting) -> None:
        """Once per member: a second time changes its place."""
        self._waiting[waiting.name] = waiting

    def discard(self, name: str) -> None:
        self._waiting.pop(name, None)

    def pop(self) -> Waiting:
        """The first. Raises IndexError when nobody waits."""
        return self._waiting.pop(self.order()[0])

    def order(self) -> tuple[str, ...]:
        """Names, the next one first."""
        return tuple(waiting.name for waiting in sorted(self._waiting.values(), key=self._place))

    def _place(self, waiting: Waiting) -> tuple[bool, int, bool, int]:
        emergency, priority = self._level(waiting.name)
        return not emergency, -priority, not waiting.urgent, waiting.ticket
