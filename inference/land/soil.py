"""What by its colour looks like bare soil, and what has come to look so. Pure.

Colours are those of inference.land.features: tint tells plants from soil, warmth tells soil from the grey of the sky in a
puddle, of asphalt and of concrete.
"""

from typing import Final

import cv2
import numpy as np

from inference.land.features import AROUND, Floats, patched

SUNNIER: Final = (-0.05, 0.55)  # of a change of luma: what warmth changes by as the sun comes and goes
# Tint and warmth at which a surface is as likely soil as not, and how sharply: grass has a tint of -0.4, stubble, and
# stubble half under water, -0.25 to -0.1, loess and loam -0.1 to 0.05; a grey sky in a puddle a warmth of 0 to 0.05.
_GREEN: Final = (-0.16, 0.06)
_BLUE: Final = (0.1, 0.03)
# Warmth gained, beyond what the sun gives, at which it is as likely as not that soil was laid over what is grey: asphalt and
# concrete have 0.1 to 0.3, soils 0.2 to 0.7.
_LAID: Final = (0.25, 0.05)


def likeness(tint: Floats, warmth: Floats) -> Floats:
    """0 to 1, of the mean of a patch: bare soil and sand are no greener than grey, and warmer: what is as grey as the sky
    is a puddle, in which the sky is seen, or concrete."""
    return _above(patched(tint), *_GREEN) * _above(patched(warmth), *_BLUE)


def around(layer: Floats) -> Floats:
    """Of a place and of what is around it the more: where a puddle stood, or a lorry, while all around was soil, it is no
    news that there is soil."""
    return np.asarray(cv2.max(layer, cv2.blur(layer, AROUND)), np.float32)


def verdure(tint: Floats) -> Floats:
    """0 to 1, of the mean of a patch: how much it looks like plants."""
    return 1 - _above(patched(tint), *_GREEN)


def gained(
    tint: Floats, warmth: Floats, brighter: Floats, likely: Floats, warm: Floats, green: Floats
) -> Floats:
    """-1 to 1: how much more like soil it is. tint, warmth: now. brighter: what luma gained. likely, warm: likeness and
    warmth as they were, `around`. green: `verdure` as it was: what was none gets warmer as it dries, so that a dirt road
    after rain is no soil that came up, unless it is much warmer."""
    now = likeness(tint, warmth)
    sunnier = np.maximum(patched(brighter), 0) * np.float32(SUNNIER[1])
    laid = now * _above(patched(warmth) - sunnier - warm, *_LAID)
    more = now - likely
    more *= np.where(more > 0, green, np.float32(1))
    return np.where(laid > np.float32(0.5), np.maximum(laid, more), more)


def _above(value: Floats, even: float, sharp: float) -> Floats:
    """0 to 1: logistic, 0.5 at `even`."""
    exponent = np.minimum((np.float32(even) - value) / np.float32(sharp), np.float32(30))
    return np.asarray(1 / (1 + cv2.exp(exponent)), np.float32)
