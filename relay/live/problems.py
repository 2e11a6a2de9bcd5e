"""Why a camera cannot be shown, said to the person in front of the picture."""

from relay.live.fitness import Unfit
from relay.signalling import Kind, Turned
from streams.problem import Problem, Text

_AGAIN = 5.0  # s: a worker is back in 2, and whoever watched a transcoded camera may have left


def unknown(camera: str) -> Turned:
    what = Text(f"there is no camera {camera}", f"没有名为 {camera} 的摄像机")
    do = Text("choose one of the list", "请从列表中选择")
    return Turned(Kind.NOT_FOUND, Problem("live.unknown", what, do))


def silent(camera: str) -> Turned:
    what = Text(f"{camera} sends no picture at the moment", f"{camera} 目前没有画面")
    do = Text("wait until it is back; its state says what is wrong", "请等待恢复；摄像机状态中会说明原因")
    return Turned(Kind.BUSY, Problem("live.silent", what, do), _AGAIN)


def busy(camera: str, unfit: Unfit, limit: int) -> Turned:
    why = _WHY[unfit]
    what = Text(
        f"{camera}: {why.en}, and the box is converting {limit} already, its limit",
        f"{camera}：{why.zh}，而本机同时转码的路数已达上限 {limit}",
    )
    do = Text(
        "try again when somebody has left, or set the camera to H.264 without B-frames",
        "请等有人退出后再试，或将摄像机设置为 H.264（无 B 帧）",
    )
    return Turned(Kind.BUSY, Problem("live.transcoders_busy", what, do), _AGAIN)


def unfit(camera: str, why: Unfit) -> Turned:
    reason = _WHY[why]
    do = Text(
        "set the camera (or its sub-stream) to H.264 main or high profile without B-frames, or allow the box to"
        " convert: live.transcode",
        "请将摄像机（或其子码流）设置为 H.264 Main/High、关闭 B 帧，或在 live.transcode 中允许转码",
    )
    what = Text(f"{camera}: {reason.en}", f"{camera}：{reason.zh}")
    return Turned(Kind.UNACCEPTABLE, Problem(f"live.{why.value}", what, do))


def undecodable(camera: str) -> Turned:
    what = Text(f"{camera}: its pictures could not be converted", f"{camera}：无法转码其画面")
    do = Text("look at the camera's state and the log", "请查看摄像机状态和日志")
    return Turned(Kind.BUSY, Problem("live.undecodable", what, do), _AGAIN)


def no_video() -> Turned:
    what = Text("the offer asks for no video", "offer 未请求视频")
    do = Text("offer to receive video (recvonly)", "请在 offer 中请求接收视频（recvonly）")
    return Turned(Kind.UNACCEPTABLE, Problem("live.no_video", what, do))


_WHY = {
    Unfit.CODEC: Text(
        "it sends no H.264, which is what every browser shows", "不是 H.264 编码，浏览器无法直接播放"
    ),
    Unfit.PROFILE: Text("its H.264 profile is one that browsers do not show", "其 H.264 档次浏览器无法播放"),
    Unfit.B_FRAMES: Text(
        "it sends B-frames, which browsers show back and forth", "码流含 B 帧，浏览器播放会前后跳动"
    ),
    Unfit.NO_IDR: Text("it sends no whole pictures (IDR) to start from", "码流没有可供起播的完整画面（IDR）"),
}
