"""Where the ground of two registered pictures from above is another one. Pure; loads OpenCV.

Two flights differ by sun, haze, season and the camera's white balance everywhere, and by what was dug in places. The
colour of a surface (logarithmic sums that a shadow hardly moves: inference.land.features) is compared with that of
the other picture's surroundings as wide as the registration is unsure, less what changed everywhere, in sigmas of how
much the rest of the picture changed; structure (zero-mean normalised correlation) tells where edges and texture are
others. Colour alone may be a crop that ripened by a shade, structure alone a shadow: together they are ground.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.land.features import Features
from inference.survey.view import Mask, Picture

Floats = NDArray[np.float32]

MOST_EVERYWHERE = (
    0.15  # grass to sand is 0.4, two to three of these: a season that takes more hides what was dug
)
_SHADE = 0.02  # logarithm of colour, 1 sigma of what sensor and JPEG leave in a mean over a cell
_DARK = 4.0  # grey levels, 1 sigma of a colour sum: noise, JPEG, and the tone curve that differs at its foot
_MOTLEY = 0.5  # of the spread of colours within a window: leaves and their shadows change places
_WINDOW = 9  # cells: what structure is compared in
_FAINT = 0.03  # logarithm of brightness: texture below it is noise
_UNSURE = 3.0  # cells at most that a surface is sought round its place
_RANGE = 2.0  # sigmas of colour from doubtful to sure
_MIDDLE = 4.0  # sigmas of colour: as likely changed as not, where the structure says nothing
_OTHER = 2.0  # sigmas that another structure is worth


@dataclass(frozen=True, slots=True)
class Difference:
    """change: float32 [h, w], 0 to 1: how sure it is that the surface is another one; NaN where not both pictures show
    ground. soil: float32 [h, w], 0 to 1: how much it looks like bare soil in the later picture. everywhere: logarithm of
    colour, 1 sigma of how far the picture as a whole changed: beyond MOST_EVERYWHERE nothing stands out of it."""

    change: Floats
    soil: Floats
    everywhere: float


def differing(earlier: Picture, later: Picture, both: Mask, unsure: float) -> Difference:
    """earlier, later: uint8 [h, w, 3] BGR of the same grid. both: where both show ground. unsure: cells, 1 sigma of
    the registration."""
    before, after = Features.of(_calm(earlier)), Features.of(_calm(later))
    tolerance = int(np.clip(np.ceil(2 * unsure), 1, _UNSURE))
    dark = np.float32(_DARK) * (np.exp(-before.luma) + np.exp(-after.luma)).astype(np.float32)
    other = np.float32(_OTHER) * (_other(before.luma, after.luma) - np.float32(0.5))
    tint, warmth = _Moved.of(before.tint, after.tint, both), _Moved.of(before.warmth, after.warmth, both)
    plain, sought = (
        np.hypot(tint.sigmas(dark, each), warmth.sigmas(dark, each)) + other for each in (0, tolerance)
    )
    # Seeking a surface round its place eats a patch's rim: where the middle is sure, the rim is told by place.
    colour = np.minimum(plain, cv2.dilate(sought, _square(tolerance)))
    change = 0.5 + 0.5 * np.tanh((colour - _MIDDLE) / _RANGE)
    change = np.where(both, change, np.nan).astype(np.float32)
    return Difference(change, _soil(after), max(tint.spread, warmth.spread))


def _calm(picture: Picture) -> Picture:
    """Without single cells of noise, edges kept."""
    return np.asarray(cv2.medianBlur(picture, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class _Moved:
    """One colour of both pictures, less what changed everywhere. spread: 1 sigma of the rest of the change."""

    before: Floats
    after: Floats
    spread: float

    @classmethod
    def of(cls, before: Floats, after: Floats, both: Mask) -> Self:
        step = (after - before)[both]
        common = float(np.median(step)) if step.size else 0.0
        spread = 1.4826 * float(np.median(np.abs(step - common))) if step.size else 0.0
        return cls(before, after - np.float32(common), spread)

    def sigmas(self, dark: Floats, tolerance: int) -> Floats:
        """How far a colour lies outside those round it in the other picture, in sigmas: of how far the picture's do
        as a whole, of how motley the place was, and of what is told in the dark."""
        off = np.maximum(
            _outside(self.after, self.before, tolerance), _outside(self.before, self.after, tolerance)
        )
        size = (_WINDOW, _WINDOW)
        motley = np.maximum(cv2.blur(self.before * self.before, size) - cv2.blur(self.before, size) ** 2, 0)
        sigma = np.sqrt(self.spread**2 + _SHADE**2 + _MOTLEY**2 * motley + dark**2)
        return np.asarray(cv2.blur(off, (3, 3)) / sigma, np.float32)


def _outside(one: Floats, other: Floats, tolerance: int) -> Floats:
    most, least = cv2.dilate(other, _square(tolerance)), cv2.erode(other, _square(tolerance))
    return np.asarray(np.maximum(np.maximum(one - most, least - one), 0), np.float32)


def _square(cells: int) -> NDArray[np.uint8]:
    return np.ones((2 * cells + 1, 2 * cells + 1), np.uint8)


def _other(before: Floats, after: Floats) -> Floats:
    """0: the same structure; 1: another one, or one where there was none; 0.5: none in either."""
    size = (_WINDOW, _WINDOW)
    one, two = before - cv2.blur(before, size), after - cv2.blur(after, size)
    ours, theirs, common = cv2.blur(one * one, size), cv2.blur(two * two, size), cv2.blur(one * two, size)
    alike = common / np.sqrt(ours * theirs + 1e-9)
    told = np.maximum(ours, theirs)
    told = told / (told + _FAINT**2)
    return np.asarray(0.5 - told * (np.clip(alike, 0, 1) - 0.5), np.float32)


def _soil(after: Features) -> Floats:
    """Warm and not green: dry sand and loam have ln R - ln B of 0.3 to 0.6 and a tint of -0.05 to -0.25; asphalt and
    concrete a warmth below 0.1; leaves a tint below -0.4."""
    warm, bare = (after.warmth - 0.15) / 0.04, (after.tint + 0.32) / 0.04
    return np.asarray(0.5 + 0.5 * np.tanh(np.minimum(warm, bare) / 2), np.float32)
