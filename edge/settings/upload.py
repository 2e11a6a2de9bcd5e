"""Upload in a site file: where files of proof go, how fast and when."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from edge.settings.fields import wrong
from edge.settings.part import Part
from inference.schedule import Schedule
from streams.outgoing import written_in_full

_URL = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?/[!-~]*")


def _endpoint(text: str) -> str:
    if not _URL.fullmatch(text) or "?" in text or "#" in text:
        raise wrong(
            "needs https://HOST:PORT/PATH of a tus server, without a login",
            "须为 tus 服务器的 https://主机:端口/路径，不含登录信息",
        )
    if not written_in_full(urlsplit(text).hostname or ""):
        raise wrong("needs an address in full, such as 192.168.1.64", "IP 地址须写完整，例如 192.168.1.64")
    try:
        _ = urlsplit(text).port
    except ValueError:
        raise wrong("has a port above 65535", "端口超过 65535") from None
    return text


Endpoint = Annotated[str, AfterValidator(_endpoint)]


class UploadSettings(Part):
    """upload: files of proof go to a tus 1.0 server. Left out, nothing is uploaded.

    url: where uploads are created; the box talks to this host and no other. token: sent as a Bearer token. ca_file: where
    its certificate is not from a public authority. kinds: of proof. rate: kbit/s, None: as fast as it goes. windows: when,
    in the site's time zone; none: always. What the centre asks for goes at once.
    """

    url: Endpoint
    token: SecretStr | None = None
    ca_file: Path | None = None
    kinds: tuple[Literal["snapshot", "clean", "before", "after", "clip"], ...] = ("clip",)
    rate: Annotated[float, Field(ge=32, le=10_000_000)] | None = None
    windows: Schedule = ()
