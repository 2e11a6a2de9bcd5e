"""The box's HTTP in a site file: where it listens, and who may do what there."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from edge.settings.fields import wrong
from edge.settings.part import Part
from relay.tokens import TokenSpec

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):(\d{1,5})")
_ORIGIN = re.compile(r"https?://[\w.-]+(:\d{1,5})?")


def _listen(text: str) -> str:
    match = _LISTEN.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 65535:
        raise wrong(
            "needs HOST:PORT, such as 127.0.0.1:8480 or 0.0.0.0:8443",
            "须为 主机:端口，例如 127.0.0.1:8480 或 0.0.0.0:8443",
        )
    return text


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise wrong(
            "needs https://HOST or https://HOST:PORT, without a path",
            "须为 https://主机 或 https://主机:端口，不带路径",
        )
    return text


Listen = Annotated[str, AfterValidator(_listen)]
Origin = Annotated[str, AfterValidator(_origin)]


class HttpTls(Part):
    """http.tls: PEM files; the certificate with those that lead to its authority."""

    cert_file: Path
    key_file: Path


SELF_SIGNED: Final = "self-signed"


class HttpSettings(Part):
    """http: the console, and how body cameras and browsers connect. Left out, the box does not listen at all.

    tls: one's own certificate, or one that the box makes itself.

    origins: other sites whose pages may use it from a browser (the command centre's).
    """

    listen: Listen = "127.0.0.1:8480"
    tls: HttpTls | Literal["self-signed"] | None = None
    origins: tuple[Origin, ...] = ()

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.listen}"


class SessionLimits(Part):
    """access.sessions: how many connections at once; of the box, in one talk group, under one token."""

    box: Annotated[int, Field(ge=1, le=1000)] = 100
    group: Annotated[int, Field(ge=1, le=1000)] = 60
    token: Annotated[int, Field(ge=1, le=1000)] = 40


class AccessSettings(Part):
    """access: who may see, hear and speak. key: for signed tokens (JWT under HS256), shared with whoever makes them."""

    # RFC 7518, 3.2: a key of at least the hash's 32 bytes.
    key: Annotated[SecretStr, Field(min_length=32)] | None = None
    tokens: tuple[TokenSpec, ...] = ()
    sessions: SessionLimits = SessionLimits()


def leaves_the_box(listen: str) -> bool:
    """Whether others than this box can connect there."""
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host not in ("", "localhost")  # "": what is no address is told of as such
