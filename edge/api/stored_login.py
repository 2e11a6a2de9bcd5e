"""Where a login that the site file holds may be used: at the host and port it stands there for, and nowhere else.

Whoever may set cameras up sees no password; an address of their own must not have one sent to them.
"""

from collections.abc import Mapping

from pydantic import SecretStr

from edge.settings.edit import Value
from edge.settings.model import StreamSettings
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text
from streams.urls import checked, endpoint

_Place = tuple[bool, str, int]
"""Inside TLS or not, host, port."""


def fits(stream: StreamSettings, url: SecretStr) -> None:
    """Raises HttpRefused where the address is not one that the stored login belongs to, path aside."""
    spec = stream.source_spec()
    stored = (getattr(spec, key, None) for key in ("url", "record"))
    if _place(url) not in {_place(each) for each in stored if isinstance(each, SecretStr)}:
        raise HttpRefused(409, _ELSEWHERE)


def changed(stream: StreamSettings, found: Mapping[str, Value]) -> None:
    """found: what is to stand in the file. Raises HttpRefused where the stored password would go to another place."""
    if "password" in found or getattr(stream.source_spec(), "password", None) is None:
        return
    for key in ("url", "record"):
        value = found.get(key)
        if isinstance(value, str) and _place(SecretStr(value)) is not None:
            fits(stream, SecretStr(value))


def _place(url: SecretStr) -> _Place | None:
    """None: no address, nobody is led there; the check of the file says so."""
    try:
        found = endpoint(checked(url))
    except ValueError:
        return None
    return found.tls, found.host, found.port


_ELSEWHERE = Problem(
    "camera.login_elsewhere",
    Text(
        "the password kept for this camera belongs to another address, and is not sent to this one",
        "为该摄像机保存的密码属于另一个地址，不会发送到此地址",
    ),
    Text(
        "enter the user name and the password of the camera at this address",
        "请填写此地址上摄像机的用户名和密码",
    ),
)
