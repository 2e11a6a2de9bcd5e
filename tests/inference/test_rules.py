"""What holds for every rule, whatever the tracks do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.findings import Finding
from inference.rule import Rule, Scene
from streams import kinds
from tests.support.trackings import CLASSES, SIZE, START, At, assert_whole_lives, tracks

SCENE = Scene(
    zones={
        "gate": np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]]),
        "yard": np.array([[0, 0.5], [1, 0.5], [1, 1], [0, 1]]),
    },
    classes=CLASSES,
    time_zone="Asia/Shanghai",
    lines={"bank": np.array([[0.0, 0.45], [0.5, 0.55], [1.0, 0.45]])},
)
QUICK = {"dwell": 0.5, "leave": 0.5, "repeat": 1}
ZONES = {"zones": ["gate", "yard"]}
RULES: Mapping[str, Mapping[str, object]] = {
    "zone": {"kind": "zone", **ZONES, **QUICK},
    "zone, group": {"kind": "zone", **ZONES, **QUICK, "group": True},
    "zone, cooldown": {"kind": "zone", **ZONES, **QUICK, "cooldown": 2},
    "zone, both": {"kind": "zone", **ZONES, **QUICK, "group": True, "cooldown": 2},
    "crossing": {"kind": "crossing", "line": "bank"},
    "crossing, group": {"kind": "crossing", "line": "bank", "group": True, "cooldown": 2},
    "convoy": {
        "kind": "convoy",
        **ZONES,
        "dwell": 0.2,
        "least": 2,
        "window": 5,
        "quiet": 3,
        "objects": ["any"],
    },
    "convoy, line": {"kind": "convoy", "line": "bank", "least": 2, "window": 5, "quiet": 3},
    "working": {"kind": "working", **ZONES, **QUICK, "objects": ["any"], "still": 5, "pause": 1},
    "count": {"kind": "count", **ZONES, "dwell": 0.2, "period": 60},
    "count, line": {"kind": "count", "line": "bank", "period": 60},
}
# Those whose findings are of one track each.
ALONE = ("zone", "crossing", "working")


def made(name: str) -> Rule:
    module = kinds.load("inference.rules", str(RULES[name]["kind"]))
    rule: Rule = module.build(module.Spec.model_validate(RULES[name]), SCENE)
    return rule


# A track is born, wanders about a coarse grid, is hidden or called something else now and then, and is gone.
spot = st.builds(
    At,
    x=st.sampled_from([10.0, 30.0, 50.0, 70.0]),
    y=st.sampled_from([20.0, 46.0, 50.0, 54.0, 80.0]),
    label=st.sampled_from([0, 0, 0, 1, 2]),
    seen=st.sampled_from([True, True, True, False]),
    stir=st.sampled_from([0.0, 0.1, float("nan")]),
)
life = st.tuples(st.integers(0, 10), st.lists(spot, min_size=1, max_size=30))
lives = st.lists(life, min_size=1, max_size=4)
pace = st.floats(0.05, 1.0) | st.sampled_from([2.5, 30.0, -7.0, 86_400.0, -86_400.0])
paces = st.lists(pace, min_size=45, max_size=45)

Life = tuple[int, list[At]]


def picture(world: Sequence[Life], number: int) -> list[At]:
    return [
        replace(path[number - born], track=track)
        for track, (born, path) in enumerate(world, 1)
        if born <= number < born + len(path)
    ]


def watched(rule: Rule, world: Sequence[Life], times: Sequence[float]) -> list[Finding]:
    found = list[Finding]()
    for number, now in enumerate(times):
        step = rule.update(tracks(picture(world, number)), SIZE, now)
        assert all(finding.time == now for finding in step)
        found += step
    return found + rule.close(times[-1])


def each_rule(names: Sequence[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return pytest.mark.parametrize("name", names)


@each_rule(tuple(RULES))
@settings(max_examples=25, deadline=None)
@given(world=lives, steps=paces)
def test_every_event_has_one_beginning_and_one_end(name: str, world: list[Life], steps: list[float]) -> None:
    rule = made(name)
    found = watched(rule, world, list(accumulate(steps, initial=START)))
    assert_whole_lives(found)
    assert rule.close(START) == []
    assert not rule.pending


@each_rule(ALONE)
@settings(max_examples=25, deadline=None)
@given(world=lives, steps=paces)
def test_tracks_do_not_disturb_each_other(name: str, world: list[Life], steps: list[float]) -> None:
    times = list(accumulate(steps, initial=START))
    together = watched(made(name), world, times)
    nobody: Life = (0, [])
    apart = [
        finding
        for track, one in enumerate(world)
        for finding in watched(made(name), [*[nobody] * track, one], times)
    ]
    assert sorted(map(repr, together)) == sorted(map(repr, apart))


@each_rule([name for name in RULES if not name.startswith("count")])
@settings(max_examples=25, deadline=None)
@given(
    world=lives,
    steps=st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=45, max_size=45),
    at=st.integers(1, 44),
)
def test_a_clock_set_back_by_an_hour_changes_no_story(
    name: str, world: list[Life], steps: list[float], at: int
) -> None:
    """A step that runs backwards counts as no time, so it is compared with one in which none passes."""
    steps[at] = 0.0
    times = list(accumulate(steps, initial=START))
    back = [*times[: at + 1], *(time - 3600 for time in times[at + 1 :])]
    told = [
        [(finding.key, finding.phase, finding.reason, finding.objects, finding.counts) for finding in each]
        for each in (watched(made(name), world, times), watched(made(name), world, back))
    ]
    assert told[0] == told[1]


@each_rule(["count", "count, line"])
@settings(max_examples=25, deadline=None)
@given(world=lives, steps=paces)
def test_no_track_is_counted_twice(name: str, world: list[Life], steps: list[float]) -> None:
    found = watched(made(name), world, list(accumulate(steps, initial=START)))
    for zone in {finding.zone for finding in found}:
        told = [count for finding in found if finding.zone == zone for count in finding.counts]
        for way in {count.direction for count in told}:
            assert sum(count.number for count in told if count.direction == way) <= len(world)


@each_rule(["count", "count, line"])
@settings(max_examples=25, deadline=None)
@given(world=lives, steps=paces)
def test_all_that_are_counted_are_told(name: str, world: list[Life], steps: list[float]) -> None:
    """The totals of many periods add up to those of one that never ends before the rule is closed."""
    times = list(accumulate((abs(step) for step in steps), initial=START))
    module = kinds.load("inference.rules", "count")
    long = module.build(module.Spec.model_validate({**RULES[name], "period": 86_400}), SCENE)

    def total(found: list[Finding]) -> dict[tuple[str | None, str, str | None], int]:
        sums: dict[tuple[str | None, str, str | None], int] = {}
        for finding in found:
            for count in finding.counts:
                key = (finding.zone, count.label, count.direction)
                sums[key] = sums.get(key, 0) + count.number
        return sums

    assert total(watched(made(name), world, times)) == total(watched(long, world, times))
