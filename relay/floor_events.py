"""What happens to a floor, and what follows from it."""

from dataclasses import dataclass

from relay.floor_words import EndEmergency, Release, Request, TakeBack, ToMember
from relay.talk import Leaving, Member, Revocation


@dataclass(frozen=True, slots=True)
class Joined:
    """A member is connected from now on. One that was is taken for gone first."""

    member: Member


@dataclass(frozen=True, slots=True)
class Left:
    """It is gone, or its connection is: at once, whatever it was doing. Its emergency lasts."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A packet of its voice came."""


FloorEvent = Joined | Left | Heard | Request | Release | EndEmergency | TakeBack


@dataclass(frozen=True, slots=True)
class Saying:
    """A word for one member (from a Floor: its name; from a Group: its session)."""

    to: str
    word: ToMember


@dataclass(frozen=True, slots=True)
class Switch:
    """From now on this member's voice is forwarded to all others, and nobody else's. None: nobody's."""

    speaker: str | None


@dataclass(frozen=True, slots=True)
class Speech:
    """Who had the floor from when to when, once it is over. emergency: at some time of it."""

    member: str
    since: float
    until: float
    emergency: bool
    ended: Revocation | Leaving


Output = Saying | Switch | Speech
