"""What can go wrong with a camera's loudspeaker beyond what goes wrong with its pictures (`streams.errors`)."""

from streams.errors import Fatal, Retryable
from streams.problem import Text

HUNG_UP = Text("it hung up", "对方断开连接")
NO_ANSWER = Text("it does not answer any more", "对方不再应答")
NO_SESSION = Text("it has forgotten the session", "对方已丢弃会话")
OTHER_HOST = Text("the camera redirects to another host", "摄像机要求跳转到其他主机")


class NoLoudspeaker(Fatal):
    code = "loudspeaker.none"
    what = Text("{where} offers no loudspeaker", "{where} 没有提供扬声器")
    do = Text(
        "switch two-way audio on in the camera and add the audio output to this stream's ONVIF profile; "
        "a camera without a loudspeaker does not belong in the talk group",
        "请在摄像机中启用双向音频，并将音频输出加入该码流的 ONVIF 配置；没有扬声器的摄像机不应加入对讲组",
    )


class NoCommonCodec(Fatal):
    code = "loudspeaker.codec"
    what = Text(
        "the loudspeaker of {where} takes no sound that we can send", "{where} 的扬声器不支持网关的音频编码"
    )
    do = Text(
        "set the camera's audio input from the network to G.711 (A-law or u-law) or AAC, and `codec` to auto",
        "请将摄像机的网络对讲音频编码设为 G.711（A 律或 u 律）或 AAC，并将 `codec` 设为 auto",
    )


class Lost(Retryable):
    code = "loudspeaker.lost"
    what = Text("the loudspeaker of {where} is gone", "{where} 的扬声器连接中断")
    do = Text(
        "usually the camera restarts: wait a minute; if it stays away, check its power supply and the network",
        "通常是摄像机重启，请稍候；若未恢复请检查供电和网络",
    )


class Garbled(Retryable):
    code = "loudspeaker.garbled"
    what = Text("{where} answers what is no RTSP", "{where} 的 RTSP 应答无法使用")
    do = Text(
        "restart the camera and update its firmware; check that nothing between changes RTSP (a router's ALG)",
        "请重启摄像机并升级固件；确认中间设备（如路由器 ALG）没有改动 RTSP",
    )
