"""The proving ground's air and sensor: far things pale, lamps glare, night is grey, the same chance is the same picture."""

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.provingground.__main__ import main
from bench.provingground.camera import look
from bench.provingground.check import checked, drop
from bench.provingground.conditions import SHARES, random_conditions
from bench.provingground.sensor import Lamp, Look, Picture, develop, gain_for
from bench.provingground.sheet import sheet
from bench.provingground.weather import Puff, clouds, dust, haze, rain, wind

SIZE = (160, 90)
CAMERA = look(np.array([0.0, -50.0, 10.0]), np.zeros(3), math.radians(40), SIZE)
PLAIN = Look(noise=(0.0, 0.0), blur=0.0)


def scene() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Grey ground 50 m off, the right half 400 m off, and a strip of bright sky."""
    light = np.full((90, 160, 3), 0.1, np.float32)
    depth = np.full((90, 160), 50, np.float32)
    depth[:, 80:] = 400
    light[:10], depth[:10] = (0.4, 0.5, 0.7), 1e10
    return light, depth


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pictured(camera_look: Look, lamps: tuple[Lamp, ...] = (), seed: int = 0) -> Picture:
    light, depth = scene()
    return develop(light, depth, CAMERA, camera_look, lamps, chance(seed))


def test_the_same_chance_makes_the_same_picture() -> None:
    noisy = replace(PLAIN, noise=(0.001, 0.01))
    assert np.array_equal(pictured(noisy, seed=3), pictured(noisy, seed=3))
    assert not np.array_equal(pictured(noisy, seed=3), pictured(noisy, seed=4))


def test_the_ground_is_exposed_to_the_key_whatever_the_light() -> None:
    light, depth = scene()
    bright = develop(light * 9, depth, CAMERA, PLAIN, (), chance())
    assert np.abs(bright[50].astype(int) - pictured(PLAIN)[50]).max() <= 1
    fixed = replace(PLAIN, gain=gain_for(light, depth, PLAIN))
    assert develop(light * 9, depth, CAMERA, fixed, (), chance())[50].mean() > bright[50].mean() + 30


def test_infrared_is_grey_and_dark_in_the_corners() -> None:
    picture = pictured(replace(PLAIN, infrared=True, vignette=0.8, gain=2.0))
    assert (picture[..., 0] == picture[..., 2]).all()
    assert picture[89, 40].mean() > picture[89, 0].mean() + 5


def test_haze_takes_what_is_far() -> None:
    light, depth = scene()
    misty = haze(light, depth, 0.005)
    assert np.abs(misty[50, 20] - light[50, 20]).max() < np.abs(misty[50, 120] - light[50, 120]).max()
    assert np.array_equal(haze(light, depth, 0.0), light)


def test_dust_hides_what_is_behind_it_only() -> None:
    light, depth = scene()
    light = light * 0.2
    depth[10:] = 30  # everything nearer than the puff at 51 m
    puff = Puff((0.0, 0.0, 0.0), 3.0, 0.8)
    assert np.allclose(dust(light, depth, CAMERA, [puff])[12:], light[12:], atol=1e-3)
    depth[10:] = 80
    assert dust(light, depth, CAMERA, [puff])[45, 80].mean() > light[45, 80].mean() * 1.2


def test_rain_brightens_streaks_and_leaves_the_mean_near() -> None:
    light, _ = scene()
    wet = rain(light, chance(), 1.0)
    assert wet.std() > 0
    assert (wet[40:] > light[40:] * 1.3).any()
    assert np.array_equal(rain(light, chance(1), 0.5), rain(light, chance(1), 0.5))


def test_a_lamp_glares_only_if_it_looks_this_way_and_nothing_hides_it() -> None:
    night = replace(PLAIN, gain=1.0, glare=1.0)
    lamp = Lamp(np.zeros(3), np.array([0.0, -1.0, 0.0]))
    dark = pictured(night)
    light, depth = scene()
    depth[10:] = 60

    def shown(one: Lamp, far: float) -> Picture:
        return develop(
            light, np.where(depth > 1e5, depth, far).astype(np.float32), CAMERA, night, (one,), chance()
        )

    assert shown(lamp, 60)[45, 80].min() > dark[45, 80].max() + 60
    assert np.array_equal(shown(lamp, 20), dark)
    assert np.array_equal(shown(Lamp(lamp.place, -lamp.towards), 60), dark)


def test_all_conditions_come_up_and_fit_together() -> None:
    drawn = [random_conditions(chance(seed)) for seed in range(400)]
    assert {each.name for each in drawn} == set(SHARES)
    for each in drawn:
        assert each.night == each.look.night
        assert each.look.infrared == (each.name == "night_ir")
        assert each.sun is None or each.sun[0] > 0
        assert each.wet == 0 or each.name == "rain"


def view(folder: Path, name: str, label: str = "0 0.5 0.5 0.2 0.2\n", level: int = 120) -> None:
    cv2.imwrite(str(folder / f"{name}.jpg"), np.full((360, 640, 3), level, np.uint8))
    (folder / f"{name}.txt").write_text(label)
    (folder / f"{name}.json").write_text('{"cond": "day", "camera": "mast", "objects": [{"load": "empty"}]}')


def test_a_folder_s_faults_are_told_and_dropped(tmp_path: Path) -> None:
    view(tmp_path, "good")
    view(tmp_path, "outside", "0 0.95 0.5 0.2 0.2\n")
    view(tmp_path, "unknown", "8 0.5 0.5 0.2 0.2\n")
    view(tmp_path, "black", level=0)
    view(tmp_path, "alone")
    (tmp_path / "alone.json").unlink()
    account = checked(tmp_path)
    assert set(account.bad) == {"outside", "unknown", "black", "alone"}
    assert account.sizes == {"truck": [pytest.approx(128)]}
    drop(tmp_path, iter(account.bad))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.jpg", "good.json", "good.txt"]


def test_a_sheet_draws_the_labels(tmp_path: Path) -> None:
    for name in "abcde":
        view(tmp_path, name)
    drawn = sheet(tmp_path, 5, 0)
    assert drawn.shape == (768, 2560, 3)
    assert (drawn == (0, 0, 255)).all(axis=2).any()
    with pytest.raises(FileNotFoundError):
        sheet(tmp_path / "nowhere", 5, 0)


def test_clouds_pass_over_the_ground_and_leave_the_sky() -> None:
    light, depth = scene()
    before, after = (clouds(light, depth, CAMERA, time, 0.5) for time in (0.0, 60.0))
    assert np.array_equal(before[:10], light[:10])
    assert not np.allclose(before[10:], after[10:])
    assert (before <= light + 1e-6).all()
    assert (before >= light * 0.5 - 1e-6).all()


def test_wind_stirs_plants_only() -> None:
    light = chance().random((90, 160, 3), np.float32)
    plants = np.zeros((90, 160), bool)
    plants[30:60, 40:80] = True
    stirred = wind(light, plants, 0.4, 2.0)
    assert not np.allclose(stirred[35:55, 45:75], light[35:55, 45:75])
    assert np.allclose(stirred[:20], light[:20], atol=1e-5)


def test_the_commands_that_need_no_renderer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "views"
    folder.mkdir()
    view(folder, "good")
    view(folder, "unknown", "8 0.5 0.5 0.2 0.2\n")
    assert main(["check", str(folder)]) == 1
    assert "unknown" in capsys.readouterr().out
    assert main(["check", str(folder), "--drop"]) == 0
    assert main(["check", str(folder)]) == 0
    assert main(["sheet", str(folder), str(tmp_path / "sheet.jpg"), "--count", "1"]) == 0
    assert cv2.imread(str(tmp_path / "sheet.jpg")) is not None
