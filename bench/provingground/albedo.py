"""The colour of the ground: meadow, fields with their rows, sand bank, tracks with ruts, bare earth."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.provingground.ground import Earthwork, Ground
from bench.provingground.noise import Field, fractal
from bench.provingground.outline import signed_distance
from bench.provingground.site import HALF, Site

Map = NDArray[np.float32]  # linear RGB [n, n, 3], row 0 at the south edge

_CROPS = (
    (0.060, 0.115, 0.022), (0.045, 0.085, 0.022), (0.19, 0.15, 0.075), (0.095, 0.125, 0.030),
    (0.17, 0.115, 0.075), (0.27, 0.24, 0.10), (0.075, 0.125, 0.040), (0.13, 0.095, 0.062),
)  # fmt: skip
_FIELD = (34.0, 22.0)  # m, length and width of a strip of land
_EARTH = {"pit": (0.25, 0.195, 0.13), "heap": (0.40, 0.32, 0.21)}


@dataclass(frozen=True, slots=True, eq=False)
class _Canvas:
    x: Field
    y: Field
    broad: Field
    middle: Field
    wander: Field
    off_water: Field


def albedo(ground: Ground, size: int = 4096) -> Map:
    """Linear RGB reflectance of the square of 2 HALF m, [size, size, 3]."""
    canvas = _canvas(ground.site, size, ground.seed)
    colour = _meadow(canvas)
    _mix(colour, _fields(canvas, ground.seed), _field_cover(canvas, ground.site, ground.seed))
    colour *= np.array(ground.site.season.grass, np.float32)
    sand, cover = _bank(canvas, ground.site)
    _mix(colour, sand, cover)
    _tracks(colour, canvas, ground.site)
    for work in ground.earthworks:
        _bare(colour, canvas, work)
    grain = np.random.default_rng(ground.seed).random((size, size), np.float32)
    colour *= (0.9 + 0.2 * grain)[..., None]
    return np.clip(colour, 0.004, 0.9)


def srgb(linear: Map) -> NDArray[np.float32]:
    """The sRGB transfer curve (IEC 61966-2-1), 0 to 1."""
    low = linear * 12.92
    high = 1.055 * np.clip(linear, 1e-9, None) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, low, high).astype(np.float32)


def _canvas(site: Site, size: int, seed: int) -> _Canvas:
    places = ((np.arange(size) + 0.5) / size * 2 * HALF - HALF).astype(np.float32)
    x, y = np.meshgrid(places, places)
    return _Canvas(
        x,
        y,
        fractal(size, size / 8, seed + 10, 6),
        fractal(size, 40, seed + 11),
        (fractal(size, 220, seed + 12) - 0.5) * 22,
        site.off_water(x, y).astype(np.float32),
    )


def _mix(base: Map, other: Map, share: Field) -> None:
    base += (other - base) * share[..., None]


def _tones(field: Field, base: tuple[float, float, float], swing: tuple[float, float, float]) -> Map:
    return np.stack([low + part * field for low, part in zip(base, swing, strict=True)], -1).astype(
        np.float32
    )


def _meadow(canvas: _Canvas) -> Map:
    return _tones(canvas.broad, (0.075, 0.105, 0.030), (0.07, 0.07, 0.025))


def _strips(canvas: _Canvas) -> list[Field]:
    """Place within a strip (m, both ways) and the strip's number (both ways)."""
    turn = 0.12
    along = canvas.x * math.cos(turn) + canvas.y * math.sin(turn) + 600
    across = -canvas.x * math.sin(turn) + canvas.y * math.cos(turn) + 600
    row = np.floor(across / _FIELD[1])
    shifted = along + 8 * row % 3 * 4
    parts = (shifted % _FIELD[0], across % _FIELD[1], np.floor(shifted / _FIELD[0]), row)
    return [np.asarray(part, np.float32) for part in parts]


def _fields(canvas: _Canvas, seed: int) -> Map:
    noise = np.random.default_rng(seed + 5)
    along, across, col, row = _strips(canvas)
    key = ((col * 31 + row * 17) % 97).astype(int)
    crop = np.array(_CROPS, np.float32)[noise.integers(0, len(_CROPS), 97)][key]
    period = noise.uniform(0.9, 2.0, 97).astype(np.float32)[key]
    depth = noise.uniform(0.15, 0.55, 97).astype(np.float32)[key]
    way = np.where((noise.random(97) > 0.4)[key], across, along)
    rows = np.sin(2 * np.pi * way / period + canvas.middle * 1.5).astype(np.float32)
    shade = (1 + depth * 0.7 * rows) * (0.65 + 0.7 * canvas.broad) * (0.75 + 0.5 * canvas.middle)
    soil = (np.clip(-rows, 0, 1) * depth * 0.25)[..., None] * np.array([0.14, 0.10, 0.065], np.float32)
    return np.asarray(crop * shade[..., None] + soil, np.float32)


def _field_cover(canvas: _Canvas, site: Site, seed: int) -> Field:
    along, across, _, _ = _strips(canvas)
    border = np.minimum(np.minimum(along, _FIELD[0] - along), np.minimum(across, _FIELD[1] - across))
    inside = np.clip((border - 0.6 + canvas.middle * 0.5) / 0.5, 0, 1)
    dry = canvas.off_water + canvas.wander > 42
    clear = np.clip(np.abs(canvas.y - site.track.at(canvas.x)) - 6, 0, 1)
    return np.asarray(inside * dry * clear, np.float32)


def _bank(canvas: _Canvas, site: Site) -> tuple[Map, Field]:
    far = (canvas.y > site.river.at(canvas.x)) * 0.75
    bank = np.clip((34 + canvas.wander - canvas.off_water) / 5, 0, 1) * (1 - far)
    weeds = np.clip((canvas.broad - 0.52) * 6, 0, 1) * np.clip((canvas.off_water - 8) / 10, 0, 1) * 0.7
    sand = _tones(canvas.middle - 0.5, (0.43, 0.355, 0.245), (0.14, 0.13, 0.10))
    wet = np.clip(1 - (canvas.off_water - 1) / 6, 0, 1)
    sand *= ((0.78 + 0.44 * canvas.broad) * (1 - 0.5 * wet))[..., None]
    return sand * np.array(site.season.sand, np.float32), np.asarray(bank * (1 - weeds), np.float32)


def _tracks(colour: Map, canvas: _Canvas, site: Site) -> None:
    dirt = _tones(canvas.middle - 0.5, (0.285, 0.225, 0.150), (0.09, 0.08, 0.06))
    dirt *= (0.8 + 0.4 * canvas.broad)[..., None]
    for off in _off_tracks(canvas, site):
        share = np.clip((3.4 + (canvas.middle - 0.5) * 2.2 - off) / 0.8, 0, 1)
        ruts = 1 - 0.25 * np.exp(-(((off - 1.05) / 0.35) ** 2)) + 0.12 * np.exp(-((off / 0.4) ** 2))
        _mix(colour, dirt * ruts[..., None], share.astype(np.float32))


def _off_tracks(canvas: _Canvas, site: Site) -> list[Field]:
    """m from the middle of each track, at every place."""
    x, y = canvas.x, canvas.y
    spur = np.where((y > 2) & (y < site.shore(x) - 12), np.abs(x - site.spur.at(y)), 99)
    tracks = [np.abs(y - site.track.at(x)), spur]
    if site.bank_track is not None:
        tracks.append(np.abs(site.bank_y(x) - y))
    return [track.astype(np.float32) for track in tracks]


def _bare(colour: Map, canvas: _Canvas, work: Earthwork) -> None:
    size = len(colour)
    low, high = (
        ((corner + HALF) / (2 * HALF)) * size for corner in (work.outline.min(0) - 2, work.outline.max(0) + 2)
    )
    part = slice(max(0, int(low[1])), int(high[1])), slice(max(0, int(low[0])), int(high[0]))
    inside = signed_distance(work.outline, canvas.x[part].astype(float), canvas.y[part].astype(float))
    tone = 0.72 + 0.5 * canvas.middle[part] + 0.12 * canvas.broad[part]
    earth = np.array(work.colour or _EARTH[work.kind], np.float32) * tone[..., None]
    _mix(colour[part], earth, np.clip(inside / 0.25 + 0.5, 0, 1).astype(np.float32))
