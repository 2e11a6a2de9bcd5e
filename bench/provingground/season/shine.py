"""Lamps of vehicles by night: on the ground before them, and in the lens."""

import numpy as np

from bench.provingground.camera import Camera
from bench.provingground.season.basis import Basis, Floats
from bench.provingground.season.traffic import Guest
from bench.provingground.transforms import point, unit

WARM = np.array([1.0, 0.86, 0.66], np.float32)

_BEAM = 6e-4  # of 100 klx, of a headlamp near by
_GLARE = 1.2e-3  # of 100 klx, in the lens


def headlight(light: Floats, basis: Basis, guest: Guest) -> None:
    """What a vehicle's lamps throw on the ground before it."""
    ahead, left = guest.frame[:2, 0], guest.frame[:2, 1]
    away = basis.world[..., :2] - guest.frame[:2, 3].astype(np.float32)
    run, side = away @ ahead.astype(np.float32), away @ left.astype(np.float32)
    inside = (run > 3) & (run < 60) & (np.abs(side) < 4 + 0.35 * run) & ~basis.heaven
    if inside.any():
        run, side = run[inside], side[inside]
        beam = _BEAM * np.exp(-run / 16 - (side / (1.5 + 0.22 * run)) ** 2)
        light[inside] += basis.sky[inside].astype(np.float32) * beam[:, None] * WARM


def shine(light: Floats, camera: Camera, guest: Guest) -> None:
    """A vehicle's lamps in the lens."""
    for lamp in guest.model.headlamps:
        place = point(guest.frame, lamp)
        facing = float(unit(camera.place - place) @ guest.frame[:3, 0])
        (x, y), far = camera.project(place[None])[0][0], float(camera.project(place[None])[1][0])
        if facing < 0.05 or far < 2:
            continue
        _halo(light, x, y, max(0.9, camera.focal * 0.13 / far), _GLARE * facing**3)


def _halo(light: Floats, x: float, y: float, core: float, strength: float) -> None:
    reach = int(8 * core + 40)
    rows = slice(max(0, int(y) - reach), max(0, min(light.shape[0], int(y) + reach)))
    cols = slice(max(0, int(x) - reach), max(0, min(light.shape[1], int(x) + reach)))
    across, down = np.arange(cols.start, cols.stop) - x, np.arange(rows.start, rows.stop) - y
    away = (across[None] ** 2 + down[:, None] ** 2).astype(np.float32)
    shine = 6 * np.exp(-away / (2 * (1.2 * core) ** 2)) + 0.5 * np.exp(-away / (2 * (3 * core + 3) ** 2))
    light[rows, cols] += (strength * shine)[..., None] * WARM
