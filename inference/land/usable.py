"""Whether a picture shows enough of the ground to be judged, against how this view usually looks. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.land.features import Floats
from inference.land.silence import Silence
from streams.health.measures import ROWS, Measures

_BLACK: Final = 0.9  # share of black pixels
_DAZZLED: Final = 0.9  # share of saturated pixels: nothing but a lamp is seen
_WHITE: Final = 0.25  # share of saturated pixels beyond the usual
_TEXTURED: Final = 1.2  # grey levels per px of edges that a cell needs before its loss says anything
_ENOUGH: Final = 0.1  # share of the cells that must be textured
_LOST: Final = 0.35  # of its usual contrast: fog at its visibility leaves 0.05, haze at a quarter of it 0.5
_GONE: Final = 0.7  # share of textured cells: nothing is left to be registered by
_MANY: Final = 0.35  # share of textured cells from which the rest is not trusted either
_FINE: Final = 0.55  # of its usual sharpness that a defocused picture keeps at most: 1.5 px of 640 leave 0.4
_BRIGHTER: Final = 1.5  # times the usual mean, from which it has less grain, which passes for fine edges
_NIGHT: Final = 0.5  # share of black pixels from which focus cannot be judged
_GREY: Final = 70.0  # grey levels, mean: fog is lit, a hand is not
_PEDESTAL: Final = 8.0  # grey levels
_NO_EDGES: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Ordinary:
    """texture, sharpness: float32 [ROWS, COLUMNS] as streams.health.measures has them. mean: grey level. white: share."""

    texture: Floats
    sharpness: Floats
    mean: float
    white: float

    @property
    def clarity(self) -> float:
        """Edges for the light there is: haze, rain and a low cloud take of it."""
        return float(self.texture.mean()) / (self.mean + _PEDESTAL)

    @classmethod
    def of(cls, look: Measures) -> "Ordinary":
        return cls(look.texture, look.sharpness, look.mean, look.white)


def obvious(look: Measures) -> Silence | None:
    """What needs nothing usual to be seen."""
    if look.black > _BLACK:
        return Silence.DARK
    return Silence.GLARE if look.white > _DAZZLED else None


def featureless(look: Measures) -> Silence | None:
    """What has no edges of its own is nothing to compare with: fog that never lifted while it was learnt."""
    return Silence.FEATURELESS if (look.texture > _TEXTURED).mean() < _ENOUGH else None


def spoilt(look: Measures, usual: Ordinary, *, focus: bool = True) -> Silence | None:
    """Why this picture says nothing of a ground that usually looks like this, in about the same light. focus: whether
    its sharpness is to be compared, too: grain of another light passes for fine edges."""
    found = obvious(look)
    if found is not None:
        return found
    return _faded(look, usual, focus)


def _faded(look: Measures, usual: Ordinary, focus: bool) -> Silence | None:
    """By the contrast that each textured cell has lost."""
    cells = usual.texture > _TEXTURED
    if cells.mean() < _ENOUGH:
        return Silence.FEATURELESS
    plain = usual.texture / (usual.mean + _PEDESTAL)
    contrast = (look.texture / (look.mean + _PEDESTAL)) / np.where(cells, plain, 1.0)
    lost = cells & (contrast < _LOST)
    share = lost.sum() / cells.sum()
    if share > _MANY and look.white > usual.white + _WHITE:  # a white sky alone takes no edges of the ground
        return Silence.GLARE
    if share > _GONE:
        return Silence.FOG if look.mean > _GREY else Silence.COVERED
    if (
        focus
        and np.median(look.sharpness[cells] / np.maximum(usual.sharpness[cells], _NO_EDGES)) < _FINE
        and look.black < _NIGHT
        and look.mean < _BRIGHTER * usual.mean
    ):
        return Silence.BLURRED
    if share > _MANY:
        rows = np.arange(ROWS)[:, None] * np.ones_like(contrast)
        return Silence.FOG if rows[lost].mean() < rows[cells].mean() else Silence.DROPS
    return None
