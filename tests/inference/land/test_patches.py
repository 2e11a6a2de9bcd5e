"""What a person at the control centre is told, over days of looks at one view."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.change import Place
from inference.findings import Finding, Phase, Severity
from inference.land.patches import UNSETTLED, Patches
from inference.land.settings import LandSettings
from streams.problem import Text
from tests.support.lands import NOBODY, SHAPE, START, Scene, boxes, flat, phases, steps, story, watched

HOUR = 3600.0
PIT = (40, 20, 52, 28)
QUIET = Scene()
BARE = Scene(dug=[(PIT, 0.8)])
GREY = Scene(dug=[(PIT, 0.1)])  # changed, and no soil: what a lorry looks like that nobody found


def view(**other: object) -> Patches:
    return Patches(replace(LandSettings(), **other), flat)  # type: ignore[arg-type]


def hours(number: float, scene: Scene, every: float = 60.0) -> list[Scene]:
    return [scene] * round(number * HOUR / every)


def day(scene: Scene) -> list[Scene]:
    """24 hours in four lights, each its own reference."""
    lights = ("night", "morning", "noon", "evening")
    return [look for light in lights for look in hours(6, replace(scene, light=light, reference=light), 600)]


@pytest.mark.parametrize("every", [10.0, 30.0, 60.0])
def test_a_fresh_pit_is_told_within_ten_minutes_with_its_size_and_place(every: float) -> None:
    found = watched(view(), [QUIET] * 5 + [BARE] * int(900 / every), every=every)
    assert phases(found) == [Phase.NEW]
    (first,) = found
    dug = START + 5 * every
    assert 180 <= first.time - dug <= 600
    assert dug <= first.since <= dug + 240
    assert (first.type, first.rule, first.zone, first.severity) == (
        "land.disturbance",
        "land",
        None,
        Severity.MEDIUM,
    )
    assert first.change is not None
    assert first.change.place is not None
    assert first.change.place.area_m2 == pytest.approx(12 * 8, rel=0.01)
    assert first.change.share == pytest.approx(96 / (54 * 96), rel=0.01)
    assert first.change.confidence > 0.85
    corners = np.array(first.change.outline) * SHAPE[::-1]
    assert corners.min(axis=0) == pytest.approx([40, 20], abs=0.1)
    assert corners.max(axis=0) == pytest.approx([52, 28], abs=0.1)


def test_a_machine_at_it_shortens_the_wait_and_makes_it_graver() -> None:
    digging = replace(BARE, working=boxes((30, 18, 38, 26)))
    alone, helped = watched(view(), [BARE] * 40), watched(view(), [digging] * 40)
    assert helped[0].time < alone[0].time
    assert (helped[0].severity, helped[0].change and helped[0].change.machine) == (Severity.HIGH, True)
    far = replace(BARE, working=boxes((80, 18, 88, 26)))
    assert watched(view(), [far] * 40)[0].severity is Severity.MEDIUM


def test_a_machine_that_has_moved_on_counts_where_it_worked() -> None:
    """Earth on earth is no soil that came up: what a machine leaves behind is told by that alone."""
    at_work = replace(QUIET, occupied=boxes((36, 16, 56, 32)), working=boxes((36, 16, 56, 32)))
    left = [replace(GREY, change=0.95)] * 30
    found = watched(view(), [at_work] * 20 + left)
    assert phases(found) == [Phase.NEW]
    assert found[0].time - (START + 20 * 30) <= 600
    assert watched(view(), [replace(at_work, working=NOBODY)] * 20 + left) == []


def test_its_own_shadow_may_be_what_changed_while_a_machine_stands_there() -> None:
    """Not quite sure, and no soil: when it has left and took no shadow with it, it was work."""
    shade = replace(GREY, change=0.75, usual=0.02)
    here = replace(shade, working=boxes((32, 16, 40, 28)))
    assert watched(view(), [here] * 60) == []
    assert phases(watched(view(), [here] * 60 + [shade] * 30)) == [Phase.NEW]


def test_where_a_machine_worked_a_pit_and_its_shade_are_one_case() -> None:
    """A part looks like soil, a part does not: the sun is low, the pit is deep."""
    parts = replace(QUIET, dug=[((40, 20, 46, 28), 0.8), ((46, 20, 62, 28), 0.0)], change=0.97)
    patches = view()
    watched(patches, [replace(parts, working=boxes((32, 16, 56, 28)))] * 20 + [parts] * 20)
    (told,) = patches.open
    assert told.change is not None
    assert told.change.place is not None
    assert told.change.place.area_m2 == pytest.approx(22 * 8, rel=0.1)


def test_a_machine_speaks_for_the_largest_of_what_changed_within_its_reach() -> None:
    """Beside the dig: its shade on the grass, a river whose ripples are other ones."""
    beside = replace(GREY, dug=[(PIT, 0.1), ((60, 20, 64, 28), 0.1)], change=0.97)
    found = watched(view(), [replace(beside, working=boxes((36, 16, 66, 32)))] * 40 + [beside] * 60)
    assert phases(found) == [Phase.NEW]
    assert found[0].change is not None
    assert max(x for x, _ in found[0].change.outline) * SHAPE[1] < 56


def test_a_pit_and_its_heap_on_ground_that_a_machine_worked_are_both_told() -> None:
    """Earth of one colour, on either side of grass that stays."""
    both = replace(GREY, dug=[((36, 20, 46, 30), 0.1), ((52, 20, 64, 28), 0.1)], change=0.97)
    found = watched(view(), [replace(both, working=boxes((36, 16, 62, 32)))] * 40)
    assert phases(found) == [Phase.NEW, Phase.NEW]
    assert all(each.change and each.change.machine for each in found)


def test_a_dig_is_surer_than_the_wider_field_that_stirs_beside_it() -> None:
    found: list[Finding] = []
    patches, working = view(), boxes((36, 8, 66, 40))
    for number in range(60):
        evidence = replace(GREY, change=0.97).evidence(START + 30 * number)
        evidence.change[32:44, 36:60] = 0.62
        found += patches.update(evidence, NOBODY, working if number < 40 else NOBODY).findings
    assert phases(found) == [Phase.NEW]
    assert found[0].change is not None
    assert max(y for _, y in found[0].change.outline) * SHAPE[0] < 30


def test_a_machine_that_left_half_a_day_ago_says_nothing_of_what_changes_there_now() -> None:
    """It worked, and a spot was left that nobody would call a dig; by night the whole yard looks other."""
    spot = replace(GREY, change=0.62, dug=[((40, 20, 44, 24), 0.1)])
    at_work = replace(spot, working=boxes((36, 16, 56, 32)))
    yard = Scene(dug=[((36, 16, 60, 36), 0.1)], change=0.97, infrared=True, light="ir", reference="ir")
    evening = [at_work] * 20 + hours(12, spot, 30)
    assert watched(view(), evening + hours(6, yard, 30)) == []


def test_a_dig_that_goes_on_when_its_machine_is_forgotten_stays_one_case() -> None:
    """The older part has dried and is the colour of what was there; the new one is fresh soil."""
    begun = replace(GREY, change=0.97)
    wider = replace(begun, dug=[(PIT, 0.0), ((52, 20, 66, 28), 0.8)])
    patches = view()
    watched(patches, [replace(begun, working=boxes((36, 16, 56, 32)))] * 20 + hours(5, begun, 30))
    later = START + 6 * HOUR
    found = watched(patches, [wider] * 60, start=later)
    assert set(phases(found)) == {Phase.UPDATE}
    (told,) = patches.open
    assert told.change is not None
    assert told.change.place is not None
    assert told.change.place.area_m2 == pytest.approx(26 * 8, rel=0.1)


def test_a_night_does_not_say_once_more_that_it_was_soil_by_day() -> None:
    """A few looks before dusk were not enough; lamps show that something is other, no more."""
    night = replace(BARE, infrared=True, light="ir", reference="ir", change=0.97)
    assert watched(view(), [QUIET] * 5 + [replace(BARE, change=0.66)] * 60 + hours(8, night)) == []


def test_a_machine_that_comes_later_is_told_as_graver_once() -> None:
    digging = replace(BARE, working=boxes((30, 18, 38, 26)))
    found = watched(view(), [BARE] * 30 + [digging] * 60)
    assert [(each.phase, each.severity) for each in found] == [
        (Phase.NEW, Severity.MEDIUM),
        (Phase.UPDATE, Severity.HIGH),
    ]
    assert found[0].key == found[1].key


def test_what_is_too_small_is_not_told_until_it_has_grown() -> None:
    small = Scene(dug=[((40, 20, 44, 23), 0.8)])
    assert watched(view(), hours(3, small)) == []
    found = watched(view(), hours(1, small) + [BARE] * 10)
    assert phases(found) == [Phase.NEW]
    assert found[0].time - (START + HOUR) <= 600
    assert found[0].since < START + 600  # it began as a small one


@settings(max_examples=6, deadline=None)
@given(st.floats(0.05, 0.4), st.integers(0, 99))
def test_pixels_that_flicker_are_never_told(share: float, seed: int) -> None:
    """A tree in the wind, rain: changed in up to 2 looks of 5, soil-like, all over and in one place."""
    rng = np.random.default_rng(seed)
    patches = view()
    for number in range(150):
        evidence = Scene(dug=[((0, 0, 96, 54), 0.8)], change=0.1).evidence(START + 30 * number)
        evidence.change[20:40, 20:50][rng.random((20, 30)) < share] = 0.95
        evidence.change[rng.random(SHAPE) < 0.05] = 0.95
        assert patches.update(evidence, NOBODY, NOBODY).findings == ()


@settings(max_examples=8, deadline=None)
@given(st.floats(0.05, 0.3), st.integers(0, 99))
def test_a_place_that_changes_as_a_whole_now_and_then_is_never_told(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = [BARE if rng.random() < share else QUIET for _ in range(200)]
    assert watched(view(), scenes) == []


def test_a_lorry_that_nobody_found_and_that_leaves_within_a_day_is_no_dig() -> None:
    parked = [replace(each, dug=[(PIT, 0.1)]) for each in day(GREY)[:130]]
    assert watched(view(), hours(1, QUIET) + parked + hours(6, QUIET), every=600) == []


def test_what_is_no_soil_is_told_after_a_day_and_in_several_lights() -> None:
    found = watched(view(), day(QUIET) + day(GREY) + day(GREY), every=600)
    assert phases(found) == [Phase.NEW]
    assert 24 <= (found[0].time - START) / HOUR - 24 <= 27
    assert found[0].change is not None
    assert found[0].change.lights >= 3


def test_what_is_partly_soil_is_told_the_sooner_the_more_it_is() -> None:
    """The rim of a heap among stubble: neither plainly soil nor plainly none."""
    told = [
        (watched(view(), day(QUIET) + day(half) + day(half), every=600)[0].time - START) / HOUR - 24
        for half in (Scene(dug=[(PIT, gain)]) for gain in (0.1, 0.28, 0.33))
    ]
    assert told == sorted(told, reverse=True)
    assert 24 <= told[0] <= 27
    assert told[1] < 20


def test_what_is_no_soil_in_one_light_only_is_never_told() -> None:
    one = [
        look
        for _ in range(3)
        for look in hours(12, GREY, 600) + hours(12, replace(QUIET, light="night"), 600)
    ]
    assert watched(view(), one, every=600) == []


def test_what_was_bare_before_is_no_fresh_soil() -> None:
    """A road, on which a shadow lies that nobody knows, for half a day."""
    assert watched(view(), hours(12, Scene(dug=[(PIT, 0.0)]))) == []


def test_a_machine_that_is_found_in_every_second_look_is_no_dig() -> None:
    hidden = replace(QUIET, occupied=boxes(PIT), working=boxes(PIT))
    bare = replace(BARE, dug=[(PIT, 0.9)])  # yellow, and as flat as soil
    assert watched(view(), [hidden, bare] * 200) == []


def test_much_of_the_view_at_once_is_the_weather_and_said_so() -> None:
    snow = Scene(dug=[((0, 0, 96, 40), 0.8)])
    told = steps(view(), [QUIET] * 5 + [snow] * 200)
    assert {step.condition for step in told[5:]} == {UNSETTLED}
    assert all(step.told is not None for step in told[5:])
    assert [step for step in told if step.findings] == []


def test_nothing_seen_is_no_news() -> None:
    fog = Scene(unknown=[(0, 0, 96, 54)])
    found = watched(view(), [BARE] * 20 + [fog] * 200 + [BARE] * 20)
    assert phases(found) == [Phase.NEW]


def test_it_ends_when_the_old_surface_is_back_for_hours_not_for_one() -> None:
    found = watched(view(), [BARE] * 30 + hours(1, QUIET, 30) + [BARE] * 30)
    assert phases(found) == [Phase.NEW]
    filled = hours(4, QUIET, 30) + hours(4, replace(QUIET, light="dusk", reference="dusk"), 30)
    found = watched(view(), [BARE] * 30 + filled)
    assert [each.phase for each in found] == [Phase.NEW, Phase.END]
    assert found[1].reason == "restored"
    assert found[1].time - START > 2 * HOUR


def test_some_minutes_of_the_old_surface_in_two_lights_do_not_end_it() -> None:
    """A lorry in front of it that nobody found, and a lamp."""
    dusk = replace(QUIET, light="dusk", reference="dusk")
    assert phases(watched(view(), [BARE] * 60 + [QUIET] * 4 + [dusk] * 4 + [BARE] * 20)) == [Phase.NEW]


def test_what_was_seen_in_many_lights_takes_many_to_undo() -> None:
    lights = ("morning", "noon", "evening", "night")
    seen = [look for light in lights for look in hours(1, replace(BARE, light=light, reference=light))]
    back = [look for light in lights for look in hours(1, replace(QUIET, light=light, reference=light))]
    found = watched(view(), seen + back, every=60)
    assert phases(found) == [Phase.NEW, Phase.END]
    assert (found[1].time - START) / HOUR - 4 > 2  # two lights are not enough


def test_growth_is_told_in_steps_with_its_rate() -> None:
    wide = [Scene(dug=[((20, 20, 30 + minute // 12, 30), 0.8)]) for minute in range(600)]  # 50 m2 an hour
    found = watched(view(), wide, every=60)
    assert found[0].phase is Phase.NEW
    assert set(phases(found[1:])) == {Phase.UPDATE}
    sizes = [each.change.place.area_m2 or 0.0 for each in found if each.change and each.change.place]
    assert all(later >= 1.25 * before for before, later in pairwise(sizes))
    assert 5 <= len(found) <= 9
    assert found[-1].change is not None
    assert found[-1].change.growth_m2_per_hour == pytest.approx(50, rel=0.15)
    assert len({each.key for each in found}) == 1


def test_digs_apart_are_cases_of_their_own() -> None:
    both = Scene(dug=[(PIT, 0.8), ((70, 40, 80, 50), 0.8)])
    found = watched(view(), [both] * 40)
    assert phases(found) == [Phase.NEW, Phase.NEW]
    assert found[0].key != found[1].key


def test_those_that_grow_together_go_on_as_the_elder() -> None:
    elder, younger = ((20, 20, 30, 30), 0.8), ((40, 20, 50, 30), 0.8)
    found = watched(
        view(),
        [Scene(dug=[elder])] * 30
        + [Scene(dug=[elder, younger])] * 30
        + [Scene(dug=[elder, younger, ((30, 22, 40, 28), 0.8)])] * 30,
    )
    first, second = (each.key for each in found if each.phase is Phase.NEW)
    assert [(each.key, each.reason) for each in found if each.phase is Phase.END] == [(second, "merged")]
    assert found[-1].key == first
    assert found[-1].phase is Phase.UPDATE


def test_one_that_falls_apart_goes_on_as_its_larger_part() -> None:
    whole = Scene(dug=[((20, 20, 60, 30), 0.8)])
    parts = Scene(dug=[((20, 20, 40, 30), 0.8), ((48, 20, 60, 30), 0.8)])
    patches = view()
    found = watched(patches, [whole] * 30 + [parts] * 60)
    assert phases(found) == [Phase.NEW, Phase.NEW]
    assert {each.key for each in patches.open} == {each.key for each in found}
    assert found[1].since == found[0].since
    assert found[1].time - (START + 30 * 30) >= 240  # seen on its own before it is told


def test_before_and_after_are_kept_in_the_same_light_as_soon_as_there_is_one() -> None:
    other = replace(BARE, light="dusk", change=0.9)
    told = steps(view(), [QUIET] * 3 + [other] * 20 + [BARE] * 5)
    pairs = [(number, pair.same_light) for number, step in enumerate(told) for pair in step.keep]
    assert [same for _, same in pairs] == [False, True]
    assert pairs[1][0] == 23


def test_only_what_is_watched_is_told_and_by_its_name() -> None:
    polygons = {"field": np.array([[0.3, 0.2], [0.7, 0.2], [0.7, 0.8], [0.3, 0.8]])}
    both = Scene(dug=[(PIT, 0.8), ((84, 40, 94, 50), 0.8)])
    found = watched(view(watch=polygons), [both] * 40)
    assert [(each.phase, each.zone) for each in found] == [(Phase.NEW, "field")]


def test_without_a_calibration_pixels_decide() -> None:
    patches = Patches(LandSettings(least_px=90))
    assert len(watched(patches, [BARE] * 40)) == 1
    assert watched(Patches(LandSettings(least_px=110)), [BARE] * 40) == []


class Flat:
    """10 m2 a px of SHAPE."""

    def metres(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(pixels * SHAPE[::-1] * np.sqrt(10), np.float64)

    def draws(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.metres(pixels)[None]


def test_where_the_area_is_withheld_its_rough_size_decides() -> None:
    """A far dig is three pixels; thirty pixels before the camera are a puddle."""

    def unsure(_: object) -> Place:
        return Place((), 5.0, None, None, Text("unsure", "不确定"))

    far = Scene(dug=[((40, 20, 44, 22), 0.8)])
    assert len(watched(Patches(LandSettings(least_m2=100), unsure, Flat()), [far] * 40)) == 1
    assert watched(Patches(LandSettings(least_m2=200), unsure, Flat()), [far] * 40) == []


@pytest.mark.parametrize("soil", [-0.4, -0.06, 0.03], ids=["deep", "shallow", "mud"])
def test_a_puddle_on_soil_is_given_a_week_to_dry(soil: float) -> None:
    wet = Scene(dug=[(PIT, soil)])
    days = [look for _ in range(5) for look in day(wet)]
    assert watched(view(), day(QUIET) + days, every=600) == []
    found = watched(view(), day(QUIET) + days + days, every=600)
    assert phases(found) == [Phase.NEW]  # and if it stays for ever, it is no puddle


def test_in_the_dark_only_a_machine_at_it_is_enough() -> None:
    dark = replace(BARE, infrared=True, light="ir", reference="ir")
    assert watched(view(), hours(8, dark)) == []
    digging = replace(dark, working=boxes((30, 18, 38, 26)))
    assert story(watched(view(), hours(8, digging)))[0][:1] == ("new",)


@pytest.mark.parametrize("jump", [-86400.0, 86400.0])
def test_a_clock_that_jumps_by_a_day_ends_nothing_and_begins_nothing(jump: float) -> None:
    patches = view()
    found = watched(patches, [BARE] * 30 + [QUIET] * 2 + [BARE] * 30)
    after = watched(patches, [BARE] * 60, start=START + 62 * 30 + jump)
    back = watched(patches, [BARE] * 60, start=START + 122 * 30)
    assert phases(found + after + back) == [Phase.NEW]
    lone = view()
    assert watched(lone, [GREY] * 60) + watched(lone, [GREY] * 60, start=START + 1800 + jump) == []


def test_a_reference_of_another_size_is_another_view() -> None:
    patches = view()
    watched(patches, [BARE] * 40)
    step = patches.update(QUIET.evidence(START + 2000, shape=(60, 80)), NOBODY, NOBODY)
    assert [(each.phase, each.reason) for each in step.findings] == [(Phase.END, "unreferenced")]
    assert patches.suspects() is not None
    assert patches.suspects().shape == (60, 80)  # type: ignore[union-attr]


def test_giving_up_the_references_ends_all_and_starts_anew() -> None:
    patches = view()
    found = watched(patches, [BARE] * 40)
    assert [(each.key, each.reason) for each in patches.forget(START + 1300)] == [
        (found[0].key, "unreferenced")
    ]
    assert patches.open == ()
    again = watched(patches, [BARE] * 40, start=START + 1400)
    assert phases(again) == [Phase.NEW]
    assert again[0].key != found[0].key


def test_suspected_ground_is_named_before_it_is_told() -> None:
    patches = view()
    assert patches.suspects() is None
    assert watched(patches, [BARE] * 5) == []
    suspects = patches.suspects()
    assert suspects is not None
    assert suspects[18:30, 38:54].all()  # with a rim, which may be dug already
    assert not suspects[:, :30].any()


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_boxes_does_not_matter(order: list[int]) -> None:
    machines = boxes((30, 18, 38, 26), (70, 40, 80, 50), (0, 0, 5, 5), (54, 20, 60, 28))
    scene = replace(BARE, noise=0.1, working=machines, occupied=machines)
    moved = replace(scene, working=machines[order], occupied=machines[order])
    assert watched(view(), [scene] * 30) == watched(view(), [moved] * 30)
