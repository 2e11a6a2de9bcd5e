"""One camera's looks from the first one on: learnt, frozen, judged, or said why not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.land.bank import SETTLE, Bank
from inference.land.evidence import Evidence
from inference.land.judge import Judge
from inference.land.light import NIGHT, TWILIGHT
from inference.land.silence import NoJudgement, Silence
from tests.support.landscape import SIZE, Landscape, Picture, grey_world, spot, swayed

PLACE = Landscape()
NOBODY = np.zeros((0, 4), np.float32)
DAY = 86_400.0  # s: looks a day apart are of one light
START = 1_750_000_000.0 + 8 * 3600  # 23:06 UTC, seven in the morning in Chengdu
CHENGDU = (30.6, 104.0)
DUG = spot()
CORE = cv2.erode(DUG.astype(np.uint8), np.ones((5, 9), np.uint8)) > 0
NONE = np.zeros(SIZE[::-1], bool)


class Camera:
    """A judge and the clock of its looks."""

    def __init__(self, folder: Path, looks: int = 6, settle: float = 1e9) -> None:
        self.bank = Bank.opened(folder, settle)
        self.judge = Judge(self.bank, CHENGDU)
        self.time = START
        for number in range(looks):
            self.see(PLACE.seen(chance=number))
        if looks:
            self.bank.freeze(self.time)

    def see(
        self,
        picture: Picture,
        after: float = DAY,
        occupied: np.ndarray = NOBODY,
        suspects: np.ndarray | None = None,
    ) -> Evidence | NoJudgement:
        self.time += after
        return self.judge.look(picture, self.time, occupied, suspects)


def judged(found: Evidence | NoJudgement) -> Evidence:
    assert isinstance(found, Evidence), found
    return found


def silent(found: Evidence | NoJudgement) -> Silence:
    assert isinstance(found, NoJudgement)
    assert found.text == found.condition.words
    return found.condition


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def test_it_learns_two_days_and_freezes_by_itself(tmp_path: Path) -> None:
    camera = Camera(tmp_path, looks=0, settle=SETTLE)
    assert silent(camera.see(PLACE.seen(chance=1))) is Silence.LEARNING
    assert silent(camera.see(PLACE.seen(chance=2))) is Silence.LEARNING
    assert silent(camera.see(PLACE.seen(chance=4))) is Silence.LEARNING
    found = judged(camera.see(PLACE.seen(chance=3)))
    assert camera.bank.frozen == START + DAY + SETTLE
    assert found.reference.taken == START + DAY


def test_what_began_in_fog_begins_anew_when_it_lifts(tmp_path: Path) -> None:
    camera = Camera(tmp_path, looks=0)
    for number in range(3):
        camera.see(PLACE.seen(haze=0.75, chance=number))
    for number in range(5):
        assert silent(camera.see(PLACE.seen(chance=10 + number))) is Silence.LEARNING
    camera.bank.freeze(camera.time)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=30)))
    assert (found.change[CORE] > 0.7).mean() > 0.95


def test_a_dig_is_seen_from_a_swaying_mast(camera: Camera) -> None:
    found = judged(camera.see(swayed(PLACE.seen(dug=DUG, chance=30), 3, -2, 0.2)))
    assert found.change.shape == found.soil.shape == SIZE[::-1]
    assert found.change.dtype == found.soil.dtype == np.float32
    assert (found.change[CORE] > 0.7).mean() > 0.95
    assert (found.soil[CORE] > 0.6).mean() > 0.9
    away = cv2.dilate(DUG.astype(np.uint8), np.ones((15, 25), np.uint8)) == 0
    assert (found.change[away] > 0.5).mean() < 0.002


def test_a_vehicle_hides_the_ground_with_a_margin(camera: Camera) -> None:
    box = np.array([[0.4, 0.4, 0.6, 0.7]], np.float32)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=30), occupied=box))
    assert np.isnan(
        found.change[int(0.38 * SIZE[1]) : int(0.72 * SIZE[1]), int(0.385 * SIZE[0]) : int(0.615 * SIZE[0])]
    ).all()


def test_what_cannot_be_judged_is_said(camera: Camera) -> None:
    picture = PLACE.seen(chance=30)
    assert silent(camera.see(PLACE.seen(gain=0.004))) is Silence.DARK
    assert silent(camera.see(PLACE.seen(haze=0.95))) is Silence.FOG
    assert silent(camera.see(swayed(picture, 26, 0))) is Silence.MOVED
    assert silent(camera.see(Landscape(77).seen())) is Silence.UNREGISTERED
    assert silent(camera.see(picture[:, 80:-80])) is Silence.RESIZED
    assert silent(camera.see(grey_world(picture))) is Silence.UNREFERENCED
    judged(camera.see(picture))


def test_a_dig_is_never_learnt_in_a_light_first_seen_after_the_freeze(camera: Camera) -> None:
    """The light comes with the dig already there, and stays for long."""
    camera.time += 6 * 3600
    for number in range(15):
        found = judged(camera.see(PLACE.seen(dug=DUG, shadow=-35, chance=60 + number)))
        assert found.light != found.reference.light
        assert found.reference.taken < START + 7 * DAY
        assert np.nanmedian(found.change[CORE]) > 0.85
    own = camera.bank.light(found.light)
    assert own is not None
    assert own.model is None
    looks = own.gather.model().looks
    assert looks[DUG].max() == 0
    assert np.median(looks) > 5


def test_such_a_light_becomes_as_sure_as_a_frozen_one(camera: Camera) -> None:
    camera.time += 5.3 * 3600
    first = judged(camera.see(PLACE.seen(shadow=-35, chance=60)))
    for number in range(6):
        judged(camera.see(PLACE.seen(shadow=-35, chance=61 + number)))
    late = judged(camera.see(PLACE.seen(shadow=-35, chance=90)))
    assert first.light == late.light
    assert np.nanmedian(late.change) < np.nanmedian(first.change)


def test_a_dig_that_grows_slowly_is_not_absorbed_by_a_second_freeze(camera: Camera) -> None:
    for number in range(10):
        growing = spot(across=6 + 2 * number, down=2 + number // 2)
        judged(camera.see(PLACE.seen(dug=growing, chance=100 + number)))
    camera.bank.freeze(camera.time)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=150), 60))
    assert np.nanmedian(found.change[CORE]) > 0.85
    assert found.reference.light == found.light


def test_a_second_freeze_follows_the_season(camera: Camera) -> None:
    def grown(share: float, chance: int) -> Picture:
        picture = PLACE.seen(chance=chance).astype(float)
        picture[90:220, 20:180] *= 1 + share * np.array([-0.06, 0.02, 0.0])
        return np.asarray(np.clip(picture, 0, 255), np.uint8)

    for number in range(12):
        judged(camera.see(grown(number / 11, 100 + number)))
    before = judged(camera.see(grown(1, 160), 60))
    camera.bank.freeze(camera.time)
    after = judged(camera.see(grown(1, 160), 60))
    field = np.s_[100:210, 30:170]
    assert np.nanmean(after.change[field]) <= np.nanmean(before.change[field])


def test_what_is_suspected_is_not_learnt(camera: Camera) -> None:
    suspects = NONE.copy()
    suspects[100:200, 150:350] = True
    for number in range(3):
        camera.see(PLACE.seen(chance=70 + number), suspects=suspects)
    light = camera.bank.light(judged(camera.see(PLACE.seen(), 60)).light)
    assert light is not None
    learnt = np.stack(light.gather.first)[:, 0] != -128
    assert not learnt[:, suspects].any()
    assert learnt[:, ~suspects].mean() > 0.9


def test_a_clock_set_back_by_a_day_still_judges(camera: Camera) -> None:
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=30), -86_400.0))
    assert np.nanmedian(found.change[CORE]) > 0.85


def test_lamps_by_night_tell_no_soil(tmp_path: Path) -> None:
    camera = Camera(tmp_path, looks=0)
    camera.time += 15 * 3600
    for number in range(6):
        camera.see(PLACE.seen(chance=number))
    camera.bank.freeze(camera.time)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=30)))
    assert found.light == NIGHT
    assert np.nanmedian(found.change[CORE]) > 0.85
    assert np.isnan(found.soil).all()


def test_a_light_seen_in_rain_alone_is_not_frozen(tmp_path: Path) -> None:
    camera = Camera(tmp_path, looks=0)
    for number in range(4):
        camera.see(PLACE.seen(chance=number))
    camera.time += 5.3 * 3600
    for number in range(4):
        camera.see(PLACE.seen(haze=0.4, chance=number))
    assert len(camera.bank.lights) == 2
    camera.bank.freeze(camera.time)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=9)))
    assert found.light != found.reference.light
    assert np.nanmedian(found.change[CORE]) > 0.85


GRAINY = 9.0  # grey levels of a sensor whose gain is up


def at_dusk(folder: Path) -> Camera:
    """A camera that began to learn in twilight, which is all grain."""
    camera = Camera(folder, looks=0)
    camera.time -= 3600
    for number in range(3):
        camera.see(PLACE.seen(noise=GRAINY, chance=number))
    assert list(camera.bank.lights) == [TWILIGHT]
    camera.time += 5 * 3600
    return camera


def test_a_bank_that_began_in_grainy_twilight_still_learns_the_day(tmp_path: Path) -> None:
    camera = at_dusk(tmp_path)
    for number in range(4):
        assert silent(camera.see(PLACE.seen(chance=10 + number))) is Silence.LEARNING
    camera.bank.freeze(camera.time)
    found = judged(camera.see(PLACE.seen(dug=DUG, chance=30)))
    assert found.light == found.reference.light != TWILIGHT
    assert np.nanmedian(found.change[CORE]) > 0.85


def test_where_only_grainy_twilight_was_learnt_a_clear_day_is_not_called_blurred(tmp_path: Path) -> None:
    camera = at_dusk(tmp_path)
    camera.bank.freeze(camera.time)
    judged(camera.see(PLACE.seen(dug=DUG, chance=30)))


def test_a_look_out_of_focus_is_told_by_its_own_light(camera: Camera) -> None:
    soft = np.asarray(cv2.GaussianBlur(PLACE.seen(chance=30), (0, 0), 3), np.uint8)
    assert silent(camera.see(soft)) is Silence.BLURRED


def test_a_reference_begun_in_haze_begins_again_in_clear_air(tmp_path: Path) -> None:
    camera = Camera(tmp_path, looks=0)
    for number in range(2):
        camera.see(PLACE.seen(haze=0.5, chance=number))
    camera.see(PLACE.seen(chance=9))  # edges that may be a bus's
    clear = camera.time + DAY
    for number in range(4):
        camera.see(PLACE.seen(chance=10 + number))
    camera.bank.freeze(camera.time)
    (reference,) = camera.bank.lights.values()
    assert reference.taken == clear
