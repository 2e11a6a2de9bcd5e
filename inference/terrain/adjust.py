"""Least squares with known errors: a camera's model fitted to points, and how sure its numbers are then. Pure.

Errors in the picture and on the ground are both taken in (Hartley, Zisserman 4.2.6 and 5.1.3: the Sampson error's
weights, the covariance by back-propagation).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.terrain.points import Marks

Floats = NDArray[np.float64]

PARAMETERS = 9  # of every model; what one has fewer changes nothing
_ROUNDS = 60
_STUCK = 1e10  # damping at which no step, however small, comes nearer
_STEP = 1e-6  # of each parameter (radians, m, parts of a unit vector): what derivatives are taken over
_REACH = 1e-3  # m, the same for points
_STILL = 1e-6  # squared, in standard deviations of what is fitted: a step that is smaller ends the search
_TRUST = 4.0  # points' worth of belief in the stated errors, against what the residuals say of them


class Model(Protocol):
    """Where points are seen. A model knows its parameters only as steps away from itself."""

    def pixels(self, points: Floats) -> Floats:
        """[N, 2] relative pixels of points [N, 3] m; NaN where they are not seen."""
        ...

    def places(self, pixels: Floats, heights: Floats) -> Floats:
        """[N, 2] m east and north that pixels [N, 2] show at those heights [N] m; NaN where none."""
        ...

    def moved(self, step: Floats) -> Self:
        """The model with its parameters changed by `step` [9]."""
        ...


M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Fit(Generic[M]):
    """covariance: [9, 9] of the model's parameters, by the stated errors times `scale` squared. chi2: of the
    residuals in stated errors. spare: equations beyond the unknowns. scale: how much larger than stated the errors
    are, by the residuals; at least 1."""

    model: M
    covariance: Floats
    chi2: float
    spare: int
    scale: float

    def surprise(self, marks: Marks) -> Floats:
        """[N]: squared distance of marks that the fit has not seen, in standard deviations; 2 degrees of freedom."""
        change = _slopes(self.model, marks)
        spread = _scatter(self.model, marks) * self.scale**2
        spread = spread + change @ self.covariance @ change.transpose(0, 2, 1)
        errors = self.model.pixels(marks.points) - marks.pixels
        found = np.einsum("ni,nij,nj->n", errors, np.linalg.inv(spread), errors)
        return np.where(np.isfinite(found), found, np.inf)


def fitted(start: M, marks: Marks, free: Sequence[int], belief: Callable[[M], Floats]) -> Fit[M] | None:
    """Levenberg-Marquardt from `start`. free: which parameters are fitted. belief: what is known of a model before any
    point is looked at, as residuals in standard deviations. None where the points cannot be seen from anywhere near."""
    model, damping = start, 1e-3
    for _ in range(_ROUNDS):
        whiten = _whitening(model, marks)
        if whiten is None:
            return None
        errors = _errors(model, marks, whiten, belief)
        slopes = _whole_slopes(model, marks, whiten, belief)[:, free]
        normal, pull, cost = slopes.T @ slopes, slopes.T @ errors, errors @ errors
        while True:
            step = _solved(normal + damping * np.diag(np.diag(normal)), -pull)
            nearer = model.moved(_spread(step, free))
            tried = _errors(nearer, marks, whiten, belief)
            if tried @ tried <= cost or damping > _STUCK:
                break
            damping *= 10
        if damping > _STUCK:
            break
        model, damping = nearer, max(damping / 10, 1e-12)
        if step @ normal @ step < _STILL:
            break
    return _settled(model, marks, free, belief)


def _settled(model: M, marks: Marks, free: Sequence[int], belief: Callable[[M], Floats]) -> Fit[M] | None:
    whiten = _whitening(model, marks)
    if whiten is None:
        return None
    errors = _errors(model, marks, whiten, belief)
    slopes = _whole_slopes(model, marks, whiten, belief)[:, free]
    chi2, spare = float(errors @ errors), len(errors) - len(free)
    scale = float(np.sqrt(max(1.0, (chi2 + _TRUST) / (spare + _TRUST))))
    covariance = np.zeros((PARAMETERS, PARAMETERS))
    try:
        covariance[np.ix_(free, free)] = np.linalg.inv(slopes.T @ slopes) * scale**2
    except np.linalg.LinAlgError:  # the points leave a parameter open
        return None
    return Fit(model, covariance, chi2, spare, scale)


def _solved(normal: Floats, pull: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(normal, pull, rcond=None)[0], np.float64)


def _spread(step: Floats, free: Sequence[int]) -> Floats:
    whole = np.zeros(PARAMETERS)
    whole[list(free)] = step
    return whole


def _errors(model: M, marks: Marks, whiten: Floats, belief: Callable[[M], Floats]) -> Floats:
    """[2 N + Q], in standard deviations; huge where a point is not seen."""
    errors = np.einsum("nij,nj->ni", whiten, model.pixels(marks.points) - marks.pixels).ravel()
    return np.concatenate([np.where(np.isfinite(errors), errors, 1e12), belief(model)])


def _whole_slopes(model: M, marks: Marks, whiten: Floats, belief: Callable[[M], Floats]) -> Floats:
    """[2 N + Q, P]: how the errors change with the parameters."""
    seen = np.einsum("nij,njp->nip", whiten, _slopes(model, marks)).reshape(-1, PARAMETERS)
    return np.concatenate([seen, _derived(belief, model)])


def _whitening(model: Model, marks: Marks) -> Floats | None:
    """[N, 2, 2]: what makes errors in the picture independent, of 1 sigma; None where a point is not seen."""
    spread = _scatter(model, marks)
    if not np.isfinite(spread).all():
        return None
    return np.asarray(np.linalg.inv(np.linalg.cholesky(spread)), np.float64)


def _scatter(model: Model, marks: Marks) -> Floats:
    """[N, 2, 2]: covariance of each mark in the picture, its error on the ground included."""
    steps = _REACH * np.eye(3)
    change = np.stack(
        [model.pixels(marks.points + step) - model.pixels(marks.points - step) for step in steps], axis=-1
    )
    change = change / (2 * _REACH) * marks.sigma_m[:, None, None]
    return np.asarray(change @ change.transpose(0, 2, 1) + np.diag(marks.noise**2), np.float64)


def _slopes(model: Model, marks: Marks) -> Floats:
    """[N, 2, P]: how the pixels change with the parameters."""
    return _derived(lambda each: each.pixels(marks.points), model)


def _derived(told: Callable[[M], Floats], model: M) -> Floats:
    """[..., P], by central differences."""
    steps = _STEP * np.eye(PARAMETERS)
    return np.stack(
        [(told(model.moved(step)) - told(model.moved(-step))) / (2 * _STEP) for step in steps], axis=-1
    )
