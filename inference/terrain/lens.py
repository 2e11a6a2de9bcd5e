"""A lens that bends straight lines, by one number: the division model (Fitzgibbon, CVPR 2001), which has an exact
inverse. Pure.

A point seen at q from the picture's middle, in half picture widths, lies straight at q / (1 + lens |q|^2). Negative is
a barrel, as wide lenses have. To first order lens = k1 tan(hfov / 2)^2 of the polynomial model's k1.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def straight(pixels: Floats, lens: float | Floats, aspect: float) -> Floats:
    """[..., N, 2], relative pixels [N, 2] as a pinhole would see them. lens: one, or [K, 1] for K lenses at once.
    aspect: width by height. NaN beyond what this lens can show."""
    scale = _scale(aspect)
    seen = (pixels - 0.5) * scale
    grown = 1 + np.asarray(lens) * (seen**2).sum(axis=-1)
    return np.asarray(seen / np.where(grown > 0, grown, np.nan)[..., None] / scale + 0.5, np.float64)


def bent(pixels: Floats, lens: float, aspect: float) -> Floats:
    """[N, 2]: where the lens shows what a pinhole would at `pixels`: the inverse of `straight`."""
    scale = _scale(aspect)
    seen = (pixels - 0.5) * scale
    with np.errstate(invalid="ignore"):
        root = np.sqrt(1 - 4 * lens * (seen**2).sum(axis=-1))
    return np.asarray(2 * seen / (1 + root)[:, None] / scale + 0.5, np.float64)


def stretch(pixels: Floats, lens: float, aspect: float) -> Floats:
    """[N, 2, 2]: how the straight x and y (rows) change with the seen ones."""
    scale = _scale(aspect)
    seen = (pixels - 0.5) * scale
    grown = (1 + lens * (seen**2).sum(axis=-1))[:, None, None]
    turned = np.eye(2) / grown - 2 * lens * seen[:, :, None] * seen[:, None, :] / grown**2
    return np.asarray(turned * scale[None, None, :] / scale[None, :, None], np.float64)


def _scale(aspect: float) -> Floats:
    return np.array([2.0, 2.0 / aspect])
