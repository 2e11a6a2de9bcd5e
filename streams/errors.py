"""Everything that can go wrong between a camera and a decoded picture.

StreamError
├── Retryable           may mend itself: tried again within seconds
│   ├── Unreachable         no such name, port closed, no route, hangs up at once
│   ├── ConnectTimeout      connected or not, but no answer
│   ├── NotRtsp             something else listens there (HTTP, SSH, ...)
│   ├── Busy                the camera answers with an error of its own (5xx)
│   ├── Stalled             it was there and fell silent
│   ├── EndOfStream         the camera ended a live stream
│   ├── NobodyThere         a sender is waited for
│   └── Broken              anything else, a corrupt stream among it
└── Fatal               needs a person: tried again only every few minutes
    ├── Unauthorized        401, 403
    ├── NotFound            404
    ├── Refused             any other 4xx
    ├── NoVideo             sound or data only
    ├── UnsupportedCodec    video that we cannot decode
    ├── Forbidden           an address that the site does not allow
    ├── Untrusted           a TLS certificate that is not the expected one
    ├── NotListening        the port for senders cannot be opened
    ├── Missing             no such file or folder
    └── Unreadable          a file or folder without one picture in it

FFmpeg's own messages quote the address with its password: `from_ffmpeg` is the one place where its
exceptions become ours, and none of them is ever chained to, logged or quoted beyond its error name.
"""

import errno

from av import error as av_error

from streams.problem import PlacedError, Text

CLOSED = Text("the port is closed", "端口未开放")
HUNG_UP = Text("it hangs up at once", "对方立即断开连接")
IN_USE = Text("the port is in use", "端口已被占用")
NO_ADDRESS = Text("this box has no such address", "本机没有该地址")
NO_LIBSRT = Text(
    "SRT needs the system's libsrt: apt install libsrt1.5-openssl",
    "SRT 需要系统库 libsrt：apt install libsrt1.5-openssl",
)
NO_PERMISSION = Text("not permitted", "没有权限")
NO_FILES = Text("no jpg, png, bmp, webp or tiff", "没有 jpg、png、bmp、webp 或 tiff 图片")
NO_NAME = Text("its name cannot be resolved", "域名无法解析")
NO_ANSWER = Text("the name server does not answer", "域名服务器无应答")
NO_TLS = Text("no TLS connection can be agreed upon", "无法协商 TLS 连接")
NO_ROUTE = Text("there is no way through the network", "网络不通")
REDIRECTED_LATE = Text(
    "the camera redirects after the login, which is not followed", "摄像机在登录后要求跳转，网关不予跟随"
)
REDIRECTED_BADLY = Text("the camera redirects to something that is no address", "摄像机要求跳转到无效地址")
REDIRECTED_OFTEN = Text("the camera redirects again and again", "摄像机反复要求跳转")
REDIRECTED_OPEN = Text("the camera redirects out of TLS", "摄像机要求跳转到未加密的地址")
LATE = Text(
    "pictures arrive later and later: the line is too slow for this stream",
    "画面越来越滞后：线路带宽不足以传输该码流",
)
SOUND_ONLY = Text("sound arrives, pictures do not", "有声音，无画面")
NO_PICTURE = Text("data arrives, but no picture comes out of it", "有数据，但解不出画面")


class StreamError(PlacedError):
    """Why a source cannot go on."""


class Retryable(StreamError):
    """May mend itself."""


class Fatal(StreamError):
    """Needs a person; trying often would only lock the account or fill the log."""


class Unreachable(Retryable):
    code = "camera.unreachable"
    what = Text("{where} cannot be reached", "无法连接 {where}")
    do = Text(
        "check the camera's power and network cable, then its address and port",
        "请检查摄像机电源和网线，再核对地址和端口",
    )


class ConnectTimeout(Retryable):
    code = "camera.timeout"
    what = Text("{where} does not answer", "{where} 无应答")
    do = Text(
        "check that the address is the camera's and no firewall is between; restart the camera if it hangs",
        "请核对摄像机地址，确认没有防火墙阻断；若摄像机死机请重启",
    )


class NotRtsp(Retryable):
    code = "camera.not_rtsp"
    what = Text("{where} answers, but does not speak RTSP", "{where} 有应答，但不是 RTSP 服务")
    do = Text(
        "use the camera's RTSP port (usually 554), not its web page's",
        "请改用摄像机的 RTSP 端口（通常为 554），不要用网页端口",
    )


class Busy(Retryable):
    code = "camera.busy"
    what = Text("{where} reports an error of its own", "{where} 报告内部错误")
    do = Text(
        "close other viewers of this camera (most allow only a few), then restart it",
        "请关闭该摄像机的其他观看端（多数只允许少数几路），再重启摄像机",
    )


class Stalled(Retryable):
    code = "camera.stalled"
    what = Text("{where} stopped sending pictures", "{where} 画面中断")
    do = Text(
        "check the network between camera and box; lower the camera's bit rate if the link is slow",
        "请检查摄像机到网关之间的网络；若带宽不足请降低码率",
    )


class EndOfStream(Retryable):
    code = "camera.ended"
    what = Text("{where} closed the connection", "{where} 断开了连接")
    do = Text(
        "usually the camera restarts: wait a minute; if it stays away, check its power supply",
        "通常是摄像机重启，请稍候；若未恢复请检查供电",
    )


class NobodyThere(Retryable):
    code = "camera.waiting"
    what = Text("waiting for a sender on {where}", "等待推流端连接 {where}")
    do = Text(
        "start the live stream on the drone: this box's address and port, and the stream key as set",
        "请在无人机上开始直播：填写网关的地址和端口，以及已设置的推流密钥",
    )


class Broken(Retryable):
    code = "camera.broken"
    what = Text("{where} sends a stream that cannot be used", "{where} 的码流无法使用")
    do = Text(
        "check the network for losses, then set the camera to plain H.264 or H.265 and restart it",
        "请检查网络丢包，再将摄像机设为标准 H.264 或 H.265 并重启",
    )


class Unauthorized(Fatal):
    code = "camera.unauthorized"
    what = Text("{where} refuses the login", "{where} 拒绝登录")
    do = Text(
        "correct the user name and password in the site's settings; check that this user may view the stream",
        "请在站点配置中更正用户名和密码，并确认该用户有预览权限",
    )


class NotFound(Fatal):
    code = "camera.not_found"
    what = Text("the camera is there, but has no stream at {where}", "摄像机在线，但没有码流 {where}")
    do = Text(
        "correct the path after host and port: see the camera's manual",
        "请按摄像机说明书更正地址中的路径部分",
    )


class Refused(Fatal):
    code = "camera.refused"
    what = Text("{where} refuses the request", "{where} 拒绝了请求")
    do = Text(
        "check the path and try the other transport (tcp or udp)",
        "请核对路径，并尝试另一种传输方式（tcp 或 udp）",
    )


class NoVideo(Fatal):
    code = "camera.no_video"
    what = Text("{where} has no video, only sound or data", "{where} 没有视频，只有音频或数据")
    do = Text(
        "choose the video channel's path, or switch video on in the camera",
        "请选择视频通道的路径，或在摄像机中启用视频",
    )


class UnsupportedCodec(Fatal):
    code = "camera.unsupported_codec"
    what = Text("{where} sends video that cannot be decoded", "{where} 的视频编码无法解码")
    do = Text(
        "set the camera to H.264 or H.265, without vendor extensions",
        "请将摄像机编码设为 H.264 或 H.265，并关闭厂商扩展编码",
    )


class Forbidden(Fatal):
    code = "camera.forbidden_address"
    what = Text("{where} must not be connected to", "不允许连接 {where}")
    do = Text(
        "correct the address; if it is meant, add its network to `allow_networks` of this stream",
        "请更正地址；若确需使用，请将其网段加入该视频流的 `allow_networks`",
    )


class Untrusted(Fatal):
    code = "camera.untrusted"
    what = Text("{where} shows a certificate that is not trusted", "{where} 的证书不受信任")
    do = Text(
        "put the camera's own certificate, or its issuer's, in `tls: {ca_file: ...}`; the name in it is `tls: {name: ...}`",
        "请在 `tls: {ca_file: ...}` 中填写摄像机证书或其签发机构证书；证书中的名称填写在 `tls: {name: ...}`",
    )


class NotListening(Fatal):
    code = "camera.port"
    what = Text("cannot listen on {where}", "无法监听 {where}")
    do = Text(
        "choose another port in `listen` (above 1023, and each stream its own), and an address this box has",
        "请在 `listen` 中改用其他端口（大于 1023，且各视频流不同）及本机已有的地址",
    )


class Missing(Fatal):
    code = "file.missing"
    what = Text("{where} is not there", "{where} 不存在")
    do = Text("check the path and that the disk is mounted", "请核对路径，并确认磁盘已挂载")


class Unreadable(Fatal):
    code = "file.unreadable"
    what = Text("{where} holds no picture that can be read", "{where} 中没有可读取的画面")
    do = Text(
        "play it on another machine; copy it again if it is damaged", "请在其他设备上试播；若已损坏请重新拷贝"
    )


_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_SILENT = (av_error.ExitError, av_error.TimeoutError)
_CUT = (
    av_error.EOFError,
    av_error.ConnectionResetError,
    av_error.ConnectionAbortedError,
    av_error.BrokenPipeError,
)
_PLAIN: tuple[tuple[type[av_error.FFmpegError], type[StreamError]], ...] = (  # the first that fits
    (av_error.HTTPUnauthorizedError, Unauthorized),
    (av_error.HTTPForbiddenError, Unauthorized),
    (av_error.HTTPNotFoundError, NotFound),
    (av_error.HTTPClientError, Refused),
    (av_error.HTTPServerError, Busy),
    (av_error.FileNotFoundError, Missing),
    (av_error.DecoderNotFoundError, UnsupportedCodec),
    (av_error.PatchWelcomeError, UnsupportedCodec),
)


def from_ffmpeg(error: av_error.FFmpegError, where: str, *, opening: bool = False) -> StreamError:
    """Our exception for one of FFmpeg's. Raise it outside the `except` block: it must carry no context."""
    plain = next((ours for theirs, ours in _PLAIN if isinstance(error, theirs)), None)
    return plain(where) if plain is not None else _from_network(error, where, opening)


def _from_network(error: av_error.FFmpegError, where: str, opening: bool) -> StreamError:
    if isinstance(error, av_error.ConnectionRefusedError):
        return Unreachable(where, CLOSED)
    if error.errno in _NO_ROUTE:
        return Unreachable(where, NO_ROUTE)
    if isinstance(error, _SILENT):
        return ConnectTimeout(where) if opening else Stalled(where)
    if isinstance(error, _CUT):
        return Unreachable(where, HUNG_UP) if opening else EndOfStream(where)
    name = type(error).__name__  # never its text: that quotes the address with the password
    return Broken(where, Text(name, name))
