"""How long a camera's ground has not been judged, and from when on somebody has to look after it. Pure."""

from streams.problem import Problem, Text

_DAY_LOST = 4 * 3600.0  # s: rain and fog pass, glare goes with the sun; half a working day is a defect
_SOON = 900.0  # s: a lorry before the lens goes; a camera that was turned or exchanged does not come back by itself
_LONGEST = 600.0  # s between two looks that count: the box was off, or its clock was set
_GRAVE = frozenset({"moved", "resized", "damaged"})
# Night, a beginning, and what is a problem of the camera's own and said as such.
_USUAL = frozenset({"dark", "learning", "unwell"})


class Silence:
    """Of one camera. condition: why it does not judge now; since: from when on, s since 1970."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self.condition: str | None = None
        self.since: float | None = None
        self.problem: Problem | None = None
        self._heard: float | None = None
        self._lost = 0.0

    def heard(self, condition: str | None, told: Text | None, time: float) -> None:
        """After a look. condition: None where it was judged. told: the same for people."""
        passed = 0.0 if self._heard is None else time - self._heard
        if self._heard is None or condition != self.condition:
            self.since = time
        self.condition, self._heard = condition, time
        if condition is None:
            self._lost, self.problem = 0.0, None
            return
        if condition not in _USUAL and 0 < passed <= _LONGEST:
            self._lost += passed
        limit = _SOON if condition in _GRAVE else _DAY_LOST
        if condition not in _USUAL and self._lost >= limit:
            self.problem = _unjudged(self._camera, condition, told)


def _unjudged(camera: str, condition: str, told: Text | None) -> Problem:
    why = told or Text(condition, condition)
    action = _AGAIN if condition in _GRAVE else _LOOK
    return Problem(
        f"land.{condition}",
        Text(
            f"{camera}: the ground is not judged, no disturbance would be noticed: {why.en}",
            f"{camera}：无法判断地面变化，不会发现动土：{why.zh}",
        ),
        action,
    )


_LOOK = Text(
    "look at its picture; clean or light it, or point it where the ground shows",
    "请查看画面；清洁镜头、改善照明，或调整到能看清地面的位置",
)
_AGAIN = Text(
    "turn the camera back, or, if it is meant to stay so: sandwatch land forget CAMERA, which begins anew",
    "请将摄像机恢复原位；若有意如此，请执行 sandwatch land forget 摄像机 重新建立基准",
)
