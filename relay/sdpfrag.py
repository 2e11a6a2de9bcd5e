"""ICE candidates on their way: application/trickle-ice-sdpfrag (RFC 8840, 9). Pure."""

import re
from dataclasses import dataclass

from relay.signalling import Kind, Turned
from streams.problem import Problem, Text

LONGEST = 16 * 1024  # bytes; a candidate takes about 150
_CANDIDATES = (
    64  # a laptop with VPNs and containers has about 20, for each of two sections of an unbundled offer
)
_ICE_CHARS = r"[A-Za-z0-9+/]"  # RFC 8839, 5.4
_UFRAG = re.compile(_ICE_CHARS + r"{4,256}")
_PWD = re.compile(_ICE_CHARS + r"{22,256}")
_CANDIDATE = re.compile(r"candidate:[!-~]+( [!-~]+){7,40}")  # RFC 8839, 5.1


@dataclass(frozen=True, slots=True)
class Fragment:
    """ufrag, pwd: which ICE session it is about. lines: "candidate:..." each. end: no more will come."""

    ufrag: str | None = None
    pwd: str | None = None
    lines: tuple[str, ...] = ()
    end: bool = False


def read(text: str) -> Fragment:
    """Of a bundled session: whatever section they stand in, all candidates are for its one transport.

    Raises Turned (MALFORMED) for what is none, holds two sessions or too many candidates.
    """
    ufrags, pwds, lines = set[str](), set[str](), list[str]()
    end = False
    for line in text.splitlines():
        key, _, value = line.strip().removeprefix("a=").partition(":")
        match key:
            case "ice-ufrag":
                ufrags.add(_whole(_UFRAG, value))
            case "ice-pwd":
                pwds.add(_whole(_PWD, value))
            case "candidate":
                lines.append(_whole(_CANDIDATE, f"candidate:{value}"))
            case "end-of-candidates":
                end = True
    if len(ufrags) > 1 or len(pwds) > 1 or len(lines) > _CANDIDATES or not (ufrags or lines or end):
        raise _malformed()
    return Fragment(next(iter(ufrags), None), next(iter(pwds), None), tuple(lines), end)


def write(fragment: Fragment) -> str:
    lines = [f"a={line}" for line in fragment.lines]
    if fragment.pwd:
        lines.insert(0, f"a=ice-pwd:{fragment.pwd}")
    if fragment.ufrag:
        lines.insert(0, f"a=ice-ufrag:{fragment.ufrag}")
    if fragment.end:
        lines.append("a=end-of-candidates")
    return "".join(f"{line}\r\n" for line in lines)


def ufrag_of(sdp: str) -> str | None:
    """Of an offer: the first one, which is that of the bundle."""
    found = re.search(r"(?m)^a=ice-ufrag:([!-~]+)", sdp)
    return found[1] if found else None


def _whole(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value.strip()):
        raise _malformed()
    return value.strip()


def _malformed() -> Turned:
    what = Text("the body is no fragment of SDP with ICE candidates", "请求体不是带 ICE 候选的 SDP 片段")
    do = Text("check the program that connects", "请检查接入方的程序")
    return Turned(Kind.MALFORMED, Problem("session.fragment", what, do))
