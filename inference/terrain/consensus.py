"""Whether points agree with one another; if not, which is wrong, so that it can be measured again. Pure."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.terrain.adjust import Fit, Model
from inference.terrain.points import GroundRefused, Marks
from streams.problem import Text

Floats = NDArray[np.float64]
M = TypeVar("M", bound=Model)
Solve = Callable[[Marks], Fit[M] | None]

_DOUBT = 3.7  # standard deviations: of 10,000 honest sets one looks as bad
# Squared deviations of a point the others know nothing of, from which on it is wrong: 1 in 3 million honest ones is as
# far. Of two points at once, more: among 28 couples there is one without which the rest look better than they are
_STRANGE = {1: 30.0, 2: 200.0}
_LEAST = 5  # pairs that must remain: with four, anything fits
_WORST = 10.0  # times the stated errors: 20 px or 5 m off. That is no measuring error
_MOST_TRIED = 12  # pairs up to which two at a time are doubted: 66 fits


def agreed(solve: Solve[M], marks: Marks, doubt: Solve[M] | None = None) -> Fit[M]:
    """The fit to all of them. doubt: what is asked instead of `solve` about dozens of others, where they do not agree.

    Raises GroundRefused, and names the pairs that are wrong as far as that can be told: one from 6 pairs on, two that
    were mixed up from 5, two that are wrong from 8.
    """
    fit = _tried(solve, marks)
    if fit is not None and not doubtful(fit):
        return fit
    _name_exchanged(doubt or solve, marks)
    _name_strange(doubt or solve, marks)
    if fit is None:
        raise GroundRefused(_HORIZON_BETWEEN)
    if fit.scale > _WORST:
        off = _off(fit, marks)
        raise GroundRefused(_unlike(off), [int(np.nanargmax(off))])
    return fit


def others(solve: Solve[M], marks: Marks) -> tuple[Floats, Floats]:
    """Of each pair [N], by what the others alone say: m from where they put it, and the same in standard deviations.
    NaN where they put it nowhere or are too few."""
    count = len(marks.pixels)
    found = np.full((2, count), np.nan)
    for index in range(count if count >= _LEAST else 0):
        rest = _tried(solve, marks.chosen([each for each in range(count) if each != index]))
        if rest is not None:
            alone = marks.chosen([index])
            found[:, index] = _off(rest, alone)[0], math.sqrt(rest.surprise(alone)[0])
    return found[0], found[1]


def _tried(solve: Solve[M], marks: Marks) -> Fit[M] | None:
    try:
        return solve(marks)
    except (GroundRefused, np.linalg.LinAlgError):  # these points alone fix nothing: no candidate
        return None


def _name_exchanged(solve: Solve[M], marks: Marks) -> None:
    count = len(marks.pixels)
    if not _LEAST <= count <= _MOST_TRIED:
        return
    tried = {
        pair: fit
        for pair in combinations(range(count), 2)
        if (fit := _tried(solve, marks.exchanged(*pair))) is not None and not doubtful(fit)
    }
    if len(tried) == 1:
        (pair,) = tried
        raise GroundRefused(_exchanged(*pair), pair)


def _name_strange(solve: Solve[M], marks: Marks) -> None:
    count = len(marks.pixels)
    for left_out in (1, 2):
        if count < _LEAST + left_out + (left_out > 1) or (left_out > 1 and count > _MOST_TRIED):
            return
        found = [
            (out, off)
            for out in combinations(range(count), left_out)
            if (off := _strangers(solve, marks, out)) is not None
        ]
        if found:
            raise GroundRefused(_strange(found), sorted({index for out, _ in found for index in out}))


def _strangers(solve: Solve[M], marks: Marks, out: tuple[int, ...]) -> Floats | None:
    """How far off they are, m, where the rest agree without them and know better; None where not."""
    rest = _tried(solve, marks.chosen([each for each in range(len(marks.pixels)) if each not in out]))
    if rest is None or doubtful(rest):
        return None
    alone = marks.chosen(out)
    return _off(rest, alone) if (rest.surprise(alone) > _STRANGE[len(out)]).all() else None


def _off(fit: Fit[M], marks: Marks) -> Floats:
    """[N] m between where each pair was measured and where its pixel lies by the fit."""
    places = fit.model.places(marks.pixels, marks.points[:, 2])
    return np.asarray(np.linalg.norm(places - marks.points[:, :2], axis=1), np.float64)


def doubtful(fit: Fit[M]) -> bool:
    """Whether the residuals are larger than the stated errors explain (Wilson, Hilferty 1931: chi-squared as a
    normal's cube)."""
    if fit.spare == 0:
        return False
    part = 2 / (9 * fit.spare)
    return fit.chi2 > fit.spare * (1 - part + _DOUBT * math.sqrt(part)) ** 3


_HORIZON_BETWEEN = Text(
    "the horizon would run between the points: two pairs are mixed up, or a point is not on the ground",
    "地平线会穿过这些点之间：可能有点对弄混，或有点不在地面上",
)


def _exchanged(one: int, other: int) -> Text:
    return Text(
        f"pairs {one + 1} and {other + 1} are mixed up: exchanged, all pairs fit",
        f"第{one + 1}和第{other + 1}个点对弄混：互换后全部吻合",
    )


def _strange(found: Sequence[tuple[tuple[int, ...], Floats]]) -> Text:
    """found: what may be wrong, each alone or together; where the points cannot tell which, all of it."""
    en = ", or ".join(
        " and ".join(f"pair {each + 1} is {_far(away)}" for each, away in zip(out, off, strict=True))
        for out, off in found
    )
    zh = "，或".join(
        "且".join(f"第{each + 1}个点对偏差{_far_zh(away)}" for each, away in zip(out, off, strict=True))
        for out, off in found
    )
    return Text(
        f"{en} off from where the others put it: measure again", f"{zh}（与其余点对不符）：请重新测量"
    )


def _unlike(off: Floats) -> Text:
    worst = int(np.nanargmax(off))
    return Text(
        f"the pairs do not fit one plane: pair {worst + 1} is {_far(float(off[worst]))} off; measure it again",
        f"这些点对不在同一平面上：第{worst + 1}个点对偏差{_far_zh(float(off[worst]))}，请重新测量",
    )


def _far(metres: float) -> str:
    return f"{metres:.1f} m" if math.isfinite(metres) else "beyond the horizon, far"


def _far_zh(metres: float) -> str:
    return f" {metres:.1f} 米" if math.isfinite(metres) else "至地平线以外"
