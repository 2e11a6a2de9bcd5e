"""A bundle: everything that proves one or more cases, for somebody who has nothing else."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.evidence.bundle import (
    CA,
    CHAIN,
    LIST,
    PAGE,
    README,
    SIGNATURE,
    Anchored,
    Expected,
    Listed,
    Listing,
    expected,
    item_name,
    key_name,
    message_name,
    signed,
    stamp_name,
)
from edge.evidence.choosing import Choice, Wanted, choose, sequence
from edge.evidence.container import MOST_BYTES, Packer, TooLarge
from edge.evidence.entries import Entry, Kind, Malformed, decoded, key_of
from edge.evidence.hashes import Meter, blocks
from edge.evidence.page import README_TEXT, Shown, page
from edge.evidence.places import located
from edge.evidence.problems import key_unreadable, too_large, unreadable, unwritable
from edge.evidence.reading import ChainReader
from edge.evidence.signing import PrivateKey, PublicKey
from edge.wire import rfc3339


class Sink(Protocol):
    def add(self, name: str, blocks: Iterable[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Made:
    """missing: names of files that should have gone in and were not there; they are in the chain all the same."""

    entries: int
    files: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """storage: of the gateway. key: that the chain is signed with now. ca: whom the authority's certificate leads to."""

    storage: Path
    key: PrivateKey
    ca: Path | None
    software: str
    now: float

    def export(self, reader: ChainReader, wanted: Wanted, target: Path) -> Made:
        """Into a new zip, or a new folder where the name does not end in .zip. Raises EvidenceRefused, KeyTrouble,
        StoreError."""
        try:
            choice = choose(reader, wanted)
            with _sink(target) as sink:
                return self._fill(reader, wanted, choice, sink)
        except Malformed as error:
            raise unreadable(self.storage, str(error)) from None

    def _fill(self, reader: ChainReader, wanted: Wanted, choice: Choice, sink: Sink) -> Made:
        writer = _Writer(sink)
        row = sequence(choice, reader)
        keys = [key_of(entry.says) for _, entry in row if entry.told.kind in (Kind.BEGIN, Kind.KEY)]
        if not keys or keys[-1] != self.key.public:
            raise key_unreadable("device.key", "it is not the key that the chain is signed with")
        missing = [name for n, entry in row for name in self._files(writer, reader, choice, n, entry)]
        writer.add(CHAIN, (entry.line() for _, entry in row))
        self._helpers(writer, keys, choice)
        listing = self._listing(reader, wanted, choice, row)
        shown = [Shown(entry, reader.payload(n)) for n, entry in row if entry.body is not None]
        writer.add(PAGE, (page(listing, shown, choice.deleted, self.key.public),))
        writer.add(README, (README_TEXT.encode(),))
        data = listing.model_copy(update={"files": writer.files}).written()
        sink.add(LIST, (data,))
        sink.add(SIGNATURE, (signed(data, self.key),))
        return Made(len(row), len(writer.files) + 2, tuple(missing))

    def _files(
        self, writer: "_Writer", reader: ChainReader, choice: Choice, n: int, entry: Entry
    ) -> Iterator[str]:
        """Put in what the entry proves. Yields the names of what is not there."""
        for each in expected(entry) if entry.body is not None else ():
            if each.uri in choice.deleted or each.measured is None or each.name in writer.files:
                continue
            content = self._content(reader, n, each)
            if content is None:
                yield each.name
            else:
                writer.add(each.name, content)

    def _content(self, reader: ChainReader, n: int, each: Expected) -> Iterable[bytes] | None:
        if each.name == message_name(n):
            payload = reader.payload(n)
            return None if payload is None else (payload,)
        path = located(self.storage, each.uri)
        return (
            blocks(path) if path is not None and path.is_file() and each.name == item_name(each.uri) else None
        )

    def _helpers(self, writer: "_Writer", keys: Iterable[PublicKey], choice: Choice) -> None:
        """For other programs: what is in the chain, in the forms they read."""
        for key in keys:
            writer.add(key_name(key.fingerprint), (key.pem,))
        for n, stamp in choice.stamps.items():
            writer.add(stamp_name(n), (decoded(stamp.says.get("token")),))
        if choice.stamps and self.ca is not None:
            try:
                writer.add(CA, (self.ca.read_bytes(),))
            except OSError as error:
                raise unreadable(self.ca, error.strerror or "cannot be read") from None

    def _listing(
        self, reader: ChainReader, wanted: Wanted, choice: Choice, row: Iterable[tuple[int, Entry]]
    ) -> Listing:
        _, first = next(iter(reader.entries(1, 1)))
        head = reader.head()
        assert head is not None
        by_time = not wanted.cases
        return Listing(
            made=rfc3339(self.now),
            software=self.software,
            site=str(first.says.get("site")),
            chain=first.told.chain,
            cases=wanted.cases,
            since=rfc3339(wanted.since) if by_time else None,
            until=rfc3339(min(wanted.until, self.now)) if by_time else None,
            ranges=choice.ranges,
            head=Anchored(n=head[0], sha256=head[1].hashes.sha256),
            files={},
        )


class _Writer:
    """Remembers what went in."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.files: dict[str, Listed] = {}

    def add(self, name: str, content: Iterable[bytes]) -> None:
        meter = Meter()
        self._sink.add(name, meter.through(content))
        self.files[name] = Listed.of(meter.measured)


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.writelines(blocks)


@contextmanager
def _sink(target: Path) -> Iterator[Sink]:
    """A zip is there whole or not at all. Raises EvidenceRefused."""
    try:
        if target.suffix != ".zip":
            target.mkdir(parents=True)
            yield _Folder(target)
            return
        with _part(target) as part:
            with part.open("wb") as file:
                packer = Packer(file)
                yield packer
                packer.finish()
            part.replace(target)
    except TooLarge:
        raise too_large(MOST_BYTES) from None
    except OSError as error:
        raise unwritable(target, error.strerror or str(error)) from None


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    if target.exists():
        raise FileExistsError(None, "it is there already")
    part = target.with_name(f".{target.name}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
