"""Everything that can go wrong between us and a camera's ONVIF services.

OnvifError
├── Passing             may mend itself: the supervisor tries again
│   ├── Unreachable         no such name, port closed, no route, hangs up
│   ├── TimedOut            no answer within the time-out
│   └── Busy                the camera says that it is (HTTP 429, 502 to 504)
├── WrongLogin          needs a person; trying often would only lock the account
├── NotOnvif            nothing there speaks ONVIF
├── Rubbish             one service answers what cannot be used
│   ├── Garbled             it took the request, and no XML comes back
│   └── NoService           the camera does not have that service
└── NotReady            a command came while the camera is not connected

Texts of zeep, lxml and aiohttp quote whole answers: `streams.onvif.soap.failure` is the one place where their
exceptions become ours, and none of them is ever chained to, logged or quoted beyond its name.
"""

from streams.problem import PlacedError, Text


class OnvifError(PlacedError):
    """Why ONVIF does not work."""


class Passing(OnvifError):
    """May mend itself."""


class Unreachable(Passing):
    code = "onvif.unreachable"
    what = Text("{where} cannot be reached over ONVIF", "无法通过 ONVIF 连接 {where}")
    do = Text(
        "check the camera's power and network cable, then the ONVIF port in the site's settings (often 80 or 8000)",
        "请检查摄像机电源和网线，再核对站点配置中的 ONVIF 端口（常见为 80 或 8000）",
    )


class TimedOut(Passing):
    code = "onvif.timeout"
    what = Text("{where} does not answer over ONVIF", "{where} 的 ONVIF 服务无应答")
    do = Text(
        "check that no firewall is between; restart the camera if it hangs; raise the time-out on a slow link",
        "请确认没有防火墙阻断；若摄像机死机请重启；链路较慢时请加大超时时间",
    )


class Busy(Passing):
    code = "onvif.busy"
    what = Text("{where} is too busy for ONVIF", "{where} 忙，暂不响应 ONVIF")
    do = Text(
        "wait until it has started; close other clients of this camera",
        "请等待摄像机启动完成；关闭该摄像机的其他客户端",
    )


class WrongLogin(OnvifError):
    code = "onvif.unauthorized"
    what = Text("{where} refuses the ONVIF login", "{where} 拒绝 ONVIF 登录")
    do = Text(
        "correct user name and password; many cameras keep ONVIF users in a list of their own and want ONVIF "
        "switched on; a camera that has locked the account lets it in again after up to 30 minutes",
        "请更正用户名和密码；许多摄像机有单独的 ONVIF 用户列表，且需先启用 ONVIF；若账号已被锁定，最长 30 分钟后解锁",
    )


class NotOnvif(OnvifError):
    code = "onvif.not_onvif"
    what = Text("{where} answers, but does not speak ONVIF", "{where} 有应答，但不是 ONVIF 服务")
    do = Text(
        "switch ONVIF on in the camera and check its ONVIF port; until then only its picture is used",
        "请在摄像机中启用 ONVIF 并核对 ONVIF 端口；在此之前仅使用其画面",
    )


class Rubbish(OnvifError):
    code = "onvif.rubbish"
    what = Text("{where} gives an ONVIF answer that cannot be used", "{where} 的 ONVIF 应答无法使用")
    do = Text(
        "update the camera's firmware, or switch this ONVIF function off in the site's settings",
        "请升级摄像机固件，或在站点配置中关闭该 ONVIF 功能",
    )


class Garbled(Rubbish):
    """Answered with HTTP 200, so what was asked for was probably done."""


class NoService(Rubbish):
    code = "onvif.no_service"
    what = Text("{where} lacks an ONVIF service", "{where} 缺少所需的 ONVIF 服务")
    do = Text(
        "switch the service on in the camera, or this ONVIF function off in the site's settings",
        "请在摄像机中启用该服务，或在站点配置中关闭该 ONVIF 功能",
    )


class NotReady(OnvifError):
    code = "onvif.not_ready"
    what = Text("{where} cannot be moved now", "{where} 当前无法控制云台")
    do = Text(
        "wait until the camera is connected over ONVIF and its PTZ service answers",
        "请等待摄像机的 ONVIF 连接建立且云台服务可用",
    )
