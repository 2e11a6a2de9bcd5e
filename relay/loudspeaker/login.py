"""Answers a camera's question who we are: Digest (RFC 7616, RFC 2617) or Basic (RFC 7617). Pure but for the nonce.

All texts are Latin-1 images of the bytes on the wire: a realm in GBK is hashed as it came, a name goes as UTF-8.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_PART = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*,?\s*')
_SCHEME = re.compile(r"\s*(basic|digest)\b\s*", re.IGNORECASE)
_HASHES: dict[str, Callable[[bytes], Any]] = {
    "sha-256": hashlib.sha256,
    "md5": hashlib.md5,
}  # the better first


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in. hash: "sha-256" or "md5"; empty: Basic. session, qop: variants of Digest. named: whether
    the camera named its hash; old ones do not know the word."""

    realm: str = ""
    nonce: str = ""
    hash: str = ""
    session: bool = False
    qop: bool = False
    named: bool = False
    opaque: str | None = None
    stale: bool = False


def challenge(values: Iterable[str]) -> Challenge | None:
    """The best of the WWW-Authenticate headers that we can answer: SHA-256, MD5, Basic."""
    known = [found for value in values if (found := _read(value)) is not None]
    order = [*_HASHES, ""]
    return min(known, key=lambda each: order.index(each.hash), default=None)


def _read(value: str) -> Challenge | None:
    scheme = _SCHEME.match(value)
    if scheme is None:
        return None
    if scheme[1].lower() == "basic":
        return Challenge()
    parts = {part[1].lower(): _unquoted(part) for part in _PART.finditer(value, scheme.end())}
    algorithm = parts.get("algorithm", "MD5").lower()
    name = algorithm.removesuffix("-sess")
    qops = {word.strip().lower() for word in parts.get("qop", "").split(",") if word.strip()}
    if name not in _HASHES or "nonce" not in parts or (qops and "auth" not in qops):
        return None
    return Challenge(
        realm=parts.get("realm", ""),
        nonce=parts["nonce"],
        hash=name,
        session=name != algorithm,
        qop=bool(qops),
        named="algorithm" in parts,
        opaque=parts.get("opaque"),
        stale=parts.get("stale", "").lower() == "true",
    )


def _unquoted(part: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", part[2]) if part[2] is not None else part[3]


@dataclass(slots=True)
class Login:
    """A name and a password, for one connection. Wrong ones are sent once only: cameras lock the account."""

    username: str
    password: str = field(repr=False)
    cnonce: Callable[[], str] = field(default=lambda: secrets.token_hex(8), repr=False)
    _challenge: Challenge | None = None
    _count: int = 0
    _accepted: bool = False

    def challenged(self, values: Iterable[str]) -> bool:
        """The camera refuses (401). Whether it is worth asking once more: the first time, when it says that only
        its nonce is old, and when it took this login before (then its nonce is old, and it does not say so)."""
        found = challenge(values)
        again = self._challenge is None or self._accepted or (found is not None and found.stale)
        self._challenge, self._count, self._accepted = found, 0, False
        return again and found is not None

    def accepted(self) -> None:
        self._accepted = self._challenge is not None

    def authorization(self, method: str, uri: str) -> str | None:
        """The header for this request; None before the camera asked for one."""
        asked = self._challenge
        if asked is None:
            return None
        name, word = _wire(self.username), _wire(self.password)
        if not asked.hash:
            return "Basic " + b64encode(f"{name}:{word}".encode("latin-1")).decode()
        self._count += 1
        return "Digest " + ", ".join(_digest(asked, name, word, method, uri, self._count, self.cnonce()))


def _digest(
    asked: Challenge, name: str, word: str, method: str, uri: str, count: int, cnonce: str
) -> Iterable[str]:
    def hashed(*parts: str) -> str:
        return str(_HASHES[asked.hash](":".join(parts).encode("latin-1")).hexdigest())

    secret = hashed(name, asked.realm, word)
    if asked.session:
        secret = hashed(secret, asked.nonce, cnonce)
    nc = f"{count:08x}"
    middle = (asked.nonce, nc, cnonce, "auth") if asked.qop else (asked.nonce,)
    response = hashed(secret, *middle, hashed(method, uri))
    quoted = {"username": name, "realm": asked.realm, "nonce": asked.nonce, "uri": uri, "response": response}
    if asked.opaque is not None:
        quoted["opaque"] = asked.opaque
    if asked.qop or asked.session:
        quoted["cnonce"] = cnonce
    yield from (f'{key}="{_quoted(value)}"' for key, value in quoted.items())
    if asked.named:
        yield f"algorithm={asked.hash.upper()}{'-sess' if asked.session else ''}"
    if asked.qop:
        yield from ("qop=auth", f"nc={nc}")


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _wire(text: str) -> str:
    return text.encode().decode("latin-1")
