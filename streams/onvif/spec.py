"""What a site's settings say about a camera's ONVIF. Light: imports nothing of ONVIF itself."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from streams.problem import Text
from streams.units import Duration

DEVICE_PATH = "/onvif/device_service"  # ONVIF Core 5.2.3: every device's first service is there


def _host(value: str) -> str:
    """A name or an address, and nothing else. Raises ValueError."""
    bare = value.strip().removeprefix("[").removesuffix("]")
    if not bare or any(mark in bare for mark in "/@?#% \t") or not bare.isprintable():
        raise ValueError("needs a host name or an address, as in 192.168.1.64")
    if ":" in bare and bare.count(":") < 2:
        raise ValueError("needs the port apart from the host, as in port: 80")
    return bare


class PatrolStop(BaseModel):
    """A preset, and how long to watch from there, s, once the camera has arrived."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str
    dwell: Annotated[Duration, Field(gt=0)]


class OnvifSpec(BaseModel):
    """`onvif:` of a camera.

    timeout: s for one answer. Over 4G: five round trips of up to 0.5 s, and a camera that takes 2 s to think.
    presets: our name -> the camera's token; empty: the camera's own, by its names.
    patrol: stops in turn, endlessly. hold: s the patrol stands back after somebody steered by hand.
    settle: s from a command until the view stands still, where the camera does not tell: half a turn of a
        slow dome (40 degrees/s) with zoom and focus behind it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 80
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")] = DEVICE_PATH
    username: str | None = None
    password: SecretStr | None = None
    timeout: Annotated[Duration, Field(gt=0)] = 5.0
    ptz: bool = False
    presets: dict[str, str] = Field(default_factory=dict)
    patrol: tuple[PatrolStop, ...] = ()
    hold: Duration = 60.0
    settle: Annotated[Duration, Field(gt=0)] = 10.0
    events: bool = False

    @model_validator(mode="after")
    def _patrol_can_be_walked(self) -> Self:
        if self.patrol and not self.ptz:
            raise ValueError("patrol needs ptz: true")
        unknown = sorted({stop.preset for stop in self.patrol} - set(self.presets))
        if self.presets and unknown:
            names = ", ".join(unknown)
            raise ValueError(
                Text(
                    f"patrol names presets that are not in presets: {names}",
                    f"patrol 中的预置位不在 presets 中：{names}",
                )
            )
        return self
