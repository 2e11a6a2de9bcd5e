"""Who is in a talk group, for people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """present: connected now, in the order they came; speaks: who has the floor."""

    present: tuple[str, ...] = ()
    speaks: str | None = None
