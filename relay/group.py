"""One talk group: who is connected by which session, its floor, and, for a call, when it is over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from relay.floor import Floor
from relay.floor_events import FloorEvent, Heard, Joined, Left, Output, Saying
from relay.floor_words import (
    Closed,
    EndCall,
    FromMember,
    Listed,
    Release,
    Replaced,
    Roster,
    read,
    refusal,
)
from relay.pace import Pace
from relay.talk import CallEnd, GroupKind, Member, Role, TalkGroup, TalkRefused
from relay.talk_problems import group_full, no_group, no_member, not_allowed, session_taken, too_fast

# A hand on a button cannot do more; what can is broken or hostile, and each request may be told to everybody.
_RATE, _BURST = 5.0, 20  # messages per s, messages


@dataclass(frozen=True, slots=True)
class CallRules:
    """Of calls, which unlike standing groups end. calls: open at once. ring, rejoin: s that a call lasts with fewer
    than two parties, before it was answered and after (a reload, a tunnel)."""

    calls: int = 16
    ring: float = 30.0
    rejoin: float = 10.0


@dataclass(frozen=True, slots=True)
class _Session:
    member: str
    pace: Pace


class Group:
    """Its outputs name sessions in `Saying.to`, members in `Switch` and `Speech`.

    A member speaks and hears by its newest session, as a radio by its last registration. by: who opened the call.
    now: s of one clock that does not go back.
    """

    def __init__(
        self, plan: TalkGroup, now: float = 0.0, rules: CallRules | None = None, by: str | None = None
    ) -> None:
        self.plan, self.by = plan, by
        self.floor = Floor(plan.rules)
        self.closed: CallEnd | None = None
        self._rules = rules or CallRules()
        self._members = {member.name: member for member in plan.members}
        self._sessions: dict[str, _Session] = {}
        self._answered = False
        self._alone: float | None = None if plan.kind is GroupKind.STANDING else now + self._rules.ring

    @property
    def holder(self) -> str | None:
        """Who speaks."""
        return self.floor.holder

    @property
    def present(self) -> tuple[str, ...]:
        """Who is connected, in the order they came."""
        return tuple(session.member for session in self._sessions.values())

    def session(self, member: str) -> str | None:
        """By which it is connected."""
        return next((id_ for id_, session in self._sessions.items() if session.member == member), None)

    def roster(self) -> Roster:
        here = set(self.present)
        listed = (_listed(member, member.name in here) for member in self._members.values())
        return Roster(group=self.plan.name, kind=self.plan.kind, members=tuple(listed))

    def join(self, member: str, session: str, now: float, guest: Member | None = None) -> tuple[Output, ...]:
        """A member is connected by this session; again by the same one changes nothing.

        guest: what it is where a standing group does not name it; it is forgotten when it leaves.
        Raises TalkRefused: no member, no seat left, the session is another member's, the call is over.
        """
        known = self._sessions.get(session)
        if known and known.member == member:
            return ()
        joining = self._admit(member, known, guest, now)
        out = self._at(now)
        old = self.session(member)
        if old is not None:
            out += (*self._drop(old, now), Saying(old, Replaced()))
        self._members.setdefault(member, joining)
        self._sessions[session] = _Session(member, Pace(_RATE, _BURST, now))
        self._count(now)
        return out + self._to_all(self.roster()) + self._floor(member, Joined(joining), now)

    def leave(self, session: str, now: float) -> tuple[Output, ...]:
        """It is gone, whatever it was doing; one that already is changes nothing."""
        out = self._at(now)
        if session not in self._sessions:
            return out
        out += self._drop(session, now)
        self._count(now)
        return out + self._to_all(self.roster())

    def receive(self, session: str, text: str | bytes, now: float) -> tuple[Output, ...]:
        """What a session sent. Of one that is gone: ignored. What cannot be read or done is answered by Refused."""
        if session not in self._sessions:
            return ()
        try:
            word = read(text)
            # Letting go of the button is always obeyed: no limit may keep a microphone open.
            if not isinstance(word, Release) and not self._sessions[session].pace.allows(now):
                raise TalkRefused(too_fast())
        except TalkRefused as refused:
            return (Saying(session, refusal(refused.problem)),)
        return self.hear(session, word, now)

    def hear(self, session: str, word: FromMember, now: float) -> tuple[Output, ...]:
        """The same for a message that was read already."""
        out = self._at(now)
        known = self._sessions.get(session)
        if known is None:
            return out
        if isinstance(word, EndCall):
            return out + self._end_call(session, known.member, now)
        return out + self._floor(known.member, word, now)

    def heard(self, member: str, now: float) -> tuple[Output, ...]:
        """A packet of its voice came. Cheap; once a second is enough."""
        return self._floor(member, Heard(), now)

    @property
    def next_due(self) -> float | None:
        """When `due` has to be called at the latest; None: not before something else happens."""
        times = [time for time in (self.floor.next_due, self._alone) if time is not None]
        return min(times, default=None)

    def due(self, now: float) -> tuple[Output, ...]:
        """What time alone brings about."""
        return self._at(now)

    def close(self, reason: CallEnd, now: float) -> tuple[Output, ...]:
        """Nobody is in it any more; everybody is told. A second time changes nothing."""
        if self.closed is not None:
            return ()
        told = self._to_all(Closed(reason=reason))
        # The speaker last: else those who wait would be given the floor, one after the other.
        last = self.session(self.holder) if self.holder else None
        dropped = (
            self._drop(session, now) for session in sorted(self._sessions, key=lambda id_: id_ == last)
        )
        media = tuple(output for outputs in dropped for output in outputs if not isinstance(output, Saying))
        self.closed, self._alone = reason, None
        return media + told

    def _admit(self, member: str, known: _Session | None, guest: Member | None, now: float) -> Member:
        name, plan = self.plan.name, self.plan
        if self.closed is not None or (self._alone is not None and now >= self._alone):
            raise TalkRefused(no_group(name))
        if plan.kind is not GroupKind.STANDING:
            guest = None
        joining = self._members.get(member, guest)
        if joining is None or joining.name != member:
            raise TalkRefused(no_member(name, member))
        if known is not None:
            raise TalkRefused(session_taken(name))
        if len(self._sessions) >= plan.seats and self.session(member) is None:
            raise TalkRefused(group_full(name, plan.seats))
        return joining

    def _drop(self, session: str, now: float) -> tuple[Output, ...]:
        member = self._sessions[session].member
        out = self._floor(member, Left(), now)
        del self._sessions[session]
        if member not in {named.name for named in self.plan.members}:
            del self._members[member]
        return out

    def _count(self, now: float) -> None:
        """Start or stop the time that a call lasts with fewer than two parties."""
        if self.plan.kind is GroupKind.STANDING:
            return
        if len(self._sessions) >= 2:
            self._answered, self._alone = True, None
        elif self._alone is None:
            self._alone = now + self._rules.rejoin

    def _at(self, now: float) -> tuple[Output, ...]:
        out = self._named(self.floor.due(now))
        if self._alone is not None and now >= self._alone:
            out += self.close(CallEnd.ALONE if self._answered else CallEnd.NO_ANSWER, now)
        return out

    def _end_call(self, session: str, member: str, now: float) -> tuple[Output, ...]:
        match self.plan.kind:
            case GroupKind.PRIVATE:
                allowed = True
            case GroupKind.EVENT:
                allowed = member == self.by or self._members[member].role is Role.OPERATOR
            case GroupKind.STANDING:
                allowed = False
        if not allowed:
            return (Saying(session, refusal(not_allowed())),)
        return self.close(CallEnd.HUNG_UP, now)

    def _floor(self, member: str, event: FloorEvent, now: float) -> tuple[Output, ...]:
        return self._named(self.floor.handle(member, event, now))

    def _named(self, outputs: Iterable[Output]) -> tuple[Output, ...]:
        """The floor speaks to members; here it is known where they are connected."""
        sessions = {session.member: id_ for id_, session in self._sessions.items()}
        return tuple(
            Saying(sessions[output.to], output.word) if isinstance(output, Saying) else output
            for output in outputs
        )

    def _to_all(self, word: Closed | Roster) -> tuple[Output, ...]:
        return tuple(Saying(session, word) for session in self._sessions)


def _listed(member: Member, here: bool) -> Listed:
    return Listed(
        name=member.name, role=member.role, priority=member.priority, may_speak=member.may_speak, here=here
    )
