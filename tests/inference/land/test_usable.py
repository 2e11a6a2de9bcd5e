"""A picture that shows too little of the ground is named for what hides it."""

import cv2
import numpy as np
import pytest

from inference.land.silence import Silence
from inference.land.usable import Ordinary, obvious, spoilt
from streams.health.measures import Measures, measure
from tests.support.landscape import SIZE, Landscape, Picture

PLACE = Landscape()


def measured(picture: Picture) -> Measures:
    return measure(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8))


USUAL = Ordinary.of(measured(PLACE.seen()))


@pytest.mark.parametrize(
    "picture",
    [
        PLACE.seen(chance=4),
        PLACE.seen(sun=0, gain=2),
        PLACE.seen(shadow=-40),
        PLACE.seen(gain=0.4),
        PLACE.seen(haze=0.2),
    ],
    ids=["same", "overcast", "afternoon", "dusk", "haze"],
)
def test_weather_and_hours_are_judged(picture: Picture) -> None:
    assert spoilt(measured(picture), USUAL) is None


def test_what_hides_the_ground_is_named() -> None:
    picture = PLACE.seen()
    assert spoilt(measured(PLACE.seen(gain=0.005)), USUAL) is Silence.DARK
    assert spoilt(measured(PLACE.seen(haze=0.93)), USUAL) is Silence.FOG
    assert spoilt(measured(np.full_like(picture, 40)), USUAL) is Silence.COVERED
    assert (
        spoilt(measured(np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)), USUAL) is Silence.BLURRED
    )
    assert spoilt(measured(PLACE.seen(gain=60)), USUAL) is Silence.GLARE


def test_against_another_light_focus_says_nothing_and_fog_is_still_fog() -> None:
    soft = np.asarray(cv2.GaussianBlur(PLACE.seen(), (0, 0), 2), np.uint8)
    assert spoilt(measured(soft), USUAL) is Silence.BLURRED
    assert spoilt(measured(soft), USUAL, focus=False) is None
    assert spoilt(measured(PLACE.seen(haze=0.93)), USUAL, focus=False) is Silence.FOG


def test_a_white_sky_over_well_lit_ground_is_no_glare() -> None:
    picture = PLACE.seen()
    picture[:110] = 250
    assert spoilt(measured(picture), USUAL) is None


def test_fog_hides_the_far_ground_first() -> None:
    rows = np.linspace(1.6, -0.6, SIZE[1]).clip(0, 1)[:, None, None]
    foggy = (PLACE.seen() * (1 - rows) + 170 * rows).astype(np.uint8)
    assert spoilt(measured(foggy), USUAL) is Silence.FOG


def test_drops_hide_the_near_ground_as_well() -> None:
    picture = PLACE.seen()
    soft = cv2.GaussianBlur(picture, (0, 0), 12)
    picture[130:] = soft[130:]
    assert spoilt(measured(picture), USUAL) is Silence.DROPS


def test_a_view_of_nothing_cannot_be_compared() -> None:
    flat = np.full((*SIZE[::-1], 3), 120, np.uint8)
    assert spoilt(measured(PLACE.seen()), Ordinary.of(measured(flat))) is Silence.FEATURELESS


def test_darkness_needs_no_reference() -> None:
    assert obvious(measured(PLACE.seen(gain=0.005))) is Silence.DARK
    assert obvious(measured(PLACE.seen())) is None


def test_every_reason_is_said_in_both_languages() -> None:
    for each in Silence:
        assert each.words.en
        assert any("\u4e00" <= sign <= "\u9fff" for sign in each.words.zh)
