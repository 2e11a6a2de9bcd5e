"""What a technician should know of a camera whose ONVIF works only in part."""

from collections.abc import Iterable

from streams.onvif.errors import OnvifError
from streams.problem import Problem, Text

PROFILES = Text("stream profiles", "码流配置")
PTZ = Text("pan, tilt and zoom", "云台控制")
EVENTS = Text("the camera's own events", "摄像机事件")
CLOCK = Text("the camera's clock", "摄像机时钟")


def service_off(camera: str, service: Text, error: OnvifError) -> Problem:
    """One service is not used until the next probe; the others are."""
    said = error.problem(camera)
    return Problem(
        "onvif.service_off",
        Text(f"{said.what.en}: {service.en} not used", f"{said.what.zh}：不使用{service.zh}"),
        said.do,
    )


def plain_rtsp(camera: str) -> Problem:
    """Nothing of ONVIF can be used."""
    return Problem(
        "onvif.plain_rtsp",
        Text(
            f"{camera}: nothing of its ONVIF can be used; it is used as a plain RTSP camera",
            f"{camera}：其 ONVIF 均不可用，按普通 RTSP 摄像机使用",
        ),
        Text(
            "give its stream's address in the site's settings; update its firmware if ONVIF is needed",
            "请在站点配置中填写其码流地址；若需要 ONVIF 请升级固件",
        ),
    )


def assumed_pointing(camera: str) -> Problem:
    """Where it points is reckoned from our own commands only."""
    return Problem(
        "onvif.pointing_assumed",
        Text(
            f"{camera}: it does not say where it points, which is assumed from our own commands; "
            "if anybody else moves it, zones are applied to the wrong view",
            f"{camera}：不上报云台位置，只能按本机指令推定；若他人操作云台，区域将套用到错误的画面",
        ),
        Text(
            "keep others from steering it, or update its firmware so that PTZ GetStatus works",
            "请禁止他人操作该云台，或升级固件使其支持 PTZ GetStatus",
        ),
    )


def missing_presets(camera: str, names: Iterable[str]) -> Problem:
    """The site's settings name presets that the camera does not have."""
    listed = ", ".join(sorted(names))
    return Problem(
        "onvif.presets_missing",
        Text(f"{camera}: it has no presets for: {listed}", f"{camera}：缺少预置位：{listed}"),
        Text(
            "store them in the camera, or correct their tokens in the site's settings",
            "请在摄像机中保存这些预置位，或在站点配置中更正其编号",
        ),
    )
