"""A restart in the middle: nothing is forgotten, nothing told twice."""

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.change import Overlap, Place
from inference.land.allowed import Allowance
from inference.land.patches import Patches
from inference.land.settings import LandSettings
from inference.land.state import Forgotten, dump, resume
from streams.problem import Text
from tests.support.lands import NOBODY, START, Scene, boxes, flat, watched

BARE = Scene(dug=[((40, 20, 52, 28), 0.8)], noise=0.1)
DIGGING = replace(BARE, dug=[((40, 20, 56, 30), 0.7)], working=boxes((30, 18, 38, 26)))
PARKED = replace(BARE, occupied=boxes((10, 10, 20, 16)))
NIGHT = replace(BARE, light="night", infrared=True)
SCENES = st.lists(
    st.tuples(st.sampled_from([BARE, DIGGING, PARKED, NIGHT, Scene(noise=0.1)]), st.integers(1, 12)),
    min_size=2,
    max_size=8,
).map(lambda runs: [scene for scene, number in runs for _ in range(number)])


def view() -> Patches:
    return Patches(LandSettings(), flat)


def again(patches: Patches) -> Patches:
    fresh = view()
    resume(fresh, dump(patches))
    return fresh


@settings(max_examples=12, deadline=None)
@given(SCENES, st.data())
def test_with_a_restart_all_is_told_as_without(scenes: list[Scene], data: st.DataObject) -> None:
    stop = data.draw(st.integers(0, len(scenes)))
    straight = view()
    told = watched(straight, scenes)
    stopped = view()
    before = watched(stopped, scenes[:stop])
    resumed = again(stopped)
    assert resumed.open == stopped.open
    after = watched(resumed, scenes[stop:], start=START + 30 * stop)
    assert [(each.phase, each.key, each.reason) for each in before + after] == [
        (each.phase, each.key, each.reason) for each in told
    ]
    # Soil likeness is kept in steps of 1/32: a look earlier or later.
    assert all(abs(one.time - other.time) <= 30 for one, other in zip(before + after, told, strict=True))


def test_what_is_known_of_the_soil_is_kept() -> None:
    patches = view()
    watched(patches, [BARE] * 10)
    watched(patches, [Scene(dug=[((60, 20, 72, 28), 0.8)])] * 5, start=START + 2100)
    before, after = patches.grids, again(patches).grids
    assert before is not None
    assert after is not None
    assert np.abs(after.ground.fresh - before.ground.fresh).max() <= 1 / 64 + 1e-6
    assert before.ground.fresh.max() > 0.2


def test_a_case_goes_on_under_its_key_and_its_first_moment() -> None:
    patches = view()
    (first,) = watched(patches, [BARE] * 40)
    resumed = again(patches)
    wide = replace(BARE, dug=[((40, 20, 70, 40), 0.8)])
    later = watched(resumed, [wide] * 40, start=START + 90000)
    assert {(each.key, each.since) for each in later} == {(first.key, first.since)}


def test_a_clock_that_was_set_back_meanwhile_forgets_nothing() -> None:
    patches = view()
    (first,) = watched(patches, [BARE] * 40)
    resumed = again(again(patches))
    assert watched(resumed, [BARE] * 40, start=START - 86400) == []
    third = again(resumed)
    assert watched(third, [BARE] * 40, start=START - 84000) == []
    assert [each.key for each in third.open] == [first.key]


def test_allowances_and_places_that_cannot_be_told_are_kept_as_they_are() -> None:
    withheld = Place((), math.inf, None, None, Text("behind the horizon", "超出地平线"))
    parcel = Place((), 0.5, 90.0, 2.0, None, (Overlap("基本农田", "7", None, 90.0, 1.0),))
    for place in (withheld, parcel):
        patches = Patches(LandSettings(), lambda _, place=place: place)  # type: ignore[misc]
        watched(patches, [BARE] * 40)
        patches.allow(Allowance("road", ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)), START + 1e6), START)
        resumed = again(patches)
        assert len(resumed.open) == 1
        assert (resumed.open, resumed.allowances) == (patches.open, patches.allowances)


def test_before_the_first_look_there_is_nothing_to_keep() -> None:
    assert again(view()).open == ()


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_damage_is_noticed(place: int, flip: int) -> None:
    saved = bytearray(dump(view()))
    saved[place % len(saved)] ^= flip
    with pytest.raises(Forgotten):
        resume(view(), bytes(saved))


@pytest.mark.parametrize("saved", [b"", b"x" * 50, hashlib.sha256(b"").digest()])
def test_what_is_no_state_is_refused(saved: bytes) -> None:
    fresh = view()
    with pytest.raises(Forgotten):
        resume(fresh, saved)
    assert fresh.update(BARE.evidence(START), NOBODY, NOBODY).condition is None
