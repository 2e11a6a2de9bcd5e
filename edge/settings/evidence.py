"""Evidence in a site file: how long it is kept, who signs it, who dates it."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from edge.settings.fields import in_full, wrong
from edge.settings.part import Part
from streams.units import Duration

_URL = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[!-~]*)?")


def _endpoint(text: str) -> str:
    if not _URL.fullmatch(text):
        raise wrong(
            "needs http://HOST:PORT/PATH of a time-stamping authority (RFC 3161), without a login",
            "须为时间戳服务（RFC 3161）的 http://主机:端口/路径，不含登录信息",
        )
    return in_full(text)


class TsaSettings(Part):
    """evidence.tsa: an RFC 3161 time-stamping authority. ca_file: PEM, whom its certificate leads to.

    every: between two time-stamps; entries: so many are dated at once at the latest.
    """

    url: Annotated[str, AfterValidator(_endpoint)]
    ca_file: Path
    every: Annotated[Duration, Field(ge=10)] = 3600.0
    entries: Annotated[int, Field(ge=1, le=1_000_000)] = 1000


class EvidenceSettings(Part):
    """evidence: keep: of closed cases, talk and everything else. gigabytes: of all files. free_gigabytes: left on the
    disk; below a half of it no clips are recorded, below a quarter no pictures. signature: of the device's key, which is
    made at first start; key: a PEM of one's own instead.
    """

    keep: Annotated[Duration, Field(ge=86_400)] = 15_552_000.0
    gigabytes: Annotated[float, Field(ge=0.1, le=1_000_000)] = 100.0
    free_gigabytes: Annotated[float, Field(ge=0.1, le=10_000)] = 2.0
    signature: Literal["ed25519", "sm2"] = "ed25519"
    key: SecretStr | None = None
    tsa: TsaSettings | None = None
