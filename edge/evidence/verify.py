"""What an auditor does with a bundle or with the storage of a gateway: offline, reading only."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from edge.evidence.audit import Walk, misplaced, runs
from edge.evidence.bundle import (
    CA,
    CHAIN,
    LIST,
    SIGNATURE,
    Expected,
    Listed,
    Listing,
    read_signature,
)
from edge.evidence.container import NotAZip
from edge.evidence.contents import Contents, item_faults
from edge.evidence.entries import LONGEST, Entry, Kind, Malformed
from edge.evidence.findings import Fault, Finding, entry_name
from edge.evidence.hashes import Measured
from edge.evidence.opening import FILE
from edge.evidence.places import located
from edge.evidence.problems import no_sm2, unreadable
from edge.evidence.reading import ChainReader
from edge.evidence.report import Pins, Report, dated, finished
from edge.evidence.signing import NoSm2
from edge.evidence.sources import NOT_LISTED, Folder, Source, Zip, read, small
from edge.evidence.stamping import Certificates, certificates
from streams.problem import Text

_LONGEST_LIST = 64 << 20  # bytes of bundle.json: 65,000 files take 18 MB
_CERTIFICATES = 1 << 20  # bytes


def verify(path: Path, pins: Pins) -> Report:
    """A bundle (zip or folder), a gateway's storage folder, or a chain's file. Raises EvidenceRefused, StoreError,
    KeyTrouble."""
    try:
        if path.is_dir() and (path / FILE).exists():
            return _verify_storage(path, path / FILE, pins)
        if path.is_dir():
            return _verify_bundle(path, Folder(path), pins)
        if _begins(path) == b"SQLite format 3\0":
            return _verify_storage(path.parent, path, pins)
        return _verify_bundle(path, Zip(path), pins)
    except NotAZip as error:
        finding = Finding(Fault.CONTAINER, path.name, _unreadable_zip(str(error)))
        return Report(path.name, findings=[finding])
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from None
    except NoSm2:
        raise no_sm2() from None


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _verify_storage(storage: Path, file: Path, pins: Pins) -> Report:
    report, walk, contents = Report(file.name), Walk(), Contents()
    with ChainReader(file) as reader:
        numbers = _followed(reader, 1, walk, contents, report)
        files = [(each, _lying(storage, reader, each)) for each in contents.files]
    if any(actual is None for _, actual in files):
        with ChainReader(file) as later:  # what the gateway deleted meanwhile has its tombstone by now
            numbers += _followed(later, max(numbers, default=0) + 1, walk, contents, report)
    report.findings += misplaced(numbers, [(1, max(numbers, default=1))])
    report.findings += dated(contents, pins.ca or (), report)
    for each, actual in files:
        report.findings += item_faults(each, actual, contents)
    report.entries, report.files = len(numbers), len(files)
    return finished(report, walk, contents, pins)


def _followed(reader: ChainReader, first: int, walk: Walk, contents: Contents, report: Report) -> list[int]:
    numbers = []
    for n, entry in reader.entries(first):
        numbers.append(n)
        report.findings += _one(walk, contents, n, entry)
        if n == 1 and walk.chain is not None:
            report.site = str(entry.says.get("site"))
    return numbers


def _lying(storage: Path, reader: ChainReader, each: Expected) -> Measured | None:
    if each.uri == f"messages/{each.n}":
        payload = reader.payload(each.n)
        return Measured.of(payload) if payload is not None else None
    return _measured(located(storage, each.uri))


def _measured(path: Path | None) -> Measured | None:
    try:
        return Measured.of_file(path) if path is not None and path.is_file() else None
    except FileNotFoundError:
        return None


def _verify_bundle(path: Path, source: Source, pins: Pins) -> Report:
    report, walk, contents = Report(path.name), Walk(), Contents()
    report.findings += source.oddities()
    listing = _listing(source, report)
    row = list(_row(source, report))
    report.findings += _sequence(row, listing)
    for n, entry in sorted(dict(reversed(row)).items()):
        report.findings += _one(walk, contents, n, entry)
    report.findings += _signature(source, walk)
    report.findings += _kept_back(row, listing)
    report.findings += _files(source, listing, contents)
    report.findings += dated(contents, pins.ca or _certificates(source), report)
    report.entries, report.files = len(row), len(source.names)
    if listing is not None:
        report.site = listing.site
        contents.hashes.setdefault(listing.head.n, listing.head.sha256)
    return finished(report, walk, contents, pins)


def _one(walk: Walk, contents: Contents, n: int, entry: Entry) -> list[Finding]:
    """What an entry says counts only where the entry is what was entered."""
    faults = list(walk.take(n, entry))
    return faults or list(contents.take(n, entry))


def _listing(source: Source, report: Report) -> Listing | None:
    try:
        return Listing.read(small(source, LIST, _LONGEST_LIST))
    except (KeyError, Malformed) as error:
        fault = Fault.MISSING if isinstance(error, KeyError) else Fault.CHANGED
        report.findings.append(Finding(fault, LIST, Text("the bundle's own list", "证据包清单")))
        return None


def _row(source: Source, report: Report) -> Iterator[tuple[int, Entry]]:
    """The entries as they stand in chain.jsonl."""
    if CHAIN not in source.names:
        report.findings.append(Finding(Fault.MISSING, CHAIN, Text("the entries", "链记录")))
        return
    for number, line in enumerate(_lines(source.blocks(CHAIN)), 1):
        try:
            entry = Entry.of_line(line)
            yield entry.told.n, entry
        except Malformed as error:
            place = Text(f"line {number}: {error}", f"第 {number} 行：{error}")
            report.findings.append(Finding(Fault.CHANGED, CHAIN, place))


def _lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """Without their newlines; one that is too long is cut, and is no entry then."""
    rest = b""
    for block in content:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > 3 * LONGEST:
            yield rest[:100]
            rest = b""
    if rest:
        yield rest


def _sequence(row: list[tuple[int, Entry]], listing: Listing | None) -> Iterator[Finding]:
    """Against the list; without one, against itself."""
    numbers = [n for n, _ in row]
    yield from misplaced(numbers, listing.ranges if listing else runs(numbers))
    if 1 not in numbers and (listing is None or not any(first <= 1 for first, _ in listing.ranges)):
        yield Finding(Fault.MISSING, entry_name(1), Text("the chain's first key", "链的首个密钥"))


def _signature(source: Source, walk: Walk) -> Iterator[Finding]:
    try:
        fingerprint, signature = read_signature(small(source, SIGNATURE, LONGEST))
        data = small(source, LIST, _LONGEST_LIST)
    except KeyError as missing:
        if missing.args[0] == SIGNATURE:
            yield Finding(Fault.MISSING, SIGNATURE, Text("nobody vouches for the list", "清单没有签名"))
        return
    except Malformed as error:
        yield Finding(Fault.CHANGED, SIGNATURE, Text(str(error), str(error)))
        return
    key = next((key for _, key in walk.keys if key.fingerprint == fingerprint), None)
    if key is None:
        other = fingerprint[:16]
        yield Finding(Fault.FOREIGN, SIGNATURE, Text(f"signed by the key {other}", f"由密钥 {other} 签名"))
    elif not key.verifies(data, signature):
        yield Finding(Fault.CHANGED, LIST, Text("its signature does not fit", "签名不符"))


def _kept_back(row: list[tuple[int, Entry]], listing: Listing | None) -> Iterator[Finding]:
    """A body may be kept back of other cases only."""
    for n, entry in row:
        told = entry.told
        if entry.body is None and (
            told.kind in (Kind.BEGIN, Kind.KEY) or (listing is not None and told.case in listing.cases)
        ):
            yield Finding(Fault.MISSING, entry_name(n), Text("its body was taken out", "其正文被移除"))


def _files(source: Source, listing: Listing | None, contents: Contents) -> Iterator[Finding]:
    """Each file against the list and against the entries; what is told twice is said once."""
    actual = {name: read(source, name) for name in source.names if name not in (LIST, SIGNATURE)}
    listed = listing.files if listing else {}
    proved = {each.name: each for each in contents.files if each.uri not in contents.graves}
    homes = {each.measured.hashes.sha256: name for name, each in proved.items() if each.measured}
    homes |= {told.sha256: name for name, told in listed.items()}
    for each in contents.files:
        found = actual.get(each.name)
        yield from _named(item_faults(each, found, contents), each.name, found, homes)
    for name, told in listed.items():
        if name not in proved:
            yield from _named(_listed(name, told, actual.get(name)), name, actual.get(name), homes)
    if listing is not None:
        yield from (Finding(Fault.INSERTED, name, NOT_LISTED) for name in actual if name not in listed)
    elif contents.files:
        yield from (
            Finding(Fault.INSERTED, name, NOT_LISTED)
            for name in actual
            if name.startswith("items/") and name not in proved
        )


def _named(
    findings: Iterable[Finding], name: str, found: Measured | None, homes: Mapping[str, str]
) -> Iterator[Finding]:
    """Says so where a changed file is another one's content."""
    home = homes.get(found.hashes.sha256) if found else None
    for finding in findings:
        if finding.fault is Fault.CHANGED and home not in (None, name):
            yield Finding(Fault.REORDERED, name, Text(f"it holds what is {home}", f"内容实为 {home}"))
        else:
            yield finding


def _listed(name: str, told: Listed, found: Measured | None) -> Iterator[Finding]:
    """A file that only the list tells of."""
    if found is None:
        yield Finding(Fault.MISSING, name, Text("of the bundle's list", "清单所列"))
    elif not told.fits(found):
        yield Finding(Fault.CHANGED, name, Text("not what the list says", "与清单不符"))


def _certificates(source: Source) -> Certificates:
    try:
        return certificates(small(source, CA, _CERTIFICATES))
    except (KeyError, ValueError):
        return ()


def _unreadable_zip(why: str) -> Text:
    return Text(f"cannot be read as it was exported: {why}", f"已无法按导出时的格式读取：{why}")
