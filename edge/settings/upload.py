"""Upload in a site file: where files of proof go, how fast and when."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from edge.settings.fields import in_full, wrong
from edge.settings.part import Part
from inference.schedule import Schedule

_URL = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?/[!-~]*")


def _endpoint(text: str) -> str:
    if not _URL.fullmatch(text) or "?" in text or "#" in text:
        raise wrong(
            "needs https://HOST:PORT/PATH of a tus server, without a login",
            "须为 tus 服务器的 https://主机:端口/路径，不含登录信息",
        )
    return in_full(text)


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
