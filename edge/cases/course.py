"""The course of a case. Pure: what was said or happened, and when, in; the step that comes of it, or why none, out.

    open -> received -> dispatched -> closed -> evaluated
                ^                       |           |
                +------- reopened ------+-----------+

Any of the first three may be closed: a false alarm needs nobody on the way. A case that is closed or evaluated has no
deadline, and so never escalates.
"""

from dataclasses import dataclass
from typing import Any

from edge.cases.case import BOX, Awaited, Case, Due, Kind, Moment, State, Step
from edge.cases.problems import TOO_MANY, out_of_turn
from edge.cases.words import Closed, Dispatched, Evaluated, Reopened, Said
from edge.geo import TextData
from inference.findings import Whistle
from streams.problem import Problem

# Of one case: a centre that goes round in circles must not fill the disk.
MOST_STEPS = 500
MOST_REFUSALS = 100  # beside them: refusals must not use up what a closing needs
# s. A deadline of a centre that is over, or nearly, when it arrives must not drive a case through all levels within
# minutes: nobody answers a whistle faster.
_LEAST_GRANTED = 600.0

_LEVELS = tuple(Whistle)


@dataclass(frozen=True, slots=True)
class Heard:
    """A word on its way to a case. centre: whose; "": of somebody at the box. now: when it came, s since 1970."""

    word: Said
    centre: str
    now: float

    @property
    def who(self) -> dict[str, Any]:
        """For its step."""
        word = self.word
        said = word.time.timestamp()
        return {"time": self.now, "by": word.by, "centre": self.centre, "word": word.id, "said": said}


def opened(case: Case, moment: Moment) -> tuple[Case, Step]:
    """A new case with its first deadline."""
    step = Step(n=0, kind=Kind.OPENED, time=moment.now, state=case.state, said=case.since)
    return case.model_copy(update={"due": moment.due(Awaited.RECEIVE), "steps": 1}), step


def received(case: Case, centre: str, now: float) -> Step | None:
    """A centre has the event. None: that was known."""
    if centre in case.received_by or not _has_room(case):
        return None
    state = State.RECEIVED if case.state is State.OPEN else case.state
    return Step(n=case.steps, kind=Kind.RECEIVED, time=now, state=state, by=centre, centre=centre)


def answered(case: Case, heard: Heard) -> Step | None:
    """What comes of a word: its step, or a refusal with its reason. None: it was refused too often to be answered."""
    step = _proper(case, heard) if _has_room(case) else refused(heard, TOO_MANY, case)
    return None if step.kind is Kind.REFUSED and case.refusals >= MOST_REFUSALS else step


def refused(heard: Heard, why: Problem, case: Case | None = None) -> Step:
    """A word that changes nothing; case: None where there is no such case."""
    number, state = (case.steps, case.state) if case else (0, State.OPEN)
    return Step(
        n=number,
        kind=Kind.REFUSED,
        state=state,
        code=why.code,
        reason=TextData(en=why.say("en"), zh=why.say("zh")),
        **heard.who,
    )


def unreadable(why: Problem, word: str | None, centre: str, now: float, case: Case | None) -> Step:
    """The refusal of what is no word. word: its id, as far as it can be read."""
    number, state = (case.steps, case.state) if case else (0, State.OPEN)
    return Step(
        n=number,
        kind=Kind.REFUSED,
        time=now,
        state=state,
        by=centre or BOX,
        centre=centre,
        word=word,
        code=why.code,
        reason=TextData(en=why.say("en"), zh=why.say("zh")),
    )


def escalated(case: Case, now: float, called: str | None) -> Step | None:
    """Its deadline has passed: the whistle goes one level up, and `called` is next in line. None: it has not."""
    if not case.passed(now) or case.due is None or not _has_room(case):
        return None
    return Step(
        n=case.steps,
        kind=Kind.ESCALATED,
        time=now,
        state=case.state,
        by=BOX,
        whistle=_louder(case.whistle),
        overdue=case.due.awaited,
        called=called,
    )


def ended(case: Case, time: float, now: float) -> Step | None:
    """Its event is over, which closes nothing: somebody still has to look. None: that was known."""
    if case.ended is not None or not _has_room(case):
        return None
    return Step(n=case.steps, kind=Kind.ENDED, time=now, state=case.state, said=time)


def after(case: Case, step: Step, moment: Moment) -> Case:
    """The case as the step leaves it."""
    changed: dict[str, Any] = {"steps": step.n + 1, "state": step.state}
    match step.kind:
        case Kind.RECEIVED:
            changed["received_by"] = (*case.received_by, step.centre)
            if case.state is State.OPEN:
                changed |= {"due": moment.due(Awaited.DISPATCH), "late": None}
        case Kind.DISPATCHED:
            named = tuple(dict.fromkeys((*case.called, *step.officers)))
            changed |= {"unit": step.unit, "officers": step.officers, "called": named}
            changed |= {"due": _to_close(step, moment), "late": None}
        case Kind.ESCALATED:
            named = case.called if step.called is None else (*case.called, step.called)
            changed |= {"whistle": step.whistle, "called": named}
            changed |= {"due": _again(case, step, moment), "late": step.overdue}
        case Kind.CLOSED | Kind.EVALUATED:
            changed |= {"due": None, "late": None, "settled": step.time}
        case Kind.REOPENED:
            changed |= {"due": moment.due(Awaited.DISPATCH), "settled": None, "reopened": case.reopened + 1}
        case Kind.ENDED:
            changed["ended"] = step.said
        case Kind.REFUSED:
            changed["refusals"] = case.refusals + 1
    return case.model_copy(update=changed)


def _proper(case: Case, heard: Heard) -> Step:
    match heard.word:
        case Dispatched() as word if case.under_way:
            told: dict[str, Any] = {"unit": word.unit, "officers": word.officers, "remark": word.remark}
            deadline = word.deadline.timestamp() if word.deadline else None
            return _step(case, heard, Kind.DISPATCHED, State.DISPATCHED, deadline=deadline, **told)
        case Closed() as word if case.under_way:
            told = {"finding": word.finding, "references": word.proof}
            return _step(case, heard, Kind.CLOSED, State.CLOSED, **told)
        case Evaluated() as word if case.state is State.CLOSED:
            told = {"grade": word.grade, "remark": word.remark}
            return _step(case, heard, Kind.EVALUATED, State.EVALUATED, **told)
        case Reopened() as word if not case.under_way:
            return _step(case, heard, Kind.REOPENED, State.RECEIVED, remark=word.remark)
    return refused(heard, out_of_turn(heard.word.kind, case.state), case)


def _has_room(case: Case) -> bool:
    return case.steps - case.refusals < MOST_STEPS


def _step(case: Case, heard: Heard, kind: Kind, state: State, **told: Any) -> Step:
    return Step(n=case.steps, kind=kind, state=state, **heard.who, **told)


def _louder(whistle: Whistle | None) -> Whistle:
    """The loudest stays."""
    if whistle is None:
        return _LEVELS[0]
    return _LEVELS[min(_LEVELS.index(whistle) + 1, len(_LEVELS) - 1)]


def _to_close(step: Step, moment: Moment) -> Due | None:
    """The centre's deadline wins over ours."""
    if step.deadline is None:
        return moment.due(Awaited.CLOSE)
    granted = max(step.deadline - step.time, _LEAST_GRANTED)
    return Due(awaited=Awaited.CLOSE, at=step.deadline, granted=granted)


def _again(case: Case, step: Step, moment: Moment) -> Due | None:
    """As long again, until there is no louder whistle and nobody left to call."""
    if case.due is None or (step.whistle is _LEVELS[-1] and step.called is None):
        return None
    granted = case.due.granted
    return Due(awaited=case.due.awaited, at=step.time + granted, granted=granted, boot=moment.boot)
