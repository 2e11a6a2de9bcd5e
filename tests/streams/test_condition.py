import pytest

from streams.condition import condition
from streams.health.condition import Condition
from streams.reader import CameraState

LIVE = CameraState.LIVE


@pytest.mark.parametrize(
    ("state", "cause", "troubles", "en", "zh"),
    [
        (CameraState.CONNECTING, None, [], "connecting", "正在连接"),
        (LIVE, None, [], "live", "正常"),
        (LIVE, None, ["camera.clock"], "clock wrong", "时钟错误"),
        (LIVE, None, ["camera.clock", "camera.spoilt"], "damaged pictures", "画面损坏"),
        (LIVE, None, ["camera.clock", "camera.frozen"], "the picture is frozen", "画面冻结"),
        (LIVE, None, ["camera.moved", "camera.covered"], "the lens is covered", "镜头被遮挡"),
        (CameraState.RETRYING, "camera.stalled", ["camera.covered"], "stalled", "画面中断"),
        (CameraState.REFUSED, "camera.unauthorized", [], "wrong password", "密码错误"),
        (CameraState.RETRYING, "camera.unreachable", [], "not reachable", "无法连接"),
        (CameraState.REFUSED, "something.new", [], "needs a person", "需人工处理"),
    ],
)
def test_one_thing_is_said_and_it_is_the_gravest(
    state: CameraState, cause: str | None, troubles: list[str], en: str, zh: str
) -> None:
    said = condition(state, cause, troubles)
    assert (said.en, said.zh) == (en, zh)


def test_there_are_words_for_everything() -> None:
    for state in CameraState:
        assert condition(state, None, []).zh
    for each in Condition:
        assert condition(LIVE, None, [f"camera.{each.value}"]) == each.words
