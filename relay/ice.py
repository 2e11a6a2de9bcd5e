"""STUN and TURN servers of the site, and the passwords that are made for them."""

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Annotated, Self
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from relay.media.policy import IceServer
from streams.problem import Text
from streams.units import Duration

_US = "box"  # under which name our own end logs in
_STUN = re.compile(r"stuns?:(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?")  # RFC 7064
_TURN = re.compile(r"turns?:(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?")  # RFC 7065


def _url(text: str) -> str:
    if not (_STUN.fullmatch(text) or _TURN.fullmatch(text)):
        raise ValueError(
            Text(
                "needs stun:HOST:PORT, turn:HOST:PORT?transport=udp or turns:HOST:443?transport=tcp",
                "须为 stun:主机:端口、turn:主机:端口?transport=udp 或 turns:主机:443?transport=tcp",
            )
        )
    return text


class IceServerSpec(BaseModel):
    """`ice[n]`. A TURN server takes a username and a password, or the secret that it shares with us: then everybody
    gets a password of their own that is good for `lifetime` (coturn's static-auth-secret; draft-uberti-behave-turn-rest).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_url)]
    username: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    password: SecretStr | None = None
    secret: SecretStr | None = None
    # Asked for again only when a connection is made anew: it has to last for a shift's longest call.
    lifetime: Annotated[Duration, Field(ge=300, le=86400 * 7)] = 43200.0

    @property
    def is_turn(self) -> bool:
        return self.url.startswith("turn")

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        fixed = self.username is not None and self.password is not None
        if self.is_turn and fixed == (self.secret is not None):
            raise ValueError(
                Text("needs either username and password, or secret", "须有 username 和 password，或 secret")
            )
        if not self.is_turn and (self.username or self.password or self.secret):
            raise ValueError(Text("a STUN server takes no login", "STUN 服务器无需登录信息"))
        return self

    def server(self, name: str, now: float) -> IceServer:
        """name: who logs in; now: s since 1970, by a clock not far from the server's."""
        if self.secret is None:
            word = self.password.get_secret_value() if self.password else None
            return IceServer((self.url,), self.username, word)
        username = f"{int(now + self.lifetime)}:{quote(name, safe='')}"
        return IceServer((self.url,), username, ephemeral(self.secret, username))


def ephemeral(secret: SecretStr, username: str) -> str:
    """The password of "EXPIRY:NAME": base64 of HMAC-SHA-1 under the shared secret."""
    digest = hmac.digest(secret.get_secret_value().encode(), username.encode(), "sha1")
    return base64.b64encode(digest).decode()


class IceServers:
    """All of a site. Our own end uses the first STUN and the first TURN of them: order matters."""

    def __init__(self, specs: Sequence[IceServerSpec] = ()) -> None:
        self._specs = tuple(specs)

    @property
    def relays(self) -> bool:
        """Whether there is a TURN server among them."""
        return any(spec.is_turn for spec in self._specs)

    def for_client(self, name: str, now: float) -> tuple[IceServer, ...]:
        return tuple(spec.server(name, now) for spec in self._specs)

    def for_us(self, now: float) -> tuple[IceServer, ...]:
        return self.for_client(_US, now)
