"""Whatever happens in whatever order: one speaker, a fair queue, and everybody knows how things stand."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from relay.floor import Floor
from relay.floor_events import FloorEvent, Heard, Joined, Left, Output, Saying, Speech, Switch
from relay.floor_words import (
    Denied,
    EndEmergency,
    Granted,
    Idle,
    Queued,
    Release,
    Request,
    Revoked,
    TakeBack,
    Taken,
)
from relay.talk import FloorRules, FloorState, Urgency
from tests.support.floors import EVERYBODY

BY_NAME = {member.name: member for member in EVERYBODY}
RULES = (FloorRules(queue=2), FloorRules(queue=0), FloorRules(queue=4, requeue=True))
NAMES = st.sampled_from(sorted(BY_NAME))


class FloorMachine(RuleBasedStateMachine):
    """Against what the members were told, and against the same events told to another floor."""

    floor_rules = RULES[0]

    def __init__(self) -> None:
        super().__init__()
        self.floor, self.twin = Floor(self.floor_rules), Floor(self.floor_rules)
        self.now = 0.0
        self.here: set[str] = set()
        self.presses: dict[str, int] = {}
        self.told: dict[str, Granted | Taken | Idle] = {}
        self.place: dict[str, int] = {}
        self.forwarded: str | None = None
        self.last_speech_until = 0.0

    @rule(who=NAMES)
    def join(self, who: str) -> None:
        self.forget(who)
        self.here.add(who)
        self.do(who, Joined(BY_NAME[who]))

    @rule(who=NAMES)
    def leave(self, who: str) -> None:
        self.forget(who)
        self.do(who, Left())
        assert self.floor.holder != who
        assert who not in self.floor.waiting

    @rule(who=NAMES, urgency=st.sampled_from(Urgency))
    def press(self, who: str, urgency: Urgency) -> None:
        self.do(who, Heard())  # the timers first: what follows is the request's own
        self.presses[who] = self.presses.get(who, 0) + 1
        held, waited = self.floor.holder == who, who in self.floor.waiting
        out = self.do(who, Request(press=self.presses[who], urgency=urgency))
        if who in self.here:
            answers = [word for word in told(out, who) if isinstance(word, Granted | Denied | Queued)]
            assert len(answers) == 1
            assert not isinstance(answers[0], Denied) or not (held or waited)

    @rule(who=NAMES)
    def repeat_the_request(self, who: str) -> None:
        before = self.snapshot()
        self.do(who, Heard())
        if self.snapshot() == before:
            self.do(who, Request(press=self.presses.get(who, 0)))
            if self.presses.get(who):
                assert self.snapshot() == before

    @rule(who=NAMES, late=st.integers(0, 1))
    def release(self, who: str, late: int) -> None:
        self.do(who, Release(press=max(0, self.presses.get(who, 0) - late)))
        if not late:
            assert self.floor.holder != who
            assert who not in self.floor.waiting

    @rule(who=NAMES, other=NAMES)
    def end_emergency(self, who: str, other: str) -> None:
        self.do(who, EndEmergency(member=other))

    @rule(who=NAMES)
    def take_back(self, who: str) -> None:
        self.do(who, TakeBack(member=self.floor.holder or who))

    @rule(seconds=st.sampled_from((0.02, 1.0, 3.0, 12.0, 200.0)), speaking=st.booleans())
    def wait(self, seconds: float, speaking: bool) -> None:
        end = self.now + seconds
        while self.now < end:
            if speaking and self.floor.holder:
                self.do(self.floor.holder, Heard())
            self.now = min(end, self.now + 1.0)
            self.see(self.floor.due(self.now), self.twin.due(self.now))

    def do(self, who: str, event: FloorEvent) -> tuple[Output, ...]:
        out = self.floor.handle(who, event, self.now)
        self.see(out, self.twin.handle(who, event, self.now))
        return out

    def see(self, out: tuple[Output, ...], again: tuple[Output, ...]) -> None:
        """As its members and the recorder see it."""
        assert out == again  # the same events, the same outputs
        for output in out:
            match output:
                case Saying(to, Granted() | Taken() | Idle() as word):
                    assert to in self.here
                    self.told[to] = replace_times(word)
                    if isinstance(word, Granted) or to not in self.floor.waiting:
                        self.place.pop(to, None)
                case Saying(to, Queued(position=position)):
                    self.place[to] = position
                case Saying(to, Revoked()):
                    self.told.pop(to, None)
                case Switch(speaker):
                    assert speaker != self.forwarded
                    self.forwarded = speaker
                case Speech():
                    assert self.last_speech_until <= output.since <= output.until <= self.now
                    self.last_speech_until = output.until

    def forget(self, who: str) -> None:
        self.here.discard(who)
        self.presses.pop(who, None)
        self.told.pop(who, None)
        self.place.pop(who, None)

    def snapshot(self) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
        return self.floor.holder, self.floor.waiting, self.floor.emergencies

    @invariant()
    def everybody_was_told_who_speaks(self) -> None:
        holder = self.floor.holder
        assert self.forwarded == holder
        for who in self.here:
            word = self.told[who]
            assert isinstance(word, Granted) == (who == holder)
            assert isinstance(word, Idle) == (holder is None)
            assert not isinstance(word, Taken) or word.by == holder

    @invariant()
    def everybody_who_waits_knows_its_place(self) -> None:
        assert self.place == {who: place for place, who in enumerate(self.floor.waiting, 1)}

    @invariant()
    def only_who_is_there_and_may_speak_does_or_waits(self) -> None:
        for who in (*self.floor.waiting, *filter(None, [self.floor.holder])):
            assert who in self.here
            assert BY_NAME[who].may_speak
        assert self.floor.holder not in self.floor.waiting

    @invariant()
    def the_queue_is_in_order_and_nobody_waits_for_nothing(self) -> None:
        levels = [(who in self.floor.emergencies, BY_NAME[who].priority) for who in self.floor.waiting]
        assert levels == sorted(levels, reverse=True)
        assert self.floor.holder or not self.floor.waiting

    @invariant()
    def whoever_speaks_has_an_end(self) -> None:
        due = self.floor.next_due
        assert (due is None) == (self.floor.holder is None)
        assert due is None or due <= self.now + self.floor_rules.silence

    @invariant()
    def states_agree(self) -> None:
        for who in self.here:
            state = self.floor.state(who)
            assert (state is FloorState.GRANTED) == (who == self.floor.holder)
            assert (state is FloorState.QUEUED) == (who in self.floor.waiting)


def told(out: tuple[Output, ...], who: str) -> list[object]:
    return [output.word for output in out if isinstance(output, Saying) and output.to == who]


def replace_times(word: Granted | Taken | Idle) -> Granted | Taken | Idle:
    return word if isinstance(word, Idle) else word.model_copy(update={"seconds": 0.0})


class WithoutQueue(FloorMachine):
    floor_rules = RULES[1]


class WithTurnsGivenBack(FloorMachine):
    floor_rules = RULES[2]


_SETTINGS = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnySequence = FloorMachine.TestCase
TestAnySequence.settings = _SETTINGS
TestAnySequenceWithoutQueue = WithoutQueue.TestCase
TestAnySequenceWithoutQueue.settings = _SETTINGS
TestAnySequenceWithTurnsGivenBack = WithTurnsGivenBack.TestCase
TestAnySequenceWithTurnsGivenBack.settings = _SETTINGS


def test_nobody_starves_among_equals_though_everybody_always_wants_to_speak() -> None:
    """Each of three that never let go waits for the two others' longest speeches, and no longer."""
    rules = replace(FloorRules(), talk=20.0, warn=5.0, penalty=0.0)
    floor, names = Floor(rules), ("anna", "bo", "chen")
    for press, name in enumerate(names):
        floor.handle(name, Joined(BY_NAME[name]), 0.0)
        floor.handle(name, Request(press=press), 0.0)
    spoke: list[str] = []
    for second in range(1, 241):
        out = floor.handle(str(floor.holder), Heard(), float(second))
        for speech in (output for output in out if isinstance(output, Speech)):
            spoke.append(speech.member)
            floor.handle(speech.member, Request(press=1000 + second), float(second))
    assert spoke == list(names) * 4


def test_higher_ones_that_take_turns_do_keep_a_lower_one_waiting() -> None:
    """Priority is strict, as on a command net; this says so rather than to hide it."""
    floor = Floor(replace(FloorRules(), penalty=0.0))
    for number, name in enumerate(("centre", "anna", "deputy")):
        floor.handle(name, Joined(BY_NAME[name]), 0.0)
        floor.handle(name, Request(press=number), 0.0)
    floor.handle("centre", Release(press=0), 1.0)
    assert floor.holder == "deputy"
    assert floor.waiting == ("anna",)
