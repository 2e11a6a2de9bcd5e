"""The course of a case: what may follow what, deadlines, and that nothing happens twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.cases import course
from edge.cases.case import Awaited, Case, Kind, State, Step
from edge.cases.course import Heard
from inference.findings import Whistle
from tests.support.casewords import case, moment, word

WITHIN = {"receive": 300.0, "dispatch": 900.0, "close": 3600.0}


def begun() -> Case:
    return course.opened(case(), moment(0.0, **WITHIN))[0]


def heard(at: Case, kind: str, now: float, centre: str = "county", **changes: object) -> tuple[Case, Step]:
    step = course.answered(at, Heard(word(kind, f"{kind}-{now}", **changes), centre, now))
    assert step is not None
    return course.after(at, step, moment(now, **WITHIN)), step


def taken(at: Case, centre: str, now: float) -> Case:
    step = course.received(at, centre, now)
    assert step is not None
    return course.after(at, step, moment(now, **WITHIN))


def late(at: Case, now: float, called: str | None = None) -> Case:
    step = course.escalated(at, now, called)
    assert step is not None
    return course.after(at, step, moment(now, **WITHIN))


def test_the_four_steps() -> None:
    at = taken(begun(), "county", 10.0)
    assert (at.state, at.due and at.due.at) == (State.RECEIVED, 910.0)
    at, _ = heard(at, "dispatched", 100.0)
    assert (at.state, at.unit, at.officers, at.due and at.due.at) == (
        State.DISPATCHED,
        "patrol 3",
        ("Zhang",),
        3700.0,
    )
    at, step = heard(at, "closed", 200.0)
    assert (at.state, at.due, at.settled, step.finding) == (State.CLOSED, None, 200.0, "lorry turned back")
    at, step = heard(at, "evaluated", 300.0)
    assert (at.state, step.grade, step.by, step.centre) == (State.EVALUATED, 5, "officer", "county")


def test_a_false_alarm_is_closed_with_nobody_on_the_way() -> None:
    at, _ = heard(begun(), "closed", 5.0)
    assert at.state is State.CLOSED


@pytest.mark.parametrize(
    ("before", "kind", "code"),
    [
        ([], "evaluated", "case.not_evaluated"),
        ([], "reopened", "case.not_reopened"),
        (["closed"], "closed", "case.not_closed"),
        (["closed"], "dispatched", "case.not_dispatched"),
        (["closed", "evaluated"], "evaluated", "case.not_evaluated"),
        (["closed", "evaluated"], "closed", "case.not_closed"),
    ],
)
def test_what_is_out_of_turn_is_refused_and_changes_nothing(before: list[str], kind: str, code: str) -> None:
    at = begun()
    for number, each in enumerate(before, 1):
        at, _ = heard(at, each, float(number))
    after, step = heard(at, kind, 50.0)
    assert (step.kind, step.code) == (Kind.REFUSED, code)
    assert step.reason is not None
    assert "案件" in step.reason.zh
    assert after == at.model_copy(update={"steps": at.steps + 1, "refusals": 1})


def test_a_case_that_is_reopened_has_to_be_dispatched_again() -> None:
    at, _ = heard(begun(), "closed", 5.0)
    at, _ = heard(at, "reopened", 10.0, centre="city")
    assert (at.state, at.reopened, at.settled, at.due and at.due.at) == (State.RECEIVED, 1, None, 910.0)


def test_whistles_go_up_a_level_at_a_time_and_the_next_in_line_is_named() -> None:
    at = begun()
    assert course.escalated(at, 299.9, "Li") is None
    at = late(at, 300.0, "Li")
    assert (at.whistle, at.called, at.late) == (Whistle.QUICK, ("Zhang", "Li"), Awaited.RECEIVE)
    at = late(at, 600.0, "Wang")
    assert at.whistle is Whistle.JOINT
    at = late(at, 900.0, "Chief")
    at = late(at, 1200.0)
    assert at.whistle is Whistle.EMERGENCY
    assert at.due is None  # nobody is left, and nothing is louder
    assert at.overdue(1200.0)
    at = taken(at, "county", 1300.0)
    assert not at.overdue(1300.0)


def test_after_a_long_time_without_power_there_is_one_step_not_all_at_once() -> None:
    at = late(begun(), 3 * 86400.0, "Li")
    assert course.escalated(at, 3 * 86400.0 + 1, "Wang") is None


def test_the_centres_deadline_wins_and_stays_when_the_clock_is_set() -> None:
    at, step = heard(begun(), "dispatched", 100.0, deadline=datetime(2026, 5, 1, tzinfo=UTC))
    assert at.due is not None
    assert at.due.at == step.deadline == datetime(2026, 5, 1, tzinfo=UTC).timestamp()
    assert at.shifted("boot", 50.0) == at


def test_a_deadline_that_is_over_when_it_comes_does_not_climb_within_minutes() -> None:
    now = (datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=1)).timestamp()
    at, _ = heard(begun(), "dispatched", now, deadline=datetime(2026, 5, 1, tzinfo=UTC))
    at = late(at, now, "Li")
    assert course.escalated(at, now + 599, "Wang") is None


def test_what_this_run_counted_goes_with_a_clock_that_is_set_and_nothing_else() -> None:
    at = begun()
    assert at.due is not None
    moved = at.shifted("boot", 1_000_000.0)
    assert moved.due is not None
    assert moved.due.at == 1_000_300.0
    assert at.shifted("another boot", 1_000_000.0) == at


def test_the_end_of_the_event_closes_nothing() -> None:
    step = course.ended(begun(), 42.0, 50.0)
    assert step is not None
    at = course.after(begun(), step, moment(50.0))
    assert (at.state, at.ended) == (State.OPEN, 42.0)
    assert course.ended(at, 42.0, 60.0) is None


def test_two_centres_are_both_heard_and_told_apart() -> None:
    at = taken(taken(begun(), "county", 1.0), "city", 2.0)
    assert at.received_by == ("county", "city")
    assert course.received(at, "city", 3.0) is None
    at, _ = heard(at, "closed", 4.0, centre="county")
    at, step = heard(at, "reopened", 5.0, centre="city")
    assert step.centre == "city"


def test_a_flood_of_refusals_neither_fills_the_disk_nor_keeps_a_case_from_being_closed() -> None:
    at = begun()
    for number in range(course.MOST_REFUSALS):
        at, _ = heard(at, "evaluated", float(number))
    assert course.answered(at, Heard(word("evaluated", "once-more"), "county", 999.0)) is None
    at, _ = heard(at, "closed", 1000.0)
    assert at.state is State.CLOSED


class CourseMachine(RuleBasedStateMachine):
    """Anything may be said at any time. The steps, played again from any point, make the same case."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.first = self.case = begun()
        self.steps: list[tuple[Step, float]] = []

    def follow(self, step: Step | None) -> None:
        if step is None:
            return
        assert step.n == self.case.steps
        if step.kind is Kind.ESCALATED:
            assert self.case.under_way
        self.case = course.after(self.case, step, moment(self.now, **WITHIN))
        assert self.case.state is step.state
        self.steps.append((step, self.now))

    @rule(
        kind=st.sampled_from(["dispatched", "closed", "evaluated", "reopened"]), centre=st.sampled_from("ab")
    )
    def say(self, kind: str, centre: str) -> None:
        self.follow(course.answered(self.case, Heard(word(kind), centre, self.now)))

    @rule(centre=st.sampled_from("abc"))
    def receive(self, centre: str) -> None:
        self.follow(course.received(self.case, centre, self.now))

    @rule(seconds=st.integers(1, 5000))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.follow(course.escalated(self.case, self.now, None))

    @rule()
    def end(self) -> None:
        self.follow(course.ended(self.case, self.now, self.now))

    @invariant()
    def a_settled_case_waits_for_nothing(self) -> None:
        if not self.case.under_way:
            assert self.case.due is None
            assert not self.case.overdue(float("inf"))
            assert course.escalated(self.case, self.now + 1e9, "Li") is None

    @invariant()
    def it_is_closed_once_and_again_only_after_it_was_reopened(self) -> None:
        turns = [step.kind for step, _ in self.steps if step.kind in {Kind.CLOSED, Kind.REOPENED}]
        assert turns == [Kind.CLOSED, Kind.REOPENED] * (len(turns) // 2) + [Kind.CLOSED] * (len(turns) % 2)
        assert (len(turns) % 2 == 1) == (not self.case.under_way)

    @invariant()
    def no_step_is_lost_and_playing_them_again_gives_the_same(self) -> None:
        assert [step.n for step, _ in self.steps] == list(range(1, self.case.steps))
        again = self.first
        for step, now in self.steps:
            again = course.after(again, step, moment(now, **WITHIN))
        assert again == self.case


TestCourse = CourseMachine.TestCase
TestCourse.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
