from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from inference.assignment import best_pairs

Weights = NDArray[np.float64]


def greatest_total(weights: Weights) -> float:
    """By trying everything: each row stays single or takes any free column."""
    table: list[list[float]] = weights.tolist()
    rows, columns = weights.shape

    @cache
    def best(row: int, used: int) -> float:
        if row == rows:
            return 0.0
        return max(
            [best(row + 1, used)]
            + [
                table[row][column] + best(row + 1, used | 1 << column)
                for column in range(columns)
                if not used >> column & 1 and table[row][column] > 0
            ]
        )

    return best(0, 0)


def check(weights: Weights) -> None:
    rows, columns = best_pairs(weights)
    assert len(set(rows.tolist())) == len(rows) == len(set(columns.tolist()))
    assert rows.tolist() == sorted(rows.tolist())
    chosen = weights[rows, columns]
    assert (chosen > 0).all()
    assert chosen.sum() == pytest.approx(greatest_total(weights), abs=1e-9)


shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=7)


@settings(max_examples=300, deadline=None)
@given(hnp.arrays(np.float64, shapes, elements=st.floats(-1, 1)))
def test_no_other_pairing_weighs_more(weights: Weights) -> None:
    check(weights)


@settings(max_examples=300, deadline=None)
@given(hnp.arrays(np.int64, shapes, elements=st.integers(-2, 3)))
def test_ties_are_no_trouble(weights: NDArray[np.int64]) -> None:
    check(weights.astype(np.float64))


@pytest.mark.parametrize("seed", range(20))
def test_dense_clusters_are_solved_as_well(seed: int) -> None:
    random = np.random.default_rng(seed)
    check(random.uniform(0, 1, (9, 9)))
    levels = random.choice([0.05, 0.5, 0.9], (9, 9))
    check(levels + 0.1 * random.uniform(0, 1, (9, 9)))


def test_a_greedy_choice_would_be_wrong_here() -> None:
    rows, columns = best_pairs(np.array([[0.9, 0.8], [0.8, 0.1]]))
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_pairs_with_nothing(shape: tuple[int, int]) -> None:
    rows, columns = best_pairs(np.zeros(shape))
    assert len(rows) == len(columns) == 0
