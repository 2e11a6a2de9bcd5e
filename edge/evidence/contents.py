"""What whole entries say of files, and whether it is so."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.evidence.bundle import Expected, expected, tombs
from edge.evidence.entries import Entry, Kind, Malformed, decoded
from edge.evidence.findings import Fault, Finding, entry_name
from edge.evidence.hashes import Measured
from edge.evidence.stamping import BadStamp, Certificates, checked
from streams.problem import Text


@dataclass
class Contents:
    """What whole entries say of files, gathered along the chain."""

    files: list[Expected] = field(default_factory=list)
    graves: dict[str, tuple[int, str]] = field(default_factory=dict)
    stamps: dict[int, Entry] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)

    def take(self, n: int, entry: Entry) -> Iterator[Finding]:
        self.hashes[n] = entry.hashes.sha256
        if entry.body is None:
            return
        try:
            self.files += expected(entry)
            self.graves |= {uri: (n, why) for uri, why in tombs(entry)}
            if entry.told.kind == Kind.STAMP:
                self.stamps[n] = entry
        except Malformed as error:
            yield Finding(Fault.CHANGED, entry_name(n), Text(str(error), str(error)))


def item_faults(each: Expected, found: Measured | None, contents: Contents) -> Iterator[Finding]:
    """A file that an entry proves. found: as it is now."""
    by = Text(f"of {entry_name(each.n)}", f"属于记录 {each.n}")
    if each.state == "absent":
        yield Finding(
            Fault.MISSING,
            each.name,
            Text(f"{by.en}; was not there to be entered", f"{by.zh}；登记时已不存在"),
        )
        return
    if each.measured is None:
        return
    if each.state == "differs":
        yield Finding(
            Fault.CHANGED,
            each.name,
            Text(f"{by.en}; was changed before it was entered", f"{by.zh}；登记前已被改动"),
        )
    grave = contents.graves.get(each.uri)
    if found is None:
        if grave is None or grave[0] <= each.n:
            yield Finding(Fault.MISSING, each.name, by)
    elif found != each.measured:
        yield Finding(
            Fault.CHANGED,
            each.name,
            Text(
                f"{by.en}; SHA-256 {found.hashes.sha256}, entered {each.measured.hashes.sha256}",
                f"{by.zh}；SHA-256 {found.hashes.sha256}，登记为 {each.measured.hashes.sha256}",
            ),
        )


@dataclass
class Stamps:
    """dated: (entry covered, when by the authority). unchecked: numbers of stamps, for want of a certificate."""

    dated: list[tuple[int, str]] = field(default_factory=list)
    unchecked: list[int] = field(default_factory=list)

    def check(self, contents: Contents, roots: Certificates) -> Iterator[Finding]:
        """Each says that the entry it covers, and all before it, were there at that time."""
        for n, stamp in contents.stamps.items():
            covered, sha256 = stamp.says.get("entry"), str(stamp.says.get("sha256"))
            if not isinstance(covered, int) or contents.hashes.get(covered, sha256) != sha256:
                yield Finding(Fault.STAMP, entry_name(n), Text("is over another entry", "所覆盖的记录不符"))
            elif not roots:
                self.unchecked.append(n)
            else:
                yield from self._proved(n, stamp, covered, sha256, roots)

    def _proved(
        self, n: int, stamp: Entry, covered: int, sha256: str, roots: Certificates
    ) -> Iterator[Finding]:
        try:
            at = checked(decoded(stamp.says.get("token")), sha256, roots).at
        except (BadStamp, ValueError) as error:
            yield Finding(Fault.STAMP, entry_name(n), Text(f"does not hold: {error}", f"无效：{error}"))
        else:
            self.dated.append((covered, at.isoformat()))
