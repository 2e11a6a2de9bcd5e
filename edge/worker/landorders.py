"""What people ask of a camera's ground, obeyed between two pictures."""

import time as clocks
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from edge.land.orders import Allow, Answer, Forget, Freeze, Letter, Mailbox
from edge.worker.land import Land
from edge.worker.landview import LandView
from inference.findings import Finding
from streams.problem import Text

_ASK = 1.0  # s between two looks into the mailbox
_SWEEP = 300.0  # s

log = structlog.get_logger()


class LandOrders:
    """Of one camera. key: the key of the open case with that event id, or None."""

    def __init__(self, storage: Path, camera: str, land: Land, key: Callable[[str], str | None]) -> None:
        self._mail = Mailbox(storage, camera)
        self._camera, self._land, self._key = camera, land, key
        self._asked = self._swept = float("-inf")
        try:
            self._mail.ready()
        except OSError as error:
            log.warning("land.no_orders", camera=camera, why=str(error))

    def obey(self, now: float) -> list[Finding]:
        """The END of what these orders end. now: s since 1970."""
        ticks = clocks.monotonic()
        if ticks - self._asked < _ASK:
            return []
        self._asked = ticks
        if ticks - self._swept > _SWEEP:
            self._swept = ticks
            self._mail.sweep(now)
        ended: list[Finding] = []
        for letter in self._mail.take(now):
            ended += self._carried_out(letter, now)
        return ended

    def _carried_out(self, letter: Letter, now: float) -> list[Finding]:
        log.info("land.order", camera=self._camera, **letter.order.model_dump())
        match letter.order:
            case Freeze(preset=preset):
                ended, answer = self._freeze(self._asked_for(preset), now)
            case Forget(preset=preset):
                ended, answer = self._forget(self._asked_for(preset), now)
            case Allow() as order:
                ended, answer = self._allow(order, now)
        self._mail.answer(letter, answer)
        return ended

    def _asked_for(self, preset: str | None) -> list[LandView]:
        seen = self._land.seen
        return [view for name, view in seen.items() if preset is None or name == preset]

    def _freeze(self, views: Iterable[LandView], now: float) -> tuple[list[Finding], Answer]:
        frozen = [view for view in views if view.freeze(now)]
        return [], Answer.of(_frozen(len(frozen))) if frozen else _NOT_SEEN

    def _forget(self, views: Iterable[LandView], now: float) -> tuple[list[Finding], Answer]:
        ended, done = list[Finding](), 0
        for view in views:
            try:
                ended += view.forget(now)
            except OSError as error:
                return ended, Answer.of(_disk(error), done=False)
            done += 1
        return ended, Answer.of(_begun(done)) if done else _NOT_SEEN

    def _allow(self, order: Allow, now: float) -> tuple[list[Finding], Answer]:
        key = self._key(order.event_id)
        if key is None:
            return [], _NO_CASE
        view = self._land.at(self._land.ledger.owner(key))
        if view is None:
            return [], _NOT_SEEN
        try:
            return view.allow(key, order.until, now, order.note), Answer.of(_ALLOWED)
        except KeyError:
            return [], _NO_CASE


_NOT_SEEN = Answer.of(
    Text(
        "the camera has shown no picture to look at since the gateway started: try again when it is live",
        "网关启动后该摄像机还没有可用画面：请在画面正常后重试",
    ),
    done=False,
)
_NO_CASE = Answer.of(
    Text("this camera has no open disturbance of that event id", "该摄像机没有此事件编号的未结动土事件"),
    done=False,
)
_ALLOWED = Text("allowed; it is told again only where it grows beyond", "已标记为许可；仅在扩大时再次上报")


def _frozen(count: int) -> Text:
    return Text(f"references dated: {count} view(s)", f"基准已定格：{count} 个视角")


def _begun(count: int) -> Text:
    return Text(
        f"begun anew: {count} view(s); nothing is judged until the references are dated again",
        f"已重新开始：{count} 个视角；再次定格基准前不作判断",
    )


def _disk(error: OSError) -> Text:
    return Text(f"the disk refused: {error.strerror}", f"磁盘拒绝：{error.strerror}")
