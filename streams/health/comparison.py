"""One look against what the camera usually shows. Pure."""

from collections.abc import MutableMapping
from enum import Enum, auto

import numpy as np

from streams.health.condition import Condition
from streams.health.measures import Measures, Turn, shift, turn
from streams.health.reference import Appearance

_LOST = 0.35  # share of its usual edges below which a cell has lost them
_COVERED = 0.7  # share of textured cells that lost them
_GONE = 0.3  # share of cells that may still resemble themselves behind a hand: noise does, by chance
_SPRAYED = 0.18  # share of cells that paint takes at least
_ELSEWHERE = 0.75  # share of the other cells that show what they showed: round a lorry they do not
_FINE = 0.55  # share of its usual sharpness that a defocused picture keeps at most: 1.5 px of 640 leave 0.4
_NO_EDGES = 1e-3  # sharpness of nothing
_NIGHT = 0.5  # share of black pixels from which focus cannot be judged
_KEPT = 0.35  # share of cells that show the same thing below which the view may be another one
_AGREES = 0.6  # share of cells from which nothing has moved
_SURE = 0.2  # response of the phase correlation: the side of a lorry gives 0.09, a shifted view 0.4 and more
_FAR = 0.012  # share of the picture's width: 23 px of 1920; a mast sways by less

Values = MutableMapping[str, float]


class View(Enum):
    """Whether the camera points where it did."""

    USUAL = auto()
    UNSURE = auto()  # much is different, not all
    STRANGE = auto()  # nothing is found again: it points elsewhere, or a lorry stands before it


def compared(look: Measures, usual: Appearance, values: Values) -> tuple[Condition | None, View]:
    """Against a picture of about the same brightness. values: told what was measured."""
    cells = usual.textured
    lost = values["lost"] = float((look.texture[cells] < _LOST * usual.texture[cells]).mean())
    kept = values["kept"] = usual.kept(look)
    if lost > _COVERED and kept < _GONE:
        return Condition.COVERED, View.UNSURE
    if _defocused(look, usual, values):
        return Condition.BLURRED, View.UNSURE
    if lost > _SPRAYED and look.black < _NIGHT and kept > _ELSEWHERE * (1 - lost):
        return Condition.SPRAYED, View.UNSURE
    return _placed(look, usual, kept, values)


def changed(look: Measures, before: Appearance, values: Values) -> tuple[Condition | None, View]:
    """Against a picture of another brightness: only what light alone cannot do."""
    cells = before.textured
    lost = values["lost"] = float((look.texture[cells] < _LOST * before.texture[cells]).mean())
    kept = values["kept"] = before.kept(look)
    if lost > _COVERED and kept < _GONE:
        return Condition.COVERED, View.UNSURE
    if kept >= _KEPT:
        return None, View.USUAL
    condition, view = _placed(look, before, kept, values)
    return condition, View.UNSURE if view is View.STRANGE else view


def _defocused(look: Measures, usual: Appearance, values: Values) -> bool:
    cells = usual.textured
    fine = np.median(look.sharpness[cells] / np.maximum(usual.sharpness[cells], _NO_EDGES))
    values["fine"] = float(fine)
    return bool(fine < _FINE) and look.black < _NIGHT


def _placed(look: Measures, usual: Appearance, kept: float, values: Values) -> tuple[Condition | None, View]:
    if kept >= _AGREES:
        return None, View.USUAL
    found = _found_again(look, usual)
    if found is None:
        return None, View.STRANGE if kept < _KEPT else View.UNSURE
    values.update({"shift_x": found.across, "shift_y": found.down, "angle": found.angle, "zoom": found.zoom})
    if found.farthest(look.size) > _FAR * look.size[0]:
        return Condition.MOVED, View.UNSURE
    return None, View.USUAL


def _found_again(look: Measures, usual: Appearance) -> Turn | None:
    turned = turn(usual.measures, look)
    if turned is not None:
        return turned
    shifted = shift(
        usual.measures, look
    )  # corners look different in another light, edges stay where they are
    return shifted if shifted is not None and shifted.sure > _SURE else None
