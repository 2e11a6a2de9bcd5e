"""What the attention bench makes of what it measured."""

import math
from collections.abc import Sequence

from bench.attention import wake_goals
from bench.scenes import Coding, Visit
from bench.wakes import Wake, Watched

VISIT = Visit(1.0, lorry=0)


def watched(delays: Sequence[float | None], gop: float = 2.0) -> Watched:
    return Watched([Wake(Coding(gop, "vbr"), VISIT, delay) for delay in delays])


def test_the_slowest_of_twenty_counts() -> None:
    goals = wake_goals(watched([0.1] * 17 + [0.45, 0.49, 0.6]))
    assert goals["wake_p95_gop2"].value == 600
    assert not goals["wake_p95_gop2"].met


def test_quick_wakes_meet_their_goal() -> None:
    goals = wake_goals(watched([0.9] * 20, gop=10.0))
    assert list(goals) == ["wake_p95_gop10"]
    assert goals["wake_p95_gop10"].met


def test_a_visit_that_was_never_decoded_is_a_miss() -> None:
    goal = wake_goals(watched([0.1, None]))["wake_p95_gop2"]
    assert math.isinf(goal.value)
    assert not goal.met
