"""What the console asks of talk-back: a token for somebody who is signed in, instead of one from the site file."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks. name: "user:NAME" or "token:NAME". key: of this sign-in with these rights, and of no other. cameras: which
    it may see, "*" is all. still: whether all of this is so."""

    name: str
    key: str
    cameras: frozenset[str]
    still: Callable[[], Awaitable[bool]]

    @property
    def account(self) -> str | None:
        """None: it is no person."""
        kind, _, name = self.name.partition(":")
        return name if kind == "user" else None


@dataclass(frozen=True, slots=True)
class Pass:
    """seconds: how long it opens something; another one is to be had by then."""

    token: SecretStr
    seconds: float


Passes = Callable[[Holder], Pass | None]
"""edge.talk.house.Front.passes. None: not now."""


def nobody_passes(_holder: Holder) -> None:
    return None
