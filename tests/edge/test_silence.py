"""When somebody has to look after a camera whose ground is not judged."""

import pytest

from edge.worker.silence import Silence
from streams.problem import Text

FOG = Text("fog", "雾")


def silent(condition: str, hours: float, every: float = 30.0) -> Silence:
    silence = Silence("mast")
    for number in range(round(hours * 3600 / every) + 1):
        silence.heard(condition, FOG, 1000.0 + number * every)
    return silence


@pytest.mark.parametrize(
    ("condition", "hours", "said"),
    [
        ("fog", 3.5, False),
        ("fog", 4.1, True),
        ("dark", 14.0, False),
        ("learning", 24.0, False),
        ("unwell", 24.0, False),
        ("moved", 0.2, False),
        ("moved", 0.3, True),
        ("resized", 0.3, True),
        ("damaged", 0.3, True),
    ],
)
def test_what_lasts_is_said(condition: str, hours: float, said: bool) -> None:
    silence = silent(condition, hours)
    assert (silence.problem is not None) == said
    assert (silence.condition, silence.since) == (condition, 1000.0)
    if silence.problem is not None:
        assert "mast" in silence.problem.say("en")
        assert "雾" in silence.problem.say("zh")


def test_a_night_between_two_foggy_days_does_not_count() -> None:
    silence = silent("fog", 3.0)
    for hour in range(10):
        silence.heard("dark", None, 20_000.0 + 3600 * hour)
    assert silence.problem is None


def test_one_judged_look_ends_it() -> None:
    silence = silent("fog", 5.0)
    silence.heard(None, None, 50_000.0)
    assert (silence.problem, silence.condition, silence.since) == (None, None, 50_000.0)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_is_set_makes_no_problem(jump: float) -> None:
    silence = silent("fog", 1.0)
    silence.heard("fog", FOG, 1000.0 + jump)
    assert silence.problem is None
