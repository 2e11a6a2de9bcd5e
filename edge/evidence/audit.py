"""Whether a row of entries is what was entered, in that order, by that key. Pure.

Two steps: `misplaced` looks at the numbers alone, as they come; `Walk` takes the entries in the order of their numbers and
follows signatures, keys and links. Neither needs the bodies that are kept back.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from edge.evidence.entries import Entry, Header, Kind, Malformed, decoded, key_of, succession
from edge.evidence.findings import Fault, Finding, entry_name
from edge.evidence.hashes import Hashes, of_bytes
from edge.evidence.signing import PublicKey
from streams.problem import Text

Range = tuple[int, int]
"""First and last number, both included."""


def misplaced(numbers: Sequence[int], ranges: Iterable[Range]) -> Iterator[Finding]:
    """numbers: of the entries as they stand there. ranges: those that are to be there, and nothing else."""
    wanted = {n for first, last in ranges for n in range(first, last + 1)}
    yield from (_missing(first, last) for first, last in runs(wanted - set(numbers)))
    seen = set[int]()
    for n in numbers:
        if n in seen or n not in wanted:
            yield Finding(Fault.INSERTED, entry_name(n), _NOT_ENTERED)
        seen.add(n)
    yield from _out_of_order(list(dict.fromkeys(numbers)))


def runs(numbers: Iterable[int]) -> Iterator[Range]:
    """Numbers without gaps, put together."""
    first = last = None
    for n in sorted(numbers):
        if first is None or last is None:
            first = last = n
        elif n == last + 1:
            last = n
        else:
            yield first, last
            first = last = n
    if first is not None and last is not None:
        yield first, last


def _out_of_order(numbers: list[int]) -> Iterator[Finding]:
    """The fewest that stand wrong: those outside of a longest rising row."""
    kept = _longest_rising(numbers)
    for place, n in enumerate(numbers):
        if n not in kept:
            before = numbers[place - 1] if place else None
            en = f"stands after {entry_name(before)}" if before else "stands first"
            zh = f"位于记录 {before} 之后" if before else "位于最前"
            yield Finding(Fault.REORDERED, entry_name(n), Text(en, zh))


def _longest_rising(numbers: list[int]) -> frozenset[int]:
    """By patience sorting. tails: the smallest end of a rising row of each length."""
    tails, before = list[int](), dict[int, int | None]()
    for n in numbers:
        place = bisect_left(tails, n)
        before[n] = tails[place - 1] if place else None
        tails[place : place + 1] = [n]
    rising = set[int]()
    n_ = tails[-1] if tails else None
    while n_ is not None:
        rising.add(n_)
        n_ = before[n_]
    return frozenset(rising)


def _missing(first: int, last: int) -> Finding:
    what = entry_name(first) if first == last else f"entries {first} to {last}"
    return Finding(Fault.MISSING, what, Text("not there", "不存在"))


@dataclass
class Walk:
    """Entries in the order of their numbers. keys: who signed, from which entry on, as the chain itself tells."""

    keys: list[tuple[int, PublicKey]] = field(default_factory=list)
    chain: str | None = None
    _before: tuple[int, Hashes, bool] | None = None

    def take(self, n: int, entry: Entry) -> Iterator[Finding]:
        """n: the number it is listed under."""
        faults = list(self._faults(n, entry))
        yield from faults
        yield from self._link(n, entry, sound=not faults)
        self._before = (n, entry.hashes, not faults)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(key.fingerprint for _, key in self.keys)

    def _faults(self, n: int, entry: Entry) -> Iterator[Finding]:
        name = entry_name(n)
        try:
            told = entry.told
            says = entry.says
            self._learn_first(told, entry)
        except Malformed as error:
            yield Finding(
                Fault.CHANGED, name, Text(f"not an entry any more: {error}", f"已不是有效记录：{error}")
            )
            return
        if told.n != n:
            yield Finding(Fault.REORDERED, name, Text(f"it is entry {told.n}", f"实为记录 {told.n}"))
        if self.chain is not None and told.chain != self.chain:
            yield Finding(Fault.INSERTED, name, Text("it is of another chain", "属于另一条链"))
            return
        yield from self._signature(name, told, entry)
        if entry.body is not None and of_bytes(entry.body) != told.body:
            yield Finding(Fault.CHANGED, name, Text("its body is not what was entered", "正文与登记不符"))
        elif told.kind == Kind.KEY and entry.body is not None:
            yield from self._succession(name, told, says)

    def _learn_first(self, told: Header, entry: Entry) -> None:
        """The first entry tells the chain's name and its first key."""
        if told.kind == Kind.BEGIN and told.n == 1 and not self.keys:
            self.chain = told.chain
            self.keys.append((1, key_of(entry.says)))

    def _signature(self, name: str, told: Header, entry: Entry) -> Iterator[Finding]:
        key = next((key for start, key in reversed(self.keys) if start <= told.n), None)
        if key is None:
            return  # said once, by who looks for the first entry
        if told.key != key.fingerprint:
            other = told.key[:16]
            yield Finding(
                Fault.FOREIGN,
                name,
                Text(f"signed by the key {other}, not by this chain's", f"由密钥 {other} 签名，并非本链密钥"),
            )
        elif not key.verifies(entry.header, entry.signature):
            yield Finding(Fault.CHANGED, name, Text("its signature does not fit", "签名不符"))

    def _succession(self, name: str, told: Header, says: dict[str, object]) -> Iterator[Finding]:
        """Signed by the old key as every entry is, and by the new one here."""
        try:
            new, consent = key_of(says), decoded(says.get("consent"))
        except (Malformed, ValueError):
            yield Finding(Fault.CHANGED, name, Text("names no key", "未给出密钥"))
            return
        if not new.verifies(succession(told.chain, told.n, told.key, new), consent):
            yield Finding(
                Fault.FOREIGN, name, Text("the new key did not sign its succession", "新密钥未签署接任声明")
            )
            return
        self.keys.append((told.n + 1, new))

    def _link(self, n: int, entry: Entry, *, sound: bool) -> Iterator[Finding]:
        """Between two neighbours that are both sound by themselves."""
        before = self._before
        if not sound or before is None or before[0] != n - 1 or not before[2]:
            return
        if entry.told.prev != before[1]:
            yield Finding(
                Fault.CHANGED,
                entry_name(n - 1),
                Text(f"not the one that {entry_name(n)} followed", f"并非记录 {n} 所承接的那一条"),
            )


_NOT_ENTERED = Text("nobody entered it here", "此处没有登记过")
