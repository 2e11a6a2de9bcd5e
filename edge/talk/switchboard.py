"""Who may call whom, however the wish comes (MQTT, HTTP)."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.talk.problems import not_met
from edge.talk.service import Talk
from relay.signalling import Kind, Turned
from relay.talk import Role, TalkRefused
from relay.talk_problems import not_allowed
from relay.token_problems import not_for_this
from relay.tokens import ANY, Grant, Right


@dataclass(frozen=True, slots=True)
class Ticket:
    """call: its group's name. token: lets the caller into it."""

    call: str
    token: str


@dataclass(frozen=True, slots=True)
class Switchboard:
    """All on the loop's thread."""

    talk: Talk

    def call(
        self, grant: Grant, caller: str, callee: str | None, members: Sequence[str], subject: str
    ) -> Ticket:
        """A private call of `callee`, or one of several members, which takes an operator. Raises Turned (FORBIDDEN),
        TalkRefused."""
        speaks_as(grant, caller)
        if callee is not None:
            self._meet(grant, caller, (callee,))
            opened = self.talk.calls.private(caller, callee)
        else:
            if self._meet(grant, caller, members) is not Role.OPERATOR:
                raise TalkRefused(not_allowed())
            opened = self.talk.calls.event(members, by=caller, subject=subject)
        call = opened.ring.call
        return Ticket(call, self.talk.calls.ticket(call, caller))

    def decline(self, grant: Grant, call: str, member: str) -> None:
        """Raises Turned (FORBIDDEN), TalkRefused."""
        speaks_as(grant, member)
        self.talk.decline(call, member)

    def _meet(self, grant: Grant, caller: str, others: Sequence[str]) -> Role:
        """Who calls may call those it meets in a group that its token opens; its role there. Raises Turned (FORBIDDEN)."""
        met: dict[str, Role] = {}
        for place in self.talk.directory().groups:
            here = {member.name: member.role for member in place.members}
            if grant.sees_group(place.name) and caller in here:
                met |= here
        stranger = next((name for name in (caller, *others) if name not in met), None)
        if stranger is not None:
            raise Turned(Kind.FORBIDDEN, not_met(stranger))
        return met[caller]


def speaks_as(grant: Grant, member: str) -> None:
    """Raises Turned (FORBIDDEN) where the token does not speak for this member."""
    names = grant.scope.members
    if Right.SPEAK not in grant.scope.may or not (ANY in names or member in names):
        raise Turned(Kind.FORBIDDEN, not_for_this())
