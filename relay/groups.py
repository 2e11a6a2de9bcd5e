"""All talk groups of a box: those of its configuration, and the calls that are open now. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relay.floor_events import Output
from relay.floor_words import Ring
from relay.group import CallRules, Group
from relay.talk import CallEnd, GroupKind, Member, TalkGroup, TalkRefused
from relay.talk_problems import name_taken, no_group, no_member, nobody_known, too_many_calls


@dataclass(frozen=True, slots=True)
class Opened:
    """A call, and the word that makes it ring at those who are called. unknown: names that no group has."""

    group: Group
    ring: Ring
    called: tuple[str, ...]
    unknown: tuple[str, ...] = ()


class TalkGroups:
    """now: s of one clock that does not go back. Names of groups are unique, calls included."""

    def __init__(self, plans: Iterable[TalkGroup], rules: CallRules | None = None, now: float = 0.0) -> None:
        self._rules = rules or CallRules()
        self._groups = {plan.name: Group(plan, now, self._rules) for plan in plans}
        self._known = _directory(group.plan for group in self._groups.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Of the groups of the configuration, then of the calls in the order they were opened."""
        return tuple(self._groups)

    @property
    def calls(self) -> tuple[str, ...]:
        return tuple(
            name for name, group in self._groups.items() if group.plan.kind is not GroupKind.STANDING
        )

    def get(self, name: str) -> Group:
        """Raises TalkRefused where there is none, or its call is over."""
        group = self._groups.get(name)
        if group is None or group.closed is not None:
            raise TalkRefused(no_group(name))
        return group

    def private(self, call: str, caller: str, callee: str, now: float) -> Opened:
        """A call of two; `call` names it. Where those two are in one already, that one rings again.

        Raises TalkRefused: somebody unknown, the name is taken, too many calls.
        """
        for name in (caller, callee):
            if name not in self._known:
                raise TalkRefused(no_member(call, name))
        group = self._between(caller, callee) or self._open(
            call, GroupKind.PRIVATE, (caller, callee), caller, now
        )
        return self._ringing(group, (callee,), "")

    def event(
        self, call: str, officers: Sequence[str], now: float, *, by: str | None = None, subject: str = ""
    ) -> Opened:
        """A call of those whom an event names, everybody who is to be in it; by: who opened it, if a person did.

        Whom nobody knows is left out and named. Raises TalkRefused: fewer than two known, the name is taken, too
        many calls.
        """
        wanted = tuple(dict.fromkeys((*([by] if by else []), *officers)))
        known = tuple(name for name in wanted if name in self._known)
        unknown = tuple(name for name in wanted if name not in self._known)
        group = self._open(call, GroupKind.EVENT, known, by, now)
        called = tuple(name for name in known if name != by)
        return self._ringing(group, called, subject, unknown)

    def decline(self, call: str, member: str, now: float) -> tuple[Output, ...]:
        """Whom it rang at does not come. It ends a private call; another goes on without it.

        Raises TalkRefused where there is no such call, or it is not called.
        """
        group = self.get(call)
        if member not in {known.name for known in group.plan.members}:
            raise TalkRefused(no_member(call, member))
        if group.plan.kind is not GroupKind.PRIVATE or member in group.present:
            return ()
        return group.close(CallEnd.DECLINED, now)

    @property
    def next_due(self) -> float | None:
        """When `due` has to be called at the latest."""
        times = (group.next_due for group in self._groups.values())
        return min((time for time in times if time is not None), default=None)

    def due(self, now: float) -> tuple[tuple[str, tuple[Output, ...]], ...]:
        """What time alone brings about, by group; calls that are over are forgotten."""
        happened = tuple((name, group.due(now)) for name, group in self._groups.items())
        self._groups = {name: group for name, group in self._groups.items() if group.closed is None}
        return tuple((name, outputs) for name, outputs in happened if outputs)

    def close(self, now: float) -> tuple[tuple[str, tuple[Output, ...]], ...]:
        """The box stops: everybody is told, by group."""
        groups, self._groups = self._groups, {}
        return tuple((name, group.close(CallEnd.STOPPED, now)) for name, group in groups.items())

    def _between(self, one: str, other: str) -> Group | None:
        pair = {one, other}
        for group in self._groups.values():
            private = group.plan.kind is GroupKind.PRIVATE and group.closed is None
            if private and {member.name for member in group.plan.members} == pair:
                return group
        return None

    def _open(self, call: str, kind: GroupKind, names: Sequence[str], by: str | None, now: float) -> Group:
        self._groups = {name: group for name, group in self._groups.items() if group.closed is None}
        if call in self._groups:
            raise TalkRefused(name_taken(call))
        if len(set(names)) < 2:
            raise TalkRefused(nobody_known(call))
        if len(self.calls) >= self._rules.calls:
            raise TalkRefused(too_many_calls(self._rules.calls))
        members = tuple(self._known[name] for name in names)
        plan = TalkGroup(call, members, seats=len(members), kind=kind)
        group = self._groups[call] = Group(plan, now, self._rules, by)
        return group

    def _ringing(
        self, group: Group, called: tuple[str, ...], subject: str, unknown: tuple[str, ...] = ()
    ) -> Opened:
        ring = Ring(
            call=group.plan.name,
            kind=group.plan.kind,
            by=group.by,
            members=tuple(member.name for member in group.plan.members),
            subject=subject,
            seconds=self._rules.ring,
        )
        return Opened(group, ring, called, unknown)


def _directory(plans: Iterable[TalkGroup]) -> dict[str, Member]:
    """Everybody, each as the group knows it in which it has most to say."""
    known: dict[str, Member] = {}
    for plan in plans:
        for member in plan.members:
            before = known.get(member.name)
            if before is None or member.priority > before.priority:
                known[member.name] = member
    return known
