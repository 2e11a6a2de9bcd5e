import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.envelope import Occurrence
from edge.outbox_file import Limits, Notes, Outcome, Receipt
from inference.findings import Phase
from tests.support.occurrences import message, opened

ROWS = 12
NAMES = ("centre", "cases")


class OutboxMachine(RuleBasedStateMachine):
    """Against plain lists: what was stored is there for each consumer, in order, once, until that one acknowledges it
    or room is made; and every number that went is told."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.sqlite"
        self.file = opened(self.path, Limits(rows=ROWS), consumers=NAMES)
        self.rows: dict[int, tuple[str, bool]] = {}  # seq -> id, whether it may be dropped
        self.waiting: dict[str, list[int]] = {name: [] for name in NAMES}
        self.stored: set[str] = set()
        self.open: dict[str, int] = {}
        self.last = 0
        self.untold = False

    @rule(cases=st.lists(st.sampled_from("abcdefgh"), max_size=4), phase=st.sampled_from(Phase))
    def append(self, cases: list[str], phase: Phase) -> None:
        batch = [message(case, self.open.get(case, -1) + 1, phase) for case in cases]
        for occurrence, receipt in zip(batch, self.file.append(batch), strict=True):
            self.expect(occurrence, receipt)
        self.tell()

    def expect(self, occurrence: Occurrence, receipt: Receipt) -> None:
        case = occurrence.event_id
        if occurrence.id in self.stored or case in self.stored:
            assert receipt.outcome is Outcome.DUPLICATE
            return
        self.make_room()
        if occurrence.phase is Phase.UPDATE and len(self.rows) >= ROWS:
            assert receipt.outcome is Outcome.REFUSED
            self.untold = True
            return
        self.store(occurrence.id, occurrence.phase is Phase.UPDATE)
        assert receipt == Receipt(Outcome.STORED, self.last)
        self.stored.add(occurrence.id)
        if occurrence.phase is Phase.END:
            self.stored.add(case)
            self.open.pop(case, None)
        else:
            self.open[case] = occurrence.n

    def store(self, ident: str, droppable: bool) -> None:
        self.last += 1
        self.rows[self.last] = (ident, droppable)
        for waiting in self.waiting.values():
            waiting.append(self.last)

    def make_room(self) -> None:
        while len(self.rows) >= ROWS:
            updates = [seq for seq, (_, droppable) in self.rows.items() if droppable]
            gone = [seq for seq in updates if self.superseded(seq)] or updates
            if not gone:
                return
            self.untold = True
            for seq in gone:
                self.leave(seq)

    def superseded(self, seq: int) -> bool:
        case = self.rows[seq][0].split("/")[0]
        return any(later > seq and ident.split("/")[0] == case for later, (ident, _) in self.rows.items())

    def leave(self, seq: int) -> None:
        del self.rows[seq]
        for waiting in self.waiting.values():
            if seq in waiting:
                waiting.remove(seq)

    def tell(self) -> None:
        if self.untold and len(self.rows) < 0.9 * ROWS:
            self.untold = False
            row = self.file.peek("centre", self.last, 9)[0]
            self.store(row.id, False)
            assert b'"site.dropped"' in row.payload

    @rule(name=st.sampled_from(NAMES), data=st.data())
    def acknowledge(self, name: str, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from([0, *self.waiting[name], *self.rows])))
        self.file.acknowledge(name, chosen)
        self.waiting[name] = [seq for seq in self.waiting[name] if seq not in chosen]
        for seq in list(self.rows):
            if not any(seq in waiting for waiting in self.waiting.values()):
                self.leave(seq)
        self.tell()

    @rule(name=st.sampled_from(NAMES), data=st.data())
    def send(self, name: str, data: st.DataObject) -> None:
        """A broker took some, or the connection broke over them: that is not yet an acknowledgement."""
        chosen = data.draw(st.lists(st.sampled_from([0, *self.rows])))
        self.file.append([], Notes(sent={name: dict.fromkeys(chosen, 60.0)}, upto={name: max([0, *chosen])}))
        self.file.lost(name, chosen)
        self.tell()

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.file = opened(self.path, Limits(rows=ROWS), consumers=NAMES)

    @rule()
    def close_orphans(self) -> None:
        receipts = self.file.close_orphans("restart")
        for case in sorted(self.open):
            self.expect(message(case, self.open[case] + 1, Phase.END), receipts.pop(0))
        assert receipts == []
        self.tell()

    @invariant()
    def holds_what_was_promised(self) -> None:
        for name, waiting in self.waiting.items():
            found = [(row.seq, row.id) for row in self.file.peek(name, 0, 1000)]
            assert found == [(seq, self.rows[seq][0]) for seq in waiting]
            assert self.file.waiting(name) == len(waiting)
        assert self.file.statistics().pending == len(self.rows)
        assert self.file.statistics().last_seq == self.last
        assert {case.event_id: case.n for case in self.file.open_events()} == self.open

    def teardown(self) -> None:
        self.file.close()
        self.folder.cleanup()


TestAnySequenceOfCalls = OutboxMachine.TestCase
TestAnySequenceOfCalls.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
