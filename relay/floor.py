"""One floor: who may speak, who waits, and what each member is told. Pure: events and times in, values out.

The floor control server of 3GPP TS 24.380, clause 6.3, with its states 'G: Floor Idle' (6.3.4.3) and 'G: Floor
Taken' (6.3.4.4). 'G: pending Floor Revoke' does not exist: there the server waits for a radio to stop; here the
relay forwards the voice and stops doing so at once (T3 = 0). A pre-emptor goes before others of its own priority,
not before those of a higher one (6.3.4.4.7 puts it before all).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from relay.floor_events import FloorEvent, Heard, Joined, Left, Output, Saying, Speech, Switch
from relay.floor_queue import FloorQueue, Level, Waiting
from relay.floor_words import (
    Denied,
    Emergency,
    EndEmergency,
    Ending,
    Granted,
    Idle,
    Queued,
    Release,
    Request,
    Revoked,
    TakeBack,
    Taken,
    ToMember,
    refusal,
)
from relay.talk import Denial, FloorRules, FloorState, Leaving, Member, Revocation, Role, Urgency
from relay.talk_problems import not_allowed


@dataclass(frozen=True, slots=True)
class _Holder:
    """until: when the speech is taken back. heard: last sign of its voice. alarmed: was an emergency's, once."""

    name: str
    ticket: int
    since: float
    until: float
    heard: float
    emergency: bool
    alarmed: bool
    warned: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """What the members were told last."""

    speech: tuple[int, bool] | None
    places: dict[str, int]
    emergencies: tuple[str, ...]


class Floor:
    """`handle` and `due` return what follows, media first: Speech, Switch, then Sayings.

    Times are s of one clock that does not go back. Same events at the same times, same outputs.
    """

    def __init__(self, rules: FloorRules | None = None) -> None:
        self._rules = rules or FloorRules()
        self._now = float("-inf")
        self._members: dict[str, Member] = {}
        self._holder: _Holder | None = None
        self._queue = FloorQueue(self._level)
        self._tickets = 0
        self._presses: dict[str, int] = {}
        self._penalties: dict[str, float] = {}
        self._emergencies: dict[str, None] = {}  # as an ordered set
        self._media: list[Output] = []
        self._words: list[Output] = []
        self._asked: set[str] = set()

    @property
    def holder(self) -> str | None:
        """Who speaks."""
        return self._holder.name if self._holder else None

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who waits, the next one first."""
        return self._queue.order()

    @property
    def emergencies(self) -> tuple[str, ...]:
        """Who is in one, connected or not."""
        return tuple(self._emergencies)

    def state(self, name: str) -> FloorState:
        """As that member sees it."""
        if name in self._queue:
            return FloorState.QUEUED
        if self._holder is None:
            return FloorState.IDLE
        return FloorState.GRANTED if self._holder.name == name else FloorState.TAKEN

    @property
    def next_due(self) -> float | None:
        """When `due` has to be called at the latest; None: not before the next event."""
        if (holder := self._holder) is None:
            return None
        warning = holder.until if holder.warned else holder.until - self._rules.warn
        return min(warning, holder.until, holder.heard + self._rules.silence)

    def due(self, now: float) -> tuple[Output, ...]:
        """What time alone brings about."""
        self._now = max(self._now, now)
        out: tuple[Output, ...] = ()
        while (due := self.next_due) is not None and due <= self._now:
            out += self._step(self._expire)
        return out

    def handle(self, who: str, event: FloorEvent, now: float) -> tuple[Output, ...]:
        """What follows from an event of this member. One of nobody who is connected comes too late: ignored."""
        out = self.due(now)
        if isinstance(event, Heard):
            if self._holder and self._holder.name == who:
                self._holder = replace(self._holder, heard=self._now)
            return out
        if who not in self._members and not isinstance(event, Joined):
            return out
        return out + self._step(partial(self._apply, who, event))

    def _apply(self, who: str, event: FloorEvent) -> None:
        match event:
            case Joined(member):
                self._leave(who)
                self._join(member)
            case Left():
                self._leave(who)
            case Request():
                self._request(who, event)
            case Release(press=press):
                self._release(who, press)
            case EndEmergency(member=member):
                self._end_emergency(who, member or who)
            case TakeBack(member=member):
                self._take_back(who, member)

    def _join(self, member: Member) -> None:
        self._members[member.name] = member
        self._penalties = {name: until for name, until in self._penalties.items() if until > self._now}
        self._asked.add(member.name)
        if self._emergencies:
            self._say(member.name, Emergency(by=self.emergencies))

    def _leave(self, who: str) -> None:
        if self.holder == who:
            self._end(Leaving.LEFT)
        self._queue.discard(who)
        self._presses.pop(who, None)
        self._members.pop(who, None)

    def _request(self, who: str, request: Request) -> None:
        if not self._is_new(who, request.press):
            self._asked.add(who)
        elif not self._members[who].may_speak:
            self._say(who, Denied.of(Denial.RECEIVE_ONLY))
        elif (left := self._penalty(who, request.urgency)) > 0:
            self._say(who, Denied.of(Denial.RETRY_AFTER, round(left, 3)))
        else:
            self._asked.add(who)
            if request.urgency is Urgency.EMERGENCY:
                self._emergencies.setdefault(who)
            if self.holder == who:
                self._mark(who in self._emergencies)
            else:
                self._enqueue(who, request.urgency)

    def _is_new(self, who: str, press: int) -> bool:
        """Whether this press of the button is not known, or is being answered still."""
        last = self._presses.get(who, -1)
        self._presses[who] = max(last, press)
        return press > last or (press == last and (who in self._queue or self.holder == who))

    def _penalty(self, who: str, urgency: Urgency) -> float:
        """s it has to wait before it may ask."""
        exempt = urgency is Urgency.EMERGENCY or who in self._emergencies
        return 0 if exempt else self._penalties.get(who, self._now) - self._now

    def _enqueue(self, who: str, urgency: Urgency) -> None:
        """Everybody goes through the queue: with the floor free, for no time."""
        before = self._queue.get(who)
        if before is None:
            self._tickets += 1
        ticket = before.ticket if before else self._tickets
        urgent = urgency is not Urgency.NORMAL or bool(before and before.urgent)
        self._queue.put(Waiting(who, ticket, urgent))
        if self._preempts(who):
            self._revoke(Revocation.PREEMPTED)
        elif before is None and self._holder and not self._has_room(who):
            self._queue.discard(who)
            self._asked.discard(who)
            self._say(who, Denied.of(Denial.QUEUE_FULL if self._rules.queue else Denial.TAKEN))

    def _preempts(self, who: str) -> bool:
        first = self._queue.order()[0] == who and self._queue[who].urgent
        return first and self._holder is not None and self._level(who) > self._level(self._holder.name)

    def _has_room(self, who: str) -> bool:
        """An emergency is never turned away; the queue still has no more places than the group has members."""
        return who in self._emergencies or len(self._queue) <= self._rules.queue

    def _level(self, name: str) -> Level:
        return name in self._emergencies, self._members[name].priority

    def _release(self, who: str, press: int) -> None:
        self._asked.add(who)
        if press < self._presses.get(who, -1):
            return
        self._presses[who] = press
        if self.holder == who:
            self._end(Leaving.RELEASED)
        self._queue.discard(who)

    def _end_emergency(self, who: str, member: str) -> None:
        if who != member and self._members[who].role is not Role.OPERATOR:
            self._say(who, refusal(not_allowed()))
            return
        self._asked.add(who)
        self._emergencies.pop(member, None)
        if self.holder == member:
            self._mark(emergency=False)

    def _take_back(self, who: str, speaker: str) -> None:
        if self.holder != speaker:  # over already
            self._asked.add(who)
        elif self._may_take_back(self._members[who], self._members[speaker]):
            self._revoke(Revocation.TAKEN_BACK)
        else:
            self._say(who, refusal(not_allowed()))

    @staticmethod
    def _may_take_back(operator: Member, speaker: Member) -> bool:
        return operator.role is Role.OPERATOR and operator.priority >= speaker.priority

    def _grant(self, waiting: Waiting) -> None:
        emergency = waiting.name in self._emergencies
        until = self._now + self._longest(emergency)
        self._holder = _Holder(
            waiting.name, waiting.ticket, self._now, until, self._now, emergency, emergency
        )

    def _mark(self, emergency: bool) -> None:
        """The speech becomes one of an emergency, or ceases to be one: it has its time anew, but not more of it."""
        holder = self._holder
        if holder is None or holder.emergency == emergency:
            return
        until = self._now + self._longest(emergency)
        self._holder = replace(
            holder,
            emergency=emergency,
            alarmed=True,
            until=until if emergency else min(until, holder.until),
            warned=False,
        )

    def _longest(self, emergency: bool) -> float:
        return self._rules.emergency_talk if emergency else self._rules.talk

    def _expire(self) -> None:
        holder = self._holder
        assert holder is not None
        if self._now >= holder.until:
            self._revoke(Revocation.TOO_LONG)
        elif self._now >= holder.heard + self._rules.silence:
            self._revoke(Revocation.SILENT)
        else:
            self._holder = replace(holder, warned=True)
            self._say(holder.name, Ending(seconds=round(holder.until - self._now, 3)))

    def _revoke(self, reason: Revocation) -> None:
        holder = self._holder
        assert holder is not None
        self._say(holder.name, Revoked.of(reason))
        self._end(reason)
        if reason is Revocation.PREEMPTED and self._rules.requeue:
            self._queue.put(Waiting(holder.name, holder.ticket))
        if reason in {Revocation.TOO_LONG, Revocation.TAKEN_BACK}:
            self._penalties[holder.name] = self._now + self._rules.penalty

    def _end(self, reason: Revocation | Leaving) -> None:
        holder, self._holder = self._holder, None
        assert holder is not None
        self._media.append(Speech(holder.name, holder.since, self._now, holder.alarmed, reason))

    def _say(self, to: str, word: ToMember) -> None:
        self._words.append(Saying(to, word))

    def _step(self, act: Callable[[], None]) -> tuple[Output, ...]:
        """Do it, give a free floor to who is next, and tell everybody what is new to them."""
        before = self._known()
        act()
        if self._holder is None and len(self._queue):
            self._grant(self._queue.pop())
        self._tell(before)
        out = (*self._media, *self._words)
        self._media, self._words, self._asked = [], [], set()
        return out

    def _known(self) -> _Known:
        speech = (self._holder.ticket, self._holder.emergency) if self._holder else None
        places = {name: place for place, name in enumerate(self._queue.order(), 1)}
        return _Known(speech, places, self.emergencies)

    def _tell(self, before: _Known) -> None:
        known = self._known()
        if _ticket(before) != _ticket(known):
            self._media.append(Switch(self.holder))
        for name in self._members:
            place, asked = known.places.get(name), name in self._asked
            if known.emergencies != before.emergencies:
                self._say(name, Emergency(by=known.emergencies))
            if known.speech != before.speech or (asked and place is None):
                self._say(name, self._floor_word(name))
            if place is not None and (asked or place != before.places.get(name)):
                self._say(name, Queued(position=place))

    def _floor_word(self, name: str) -> Granted | Taken | Idle:
        holder = self._holder
        if holder is None:
            return Idle()
        if holder.name == name:
            return Granted(seconds=round(holder.until - self._now, 3), emergency=holder.emergency)
        role, seconds = self._members[holder.name].role, round(self._now - holder.since, 3)
        return Taken(by=holder.name, role=role, emergency=holder.emergency, seconds=seconds)


def _ticket(known: _Known) -> int | None:
    return known.speech[0] if known.speech else None
