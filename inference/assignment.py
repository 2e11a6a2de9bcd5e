"""Who is who: the pairing of tracks and detections with the greatest total weight."""

import heapq

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]

_Edges = dict[int, list[tuple[int, float]]]  # row -> (column, cost) of each pair that may be made


def best_pairs(weights: NDArray[np.float64]) -> tuple[Rows, Rows]:
    """The optimal partial assignment. weights: float64 [N, M]; a pair of weight <= 0 is never made.

    Returns rows and columns, intp [K] each, in row order: the pairs, every row and column at most once, whose
    weights have the greatest sum. Shortest augmenting paths (Jonker and Volgenant, Computing 38, 1987) over
    the positive pairs only: boxes rarely overlap more than a few others, so this stays near linear.
    """
    rows, columns = np.nonzero(weights > 0)
    edges: _Edges = {}
    for row, column, weight in zip(
        rows.tolist(), columns.tolist(), weights[rows, columns].tolist(), strict=True
    ):
        edges.setdefault(row, []).append((column, -weight))
    pairs = _Matching(weights.shape[1]).solve(edges)
    return np.array(list(pairs), np.intp), np.array(list(pairs.values()), np.intp)


class _Matching:
    """Rows are added one by one; the pairs made so far always have the least total cost.

    Each row also has a column of its own at cost 0 (number `width` + row): taking it means staying single.
    `price` is the dual of a column, at most 0 and 0 while the column is free.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._owner: dict[int, int] = {}  # column -> row
        self._taken: dict[int, tuple[int, float]] = {}  # row -> column and the cost of that pair
        self._price: dict[int, float] = {}

    def solve(self, edges: _Edges) -> dict[int, int]:
        """Row -> column, without the singles."""
        for row, own in edges.items():
            own.append((self._width + row, 0.0))
            self._add(row, edges)
        return {row: self._taken[row][0] for row in edges if self._taken[row][0] < self._width}

    def _add(self, row: int, edges: _Edges) -> None:
        """Dijkstra over reduced costs from the new row to the nearest free column; switch along the way."""
        search = _Search()
        walker, base = row, 0.0
        while True:
            search.relax(walker, base, edges[walker], self._price)
            column, distance = search.nearest()
            if column not in self._owner:
                break
            walker = self._owner[column]
            base = distance - self._taken[walker][1] + self._price.get(column, 0.0)
        for passed, at in search.closed.items():
            self._price[passed] = self._price.get(passed, 0.0) + min(at - distance, 0.0)
        self._switch(row, column, search.came)

    def _switch(self, start: int, column: int, came: dict[int, tuple[int, float]]) -> None:
        row = -1
        while row != start:
            row, cost = came[column]
            before = self._taken.get(row, (-1, 0.0))[0]
            self._taken[row] = (column, cost)
            self._owner[column] = row
            column = before


class _Search:
    """One shortest-path search: the best known way to each column."""

    def __init__(self) -> None:
        self.closed: dict[int, float] = {}
        self.came: dict[int, tuple[int, float]] = {}  # column -> row before it and the cost of that pair
        self._best: dict[int, float] = {}
        self._queue: list[tuple[float, int]] = []

    def relax(
        self, walker: int, base: float, edges: list[tuple[int, float]], price: dict[int, float]
    ) -> None:
        for column, cost in edges:
            # Rounding could make a closed column look a hair nearer, and the way back a circle.
            if column in self.closed:
                continue
            distance = base + cost - price.get(column, 0.0)
            if distance < self._best.get(column, float("inf")):
                self._best[column] = distance
                self.came[column] = (walker, cost)
                heapq.heappush(self._queue, (distance, column))

    def nearest(self) -> tuple[int, float]:
        """Close and return the nearest open column. There always is one: the walker's own."""
        while True:
            distance, column = heapq.heappop(self._queue)
            if column not in self.closed:
                self.closed[column] = distance
                return column, distance
