"""What a site is: the frozen models a checked site.yaml becomes.

The kinds (sources, rules, detectors) are fitted in by edge.settings.assembly, which imports only those a
file names. A ValueError raised here carries a Text, so that it can be said in both languages.
"""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    model_validator,
)
from pydantic import SerializeAsAny as AsItself

from inference.detector import DetectorSpec
from inference.geometry import polygon_trouble
from inference.rule import RuleSpec
from streams.hardware import Acceleration
from streams.networks import Cidr
from streams.onvif.spec import OnvifSpec
from streams.problem import Text
from streams.source import SourceSpec
from streams.telemetry.spec import TelemetrySpec
from streams.units import Duration

_NAME = re.compile(r"\w[\w.-]{0,63}")
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,128}")
# The province part of GB/T 2260, Codes for the administrative divisions of the People's Republic of China.
_PROVINCES = frozenset(
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 83))
    for code in range(*codes)
)
_PORTS = {"mqtt": 1883, "mqtts": 8883}  # IANA service names mqtt and secure-mqtt


def wrong(en: str, zh: str) -> ValueError:
    """What a validator raises: said to the technician in either language."""
    return ValueError(Text(en, zh))


def _name(text: str) -> str:
    """A level of an MQTT topic and the name of a folder: no slash, no wildcard, no leading dot."""
    if not _NAME.fullmatch(text):
        raise wrong(
            "needs a name of 1 to 64 letters, digits, - _ and ., beginning with a letter or digit",
            "名称须为 1 到 64 个字母、汉字、数字、- _ .，且以字母、汉字或数字开头",
        )
    return text


def _area(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", text) or text.endswith("0000"):
        raise wrong(
            "needs the 6-digit code of the county (GB/T 2260), such as 410122",
            "须为 6 位县级行政区划代码（GB/T 2260），例如 410122",
        )
    if text[:2] not in _PROVINCES:
        raise wrong(f"no province has the code {text[:2]}", f"没有代码为 {text[:2]} 的省份")
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):  # unknown, or a text that leaves the database's folder
        raise wrong(
            "needs the name of a time zone, such as Asia/Shanghai", "须为时区名称，例如 Asia/Shanghai"
        ) from None
    return text


def _client_id(text: str) -> str:
    if not _CLIENT_ID.fullmatch(text):
        raise wrong("needs 1 to 128 visible ASCII characters", "须为 1 到 128 个可见的 ASCII 字符")
    return text


def _broker_url(url: SecretStr) -> SecretStr:
    """Kept secret as a whole, since a password may stand in it. Nothing of it is repeated."""
    parts = _split(url)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        raise wrong(
            "needs mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS",
            "须为 mqtt://主机:端口，加密为 mqtts://主机:端口",
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise wrong(
            "ends after the port; if a password holds / ? or #, give it as password: instead",
            "端口之后不应有内容；若密码含 / ? #，请改用 password:",
        )
    return url


def _split(url: SecretStr) -> SplitResult | None:
    try:
        parts = urlsplit(url.get_secret_value())
        _ = parts.port  # only now is it looked at
    except ValueError:
        return None
    return parts


def _workers(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value != "auto" and not (whole and 1 <= value <= 256):  # type: ignore[operator]
        raise wrong("needs auto, or a whole number from 1 to 256", "须为 auto，或 1 到 256 的整数")
    return value


def _polygon(value: object) -> object:
    """The shape of it, before the numbers are looked at one by one."""
    if not isinstance(value, list | tuple):
        raise wrong(
            "needs a list of points [[x, y], [x, y], [x, y]]", "须为点的列表 [[x, y], [x, y], [x, y]]"
        )
    for number, point in enumerate(value, 1):
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise wrong(f"point {number} needs two numbers [x, y]", f"第 {number} 个点须为两个数 [x, y]")
    return value


def _coordinate(value: float) -> float:
    if not 0 <= value <= 1:
        raise wrong(
            f"goes from 0 to 1 (a share of the picture, not pixels), is {value:g}",
            f"应在 0 到 1 之间（相对于画面，不是像素），现为 {value:g}",
        )
    return value


def _simple(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    trouble = polygon_trouble(points)
    if trouble is not None:
        raise ValueError(trouble.text)
    return points


_RELATIVE: dict[str, JsonValue] = {"minimum": 0, "maximum": 1}
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Coordinate = Annotated[float, AfterValidator(_coordinate), Field(json_schema_extra=_RELATIVE)]
Polygon = Annotated[
    tuple[tuple[Coordinate, Coordinate], ...], BeforeValidator(_polygon), AfterValidator(_simple)
]


class Part(BaseModel):
    """Frozen, closed to unknown keys, and silent about the values it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Identity(Part):
    """site: who and where this box is.

    area: GB/T 2260 code of the county; of the city where it has no counties (Dongguan, 441900).
    time_zone: IANA name, in which schedules are read.
    """

    id: Name
    title: Title | None = None
    area: Annotated[str, AfterValidator(_area), Field(json_schema_extra={"pattern": "^[0-9]{6}$"})]
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Shanghai"

    @property
    def province(self) -> str:
        return f"{self.area[:2]}0000"

    @property
    def city(self) -> str:
        return f"{self.area[:4]}00"

    @property
    def county(self) -> str:
        return self.area


class BrokerSettings(Part):
    """broker: the MQTT server of the command centre. username and password win over those in the URL."""

    url: Annotated[SecretStr, AfterValidator(_broker_url)]
    username: Annotated[str, Field(min_length=1)] | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    client_id: Annotated[str, AfterValidator(_client_id)] | None = None
    # MQTT 5 (3.1.2.10) carries whole seconds in 16 bits; below 5 s a 4G hand-over looks like a dead link.
    keepalive: Annotated[Duration, Field(ge=5, le=65535)] = 30.0

    @property
    def host(self) -> str:
        return self._parts.hostname or ""

    @property
    def port(self) -> int:
        return self._parts.port or _PORTS[self._parts.scheme]

    @property
    def tls(self) -> bool:
        return self._parts.scheme == "mqtts"

    @property
    def login(self) -> tuple[str | None, SecretStr | None]:
        """User name and password to log in with."""
        user, word = self._parts.username, self._parts.password
        return (
            self.username or (unquote(user) if user else None),
            self.password or (SecretStr(unquote(word)) if word else None),
        )

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url.get_secret_value())

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        username, password = self.login
        if password is not None and username is None:
            raise wrong("has a password and no username", "有 password 却没有 username")
        return self


class StorageSettings(Part):
    """storage: where the outbox and the proof are kept. A relative path counts from the working directory."""

    path: Path = Path("/var/lib/sandwatch")

    @property
    def outbox(self) -> Path:
        return self.path / "outbox.sqlite"

    @property
    def evidence(self) -> Path:
        return self.path / "evidence"


class LogSettings(Part):
    """log: auto writes for people on a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class RingSettings(Part):
    """streams[n].ring: the last seconds as the camera sent them, for clips, live view and looking back.

    megabytes: what wins when both are reached.
    """

    seconds: Annotated[Duration, Field(ge=5, le=120)] = 15.0
    megabytes: Annotated[float, Field(ge=1, le=1024)] = 48.0


class ClipSettings(Part):
    """streams[n].clip: the recording that goes with each event. before: of its beginning; after: of the alarm."""

    keep: bool = True
    before: Annotated[Duration, Field(le=60)] = 5.0
    after: Annotated[Duration, Field(le=120)] = 10.0


class HealthSettings(Part):
    """streams[n].health: picture judges whether it is frozen, covered, moved ...; offline_after: without pictures."""

    picture: bool = True
    offline_after: Annotated[Duration, Field(ge=5)] = 30.0


class StreamSettings(Part):
    """streams[n]: one camera. In the file the keys of its source kind stand beside these."""

    source_type: ClassVar[type[SourceSpec]] = SourceSpec

    name: Name
    title: Title | None = None
    kind: str
    # Pictures analysed per second. Above 30 a site camera has no more to give.
    fps: Annotated[float, Field(gt=0, le=30)] = 5.0
    # auto decodes key frames only while nothing happens; always decodes everything at all times.
    attention: Literal["auto", "always"] = "auto"
    hwaccel: Acceleration = "none"
    ring: RingSettings = RingSettings()
    clip: ClipSettings = ClipSettings()
    health: HealthSettings = HealthSettings()
    zones: dict[Name, Polygon] = {}
    # Where motion means nothing: a clock in the picture, a flag, a tree.
    ignore: dict[Name, Polygon] = {}
    # Of a camera that can be turned: preset -> the zones that hold while it points there.
    presets: dict[Name, tuple[Name, ...]] = {}
    onvif: OnvifSpec | None = None
    telemetry: AsItself[TelemetrySpec] | None = None
    rules: tuple[AsItself[RuleSpec], ...] = ()

    def source_spec(self) -> SourceSpec:
        """What `build` of its source kind takes: the same values, without what is ours."""
        kind = self.source_type
        chosen = {name: getattr(self, name) for name in kind.model_fields}
        return kind.model_construct(_fields_set=self.model_fields_set & chosen.keys(), **chosen)


class Site(Part):
    """A whole site.yaml, checked."""

    site: Identity
    broker: BrokerSettings
    storage: StorageSettings = StorageSettings()
    detector: AsItself[DetectorSpec]
    workers: Annotated[Literal["auto"] | int, BeforeValidator(_workers)] = "auto"
    log: LogSettings = LogSettings()
    # Where cameras may be, for streams that do not say it themselves; empty: anywhere but at special addresses.
    allow_networks: tuple[Cidr, ...] = ()
    streams: Annotated[tuple[StreamSettings, ...], Field(min_length=1)]

    @property
    def topic_prefix(self) -> str:
        where = self.site
        return f"sandwatch/v1/{where.province}/{where.city}/{where.county}/{where.id}"
