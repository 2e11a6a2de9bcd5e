"""What a site's settings say about a camera's loudspeaker. Light: imports nothing that sends or decodes."""

from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from streams.knock import Tls
from streams.networks import Cidr
from streams.units import Duration
from streams.urls import checked, with_login

_Timeout = Annotated[Duration, Field(gt=0)]


def _packet_time(value: float) -> float:
    if round(value * 1000, 6) not in (20, 40, 60):
        raise ValueError("needs 20ms, 40ms or 60ms")
    return value


class LoudspeakerSpec(BaseModel):
    """`loudspeaker:` of a talk member. url: any of the camera's streams (usually the smaller one): its loudspeaker
    is found beside it (ONVIF Profile T). username and password stand in for those in the URL.

    codec: auto takes G.711 (A-law, u-law), then AAC. packet_time: s of sound in a packet; more is fewer packets
    for a weak camera, and as much later. AAC has its own.
    connect_timeout, answer_timeout: s. Over 4G: five round trips of up to 0.5 s, and a camera that thinks for 2 s.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[SecretStr, AfterValidator(checked)]
    username: str | None = None
    password: SecretStr | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    codec: Literal["auto", "pcma", "pcmu", "aac"] = "auto"
    packet_time: Annotated[Duration, AfterValidator(_packet_time)] = 0.02
    tls: Tls = Tls()
    allow_networks: tuple[Cidr, ...] = ()
    connect_timeout: _Timeout = 5.0
    answer_timeout: _Timeout = 5.0

    @model_validator(mode="after")
    def _tls_is_tcp(self) -> Self:
        if self.transport == "udp" and self.url.get_secret_value().strip().lower().startswith("rtsps:"):
            raise ValueError("rtsps:// goes over TCP only: UDP would carry the sound in the clear")
        return self

    @model_validator(mode="after")
    def _login_is_printable(self) -> Self:
        if not all(part.isprintable() for part in login(self.address)):
            raise ValueError("has a user name or password with a line break or the like in it")
        return self

    @property
    def address(self) -> SecretStr:
        """The URL with the login."""
        return with_login(self.url, self.username, self.password)


def login(url: SecretStr) -> tuple[str, str]:
    """User name and password in a checked URL; empty where there is none."""
    parts = urlsplit(url.get_secret_value().strip())
    return unquote(parts.username or ""), unquote(parts.password or "")
