"""The types of a site file's fields. A ValueError raised here carries a Text: it is said in both languages."""

import re
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, SecretStr

from inference.geometry import polygon_trouble
from streams.outgoing import written_in_full
from streams.problem import Text

_NAME = re.compile(r"\w[\w.-]{0,63}")
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,128}")
# The province part of GB/T 2260, Codes for the administrative divisions of the People's Republic of China.
_PROVINCES = frozenset(
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 83))
    for code in range(*codes)
)
BROKER_PORTS = {"mqtt": 1883, "mqtts": 8883}  # IANA service names mqtt and secure-mqtt


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
    if parts is None or parts.scheme not in BROKER_PORTS or not parts.hostname:
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
Area = Annotated[str, AfterValidator(_area), Field(json_schema_extra={"pattern": "^[0-9]{6}$"})]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
ClientId = Annotated[str, AfterValidator(_client_id)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker_url)]
Workers = Annotated[Literal["auto"] | int, BeforeValidator(_workers)]
Coordinate = Annotated[float, AfterValidator(_coordinate), Field(json_schema_extra=_RELATIVE)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Polygon = Annotated[
    tuple[tuple[Coordinate, Coordinate], ...], BeforeValidator(_polygon), AfterValidator(_simple)
]


def in_full(url: str) -> str:
    """The URL, whose host and port are what they seem: 127.1 and 2130706433 are addresses to a resolver. Raises as
    `wrong` says."""
    if not written_in_full(urlsplit(url).hostname or ""):
        raise wrong("needs an address in full, such as 192.168.1.64", "IP 地址须写完整，例如 192.168.1.64")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise wrong("has a port above 65535", "端口超过 65535") from None
    return url
