"""Reading what was sent, within limits of size and time."""

import asyncio

from starlette.requests import Request

from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
JSON = "application/json"

# 64 kB over 2G at its slowest (9.6 kbit/s and retransmissions) take longer; nobody can talk over that anyway.
_PATIENCE = 10.0
# So much too much is read and thrown away, because a client that is still sending does not hear the answer.
_SWALLOWED = 16 << 20


async def text(request: Request, kind: str, largest: int) -> str:
    """The body. kind: the media type it has to be; largest: bytes. Raises HttpRefused: 400, 408, 413, 415."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != kind:
        raise HttpRefused(
            415, _other_type(kind), {"Accept-Patch" if kind == FRAGMENT else "Accept-Post": kind}
        )
    try:
        async with asyncio.timeout(_PATIENCE):
            raw = await _read(request, largest)
    except TimeoutError:
        raise HttpRefused(408, _TOO_SLOW, {"Connection": "close"}) from None
    if raw is None:
        raise HttpRefused(413, _too_large(largest), {"Connection": "close"})
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise HttpRefused(400, _NOT_TEXT) from None


async def _read(request: Request, largest: int) -> bytes | None:
    """None where it is longer."""
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= largest:
            kept += chunk
        elif size > _SWALLOWED:
            break
    return bytes(kept) if size <= largest else None


def _other_type(kind: str) -> Problem:
    what = Text(f"the body has to be {kind}", f"请求体类型须为 {kind}")
    return Problem("http.media_type", what, _PROGRAM)


def _too_large(largest: int) -> Problem:
    what = Text(f"the body is longer than {largest // 1024} kB", f"请求体超过 {largest // 1024} kB")
    return Problem("http.too_large", what, _PROGRAM)


_PROGRAM = Text("check the program that connects", "请检查接入方的程序")
_TOO_SLOW = Problem(
    "http.too_slow",
    Text("the body did not arrive in time", "请求体未及时到达"),
    Text("check the network, and try again", "请检查网络后重试"),
)
_NOT_TEXT = Problem("http.not_text", Text("the body is not UTF-8", "请求体不是 UTF-8 编码"), _PROGRAM)
