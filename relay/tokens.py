"""Who may see, hear and speak: tokens of the site file, short-lived ones signed with a key, and lent ones.

A signed token is a JWT (RFC 7519) under HMAC-SHA-256 ("HS256", RFC 7515 and 7518), so that a command centre can make
it with any library. Its `aud` is the site's id, its `sub` who it is for; what it may stands under "sandwatch".
A lent token is known to this process alone, so it can be taken back.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from relay.media.policy import Purpose
from relay.talk import Role
from relay.token_problems import expired, too_many, unknown, used_up
from relay.wish import Wish
from streams.problem import ProblemError
from streams.units import Instant

ANY = "*"
_LONGEST = 4096  # bytes; a token has to fit into a header, and a URL
_ONCE_LIVES = 300.0  # s: time for a ringing telephone to be answered; so long a used one is remembered
_REMEMBERED = 10_000  # used one-time tokens: at one a second, three times as many as _ONCE_LIVES needs
_WINDOWS = 8  # lent to one name at once
_HEADER = {"alg": "HS256", "typ": "JWT"}


class Right(StrEnum):
    """PUBLISH: send as a member (WHIP). WATCH: see and hear (WHEP). SPEAK: take part in a group."""

    PUBLISH = "publish"
    WATCH = "watch"
    SPEAK = "speak"


_RIGHTS = {Purpose.PUBLISH: Right.PUBLISH, Purpose.WATCH: Right.WATCH, Purpose.TALK: Right.SPEAK}
Names = tuple[Annotated[str, Field(min_length=1, max_length=64)], ...]


class Scope(BaseModel):
    """What a token may.

    groups, cameras: where, "*" is everywhere. members: as whom it publishes or speaks. role: of a member whom the
    group does not name; without it such a one is not let in. in_url: may stand in an address too, for devices that can
    send no header.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    may: Annotated[tuple[Right, ...], Field(min_length=1)]
    groups: Names = ()
    members: Names = ()
    cameras: Names = ()
    role: Role | None = None
    in_url: bool = False


class TokenSpec(Scope):
    """`access.tokens[n]`. name: who has it, for logs and limits. until: when it ends; None: never."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]{0,63}$")]
    # 16 letters at random are 80 bits and more: nobody guesses that over a network.
    secret: Annotated[SecretStr, Field(min_length=16, max_length=_LONGEST)]
    until: Instant | None = None


class _Signed(Scope):
    """What stands under "sandwatch". once: opens one session only, and lives for 5 minutes at most."""

    once: bool = False


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sub: Annotated[str, Field(min_length=1, max_length=64)]
    aud: str
    exp: float
    iat: float | None = None
    nbf: float = 0.0
    jti: Annotated[str, Field(min_length=8, max_length=64)] | None = None
    sandwatch: _Signed


@dataclass(frozen=True, slots=True)
class Grant:
    """A token that was checked. name: who; a signed one's begins with "signed:", which no other name can.

    begins, expires: s since 1970. once: number of a one-time token.
    """

    name: str
    scope: Scope
    begins: float = 0.0
    expires: float | None = None
    once: str | None = None

    def allows(self, wish: Wish) -> bool:
        """Whoever may watch a group sees every member of it; to publish and to speak, one has to be the member."""
        scope = self.scope
        right = _RIGHTS[wish.purpose]
        place = _in(wish.camera, scope.cameras) if wish.camera else _in(wish.group, scope.groups)
        as_itself = wish.purpose is Purpose.WATCH or _in(wish.member, scope.members)
        return right in scope.may and place and as_itself

    def sees_group(self, name: str) -> bool:
        return _in(name, self.scope.groups)

    def sees_camera(self, name: str) -> bool:
        return Right.WATCH in self.scope.may and _in(name, self.scope.cameras)


class TokenRefused(ProblemError):
    """A token that lets nobody in."""


class Tokens:
    """key: for signed tokens; None: there are none. site: what their `aud` has to be. started: s since 1970; a one-time
    token from before may have been used, which nobody remembers."""

    def __init__(
        self,
        specs: Sequence[TokenSpec] = (),
        key: SecretStr | None = None,
        site: str = "",
        started: float = 0.0,
    ) -> None:
        self._grants = [(_digest(spec.secret), _grant(spec)) for spec in specs]
        self._key = key.get_secret_value().encode() if key else None
        self._site = site
        self._started = started
        self._used: dict[str, float] = {}
        self._lent: dict[bytes, Grant] = {}  # the oldest first

    def check(self, token: str, now: float) -> Grant:
        """now: s since 1970. Raises TokenRefused: unknown, not of its time, or used."""
        grant = self.holder(token)
        if now < grant.begins or (grant.expires is not None and now >= grant.expires):
            raise TokenRefused(expired())
        if grant.once in self._used:
            raise TokenRefused(used_up())
        return grant

    def holder(self, token: str) -> Grant:
        """Whose it is, its time over or not: a session goes on being its holder's. Raises TokenRefused."""
        presented = _digest(SecretStr(token))
        found = None
        for digest, grant in self._grants:  # all of them: how long it takes tells nothing
            if hmac.compare_digest(digest, presented):
                found = grant
        found = found or self._lent.get(presented) or self._signed(token)
        if found is None:
            raise TokenRefused(unknown())
        return found

    def spend(self, grant: Grant, now: float) -> None:
        """A one-time token opens a session now. Raises TokenRefused if it did before."""
        if grant.once is None:
            return
        self._used = {number: end for number, end in self._used.items() if end > now}
        if grant.once in self._used:
            raise TokenRefused(used_up())
        if len(self._used) >= _REMEMBERED:
            raise TokenRefused(too_many())
        self._used[grant.once] = grant.expires or now + _ONCE_LIVES

    def refund(self, grant: Grant) -> None:
        """No session came of it."""
        if grant.once is not None:
            self._used.pop(grant.once, None)

    def issue(self, who: str, scope: Scope, now: float, lifetime: float, *, once: bool = False) -> SecretStr:
        """A signed token for this site. lifetime: s; a one-time one's is cut to 5 minutes. Needs a key."""
        assert self._key is not None, "the site has no key to sign with"
        claims = {
            "sub": who,
            "aud": self._site,
            "iat": now,
            "exp": now + (min(lifetime, _ONCE_LIVES) if once else lifetime),
            "jti": secrets.token_urlsafe(12),
            "sandwatch": {**scope.model_dump(mode="json"), "once": once},
        }
        signed = f"{_text(_HEADER)}.{_text(claims)}"
        return SecretStr(f"{signed}.{_mac(self._key, signed)}")

    def lend(self, name: str, scope: Scope, now: float, lifetime: float) -> SecretStr:
        """A token that can be taken back. name: with a colon, and not "signed:", which no other's has. now: s since 1970;
        lifetime: s. The last few of one name are good: it may be several windows."""
        token = SecretStr(secrets.token_urlsafe(32))
        own = [digest for digest, grant in self._lent.items() if grant.name == name]
        over = {digest for digest, grant in self._lent.items() if (grant.expires or 0.0) <= now}
        for digest in over.union(own[: -_WINDOWS + 1]):
            del self._lent[digest]
        self._lent[_digest(token)] = Grant(name, scope, expires=now + lifetime)
        return token

    def recall(self, name: str) -> None:
        """Lent ones of this name let nobody in any more."""
        self._lent = {digest: grant for digest, grant in self._lent.items() if grant.name != name}

    def _signed(self, token: str) -> Grant | None:
        claims = _claims(token, self._key) if self._key else None
        if claims is None or claims.aud != self._site:
            return None
        begins = claims.nbf
        if claims.sandwatch.once:
            if claims.jti is None or claims.iat is None or claims.exp - claims.iat > _ONCE_LIVES:
                return None
            if claims.iat < self._started:
                raise TokenRefused(expired())
        once = claims.jti if claims.sandwatch.once else None
        return Grant(f"signed:{claims.sub}", claims.sandwatch, begins, claims.exp, once)


def _claims(token: str, key: bytes) -> _Claims | None:
    """None where it is no JWT, not of this key, or says what nobody should trust."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(_mac(key, f"{parts[0]}.{parts[1]}"), parts[2]):
        return None
    try:
        header = json.loads(_bytes(parts[0]))
        if not isinstance(header, dict) or header.get("alg") != "HS256" or "crit" in header:
            return None
        return _Claims.model_validate_json(_bytes(parts[1]))
    except (ValueError, ValidationError):
        return None


def _grant(spec: TokenSpec) -> Grant:
    return Grant(spec.name, spec, expires=spec.until)


def _in(name: str | None, names: Names) -> bool:
    return name is not None and (ANY in names or name in names)


def _digest(secret: SecretStr) -> bytes:
    """Of one length, so that comparing tells not even that."""
    return hashlib.sha256(secret.get_secret_value().encode("utf-8", "surrogateescape")).digest()


def _mac(key: bytes, signed: str) -> str:
    return _base64(hmac.digest(key, signed.encode(), "sha256"))


def _text(value: object) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
