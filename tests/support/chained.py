"""A gateway's storage with a chain of evidence in it, made by the real parts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from edge.envelope import Proof, occurrence, seal
from edge.evidence.chain_file import ChainFile
from edge.evidence.choosing import Wanted
from edge.evidence.drafts import Draft, of_message
from edge.evidence.export import Made, Maker
from edge.evidence.keyring import KeyRing
from edge.evidence.opening import FILE, open_chain
from edge.evidence.reading import ChainReader
from edge.evidence.signing import Algorithm
from edge.site_id import SiteId
from inference.findings import Finding, Phase, Severity

SITE = SiteId("410000", "410100", "410122", "sandwatch-01")
START = 1_780_000_000.0  # s since 1970
CONFIG = "c" * 64


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@dataclass
class Box:
    """storage: of the gateway. seq: of the last message."""

    storage: Path
    algorithm: Algorithm = Algorithm.ED25519
    given: SecretStr | None = None
    clock: Clock = field(default_factory=Clock)
    seq: int = 0

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.storage, self.algorithm, self.given)

    @property
    def chain(self) -> Path:
        return self.storage / FILE

    @contextmanager
    def open(self) -> Iterator[ChainFile]:
        with open_chain(self.storage, self.ring, "sandwatch-01", self.clock).file as file:
            yield file

    def item(self, name: str, content: bytes) -> str:
        """Its uri."""
        path = self.storage / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"evidence/{name}"

    def payload(
        self, case: str, number: int, proof: tuple[Proof, ...] = (), phase: Phase = Phase.NEW
    ) -> bytes:
        self.seq += 1
        finding = Finding(
            type="vehicle.zone",
            phase=phase,
            key="k",
            rule="zone",
            zone="gate",
            severity=Severity.HIGH,
            whistle=None,
            objects=(),
            since=self.clock.now,
            time=self.clock.now,
        )
        told = occurrence("gate", finding, case, number, proof=proof)
        return seal(SITE, "boot", told, self.seq).payload

    def event(self, case: str, number: int, items: dict[str, bytes] | None = None) -> Draft:
        """A message with its files: name -> content."""
        proof = tuple(
            Proof.of("clip" if name.endswith(".mp4") else "snapshot", self.item(name, content), content)
            for name, content in (items or {}).items()
        )
        payload = self.payload(case, number, proof)
        return of_message(self.storage, self.seq, f"{case}/{number}", payload, CONFIG)

    def told(self, *drafts: Draft) -> None:
        with self.open() as file:
            file.append(drafts)

    def export(self, target: Path, wanted: Wanted, ca: Path | None = None) -> Made:
        key = self.ring.current()
        assert key is not None
        with ChainReader(self.chain) as reader:
            return Maker(self.storage, key, ca, "sandwatch test", self.clock.now).export(
                reader, wanted, target
            )


def two_cases(storage: Path) -> Box:
    """Case a with a picture, a clip and an end; case b in its midst; case c afterwards."""
    box = Box(storage)
    box.told(
        box.event("a", 0, {"gate/2026/05/01/a.jpg": b"picture of a" * 40}),
        box.event("b", 0, {"yard/2026/05/01/b.jpg": b"picture of b" * 40}),
        box.event("a", 1, {"gate/2026/05/01/a.mp4": b"clip of a" * 400}),
        box.event("b", 1),
        box.event("a", 2),
        box.event("c", 0, {"gate/2026/05/01/c.jpg": b"picture of c" * 40}),
    )
    return box


Tamper = Callable[[Path], None]
