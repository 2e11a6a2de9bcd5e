"""Calls: opened by a person or an event, rung at whom they name, and the tokens that let those in."""

import secrets
from collections.abc import Callable, Iterable

import structlog

from relay.floor_words import Ring
from relay.groups import Opened, TalkGroups
from relay.talk import GroupKind, TalkRefused
from relay.tokens import Right, Scope, Tokens

log = structlog.get_logger()

_LIVES = 12 * 3600.0  # s that the token of a call lasts: longer than any call, which ends it


class Call(Ring):
    """A ring with what it takes to come: token lets this member into this call only."""

    token: str


Ringer = Callable[[str, Call], None]
"""Told of a member that is called, connected or not."""


class Calls:
    """ring: told of every member that is called. monotonic: s of the clock the floor goes by; wall: s since 1970."""

    def __init__(
        self,
        groups: TalkGroups,
        tokens: Tokens,
        ring: Ringer,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._groups, self._tokens, self._ring = groups, tokens, ring
        self._monotonic, self._wall = monotonic, wall

    def private(self, caller: str, callee: str) -> Opened:
        """A call of two. Raises TalkRefused."""
        return self._rung(self._groups.private(_name(), caller, callee, self._monotonic()))

    def event(self, members: Iterable[str], *, by: str | None = None, subject: str = "") -> Opened:
        """A call of those named, everybody who is to be in it. Raises TalkRefused."""
        return self._rung(
            self._groups.event(_name(), tuple(members), self._monotonic(), by=by, subject=subject)
        )

    def ticket(self, call: str, member: str) -> str:
        """The token by which a member comes into a call."""
        scope = Scope(may=(Right.SPEAK, Right.WATCH, Right.PUBLISH), groups=(call,), members=(member,))
        return self._tokens.issue(member, scope, self._wall(), _LIVES).get_secret_value()

    def of(self, member: str) -> frozenset[str]:
        """Open ones that a member is named in."""
        plans = (self._groups.get(name).plan for name in self._groups.names)
        calls = (plan for plan in plans if plan.kind is not GroupKind.STANDING)
        return frozenset(plan.name for plan in calls if any(one.name == member for one in plan.members))

    def is_open(self, call: str) -> bool:
        try:
            self._groups.get(call)
        except TalkRefused:
            return False
        return True

    def _rung(self, opened: Opened) -> Opened:
        ring = opened.ring
        log.info("talk.called", call=ring.call, by=ring.by, members=opened.called, unknown=opened.unknown)
        for member in opened.called:
            self._ring(member, Call(**ring.model_dump(), token=self.ticket(ring.call, member)))
        return opened


def _name() -> str:
    """Who does not know it cannot come."""
    return f"call-{secrets.token_hex(8)}"
