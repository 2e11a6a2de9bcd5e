"""What signalling is about, whichever way it comes (HTTP, MQTT): a wish, who has it, and why it is turned away."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from relay.media.policy import IceServer, Reason, Refused
from relay.talk import GroupKind, Member, TalkRefused
from relay.tokens import Grant
from relay.wish import Wish
from streams.problem import Problem, ProblemError, Text


class Kind(StrEnum):
    """Why something is turned away."""

    MALFORMED = "malformed"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    UNACCEPTABLE = "unacceptable"
    TAKEN = "taken"
    STALE = "stale"
    TOO_LARGE = "too_large"
    NO_RESTART = "no_restart"
    BUSY = "busy"


class Turned(ProblemError):
    """A wish that is not fulfilled. retry_after: s after which it may be."""

    def __init__(self, kind: Kind, problem: Problem, retry_after: float | None = None) -> None:
        self.kind = kind
        self.retry_after = retry_after
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who has a wish. session: its address, from a CSPRNG; ice: the servers our own end uses for it."""

    session: str
    grant: Grant
    ice: tuple[IceServer, ...]


class Leg(Protocol):
    """One connection that was answered (`relay.media.peer.Peer`)."""

    async def add_candidates(self, lines: Sequence[str], /, *, end: bool = False) -> None:
        """lines: "candidate:...". Raises ProblemError."""

    async def restart(self, ufrag: str, pwd: str, lines: Sequence[str] = (), /) -> tuple[str, str]:
        """Restart ICE (RFC 8445, 9) with theirs; our new ufrag and pwd. Raises ProblemError where it cannot."""

    async def close(self) -> None: ...

    async def ended(self) -> object:
        """Returns when the connection is over, and everything of it was given back."""


@dataclass(frozen=True, slots=True)
class Place:
    """A talk group or a camera, as a list shows it. kind: of a group; a call's name is for programs only."""

    name: str
    title: str | None = None
    members: tuple[Member, ...] = ()
    kind: GroupKind | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """What can be wished for."""

    groups: tuple[Place, ...] = ()
    cameras: tuple[Place, ...] = ()


class Exchange(Protocol):
    """Whoever fulfils wishes: the talk groups and the live views."""

    async def open(self, wish: Wish, offer: str, caller: Caller) -> tuple[Leg, str]:
        """The connection and its answer (SDP). Raises ProblemError and may be cancelled; keeps nothing then."""

    def directory(self) -> Directory: ...


def verdict(error: ProblemError) -> tuple[Kind, float | None]:
    """Why, and the seconds after which it may be tried again. What has no kind of its own is BUSY."""
    match error:
        case Turned():
            return error.kind, error.retry_after
        case Refused() if error.reason in _REASONS:
            return _REASONS[error.reason], None
        case TalkRefused() if error.problem.code in _CODES:
            kind = _CODES[error.problem.code]
            return kind, _TRY_AGAIN if kind is Kind.BUSY else None
    return Kind.BUSY, _TRY_AGAIN


def not_found() -> Turned:
    """The same for what never was, what is over and what is somebody else's: addresses cannot be tried out."""
    what = Text("there is no such session, or no longer", "会话不存在或已结束")
    return Turned(Kind.NOT_FOUND, Problem("session.unknown", what, Text("connect again", "请重新连接")))


_TRY_AGAIN = 5.0  # s: somebody may have left by then, and a page that asks so often costs nothing

_REASONS = {
    Reason.TOO_LARGE: Kind.TOO_LARGE,
    Reason.MALFORMED: Kind.MALFORMED,
    Reason.NOT_ACCEPTABLE: Kind.UNACCEPTABLE,
    Reason.GONE: Kind.NOT_FOUND,
}
_CODES = {
    "talk.no_group": Kind.NOT_FOUND,
    "talk.no_member": Kind.NOT_FOUND,
    "talk.nobody_known": Kind.NOT_FOUND,
    "talk.not_allowed": Kind.FORBIDDEN,
    "talk.session_taken": Kind.TAKEN,
    "talk.name_taken": Kind.TAKEN,
    "talk.group_full": Kind.BUSY,
    "talk.too_many_calls": Kind.BUSY,
}
