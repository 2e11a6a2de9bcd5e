"""What light does to a whole picture is taken off, and no more."""

import numpy as np

from inference.land.features import Features, Floats, fine
from inference.land.relight import residue

SHAPE = (180, 320)
ALL = np.ones(SHAPE, bool)


def seen(tint: Floats) -> Features:
    flat = np.zeros(SHAPE, np.float32)
    return Features(tint, flat, flat, fine(flat))


def test_a_track_in_a_meadow_pales_as_all_the_picture_does() -> None:
    """A gamma of 0.75: the band of rows that holds the track has little else to tell it by."""
    tint = np.full(SHAPE, -0.6, np.float32)
    tint[:90] += np.random.default_rng(1).normal(0, 0.2, (90, 320)).astype(np.float32)
    tint[128:137, :40] = 0.0
    rest = residue(seen(tint * np.float32(0.75)), seen(tint), ALL)
    assert np.abs(rest.tint[128:137, 4:36]).mean() < 0.05
    assert np.abs(rest.tint).mean() < 0.01
