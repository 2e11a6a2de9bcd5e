"""The other end of WHIP (RFC 9725) and WHEP: what we ask of an SFU."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from pydantic import SecretStr

from relay.media.policy import MAX_SDP
from streams.outgoing import ForbiddenAddress
from streams.problem import Problem, ProblemError, Text

_WAIT = aiohttp.ClientTimeout(
    total=8.0
)  # s: TCP, TLS and the SFU's own gathering over 4G; a caller waits for it
_REDIRECTS = 2
_SDP, _FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
_MID = re.compile(r"(?m)^a=mid:(\S+)")


class SfuFailed(ProblemError):
    """The SFU did not do what it was asked for."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A session at the SFU. url: its address; mid: of the offer's first section."""

    url: str
    etag: str | None
    answer: str
    mid: str


class WhipClient:
    """One server. token: sent to its own host only. Raises SfuFailed; nothing of an address is told but its host."""

    def __init__(self, http: aiohttp.ClientSession, token: SecretStr | None = None) -> None:
        self._http, self._token = http, token

    async def post(self, url: str, offer: str) -> Remote:
        """Offer a session."""
        origin = urlsplit(url)
        for _ in range(_REDIRECTS + 1):
            status, headers, body = await self._ask("POST", url, origin, _SDP, offer)
            if status not in (307, 308):
                break
            url = urljoin(url, headers.get("Location", ""))
        if status != 201 or "Location" not in headers:
            raise SfuFailed(_refused(origin, status))
        mid = _MID.search(offer)
        address = urljoin(url, headers["Location"])
        return Remote(address, headers.get("ETag"), body, mid[1] if mid else "0")

    async def patch(self, remote: Remote, origin: str, fragment: str) -> None:
        """More candidates; origin: the endpoint the session was offered to."""
        section = f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:{remote.mid}\r\n"
        place = urlsplit(origin)
        status, _, _ = await self._ask("PATCH", remote.url, place, _FRAGMENT, section + fragment, remote.etag)
        # RFC 9725, 4.3.2: a server that takes no trickled candidates says 405 or 501; those in the offer have to do.
        if status not in (200, 204, 405, 501):
            raise SfuFailed(_refused(place, status))

    async def delete(self, remote: Remote, origin: str) -> None:
        await self._ask("DELETE", remote.url, urlsplit(origin))

    async def _ask(
        self,
        method: str,
        url: str,
        origin: SplitResult,
        kind: str | None = None,
        body: str | None = None,
        etag: str | None = None,
    ) -> tuple[int, Mapping[str, str], str]:
        headers = {"Content-Type": kind} if kind else {}
        if etag:
            headers["If-Match"] = etag
        if self._token is not None and urlsplit(url)[:2] == origin[:2]:  # never from https to http either
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        try:
            async with self._http.request(
                method, url, data=body, headers=headers, timeout=_WAIT, allow_redirects=False
            ) as reply:
                text = await reply.content.read(MAX_SDP + 1)
                return reply.status, reply.headers, text[:MAX_SDP].decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SfuFailed(_unreachable(origin, error)) from None


def _unreachable(place: SplitResult, error: Exception) -> Problem:
    cause = getattr(error, "os_error", None)
    why = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
    why = str(cause.strerror) if isinstance(cause, ForbiddenAddress) else why
    return Problem(
        "handover.unreachable",
        Text(
            f"the SFU at {place.hostname} cannot be reached: {why}", f"无法连接 SFU {place.hostname}：{why}"
        ),
        Text("check talk.handover, the network and the SFU", "请检查 talk.handover、网络和 SFU"),
    )


def _refused(place: SplitResult, status: int) -> Problem:
    return Problem(
        "handover.refused",
        Text(
            f"the SFU at {place.hostname} refused with status {status}",
            f"SFU {place.hostname} 拒绝请求，状态码 {status}",
        ),
        Text(
            "check whip, whep and token under talk.handover, and the SFU's log",
            "请检查 talk.handover 下的 whip、whep、token 以及 SFU 日志",
        ),
    )
