"""Camera addresses, and the passwords in them: read here, never shown.

RFC 7826 (RTSP URIs), RFC 3986 (user information, percent-encoding).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from streams.networks import Address, literal

_PORTS = {"rtsp": 554, "rtsps": 322}
# Some makers want the login in the path or the query: "/user=admin_password=x_channel=1.sdp", "?token=x".
_HIDDEN = re.compile(r"(?i)((?:pass\w*?|pwd|psw|token|auth\w*?|secret|key|sig\w*?)=)[^&/?;]+")
_ENCODE = "write / ? # and @ in a password as %2F %3F %23 and %40"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a camera is, fit to be shown: host, port, and the path with what looks like a secret masked."""

    host: str
    port: int
    path: str
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}{self.path}"


def checked(url: SecretStr) -> SecretStr:
    """The same URL if it is a usable RTSP address. Raises ValueError, whose text quotes nothing of it."""
    parts = _split(url)
    if parts.scheme not in _PORTS:
        raise ValueError("needs an address that begins with rtsp:// or rtsps://")
    if parts.fragment or ("@" not in parts.netloc and "@" in parts.path + parts.query):
        raise ValueError(f"has a character out of place; {_ENCODE}")
    if not parts.hostname:
        raise ValueError("needs a host, as in rtsp://192.168.1.64:554/path")
    if not all(character.isprintable() and character != " " for character in url.get_secret_value()):
        raise ValueError("must not hold blanks or line breaks")
    literal(parts.hostname)
    return url


def endpoint(url: SecretStr) -> Endpoint:
    """Host, port and masked path of a checked URL."""
    parts = _split(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    return Endpoint(parts.hostname or "", port, _HIDDEN.sub(r"\1***", path), parts.scheme == "rtsps")


def request_uri(url: SecretStr, address: Address) -> str:
    """The URI to ask this address for: no login, no name."""
    parts = _split(url)
    return urlunsplit(parts._replace(netloc=_place(parts, address)))


def pinned(url: SecretStr, address: Address) -> SecretStr:
    """The same URL with the address in place of the name, so that nobody looks the name up again."""
    parts = _split(url)
    login, at, _ = parts.netloc.rpartition("@")
    return SecretStr(urlunsplit(parts._replace(netloc=f"{login}{at}{_place(parts, address)}")))


def redirected(url: SecretStr, location: str) -> SecretStr:
    """Where a camera sends us. The login goes along to the same host only. Raises ValueError, quoting nothing."""
    target = checked(SecretStr(location.strip()))
    before, after = _split(url), _split(target)
    login, at, _ = before.netloc.rpartition("@")
    if before.hostname != after.hostname or "@" in after.netloc:
        return target
    return SecretStr(urlunsplit(after._replace(netloc=f"{login}{at}{after.netloc}")))


def tells_login_in_path(url: SecretStr) -> bool:
    parts = _split(url)
    return _HIDDEN.search(f"{parts.path}?{parts.query}") is not None


def has_password(url: SecretStr) -> bool:
    """Whether a password stands in the user information or, as far as one can tell, in the path."""
    parts = _split(url)
    return bool(parts.password) or tells_login_in_path(url)


def with_login(url: SecretStr, username: str | None, password: SecretStr | None) -> SecretStr:
    """The URL with this login in place of its own; None keeps the part that stands in the URL."""
    parts = _split(url)
    user = username if username is not None else unquote(parts.username or "")
    word = password.get_secret_value() if password is not None else unquote(parts.password or "")
    if not user and not word:
        return url
    place = parts.netloc.rpartition("@")[2]
    login = quote(user, safe="") + (f":{quote(word, safe='')}" if word else "")
    return SecretStr(urlunsplit(parts._replace(netloc=f"{login}@{place}")))


def _place(parts: SplitResult, address: Address) -> str:
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"{host}:{parts.port}" if parts.port else host


def _split(url: SecretStr) -> SplitResult:
    try:
        parts = urlsplit(url.get_secret_value().strip())
        _ = parts.port  # parsed on access
    except ValueError:
        parts = None
    if parts is None:  # outside the handler: the parser's own error quotes what may be half a password
        raise ValueError(f"has a host or port that cannot be read; {_ENCODE}")
    return parts
