"""The vocabulary of talk-back: who may be in a group, and the states of its floor.

Only the types: the media and the signalling that use them are not built yet.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    OPERATOR = "operator"
    BODY_CAMERA = "body_camera"
    SPEAKER = "speaker"


class FloorState(StrEnum):
    """What a member is told of its wish to speak (after 3GPP TS 24.380, clause 6.2.4)."""

    IDLE = "idle"
    REQUESTED = "requested"
    QUEUED = "queued"
    GRANTED = "granted"
    TAKEN = "taken"
    REVOKED = "revoked"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Member:
    """One party of a talk group. priority: 0 lowest; a higher one may pre-empt the floor."""

    name: str
    role: Role
    priority: int = 0


@dataclass(frozen=True, slots=True)
class TalkGroup:
    """Those who hear one another, and share one floor."""

    name: str
    members: tuple[Member, ...]
