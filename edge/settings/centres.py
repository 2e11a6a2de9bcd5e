"""The command centres in a site file: where they are, how the box shows who it is, and what may wait for them."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, model_validator

from edge.settings.fields import BROKER_PORTS, BrokerUrl, ClientId, Name, wrong
from edge.settings.orders import DEFAULT_MAY, May
from edge.settings.part import Part
from streams.units import Duration

FIRST = "centre"
"""The name of the centre at `broker:`."""

# Other parts of the gateway that read the outbox.
_TAKEN = frozenset({FIRST, "broker", "cases", "evidence", "uploads"})


class BrokerSettings(Part):
    """broker: the MQTT server of the command centre. username and password win over those in the URL.

    cert_file, key_file: PEM, this box's own, for a server that asks for them. session: the server keeps what the centre
    says while the box is away, for so long. acknowledge: whose word lets an event go from the box: the centre's
    (`received`, docs/cases.md), or, for one that never says it, the server's. may: what this centre may order.
    """

    url: BrokerUrl
    username: Annotated[str, Field(min_length=1)] | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None
    client_id: ClientId | None = None
    # MQTT 5 (3.1.2.10) carries whole seconds in 16 bits; below 5 s a 4G hand-over looks like a dead link.
    keepalive: Annotated[Duration, Field(ge=5, le=65535)] = 30.0
    # A shift change or a power cut; whoever stays away longer asks the centre anew.
    session: Annotated[Duration, Field(ge=0, le=30 * 86_400)] = 3600.0
    acknowledge: Literal["centre", "broker"] = "centre"
    may: May = DEFAULT_MAY

    @property
    def host(self) -> str:
        return self._parts.hostname or ""

    @property
    def port(self) -> int:
        return self._parts.port or BROKER_PORTS[self._parts.scheme]

    @property
    def tls(self) -> bool:
        return self._parts.scheme == "mqtts"

    @property
    def login(self) -> tuple[str | None, SecretStr | None]:
        """User name and password to log in with."""
        user, word = self._parts.username, self._parts.password
        return (
            self.username or (unquote(user) if user else None),
            self.password or (SecretStr(unquote(word)) if word else None),
        )

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url.get_secret_value())

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        username, password = self.login
        if password is not None and username is None:
            raise wrong("has a password and no username", "有 password 却没有 username")
        return self

    @model_validator(mode="after")
    def _shows_a_whole_certificate(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise wrong("needs cert_file and key_file together", "cert_file 与 key_file 须同时填写")
        if self.cert_file is not None and not self.tls:
            raise wrong("has a certificate, which is for mqtts://", "证书仅用于 mqtts://")
        return self


class CentreSettings(BrokerSettings):
    """centres[n]: one more centre (city, province), with the keys of `broker:`. name: as logs and commands call it."""

    name: Name


class WaitingSettings(Part):
    """storage.waiting: how much may wait for the centres. Beyond it updates of events go, oldest first, never their
    beginnings and ends; what went is told in an event of its own."""

    events: Annotated[int, Field(ge=1_000, le=10_000_000)] = 200_000
    megabytes: Annotated[int, Field(ge=1, le=100_000)] = 256
    age: Annotated[Duration, Field(ge=3600)] = 30 * 86_400.0


def distinct(centres: tuple[CentreSettings, ...]) -> tuple[CentreSettings, ...]:
    """Refuses names that are taken. Raises ValueError(Text)."""
    for name, count in Counter(centre.name for centre in centres).items():
        if count > 1:
            raise wrong(f"has two centres named '{name}'", f"有两个名为“{name}”的指挥中心")
        if name in _TAKEN:
            raise wrong(f"cannot have a centre named '{name}': choose another", f"指挥中心不能命名为“{name}”")
    return centres
