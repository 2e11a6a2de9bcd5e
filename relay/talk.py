"""The vocabulary of talk-back: who may be in a group, what its floor allows, and why it says no.

Terms follow mission-critical push-to-talk: 3GPP TS 22.179 (what it has to do) and TS 24.380 (floor control).
"""

from dataclasses import dataclass
from enum import StrEnum

from streams.problem import ProblemError


class Role(StrEnum):
    OPERATOR = "operator"
    BODY_CAMERA = "body_camera"
    SPEAKER = "speaker"


class FloorState(StrEnum):
    """How the floor stands towards one member."""

    IDLE = "idle"
    TAKEN = "taken"
    QUEUED = "queued"
    GRANTED = "granted"


class Urgency(StrEnum):
    """How a member asks for the floor.

    PREEMPT: takes it from a speaker of lower priority, else waits. EMERGENCY: takes it from whoever is in no
    emergency, and marks the member as being in one until the member itself or an operator ends it.
    """

    NORMAL = "normal"
    PREEMPT = "preempt"
    EMERGENCY = "emergency"


class Denial(StrEnum):
    """Why a member does not get the floor. cause: the number of it in TS 24.380, 8.2.6.2."""

    TAKEN = "taken"
    RETRY_AFTER = "retry_after"
    RECEIVE_ONLY = "receive_only"
    QUEUE_FULL = "queue_full"

    @property
    def cause(self) -> int:
        return {"taken": 1, "retry_after": 4, "receive_only": 5, "queue_full": 7}[self.value]


class Revocation(StrEnum):
    """Why a speaker loses the floor. cause: the number of it in TS 24.380, 8.2.10.2; 255 is "other reason".

    SILENT: nothing was heard of the speaker for `FloorRules.silence`. TAKEN_BACK: an operator did.
    """

    TOO_LONG = "too_long"
    TAKEN_BACK = "taken_back"
    PREEMPTED = "preempted"
    SILENT = "silent"

    @property
    def cause(self) -> int:
        return {"too_long": 2, "taken_back": 3, "preempted": 4, "silent": 255}[self.value]


class Leaving(StrEnum):
    """How a speaker gives the floor up. LEFT: it is gone, or its connection is."""

    RELEASED = "released"
    LEFT = "left"


class GroupKind(StrEnum):
    """STANDING: of the configuration. PRIVATE: one to one. EVENT: opened by an event, to those it names."""

    STANDING = "standing"
    PRIVATE = "private"
    EVENT = "event"


class CallEnd(StrEnum):
    """Why a group is closed. ALONE: fewer than two were left in a call. STOPPED: the box stops."""

    HUNG_UP = "hung_up"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    ALONE = "alone"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Member:
    """One party of a talk group. priority: 0 lowest; a higher one may pre-empt the floor.

    listen_only: hears, and never speaks; neither does a loudspeaker.
    """

    name: str
    role: Role
    priority: int = 0
    listen_only: bool = False

    @property
    def may_speak(self) -> bool:
        return not self.listen_only and self.role is not Role.SPEAKER


@dataclass(frozen=True, slots=True)
class FloorRules:
    """Times in s.

    talk: longest speech (T2 "stop talking" of TS 24.380, 11.1.3), warned of `warn` before. emergency_talk: the
    same in an emergency. silence: a speaker of whom no packet came for so long has lost the network or the
    microphone (T1 "end of RTP media"); a network that is gone for less keeps the floor. penalty: how long one
    that spoke too long is refused (T9 "retry-after"), so that a stuck button frees the group. queue: who may
    wait; 0: nobody. requeue: a pre-empted speaker waits for its next turn, instead of having to ask again.
    """

    talk: float = 60.0
    warn: float = 10.0
    emergency_talk: float = 180.0
    silence: float = 4.0
    penalty: float = 3.0
    queue: int = 8
    requeue: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.warn < min(self.talk, self.emergency_talk):
            raise ValueError("a speech is warned of its end after it began, and before it ends")
        if self.silence <= 0 or self.penalty < 0 or self.queue < 0:
            raise ValueError("needs a silence above 0, and neither penalty nor queue below 0")


@dataclass(frozen=True, slots=True)
class TalkGroup:
    """Those who hear one another, and share one floor. seats: how many of them at once."""

    name: str
    members: tuple[Member, ...]
    rules: FloorRules = FloorRules()
    seats: int = 50
    kind: GroupKind = GroupKind.STANDING


class TalkRefused(ProblemError):
    """A group, a call or a message is not for this member, or not now."""
