"""Health against what people, weather and light do to the demo's site, every picture through a real encoder."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from streams.health.condition import Condition
from streams.health.health import Health, Verdict
from streams.health.measures import measure
from tests.support import tampering, weather
from tests.support.tampering import Change, encoded, site
from tests.support.weather import Luma

CALM, HURT, WELL = 12, 45, 16  # s: it learns, something is done to it, and undone


def scene(change: Change, hurt: int = HURT) -> Iterator[Luma]:
    for second in range(CALM + hurt + WELL):
        picture = site(second)
        yield change(picture, second) if CALM <= second < CALM + hurt else picture


def judged(pictures: Iterator[Luma], start: float = 1e9, step: float = 1.0) -> list[Verdict]:
    health = Health()
    return [
        health.update(measure(each), start + number * step) for number, each in enumerate(encoded(pictures))
    ]


def said(verdicts: list[Verdict]) -> list[tuple[Condition, ...]]:
    return [verdict.conditions for verdict in verdicts if verdict.changed]


DONE: dict[str, tuple[Change, Condition]] = {
    "hand": (tampering.hand, Condition.COVERED),
    "paper": (tampering.paper, Condition.COVERED),
    "cap": (tampering.cap, Condition.COVERED),
    "spray": (tampering.spray, Condition.SPRAYED),
    "pushed": (tampering.turned(20, 5), Condition.MOVED),
    "turned": (tampering.turned(200, 30), Condition.MOVED),
    "tilted": (tampering.turned(0, 0, angle=3), Condition.MOVED),
    "zoomed": (tampering.turned(0, 0, zoom=1.15), Condition.MOVED),
    "slightly defocused": (tampering.defocused(1.5), Condition.BLURRED),
    "defocused": (tampering.defocused(4), Condition.BLURRED),
    "badly defocused": (tampering.defocused(12), Condition.BLURRED),
    "dazzled": (tampering.dazzled, Condition.BLINDED),
    "stuck": (tampering.stuck, Condition.FROZEN),
}


@pytest.mark.parametrize("name", DONE)
def test_what_is_done_to_a_camera_is_said_once_and_taken_back(name: str) -> None:
    change, condition = DONE[name]
    verdicts = judged(scene(change))
    assert said(verdicts) == [(condition,), ()]
    raised = next(number for number, verdict in enumerate(verdicts) if verdict.conditions)
    assert CALM < raised < CALM + HURT
    assert verdicts[raised].since[condition] <= 1e9 + CALM + 1
    assert verdicts[-1].conditions == ()


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        (tampering.elsewhere, Condition.MOVED),
        (tampering.stuck_with_clock, Condition.FROZEN),
        (tampering.lights_out, Condition.DARK),
    ],
    ids=["elsewhere", "stuck, its clock going on", "lights out"],
)
def test_what_could_be_a_lorry_or_a_quiet_night_is_said_after_a_minute(
    change: Change, condition: Condition
) -> None:
    verdicts = judged(scene(change, hurt=90))
    assert said(verdicts) == [(condition,), ()]
    raised = next(number for number, verdict in enumerate(verdicts) if verdict.conditions)
    assert raised >= CALM + 60


def growing(most: float, seconds: float, change: Callable[[Luma, float], Luma]) -> Change:
    return lambda picture, second: change(picture, min(most, (second - CALM) / seconds * most))


HARMLESS: dict[str, Change] = {
    "nothing": tampering.as_it_is,
    "fog that comes in a minute": growing(0.7, 40, weather.foggy),
    "rain": lambda picture, second: weather.rainy(picture, 100, second),
    "cloud": lambda picture, second: weather.clouded(picture, second % 20 / 16 - 0.1),
    "exposure": lambda picture, second: weather.clipped(picture * (1.2 if second % 20 < 10 else 0.85)),
    "dusk": lambda picture, second: weather.grainy(
        weather.darkened(picture, max(0.25, 1 - (second - CALM) / 40)), 2, second
    ),
    "headlights": lambda picture, second: weather.lit(picture, second % 6 / 4 - 0.2, 0.6),
    "nobody there": lambda _, second: weather.grainy(weather.ground(), 0.6, second),
    "nobody there at night": lambda _, second: weather.grainy(
        weather.darkened(weather.ground(), 0.25), 0.6, second
    ),
    "a lorry stops before it": tampering.lorry,
    "a lorry fills the view": lambda picture, second: tampering.lorry(picture, second, 1.0),
    "a mast that sways": lambda picture, second: tampering.turned(4 * np.sin(second), 2 * np.cos(second))(
        picture, second
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_weather_light_and_traffic_are_nobodys_doing(name: str) -> None:
    assert said(judged(scene(HARMLESS[name]))) == []


def test_key_frames_ten_seconds_apart_are_enough() -> None:
    verdicts = judged(scene(tampering.turned(60, 10), hurt=10), step=10.0)
    assert said(verdicts) == [(Condition.MOVED,), ()]


def test_how_far_it_was_turned_is_measured() -> None:
    *_, last = judged(site(second) for second in range(8))
    assert "shift_x" not in last.values
    health = Health()
    for second in range(8):
        health.update(measure(site(second)), second)
    moved = health.update(measure(tampering.turned(30, -10, angle=4, zoom=1.05)(site(8), 8)), 8)
    assert moved.values["shift_x"] == pytest.approx(30, abs=2)
    assert moved.values["shift_y"] == pytest.approx(-10, abs=2)
    assert abs(moved.values["angle"]) == pytest.approx(4, abs=0.5)
    assert moved.values["zoom"] == pytest.approx(1.05, abs=0.02)


def test_a_camera_that_stays_turned_is_never_taken_for_usual() -> None:
    health = Health()
    for second in range(400):
        picture = site(second)
        if second >= 20:
            picture = tampering.turned(60, 10)(picture, second)
        verdict = health.update(measure(picture), float(second))
    assert verdict.conditions == (Condition.MOVED,)


def test_a_bright_sky_is_no_lamp() -> None:
    """A third of this camera's picture is white, and always was."""

    def bright(second: int) -> Luma:
        picture = site(second)
        picture[:120] = 255
        return picture

    assert said(judged(bright(second) for second in range(60))) == []


def test_copies_between_key_frames_do_not_make_a_frozen_picture() -> None:
    """The encoder of a quiet scene sends the last key frame again and again, for 20 s."""
    health = Health()
    for second in range(120):
        key = second % 20 == 0
        picture = weather.grainy(weather.ground(), 0.6, second // 20)
        assert health.update(measure(picture), float(second), key=key).conditions == ()


def test_a_lens_that_is_covered_when_the_gateway_starts_is_not_learnt_and_not_judged() -> None:
    def uncovered_later(second: int) -> Luma:
        return tampering.hand(site(second), second) if second < 30 else site(second)

    assert said(judged(uncovered_later(second) for second in range(60))) == []


def test_a_moving_camera_is_not_compared_with_where_it_was() -> None:
    health = Health(still=False)
    for second in range(60):
        verdict = health.update(measure(tampering.turned(second * 8, 0)(site(second), second)), float(second))
        assert verdict.conditions == ()


def test_a_clock_set_back_says_nothing_about_the_lens() -> None:
    health = Health()
    times = [*range(1000, 1020), *range(0, 40), *range(5000, 5020)]
    for number, time in enumerate(times):
        assert health.update(measure(site(number)), float(time)).conditions == ()


def test_a_change_of_resolution_is_no_tampering() -> None:
    health = Health()
    for second in range(60):
        picture = site(second) if second < 30 else np.ascontiguousarray(site(second)[::2, ::2])
        assert health.update(measure(picture), float(second)).conditions == ()
