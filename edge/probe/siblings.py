"""Other streams of the same camera: by the paths that makers use, and by what its ONVIF tells."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from streams.errors import StreamError
from streams.source import NullSink, StreamInfo
from streams.sources.rtsp import Spec, build

_PATIENCE = 3.0  # s for one address: the camera is known to answer

# Per maker, what its addresses look like: the main stream's number first, then those of sub-streams.
# Hikvision "RTSP in HIK products", Dahua HTTP API 4.1.1, Uniview's and others' manuals.
_PATTERNS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), names)
    for pattern, names in (
        (r"(?P<head>/Streaming/Channels/\d+0)(?P<which>[1-3])(?P<tail>$|\?.*)", ("1", "2", "3")),
        (r"(?P<head>/h26[45]/ch\d+/)(?P<which>main|sub)(?P<tail>/av_stream.*)", ("main", "sub")),
        (r"(?P<head>/cam/realmonitor\?channel=\d+&subtype=)(?P<which>[0-2])(?P<tail>.*)", ("0", "1", "2")),
        (r"(?P<head>/media/video)(?P<which>[1-3])(?P<tail>.*)", ("1", "2", "3")),
        (r"(?P<head>/unicast/c\d+/s)(?P<which>[0-2])(?P<tail>/live.*)", ("0", "1", "2")),
        (r"(?P<head>/stream)(?P<which>[12])(?P<tail>$)", ("1", "2")),
    )
)
_FIRST = ("/Streaming/Channels/102", "/cam/realmonitor?channel=1&subtype=1", "/media/video2", "/stream2")


@dataclass(frozen=True, slots=True)
class Sibling:
    """url: without a login. info: what it sends."""

    url: SecretStr
    info: StreamInfo


def candidates(url: SecretStr) -> tuple[SecretStr, ...]:
    """Addresses at the same host and port that other streams of this camera may have, without a login. Pure."""
    parts = urlsplit(url.get_secret_value())
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    here = parts.path + (f"?{parts.query}" if parts.query else "")
    return tuple(SecretStr(urlunsplit(bare._replace(path=path, query=""))) for path in _paths(here))


def siblings(
    spec: Spec, urls: tuple[SecretStr, ...], told: Callable[[int], None] = lambda _: None
) -> Iterator[Sibling]:
    """Those of the addresses that send pictures, by opening each once. told: how many were tried."""
    for number, url in enumerate(urls, 1):
        opening = _Opening()
        trial = spec.model_copy(update={"url": url, "record": None, "connect_timeout": _PATIENCE})
        with suppress(StreamError):  # not there, which is what was asked
            build(trial).run(opening, opening.done)
        if opening.info is not None:
            yield Sibling(url, opening.info)
        told(number)


def _paths(here: str) -> Iterator[str]:
    for pattern, names in _PATTERNS:
        if match := pattern.fullmatch(here):
            others = (name for name in names if name != match["which"].lower())
            yield from (f"{match['head']}{name}{match['tail']}" for name in others)
            return
    yield from (path for path in _FIRST if path != here)


class _Opening(NullSink):
    def __init__(self) -> None:
        self.done = Event()
        self.info: StreamInfo | None = None

    def opened(self, info: StreamInfo) -> None:
        self.info = info
        self.done.set()
