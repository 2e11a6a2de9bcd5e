"""One entry of the chain. Pure.

header     what is hashed, signed and linked: canonical JSON; with the hashes of the entry before it and of its body
signature  of the header's bytes, by the key the header names
body       canonical JSON: what the entry says. It may be kept from a reader without breaking the chain
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.evidence.canonical import NotCanonical, canonical, parsed
from edge.evidence.hashes import Hashes, of_bytes
from edge.evidence.signing import PrivateKey, PublicKey

LONGEST = 4 << 20  # bytes of one header or body: an event with a hundred objects is under 20 kB


class Kind(StrEnum):
    """begin: the first, with the first key. key: another key from the next entry on. message: an event or a
    transition of a case. talk: a recording. found: files that lay there without a message. deleted: tombstones.
    stamp: an RFC 3161 token over an earlier entry."""

    BEGIN = "begin"
    KEY = "key"
    MESSAGE = "message"
    TALK = "talk"
    FOUND = "found"
    DELETED = "deleted"
    STAMP = "stamp"


class Malformed(ValueError):
    """Not an entry that this program writes."""


class Header(BaseModel):
    """chain: names the chain, random. n: from 1, contiguous. case: whose entry it is. time: RFC 3339, of the box's
    clock. prev: of the header before it; None: of the first. key: fingerprint of the key that signs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    v: Literal[1]
    chain: str = Field(pattern=r"^[0-9a-f]{32}$")
    n: int = Field(ge=1)
    kind: Kind
    case: str | None
    time: str
    prev: Hashes | None
    body: Hashes
    key: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Entry:
    """body: None where it is kept back."""

    header: bytes
    signature: bytes
    body: bytes | None = None

    @cached_property
    def told(self) -> Header:
        """Raises Malformed."""
        return read_header(self.header)

    @cached_property
    def hashes(self) -> Hashes:
        """What the next entry calls `prev`."""
        return of_bytes(self.header)

    @cached_property
    def says(self) -> dict[str, object]:
        """The body; {} where it is kept back. Raises Malformed."""
        try:
            return dict(parsed(self.body)) if self.body is not None else {}
        except NotCanonical:
            raise Malformed("its body is not canonical JSON") from None

    def bare(self) -> "Entry":
        """Without its body."""
        return Entry(self.header, self.signature)

    def line(self) -> bytes:
        """One line of a bundle's chain.jsonl, with its newline. Raises Malformed."""
        whole: dict[str, object] = {"header": parsed(self.header), "signature": encoded(self.signature)}
        if self.body is not None:
            whole["body"] = parsed(self.body)
        return canonical(whole) + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Self:
        """Raises Malformed."""
        try:
            whole = parsed(line.removesuffix(b"\n"))
            header, body = whole.pop("header"), whole.pop("body", None)
            signature = decoded(whole.pop("signature"))
        except (KeyError, ValueError):
            raise Malformed("not a line of a chain") from None
        if whole or not isinstance(header, dict):
            raise Malformed("more than a header, a body and a signature")
        return cls(canonical(header), signature, canonical(body) if body is not None else None)


def read_header(data: bytes) -> Header:
    """Raises Malformed."""
    try:
        parsed(data)
        return Header.model_validate_json(data)
    except NotCanonical:
        raise Malformed("its header is not canonical JSON") from None
    except ValidationError as error:
        raise Malformed(f"its header has {error.error_count()} fields that are wrong") from None


def written(
    chain: str,
    n: int,
    kind: Kind,
    case: str | None,
    time: str,
    prev: Hashes | None,
    body: Mapping[str, object],
    key: PrivateKey,
) -> Entry:
    """Entry number n, signed. Raises NotCanonical where the body cannot be written."""
    data = canonical(dict(body))
    header = canonical(
        {
            "v": 1,
            "chain": chain,
            "n": n,
            "kind": kind.value,
            "case": case,
            "time": time,
            "prev": prev.as_json() if prev else None,
            "body": of_bytes(data).as_json(),
            "key": key.public.fingerprint,
        }
    )
    return Entry(header, key.sign(header), data)


def key_words(key: PublicKey) -> dict[str, object]:
    """How a body tells a public key."""
    return {"algorithm": key.algorithm.value, "spki": encoded(key.spki)}


def succession(chain: str, n: int, old: str, new: PublicKey) -> bytes:
    """What a new key signs to take over at entry n from the key with the fingerprint `old`: nobody can be made
    heir of a chain against his will, nor his consent be used in another."""
    return canonical({"chain": chain, "n": n, "replaces": old, "key": key_words(new)})


def key_body(chain: str, n: int, old: PublicKey, new: PrivateKey) -> dict[str, object]:
    """Of a `key` entry, which the old key signs."""
    consent = new.sign(succession(chain, n, old.fingerprint, new.public))
    return {"key": key_words(new.public), "consent": encoded(consent)}


def key_of(says: Mapping[str, object]) -> PublicKey:
    """The public key that a `begin` or `key` entry tells. Raises Malformed."""
    told = says.get("key")
    try:
        key = PublicKey.read(decoded(told["spki"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise Malformed("no public key where one should be") from None
    return key


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(text: object) -> bytes:
    """Raises ValueError: also for a second way of writing the same bytes."""
    data = base64.b64decode(str(text), validate=True)
    if encoded(data) != text:
        raise ValueError("not the one base64 form")
    return data
