"""The nearest neighbour over numeric and nominal columns with gaps, as a landmarker (Weka's IBk with one neighbour).

Two values of a nominal column are 1 apart; numbers are scaled to [0, 1]; a gap is as far away as anything can be, so
1 from a nominal value or another gap, and the greater of v and 1 - v from a number v (Aha, Kibler & Albert 1991). All
neighbours at the least distance vote, which matters on nominal tables, where ties are common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

#: Squared distances that differ by less are ties.
_TIE = 1e-9
#: Rows whose distances to all others are in memory at once.
_BLOCK = 500


@dataclass(frozen=True, eq=False)
class Points:
    """Rows to compare.

    Attributes:
        numeric: Scaled to [0, 1], shape (rows, n), NaN where missing.
        codes: Whole numbers, shape (rows, m), negative where missing.
    """

    numeric: Array
    codes: Array

    def __len__(self) -> int:
        return len(self.numeric)

    def at(self, rows: Array | slice) -> Points:
        """Return the points of `rows`."""
        return Points(self.numeric[rows], self.codes[rows])


def nearest_class(known: Points, classes: Array, new: Points) -> Array:
    """Return the class of the nearest of the `known` points for each of the `new` ones; of several, the commonest.

    Args:
        known: Points whose class is known.
        classes: Their classes, whole numbers from 0.
        new: Points to classify.
    """
    member = np.eye(int(classes.max()) + 1)[classes]
    return np.concatenate([_vote(squares, classes, member) for squares in squared_distances(new, known)])


def squared_distances(left: Points, right: Points) -> Iterator[Array]:
    """Yield the squared distances of a block of `left` to all of `right`, shape (block, rows of right)."""
    n_values = right.codes.max(axis=0, initial=0, keepdims=True) + 1
    n_values = np.maximum(n_values, left.codes.max(axis=0, initial=0, keepdims=True) + 1).ravel()
    right_terms, right_values = _terms(right.numeric), _indicators(right.codes, n_values)
    for start in range(0, len(left), _BLOCK):
        block = left.at(slice(start, start + _BLOCK))
        squares = block.codes.shape[1] - _indicators(block.codes, n_values) @ right_values.T
        yield squares + _numeric_part(_terms(block.numeric), right_terms)


def _vote(squares: Array, classes: Array, member: Array) -> Array:
    first = squares.argmin(axis=1)
    nearest = squares <= squares[np.arange(len(squares)), first][:, None] + _TIE
    answer = classes[first]
    tied = np.count_nonzero(nearest, axis=1) > 1
    answer[tied] = (nearest[tied] @ member).argmax(axis=1)
    return np.asarray(answer)


def _terms(numeric: Array) -> tuple[Array, Array, Array]:
    """Return the values with 0 for gaps, which are known, and the squared distance of each to a gap."""
    known = ~np.isnan(numeric)
    filled = np.where(known, numeric, 0.0)
    to_gap = np.where(known, np.maximum(filled, 1 - filled) ** 2, 0.0)
    return filled, known.astype(float), to_gap


def _numeric_part(left: tuple[Array, Array, Array], right: tuple[Array, Array, Array]) -> Array:
    (a, a_known, a_gap), (b, b_known, b_gap) = left, right
    if a_known.all() and b_known.all():
        return np.asarray((a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T)
    both_known = (a * a) @ b_known.T + a_known @ (b * b).T - 2 * a @ b.T
    one_gap = a_gap @ (1 - b_known).T + (1 - a_known) @ b_gap.T
    return np.asarray(both_known + one_gap + (1 - a_known) @ (1 - b_known).T)


def _indicators(codes: Array, n_values: Array) -> Array:
    columns = [column[:, None] == np.arange(n) for column, n in zip(codes.T, n_values, strict=True)]
    return np.hstack(columns).astype(float) if columns else np.zeros((len(codes), 0))
