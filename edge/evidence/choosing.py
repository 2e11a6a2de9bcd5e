"""What goes into a bundle: which entries whole, which between them as headers, which keys, tombstones and stamps."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.evidence.audit import Range
from edge.evidence.bundle import expected, merged, tombs
from edge.evidence.entries import Entry, Kind
from edge.evidence.problems import nothing_there, unknown_case
from edge.evidence.reading import ChainReader

_ALWAYS = (Kind.BEGIN, Kind.KEY)


@dataclass(frozen=True, slots=True)
class Wanted:
    """cases: ids; or since, until: s since 1970. talk: recordings made while the cases were open, too."""

    cases: tuple[str, ...] = ()
    since: float = 0.0
    until: float = float("inf")
    talk: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """ranges: of entries that go in; whole: those of them that go in with their body. deleted: uris of items that have
    a tombstone. stamps: number of a stamp's entry -> its DER answer."""

    ranges: tuple[Range, ...]
    whole: frozenset[int]
    deleted: frozenset[str]
    stamps: dict[int, Entry]


def choose(reader: ChainReader, wanted: Wanted) -> Choice:
    """Raises EvidenceRefused, StoreError, Malformed."""
    numbers, spans = _asked(reader, wanted)
    stamps = dict(reader.of_kinds(Kind.STAMP))
    spans = [(first, _stamped(last, stamps)) for first, last in spans]
    proving = {n: entry for n, entry in stamps.items() if any(_dates(entry, *span) for span in spans)}
    whole = {*numbers, *proving, *(n for n, _ in reader.of_kinds(*_ALWAYS))}
    if wanted.talk:
        whole |= {n for span in spans for n, entry in reader.entries(*span) if entry.told.kind == Kind.TALK}
    uris = {each.uri for n in whole for _, entry in reader.entries(n, n) for each in expected(entry)}
    graves = {
        n: gone for n, entry in reader.of_kinds(Kind.DELETED) if (gone := {u for u, _ in tombs(entry)} & uris)
    }
    whole |= graves.keys()
    ranges = merged([*spans, *((n, n) for n in whole)])
    return Choice(ranges, frozenset(whole), frozenset().union(*graves.values()), proving)


def _asked(reader: ChainReader, wanted: Wanted) -> tuple[list[int], list[Range]]:
    if not wanted.cases:
        numbers = reader.between(wanted.since, wanted.until)
        if not numbers:
            raise nothing_there()
        return numbers, [(numbers[0], numbers[-1])]
    found = {case: reader.of_case(case) for case in wanted.cases}
    for case, each in found.items():
        if not each:
            raise unknown_case(case)
    return [n for each in found.values() for n in each], [(each[0], each[-1]) for each in found.values()]


def _stamped(last: int, stamps: dict[int, Entry]) -> int:
    """Up to the first entry that was dated after it; itself where none was yet."""
    return min((covered for entry in stamps.values() if (covered := _covered(entry)) >= last), default=last)


def _dates(stamp: Entry, first: int, last: int) -> bool:
    return first <= _covered(stamp) <= last


def _covered(stamp: Entry) -> int:
    n = stamp.says.get("entry")
    return n if isinstance(n, int) else 0


def sequence(choice: Choice, reader: ChainReader) -> Sequence[tuple[int, Entry]]:
    """The entries as they go in."""
    return [
        (n, entry if n in choice.whole else entry.bare())
        for span in choice.ranges
        for n, entry in reader.entries(*span)
    ]
