"""Whether a box is there: what it says when it comes, and what its broker says when it goes."""

from typing import Literal, Self

from pydantic import Field

from edge.wire import SCHEMA, WireModel, rfc3339


class Anchor(WireModel):
    """The chain of evidence when the box started. key: fingerprint of who signs it (SHA-256 of public_key, base64 of
    the DER SubjectPublicKeyInfo). n, sha256: its newest entry: whoever keeps them sees a chain that was cut later."""

    key: str
    public_key: str
    n: int
    sha256: str


class Birth(WireModel):
    """Retained while the box is connected. time: RFC 3339, of this connection."""

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    state: Literal["online"] = "online"
    boot_id: str
    version: str
    capabilities: tuple[str, ...] = ()
    evidence: Anchor | None = None
    time: str

    def at(self, now: float) -> Self:
        return self.model_copy(update={"time": rfc3339(now)})


class Death(WireModel):
    """Retained in place of the birth. "lost" is the last will, written beforehand: it has no time."""

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    state: Literal["offline"] = "offline"
    boot_id: str
    reason: Literal["stopped", "lost"]
    time: str | None = None
