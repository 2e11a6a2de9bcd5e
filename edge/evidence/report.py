"""What comes of an audit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.evidence.audit import Walk
from edge.evidence.contents import Contents, Stamps
from edge.evidence.findings import Fault, Finding, entry_name
from edge.evidence.stamping import Certificates
from streams.problem import Text


@dataclass(frozen=True, slots=True)
class Pins:
    """What the auditor knows from elsewhere. key: fingerprint, or at least 16 digits of its beginning. head: number and
    SHA-256 of an entry that is to be there. ca: whom time-stamping authorities lead to."""

    key: str | None = None
    head: tuple[int, str] | None = None
    ca: Certificates | None = None


@dataclass
class Report:
    """stamps: (entry covered, when by the authority). notes: what is no fault and should be known."""

    what: str
    site: str = ""
    chain: str = ""
    keys: tuple[str, ...] = ()
    entries: int = 0
    files: int = 0
    stamps: list[tuple[int, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def unchanged(self) -> bool:
        return not self.findings


def dated(contents: Contents, roots: Certificates, report: Report) -> list[Finding]:
    stamps = Stamps()
    faults = list(stamps.check(contents, roots))
    report.stamps = stamps.dated
    report.notes += [_unchecked_stamp(n) for n in stamps.unchecked]
    return faults


def finished(report: Report, walk: Walk, contents: Contents, pins: Pins) -> Report:
    report.keys, report.chain = walk.fingerprints, walk.chain or ""
    report.findings += _pinned(report, contents, pins)
    if pins.key is None:
        report.notes.append(_NO_PIN)
    for uri, (n, why) in sorted(contents.graves.items()):
        report.notes.append(
            Text(f"{uri}: deleted, {entry_name(n)}, {why}", f"{uri}：已删除，记录 {n}，{why}")
        )
    report.findings = list(dict.fromkeys(report.findings))
    return report


def _pinned(report: Report, contents: Contents, pins: Pins) -> Iterator[Finding]:
    if pins.key is not None and not any(key.startswith(pins.key) for key in report.keys):
        there = ", ".join(key[:16] for key in report.keys) or "-"
        yield Finding(
            Fault.FOREIGN,
            report.what,
            Text(f"signed by {there}, expected {pins.key[:16]}", f"由 {there} 签名，应为 {pins.key[:16]}"),
        )
    if pins.head is None:
        return
    n, sha256 = pins.head
    if n not in contents.hashes:
        yield Finding(Fault.MISSING, entry_name(n), Text("the anchor that was given", "所给锚点对应的记录"))
    elif contents.hashes[n] != sha256:
        yield Finding(Fault.CHANGED, entry_name(n), Text("not what the anchor says", "与所给锚点不符"))


_NO_PIN = Text(
    "the key was not compared: give --key with the fingerprint that the centre was told",
    "未核对密钥：请用 --key 给出指挥中心登记的指纹",
)


def _unchecked_stamp(n: int) -> Text:
    return Text(
        f"{entry_name(n)}: its time-stamp was not checked, give --tsa-ca",
        f"记录 {n}：未校验时间戳，请给出 --tsa-ca",
    )
