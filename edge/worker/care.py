"""How much of a camera's own health is looked after."""

from dataclasses import dataclass

from streams.health.outage import AFTER


@dataclass(frozen=True, slots=True)
class Care:
    """picture: judge whether it is frozen, covered, moved ... offline_after: s without pictures. still: it stands
    in one place."""

    picture: bool = True
    offline_after: float = AFTER
    still: bool = True
