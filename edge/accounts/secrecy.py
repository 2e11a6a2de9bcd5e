"""Passwords, session and token secrets: how they are made, and what is kept of them."""

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # read aloud over the telephone: no I, L, O, 0, 1

# RFC 9106, 4: the second recommended option (3 passes, 64 MiB, 4 lanes), argon2-cffi's default.
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """argon2id; takes some 0.1 s and 64 MiB."""
    return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """kept: None where there is no such account, which takes as long to find out."""
    try:
        return _HASHER.verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe())


def secret() -> str:
    """256 random bits: of a session, or of a token."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> bytes:
    """What is kept of a secret that nobody could guess: SHA-256 suffices for such."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()


def csrf(session: str) -> str:
    """What a page of ours sends in a header, and another site's cannot: derived, so nothing has to be kept."""
    return hmac.digest(session.encode("utf-8", "surrogateescape"), b"sandwatch csrf", "sha256").hex()


def code() -> str:
    """Of the first start: 59 bits, three groups."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(
        one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape")
    )
