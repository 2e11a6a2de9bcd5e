"""What a change of light does to a whole picture, fitted and taken off. Pure."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inference.land.features import Features, Floats, Mask

_EVERY: Final = 6  # px between the samples it is fitted to
_BANDS: Final = 6  # of rows: haze thickens with distance, which goes by rows
_COLUMNS: Final = 9  # tiles across: a cloud's shadow takes a part of the picture
_PRIOR: Final = 0.01  # variance of a sum that a band needs before its contrast says anything
_FEWEST: Final = 50  # samples that tell a slope
_CONTRAST: Final = (0.4, 2.0)  # that haze and gamma leave or add
_MOST: Final = {"tint": 0.06, "warmth": 0.15, "luma": 1.0}  # a tile's offset may differ from the picture's by


@dataclass(frozen=True, slots=True)
class Residue:
    """float32 [h, w] each: a look less its reference as this light would show it. gains: what each sum of the
    reference was multiplied by to be shown so, 1 where the air is as clear: "tint", "warmth", "luma"."""

    tint: Floats
    warmth: Floats
    luma: Floats
    gains: dict[str, Floats]


def residue(look: Features, usual: Features, known: Mask) -> Residue:
    """known: bool [h, w], False where a pixel must not take part in the fit (no view, a vehicle, a suspect)."""
    samples = known[::_EVERY, ::_EVERY]
    parts: dict[str, Floats] = {}
    all_gains: dict[str, Floats] = {}
    for name, most in _MOST.items():
        now, then = getattr(look, name), getattr(usual, name)
        gain = _gains(now[::_EVERY, ::_EVERY], then[::_EVERY, ::_EVERY], samples)
        gains = cv2.resize(gain, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
        rest = now - gains * then
        rest -= cv2.resize(
            _offsets(rest[::_EVERY, ::_EVERY], samples, most),
            known.shape[::-1],
            interpolation=cv2.INTER_LINEAR,
        )
        parts[name] = np.asarray(rest, np.float32)
        all_gains[name] = np.asarray(gains, np.float32)
    return Residue(parts["tint"], parts["warmth"], parts["luma"], all_gains)


def _gains(now: Floats, then: Floats, known: Mask) -> Floats:
    """float32 [_BANDS, 1]: slope of now over then in each band of rows, of the three quarters that agree best. A band of
    one colour has the whole picture's."""
    whole = _agreed(then[known], now[known], 1.0)
    gains = np.full((_BANDS, 1), whole, np.float32)
    for band, rows in enumerate(np.array_split(np.arange(len(now)), _BANDS)):
        use = known[rows]
        gains[band] = _agreed(then[rows][use], now[rows][use], whole)
    return np.asarray(cv2.blur(gains, (1, 3), borderType=cv2.BORDER_REPLICATE), np.float32)


def _agreed(x: Floats, y: Floats, else_: float) -> float:
    """Slope of y over x in the three quarters that agree best; as far as x does not vary, `else_`."""
    if len(x) < _FEWEST:
        return else_
    slope = _slope(x, y, else_)
    rest = y - slope * x
    rest = np.abs(rest - np.median(rest))
    close = rest <= np.percentile(rest, 75)
    return float(np.clip(_slope(x[close], y[close], slope), *_CONTRAST))


def _slope(x: Floats, y: Floats, else_: float) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    return float((np.mean(dx * dy) + _PRIOR * else_) / (np.mean(dx * dx) + _PRIOR))


def _offsets(rest: Floats, known: Mask, most: float) -> Floats:
    """float32 [_BANDS, _COLUMNS]: medians of the tiles, not farther than `most` from the picture's."""
    whole = float(np.median(rest[known])) if known.any() else 0.0
    offsets = np.full((_BANDS, _COLUMNS), whole, np.float32)
    for band, rows in enumerate(np.array_split(np.arange(rest.shape[0]), _BANDS)):
        for column, columns in enumerate(np.array_split(np.arange(rest.shape[1]), _COLUMNS)):
            tile = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            use = known[tile]
            if use.sum() >= 0.3 * use.size:
                offsets[band, column] = np.clip(np.median(rest[tile][use]), whole - most, whole + most)
    return np.asarray(cv2.blur(offsets, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)
