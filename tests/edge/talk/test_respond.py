"""Which events call people together, and how often."""

from edge.envelope import Occurrence
from edge.settings.talk import RespondSettings
from edge.talk.respond import Responder
from inference.findings import Phase, Severity
from relay.talk import TalkRefused
from relay.talk_problems import nobody_known

RESPOND = RespondSettings(members=("desk", "badge-1"), pause=600.0)


class Calls:
    """What was called, and what is still open."""

    def __init__(self) -> None:
        self.made: list[tuple[tuple[str, ...], str]] = []
        self.open: set[str] = set()
        self.refuses = False

    def call(self, members: tuple[str, ...], subject: str) -> str:
        if self.refuses:
            raise TalkRefused(nobody_known("call"))
        self.made.append((members, subject))
        name = f"call-{len(self.made)}"
        self.open.add(name)
        return name


def event(camera: str = "gate", phase: Phase = Phase.NEW, severity: Severity = Severity.HIGH) -> Occurrence:
    return Occurrence(
        type="vehicle.zone",
        event_id="e1",
        n=0,
        phase=phase,
        severity=severity,
        camera=camera,
        rule="zone",
        since=1.0,
        time=1.0,
    )


def responder(calls: Calls) -> Responder:
    return Responder({"gate": RESPOND}, {"gate": "北大门"}, calls.call, calls.open.__contains__)


def test_a_grave_new_event_calls_its_officers() -> None:
    calls = Calls()
    at = responder(calls)
    at.event(event(camera="other"), 0.0)
    at.event(event(phase=Phase.UPDATE), 0.0)
    at.event(event(severity=Severity.MEDIUM), 0.0)
    assert calls.made == []
    at.event(event(severity=Severity.CRITICAL), 0.0)
    assert calls.made == [(("desk", "badge-1"), "北大门: vehicle.zone")]


def test_nobody_is_called_again_while_the_call_lasts_nor_too_soon() -> None:
    calls = Calls()
    at = responder(calls)
    for now in (0.0, 1.0, 700.0):
        at.event(event(), now)
    assert len(calls.made) == 1
    calls.open.clear()
    at.event(event(), 701.0)
    calls.open.clear()
    at.event(event(), 1200.0)
    assert len(calls.made) == 2


def test_a_call_that_cannot_be_made_is_tried_with_the_next_event() -> None:
    calls = Calls()
    at = responder(calls)
    calls.refuses = True
    at.event(event(), 0.0)
    calls.refuses = False
    at.event(event(), 1.0)
    assert len(calls.made) == 1
