"""What a camera grants when a medium is set up: RTSP's Transport and Session headers (RFC 2326, 12.39, 12.37). Pure."""

import re
from dataclasses import dataclass

from relay.loudspeaker.message import Headers, Malformed

_USUAL = 60  # s: a session's time-out where the camera names none (RFC 2326, 12.37)
_SHORTEST = 5  # s: one that names less would be kept alive all the time
_ID = re.compile(r"[!-+\--:<-~]{1,128}")  # printable, without blank, comma and semicolon


@dataclass(frozen=True, slots=True)
class Granted:
    """session: its name; timeout: s without a request until it ends. channel: where RTP goes inside the
    connection; port: where it goes by UDP, at the camera's own address whatever else it names."""

    session: str
    timeout: int
    channel: int | None
    port: int | None


def interleaved() -> str:
    return "RTP/AVP/TCP;unicast;interleaved=0-1"


def datagrams(port: int) -> str:
    """port: ours for RTP; the next one is for RTCP."""
    return f"RTP/AVP;unicast;client_port={port}-{port + 1}"


def granted(headers: Headers) -> Granted:
    """Raises Malformed where no session can be had from it."""
    session, _, rest = headers.get("session").partition(";")
    session = session.strip()
    if not _ID.fullmatch(session):
        raise Malformed("no session")
    timeout = _number("timeout", rest, 86400) or _USUAL
    transport = headers.get("transport")
    return Granted(
        session,
        max(timeout, _SHORTEST),
        _number("interleaved", transport, 255),
        _number("server_port", transport, 65535),
    )


def _number(name: str, text: str, most: int) -> int | None:
    found = re.search(rf"(?i)(?:^|[;\s]){name}\s*=\s*([0-9]{{1,6}})", text)
    return min(int(found[1]), most) if found else None
