"""Why an order is refused or failed."""

from collections.abc import Iterable

from edge.orders.words import FindingData
from streams.problem import Problem, ProblemError, Text

_PROGRAM = Text(
    "correct the program that asks; see docs/commands.md", "请更正发出指令的程序；见 docs/commands.md"
)
_AGAIN = Text("ask again with a new id", "请用新的 id 重新下达")
_NAMES = Text("check the name in the site file", "请核对站点文件中的名称")


class OrderRefused(ProblemError):
    """Nothing was done. findings: of a site file, where it is about one."""

    def __init__(self, problem: Problem, findings: Iterable[FindingData] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(problem)


class OrderFailed(ProblemError):
    """It was begun, and did not work out."""


def unknown() -> Problem:
    """The name is not repeated: it may be anything."""
    return Problem("order.unknown", Text("there is no such command", "没有这个指令"), _PROGRAM)


def forbidden(permission: str) -> Problem:
    return Problem(
        "order.forbidden",
        Text(f"whoever asks may not order {permission} here", f"请求方无权在此下达 {permission}"),
        Text("grant it in the site file: may, of that centre", "请在站点文件该中心的 may 中授权"),
    )


def malformed(field: str) -> Problem:
    """field: of the request; "": the whole of it."""
    named = Text(f"the field {field} is missing, unknown or wrong", f"字段 {field} 缺失、未知或有误")
    what = named if field else Text("it is not the JSON object of an order", "不是指令的 JSON 对象")
    return Problem("order.malformed", what, _PROGRAM)


def undated() -> Problem:
    return Problem(
        "order.undated",
        Text("it does not say until when it is wanted", "未说明指令的有效期"),
        Text(
            "set the message expiry (MQTT 5), or expires in the payload, to at most 24 h",
            "请设置消息过期时间（MQTT 5）或在内容中填写 expires，最长 24 小时",
        ),
    )


def expired() -> Problem:
    return Problem(
        "order.expired",
        Text("it came after it had expired; nothing was done", "指令到达时已过期，未执行"),
        Text("ask again; check the clocks of both ends and the link", "请重新下达；并核对双方时钟和链路"),
    )


def too_far() -> Problem:
    return Problem(
        "order.too_far",
        Text("it expires more than 24 h from now, by the box's clock", "按网关时钟，有效期超过 24 小时"),
        Text("set an earlier expiry; check the clocks of both ends", "请缩短有效期；并核对双方时钟"),
    )


def too_large(most: int) -> Problem:
    return Problem(
        "order.too_large",
        Text(f"it is larger than {most // 1024} KiB", f"指令超过 {most // 1024} KiB"),
        _PROGRAM,
    )


def busy() -> Problem:
    return Problem(
        "order.busy",
        Text("too many orders are being carried out at once", "同时执行的指令过多"),
        Text("wait until some are done, then ask again", "请等待部分指令完成后再试"),
    )


def not_ready() -> Problem:
    return Problem(
        "order.not_ready",
        Text("the box is starting, or cannot write its record of orders", "网关正在启动，或无法写入指令记录"),
        Text("ask again in a moment; see the gateway's log", "请稍后重试；并查看网关日志"),
    )


def reused() -> Problem:
    return Problem(
        "order.id_reused",
        Text("another order had this id within 24 h", "24 小时内已有另一条指令使用该 id"),
        Text("give every order an id of its own", "请为每条指令使用不同的 id"),
    )


def interrupted() -> Problem:
    return Problem(
        "order.interrupted",
        Text(
            "the gateway stopped while this was being done; whether it was is not known",
            "执行过程中网关停止，是否完成不得而知",
        ),
        _AGAIN,
    )


def too_long() -> Problem:
    return Problem(
        "order.too_long", Text("it took too long and was given up", "执行时间过长，已放弃"), _AGAIN
    )


def defect() -> Problem:
    return Problem(
        "order.defect",
        Text("something went wrong inside", "内部错误"),
        Text("look into the gateway's log", "请查看网关日志"),
    )


def no_camera(name: str) -> Problem:
    return Problem("order.no_camera", Text(f"there is no camera {name}", f"没有摄像机 {name}"), _NAMES)


def no_rule(camera: str, name: str) -> Problem:
    return Problem("order.no_rule", Text(f"{camera} has no rule {name}", f"{camera} 没有规则 {name}"), _NAMES)


def no_preset(camera: str, known: Iterable[str]) -> Problem:
    names = ", ".join(known)
    return Problem(
        "order.no_preset",
        Text(f"{camera} has no such preset; known: {names}", f"{camera} 没有这个预置位；可用：{names}"),
        Text("check the name, or store the preset in the camera", "请核对名称，或在摄像机中设置该预置位"),
    )


def no_ptz(camera: str) -> Problem:
    return Problem(
        "order.no_ptz",
        Text(f"{camera} cannot be turned from here", f"{camera} 未配置云台控制"),
        Text("set onvif with ptz: true in the site file", "请在站点文件中设置 onvif 及 ptz: true"),
    )


def not_available(what: Text) -> Problem:
    return Problem(
        "order.not_available",
        Text(f"this box does not do that: {what.en}", f"本网关不支持：{what.zh}"),
        Text("switch it on in the site file", "请在站点文件中启用"),
    )


def no_answer(camera: str) -> Problem:
    return Problem(
        "order.no_answer",
        Text(f"the process that watches {camera} did not answer", f"负责 {camera} 的进程没有应答"),
        Text("it may be starting again: ask again in a moment", "进程可能正在重启：请稍后重试"),
    )


def bad_time(text: Text) -> Problem:
    return Problem("order.time", text, _PROGRAM)
