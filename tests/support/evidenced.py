"""A gateway's outbox with the evidence service behind it."""

from pathlib import Path

from edge.envelope import Occurrence, Proof
from edge.evidence.reading import ChainReader
from edge.evidence.service import Evidence
from edge.outbox import Outbox
from edge.settings.evidence import EvidenceSettings
from edge.store import StoreError
from inference.findings import Phase
from streams.problem import Problem
from tests.support.occurrences import message


class Gateway:
    def __init__(self, storage: Path, outbox: Outbox) -> None:
        self.storage, self.outbox = storage, outbox
        self.said: dict[str, Problem | None] = {}
        self.open: set[str] = set()

    def service(self, settings: EvidenceSettings | None = None) -> Evidence:
        return Evidence(
            self.storage,
            settings or EvidenceSettings(),
            "sandwatch-01",
            self.outbox.consumer("evidence"),
            self.open.__contains__,
            lambda: "c" * 64,
            self.tell,
        )

    def tell(self, what: str, problem: Problem | None) -> None:
        self.said[what] = problem

    def entered(self) -> int:
        """Entries besides the first."""
        try:
            with ChainReader(self.storage / "chain.sqlite") as reader:
                head = reader.head()
        except StoreError:  # not made yet, or just being made
            return 0
        return head[0] - 1 if head else 0

    def proved(self, case: str, n: int = 0, phase: Phase = Phase.NEW) -> Occurrence:
        content = f"picture of {case} {n}".encode()
        uri = f"evidence/gate/2026/05/01/{case}-{n}.jpg"
        path = self.storage / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return message(case, n, phase).model_copy(update={"proof": (Proof.of("snapshot", uri, content),)})
