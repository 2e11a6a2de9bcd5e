"""A camera's state in words a person understands. Pure."""

from collections.abc import Iterable

from streams.health.condition import Condition
from streams.problem import Text
from streams.reader import CameraState

_STATES = {
    CameraState.CONNECTING: Text("connecting", "正在连接"),
    CameraState.LIVE: Text("live", "正常"),
    CameraState.RETRYING: Text("not reachable", "无法连接"),
    CameraState.REFUSED: Text("needs a person", "需人工处理"),
    CameraState.FINISHED: Text("finished", "已播放完毕"),
    CameraState.FAILED: Text("failed", "内部故障"),
}
_CAUSES = {
    "camera.unauthorized": Text("wrong password", "密码错误"),
    "camera.not_found": Text("wrong path", "路径错误"),
    "camera.stalled": Text("stalled", "画面中断"),
    "camera.timeout": Text("no answer", "无应答"),
    "camera.no_video": Text("sound only", "只有声音"),
    "camera.unsupported_codec": Text("unknown codec", "编码不支持"),
    "camera.broken": Text("broken stream", "码流损坏"),
    "camera.forbidden_address": Text("forbidden address", "地址被禁止"),
    "camera.waiting": Text("waiting for the sender", "等待推流"),
    "camera.spoilt": Text("damaged pictures", "画面损坏"),
    "camera.clock": Text("clock wrong", "时钟错误"),
}
_PICTURES = {f"camera.{each.value}": each for each in Condition}


def condition(state: CameraState, cause: str | None, troubles: Iterable[str]) -> Text:
    """state, cause: of the connection, with its problem's code. troubles: codes of what is wrong while it is live,
    in any order; the gravest is said: the picture, then the stream, then the clock."""
    if state is not CameraState.LIVE:
        return _CAUSES.get(cause or "", _STATES[state])
    codes = set(troubles)
    for code, picture in _PICTURES.items():
        if code in codes:
            return picture.words
    return next((words for code, words in _CAUSES.items() if code in codes), _STATES[state])
