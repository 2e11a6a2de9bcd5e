import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.envelope import Occurrence
from edge.outbox_file import Limits, Outcome, Receipt
from inference.findings import Phase
from tests.support.occurrences import message, opened


class OutboxMachine(RuleBasedStateMachine):
    """Against a plain list: what was stored and not acknowledged is there, in order, once."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.sqlite"
        self.file = opened(self.path, Limits(rows=12))
        self.waiting: list[tuple[int, str]] = []
        self.stored: set[str] = set()
        self.open: dict[str, int] = {}
        self.last = 0

    @rule(cases=st.lists(st.sampled_from("abcdefgh"), max_size=4), phase=st.sampled_from(Phase))
    def append(self, cases: list[str], phase: Phase) -> None:
        batch = [message(case, self.open.get(case, -1) + 1, phase) for case in cases]
        for occurrence, receipt in zip(batch, self.file.append(batch), strict=True):
            self.expect(occurrence, receipt)

    def expect(self, occurrence: Occurrence, receipt: Receipt) -> None:
        case = occurrence.event_id
        if occurrence.id in self.stored or case in self.stored:
            assert receipt.outcome is Outcome.DUPLICATE
        elif occurrence.phase is Phase.UPDATE and len(self.waiting) >= 12:
            assert receipt.outcome is Outcome.REFUSED
        else:
            self.last += 1
            assert receipt == Receipt(Outcome.STORED, self.last)
            self.waiting.append((self.last, occurrence.id))
            self.remember(occurrence)

    def remember(self, occurrence: Occurrence) -> None:
        self.stored.add(occurrence.id)
        if occurrence.phase is Phase.END:
            self.stored.add(occurrence.event_id)
            self.open.pop(occurrence.event_id, None)
        else:
            self.open[occurrence.event_id] = occurrence.n

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from([seq for seq, _ in self.waiting])))
        self.file.acknowledge(chosen)
        self.waiting = [row for row in self.waiting if row[0] not in chosen]

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.file = opened(self.path, Limits(rows=12))

    @rule()
    def close_orphans(self) -> None:
        receipts = self.file.close_orphans("restart")
        for case in sorted(self.open):
            self.expect(message(case, self.open[case] + 1, Phase.END), receipts.pop(0))
        assert receipts == []

    @invariant()
    def holds_what_was_promised(self) -> None:
        assert [(row.seq, row.id) for row in self.file.peek(0, 1000)] == self.waiting
        assert self.file.statistics().pending == len(self.waiting)
        assert {case.event_id: case.n for case in self.file.open_events()} == self.open

    def teardown(self) -> None:
        self.file.close()
        self.folder.cleanup()


TestAnySequenceOfCalls = OutboxMachine.TestCase
TestAnySequenceOfCalls.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
