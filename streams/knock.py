"""Finds out where an RTSP address leads before FFmpeg goes there: FFmpeg asks the resolver itself, follows any
redirect, and says "invalid data" for nearly everything that fails before the first picture.
"""

import re
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from streams.errors import (
    CLOSED,
    HUNG_UP,
    NO_ANSWER,
    NO_NAME,
    NO_ROUTE,
    REDIRECTED_BADLY,
    REDIRECTED_OFTEN,
    REDIRECTED_OPEN,
    ConnectTimeout,
    Forbidden,
    NotRtsp,
    Refused,
    StreamError,
    Unreachable,
    Untrusted,
)
from streams.networks import Address, Networks, literal
from streams.problem import Text
from streams.resolve import addresses
from streams.urls import Endpoint, endpoint, redirected, request_uri, tells_login_in_path

_REDIRECTS = 3  # a load balancer needs one, a moved one behind it two
_HEAD = 16384  # bytes of an answer's head: a Location of 4 kB and the vendor's own fields
_LOCATION = re.compile(rb"(?im)^location[ \t]*:[ \t]*(\S+)")


class Tls(BaseModel):
    """How far an rtsps:// camera is trusted. verify: refuse certificates that do not lead to `ca_file` (PEM; without
    it the system's). The camera's own certificate will do there. name: the one in it, where it is not the host's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verify: bool = False
    ca_file: Path | None = None
    name: str | None = None

    @property
    def strict(self) -> bool:
        return self.verify or self.ca_file is not None


@dataclass(frozen=True, slots=True)
class Reached:
    """Where to go. url: with the login as far as it may go along. spoke: RTSP was answered."""

    url: SecretStr
    address: Address
    spoke: bool


def reach(url: SecretStr, networks: Networks, tls: Tls, patience: float) -> Reached:
    """Resolve, check, connect, and ask for a description without a login (RFC 7826, 13.2), following up to three
    redirects, each checked like the first. Takes at most `patience` (s).

    No login means no attempt that counts towards locking the account. Raises Forbidden, Unreachable,
    ConnectTimeout, NotRtsp, Untrusted, Refused.
    """
    deadline = time.monotonic() + patience
    for _ in range(_REDIRECTS + 1):
        place = endpoint(url)
        address, answer = _asked(url, place, _allowed(place, networks, deadline), tls, deadline)
        if answer is None or not (target := _redirect(answer, place)):
            return Reached(url, address, spoke=answer is not None)
        url = _followed(url, target, place)
    raise Refused(str(place), REDIRECTED_OFTEN)


def _allowed(place: Endpoint, networks: Networks, deadline: float) -> list[Address]:
    found = _resolved(place, deadline)
    refusals = [(address, networks.refusal(address)) for address in found]
    allowed = [address for address, why in refusals if why is None]
    if not allowed:
        address, why = refusals[0]
        assert why is not None
        raise Forbidden(str(place), Text(f"{address}: {why.en}", f"{address}：{why.zh}"))
    return allowed


def _resolved(place: Endpoint, deadline: float) -> tuple[Address, ...]:
    written = literal(place.host)
    if written is not None:
        return (written,)
    try:
        return addresses(place.host, _left(deadline))
    except TimeoutError:
        reason = NO_ANSWER
    except socket.gaierror:
        reason = NO_NAME
    raise Unreachable(str(place), reason)


def _asked(
    url: SecretStr, place: Endpoint, found: list[Address], tls: Tls, deadline: float
) -> tuple[Address, bytes | None]:
    """The first address that lets us connect, and the head of its answer; None: TLS of a kind we do not speak."""
    failure: StreamError = ConnectTimeout(str(place))
    for place_in_line, address in enumerate(found):
        share = _left(deadline) / (len(found) - place_in_line)
        try:
            connection = socket.create_connection((str(address), place.port), timeout=share)
        except OSError as error:
            failure = _unreachable(error, str(place))
            continue
        with connection:
            return address, _answer(connection, url, place, address, tls, deadline)
    raise failure


def _answer(
    connection: socket.socket, url: SecretStr, place: Endpoint, address: Address, tls: Tls, deadline: float
) -> bytes | None:
    connection.settimeout(_left(deadline))
    request = _request(url, address)
    try:
        if not place.tls:
            return _exchange(connection, request, deadline)
        with context_for(tls).wrap_socket(connection, server_hostname=tls.name or place.host) as secured:
            return _exchange(secured, request, deadline)
    except ssl.SSLCertVerificationError as error:
        failure: StreamError = Untrusted(str(place), Text(error.verify_message, error.verify_message))
    except ssl.SSLEOFError:
        failure = Unreachable(str(place), HUNG_UP)
    except ssl.SSLError:
        return None
    except OSError as error:
        failure = _unreachable(error, str(place))
    raise failure


def _request(url: SecretStr, address: Address) -> bytes:
    """A login in the path would count as an attempt: there only OPTIONS (13.1) for the server as a whole."""
    uri = request_uri(url, address)
    if tells_login_in_path(url):
        method, uri = "OPTIONS", "/".join(uri.split("/", 3)[:3])
    else:
        method = "DESCRIBE"
    return f"{method} {uri} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode()


def _exchange(connection: socket.socket, request: bytes, deadline: float) -> bytes:
    connection.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD and b"RTSP/".startswith(head[:5]):
        connection.settimeout(_left(deadline))
        data = connection.recv(4096)
        if not data:
            break
        head += data
    return head


def _redirect(answer: bytes, place: Endpoint) -> str | None:
    """The target of a redirect; None: it is none. Any 3xx is one to FFmpeg."""
    if not answer:
        raise Unreachable(str(place), HUNG_UP)
    if not answer.startswith(b"RTSP/"):
        raise NotRtsp(str(place))
    status = answer.split(b"\r\n", 1)[0].split()[1:2]
    if not status or not status[0].startswith(b"3"):
        return None
    found = _LOCATION.search(answer)
    if found is None:
        raise Refused(str(place), REDIRECTED_BADLY)
    return found[1].decode("utf-8", "replace")


def _followed(url: SecretStr, target: str, place: Endpoint) -> SecretStr:
    try:
        followed = redirected(url, target)
    except ValueError:
        followed = None
    if followed is None:
        raise Refused(str(place), REDIRECTED_BADLY)
    if place.tls and not endpoint(followed).tls:
        raise Refused(str(place), REDIRECTED_OPEN)
    return followed


def context_for(tls: Tls) -> ssl.SSLContext:
    """Trusting, it takes whatever old cameras speak: FFmpeg decides, and nothing secret is said here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not tls.strict:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    if tls.ca_file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(tls.ca_file)
    return context


def _left(deadline: float) -> float:
    """At least a moment: zero would mean "never block" to a socket."""
    return max(0.001, deadline - time.monotonic())


def _unreachable(error: OSError, where: str) -> StreamError:
    match error:
        case TimeoutError():
            return ConnectTimeout(where)
        case ConnectionRefusedError():
            return Unreachable(where, CLOSED)
        case ConnectionError():
            return Unreachable(where, HUNG_UP)
        case _:
            return Unreachable(where, NO_ROUTE)
