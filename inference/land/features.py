"""What of a picture's pixels stays when the light changes. Pure.

A surface's colour in a picture is its own times the light's. In logarithms the light is a sum, and the three sums
below fall apart by what may change them (Finlayson et al., On the removal of shadows from images, PAMI 2006):
`tint`, green against red and blue, hardly moves when the sun gives way to the blue sky of a shadow, since both lie
near the Planckian locus, and tells plants from soil; `warmth`, red against blue, does move; `luma` moves most.
"""

from dataclasses import dataclass, fields
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

WIDEST = 960  # px of the grid: 4:2:0 colour has no more in 1080p
_TALLEST = 1080  # px of the grid: spoilt streams declare 16 x 4096
_PEDESTAL = 8.0  # grey levels added before the logarithm: haze of the lens and the encoder's black
_GRAIN = 1.5  # grey levels, 1 sigma of a pixel of the grid: sensor and 4 Mbit/s compression, averaged 2 x 2
PATCH = (5, 3)  # px that a sign is averaged over: a dig of 20 m2 at 300 m is 13 x 2 px of the grid
AROUND = (61, 25)  # px that a place is held against: some ten digs of 20 m2 at 300 m
_FINE = (9, 5)  # px of the window whose mean is taken off: wider than high, as ground is seen from a mast
_SUMS = np.array(
    [[1, -2, 1], [-1, 0, 1], [0.114, 0.587, 0.299]], np.float32
)  # tint, warmth, luma of ln B, G, R
_LOGARITHM = np.log(np.arange(256, dtype=np.float32) + np.float32(_PEDESTAL))


@dataclass(frozen=True, slots=True)
class Features:
    """float32 [h, w] each, natural logarithms of grey levels (gamma as the camera encodes it).

    tint: ln R + ln B - 2 ln G. warmth: ln R - ln B. luma: of brightness. fine: luma less its mean over 9 x 5 px.
    """

    tint: Floats
    warmth: Floats
    luma: Floats
    fine: Floats

    @classmethod
    def of(cls, picture: Picture) -> Self:
        """picture: uint8 [h, w, 3], BGR, of the grid."""
        sums = cv2.transform(cv2.LUT(picture, _LOGARITHM), _SUMS)
        tint, warmth, luma = (np.ascontiguousarray(sums[..., each], np.float32) for each in range(3))
        return cls(tint, warmth, luma, fine(luma))


NAMES = tuple(each.name for each in fields(Features))


def fine(luma: Floats) -> Floats:
    """What is left of it without its mean over a window: edges, furrows, leaves."""
    return np.asarray(luma - cv2.blur(luma, _FINE), np.float32)


def patched(layer: Floats) -> Floats:
    """Means of a patch about each place."""
    return np.asarray(cv2.blur(layer, PATCH), np.float32)


def grain(luma: Floats) -> Floats:
    """float32 [h, w]: 1 sigma that noise of the sensor and the encoder gives to a logarithm: much in the dark."""
    return np.asarray(np.float32(_GRAIN) * cv2.exp(-luma), np.float32)


def grid(width: int, height: int) -> tuple[int, int]:
    """Width and height of what is compared, px."""
    wide = min(width, WIDEST)
    return wide, min(max(1, round(height * wide / width)), _TALLEST)


def reduced(picture: Picture, size: tuple[int, int]) -> Picture:
    """To width and height, each pixel a mean."""
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
