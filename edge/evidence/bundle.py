"""What a bundle is: names, its own list, and who wrote that.

bundle.json      what was exported, and the hashes of every other file; signed by the device in bundle.sig
chain.jsonl      entries, a line each, in order: whole those that are exported, of the others between them the header
                 alone, so that links can be followed and other cases stay closed
items/           the files of proof; messages/N.json: the words of entry N
keys/, stamps/, tsa/   public keys, RFC 3161 answers, whom the authority's certificate leads to: for other programs too
index.html       for people; README.txt: how to check it
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.evidence.audit import Range
from edge.evidence.canonical import NotCanonical, canonical, parsed
from edge.evidence.entries import Entry, Kind, Malformed, decoded, encoded
from edge.evidence.hashes import Hashes, Measured
from edge.evidence.places import FOLDER
from edge.evidence.signing import PrivateKey

LIST, SIGNATURE, CHAIN = "bundle.json", "bundle.sig", "chain.jsonl"
PAGE, README, CA = "index.html", "README.txt", "tsa/ca.pem"
ITEMS, MESSAGES = "items/", "messages/"
_MOST_ENTRIES = 5_000_000


class Listed(BaseModel):
    """A file of the bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sm3: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def of(cls, measured: Measured) -> "Listed":
        return cls(bytes=measured.size, sha256=measured.hashes.sha256, sm3=measured.hashes.sm3)

    def fits(self, measured: Measured) -> bool:
        return Measured(self.bytes, Hashes(self.sha256, self.sm3)) == measured


class Anchored(BaseModel):
    """The chain's newest entry when the bundle was made."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    n: int
    sha256: str


class Listing(BaseModel):
    """bundle.json. cases, since, until: what was asked for. ranges: of entries, first and last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = 1
    made: str
    software: str
    site: str
    chain: str
    cases: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    ranges: tuple[tuple[int, int], ...]
    head: Anchored
    files: dict[str, Listed]

    def written(self) -> bytes:
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def read(cls, data: bytes) -> "Listing":
        """Raises Malformed."""
        try:
            parsed(data)
            listing = cls.model_validate_json(data)
        except (NotCanonical, ValidationError):
            raise Malformed("not a list that this program writes") from None
        if sum(last - first + 1 for first, last in listing.ranges) > _MOST_ENTRIES:
            raise Malformed("claims more entries than a bundle holds")
        return listing


def signed(listing: bytes, key: PrivateKey) -> bytes:
    """bundle.sig."""
    return canonical({"key": key.public.fingerprint, "signature": encoded(key.sign(listing))})


def read_signature(data: bytes) -> tuple[str, bytes]:
    """Fingerprint and signature. Raises Malformed."""
    try:
        told = parsed(data)
        return str(told["key"]), decoded(told["signature"])
    except (KeyError, ValueError):
        raise Malformed("not a signature that this program writes") from None


@dataclass(frozen=True, slots=True)
class Expected:
    """A file that an entry proves. name: in a bundle. uri: in the storage; state: as it was when it was entered."""

    n: int
    name: str
    uri: str
    state: str
    measured: Measured | None


def expected(entry: Entry) -> Iterator[Expected]:
    """The files of a whole entry, and its words. Raises Malformed."""
    told, says = entry.told, entry.says
    words = says.get("payload") if told.kind == Kind.MESSAGE else says.get("line")
    if words is not None:
        yield Expected(told.n, message_name(told.n), f"messages/{told.n}", "kept", _measured(words))
    items = says.get("items")
    if told.kind == Kind.DELETED or not isinstance(items, list):
        return
    for item in items:
        if not isinstance(item, dict):
            raise Malformed("an item without words")
        uri, state = str(item.get("uri")), str(item.get("state"))
        measured = _measured(item) if state in ("kept", "differs") else None
        yield Expected(told.n, item_name(uri), uri, state, measured)


def tombs(entry: Entry) -> Iterator[tuple[str, str]]:
    """(uri, why) of what this entry is the tombstone of. Raises Malformed."""
    if entry.told.kind != Kind.DELETED:
        return
    items = entry.says.get("items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield str(item.get("uri")), str(entry.says.get("why"))


def item_name(uri: str) -> str:
    return ITEMS + uri.removeprefix(f"{FOLDER}/")


def message_name(n: int) -> str:
    return f"{MESSAGES}{n}.json"


def key_name(fingerprint: str) -> str:
    return f"keys/{fingerprint}.pem"


def stamp_name(n: int) -> str:
    return f"stamps/{n}.tsr"


def _measured(words: object) -> Measured:
    try:
        told = Listed.model_validate({name: words[name] for name in ("bytes", "sha256", "sm3")})  # type: ignore[index]
    except (KeyError, TypeError, ValidationError):
        raise Malformed("an item without hashes") from None
    return Measured(told.bytes, Hashes(told.sha256, told.sm3))


def merged(ranges: list[Range]) -> tuple[Range, ...]:
    """Sorted, those that touch put together."""
    whole = list[Range]()
    for first, last in sorted(ranges):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(last, whole[-1][1]))
        else:
            whole.append((first, last))
    return tuple(whole)
