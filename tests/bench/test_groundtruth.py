"""The exact ground that sights are judged on: what is asked is where it is said to be."""

import numpy as np
import pytest

from bench.groundtruth import HILLS, Scene, mast, on_hills, patches, pose, sights
from inference.terrain.area import measured
from inference.terrain.posed import PosedSight


@pytest.mark.parametrize("make", [mast, pose, on_hills])
def test_an_exact_sight_makes_no_error(make: object) -> None:
    assert callable(make)
    chance = np.random.default_rng(1)
    off, within = [], []
    for _ in range(12):
        scene = make(chance)
        assert isinstance(scene, Scene)
        exact = PosedSight(scene.camera, scene.surface, np.zeros((9, 9)))
        off += [np.linalg.norm(exact.metres(pixel)[0] - place) for pixel, place in sights(scene, chance)]
        for outline, area, distance in patches(scene, chance):
            assert 0 < distance < 400
            told = measured(exact, outline)
            if told.area_m2 is not None and told.sigma_m2 is not None:
                within.append(abs(told.area_m2 - area) < 4 * told.sigma_m2)
    assert len(off) > 30
    assert max(off) < 1e-6
    assert len(within) > 15
    assert np.mean(within) > 0.9, "hills bend a patch's sides; a pixel's noise bends the rest"


def test_what_a_hill_hides_is_not_asked() -> None:
    scene = on_hills(np.random.default_rng(3))
    behind = np.array(scene.camera.place[:2]) + np.array([[0.0, 5000.0], [0.0, 5001.0], [1.0, 5000.0]])
    assert scene.seen(behind) is None
    assert np.isfinite(HILLS.height(np.zeros((1, 2)))).all()


def test_pairs_err_as_much_as_they_say() -> None:
    chance = np.random.default_rng(2)
    scene = mast(chance)
    given = scene.pairs(300, (2.0, 0.5), chance)
    exact = scene.camera.pixels(np.array([[*each.metres, 0.0] for each in given]))
    off = (np.array([each.pixel for each in given]) - exact) * [1920, 1080]
    assert {each.sigma_m for each in given} == {0.5}
    assert 1.5 < float(np.median(np.abs(off))) / 0.6745 < 60, "near the camera half a metre is many pixels"
