"""Landmarkers: error rates of quick learners, which tell how hard a table is and for whom.

OpenML has them from Weka, by two-fold cross-validation. Here each is scikit-learn's closest relative, or a few lines
of numpy where there is none: naive Bayes over mixed columns, and trees pruned as C4.5 (Quinlan 1993, section 4.2) and
REPTree (reduced errors on a third that is held back) prune them.

OpenML's engine ignored the options for some years: in rows where the three depths of REPTree and of the random tree
have one value each, that value belongs to the unlimited tree. Here the options always hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kg.columns import ColumnKind
from kg.naive_bayes import MixedNaiveBayes
from kg.pruning import error_based_pruned, reduced_error_pruned
from kg.tables import Table

Array = np.ndarray[Any, Any]

#: Folds of OpenML's landmarkers.
FOLDS = 2
#: Rows and cells that the learners see at most; larger tables are sampled by class.
MAX_ROWS = 10_000
MAX_CELLS = 1_000_000
MIN_ROWS = 1_000
#: Commonest values of a nominal column that get a column of their own.
MAX_VALUES = 30
#: Columns that the learners see at most; more are sampled.
MAX_COLUMNS = 1_000

_C45_CONFIDENCE = {"J48.00001.ErrRate": 0.00001, "J48.0001.ErrRate": 0.0001, "J48.001.ErrRate": 0.001}


@dataclass(frozen=True, eq=False)
class _Matrix:
    """A table as numbers.

    Attributes:
        numeric: Numeric columns, shape (rows, n), NaN where missing.
        codes: Nominal columns as whole numbers, shape (rows, m), negative where missing.
        encoded: What trees and neighbours see: numeric columns in [0, 1] with means for gaps, then one 0/1 column a
            value, scaled so that two values are 1 apart.
        target: Class codes.
    """

    numeric: Array
    codes: Array
    encoded: Array
    target: Array


def landmarks(table: Table, *, seed: int = 0) -> dict[str, float]:
    """Return the error rates of the landmarkers (`kg.model.LANDMARKERS`) on a classification table.

    Args:
        table: A classification table; tables above `MAX_ROWS` rows or `MAX_CELLS` cells are sampled by class.
        seed: Seed of the sample, the folds and the random trees.
    """
    from threadpoolctl import threadpool_limits

    matrix = _matrix(table, np.random.default_rng(seed))
    wrong: dict[str, int] = {}
    # Threads of the linear algebra cost more than they bring at these sizes.
    with threadpool_limits(limits=1):
        for train, test in _folds(matrix.target, seed):
            for name, predicted in _predictions(matrix, train, test, seed).items():
                wrong[name] = wrong.get(name, 0) + int(np.sum(predicted != matrix.target[test]))
    return {name: count / len(matrix.target) for name, count in wrong.items()}


def _folds(target: Array, seed: int) -> list[tuple[Array, Array]]:
    """Return stratified folds: within each class, shuffled rows are dealt out in turn."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(target))
    order = order[np.argsort(target[order], kind="stable")]
    fold = np.empty(len(target), dtype=int)
    fold[order] = np.arange(len(target)) % FOLDS
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]


def _predictions(matrix: _Matrix, train: Array, test: Array, seed: int) -> dict[str, Array]:
    x, y = matrix.encoded[train], matrix.target[train]
    new = matrix.encoded[test]
    found = {"kNN1NErrRate": _nearest(x, y, new)}
    bayes = MixedNaiveBayes.fit(matrix.numeric[train], matrix.codes[train], y)
    found["NaiveBayesErrRate"] = bayes.predict(matrix.numeric[test], matrix.codes[test])
    found["DecisionStumpErrRate"] = _tree(x, y, seed, max_depth=1).predict(new)
    full = _tree(x, y, seed, min_samples_leaf=2)
    for name, level in _C45_CONFIDENCE.items():
        found[name] = error_based_pruned(full.tree_, level).predict(new)
    grow, prune = _thirds(y, seed)
    for depth in (1, 2, 3):
        grown = _tree(x[grow], y[grow], seed, max_depth=depth)
        kept = reduced_error_pruned(grown, x[prune], y[prune])
        found[f"REPTreeDepth{depth}ErrRate"] = grown.classes_[kept.predict(new)]
    for name, position in [(n, full.classes_) for n in _C45_CONFIDENCE]:
        found[name] = position[found[name]]
    columns = int(np.log2(x.shape[1])) + 1 if x.shape[1] > 1 else 1
    for depth in (2, 3):
        random = _tree(x, y, seed, max_depth=depth, max_features=columns)
        found[f"RandomTreeDepth{depth}ErrRate"] = random.predict(new)
    return found


def _tree(x: Array, y: Array, seed: int, **options: Any) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(criterion="entropy", random_state=seed, **options).fit(x, y)


def _nearest(x: Array, y: Array, new: Array) -> Array:
    """Return the class of the nearest row of `x` for each row of `new`, in blocks that fit the cache."""
    squares = (x * x).sum(axis=1)
    nearest = [np.argmin(squares - 2 * (new[i : i + 500] @ x.T), axis=1) for i in range(0, len(new), 500)]
    return np.asarray(y[np.concatenate(nearest)])


def _thirds(y: Array, seed: int) -> tuple[Array, Array]:
    """Return two thirds to grow a tree on and one third to prune it on, as REPTree does."""
    order = np.random.default_rng(seed).permutation(len(y))
    cut = max(1, len(y) // 3)
    return order[cut:], order[:cut]


def _matrix(table: Table, rng: np.random.Generator) -> _Matrix:
    target = table.encoded_target.astype(int)
    names = list(table.usable)
    if len(names) > MAX_COLUMNS:
        names = [names[i] for i in np.sort(rng.choice(len(names), MAX_COLUMNS, replace=False))]
    rows = _sample(target, int(np.clip(MAX_CELLS // max(1, len(names)), MIN_ROWS, MAX_ROWS)), rng)
    frame = table.features[names].iloc[rows] if len(rows) < len(target) else table.features[names]
    numbers = [_as_numbers(frame[n]) for n in names if table.kinds[n] is not ColumnKind.CATEGORICAL]
    codes = [_as_codes(frame[n]) for n in names if table.kinds[n] is ColumnKind.CATEGORICAL]
    numeric = np.column_stack(numbers) if numbers else np.empty((len(rows), 0))
    nominal = np.column_stack(codes) if codes else np.empty((len(rows), 0), dtype=int)
    _, target = np.unique(target[rows], return_inverse=True)
    return _Matrix(numeric, nominal, np.hstack([_unit(numeric), *_indicators(codes)]).astype(np.float32), target)


def _sample(target: Array, size: int, rng: np.random.Generator) -> Array:
    """Return `size` rows, each class in its share, in the table's order."""
    if len(target) <= size:
        return np.arange(len(target))
    order = rng.permutation(len(target))
    order = order[np.argsort(target[order], kind="stable")]
    return np.sort(order[np.linspace(0, len(target) - 1, size).astype(int)])


def _as_numbers(column: pd.Series) -> Array:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    days = column.to_numpy(dtype="datetime64[D]").astype("int64").astype(float)
    return np.where(column.isna(), np.nan, days)


def _as_codes(column: pd.Series) -> Array:
    """Return whole numbers, commonest value first; values beyond `MAX_VALUES` share the last number."""
    codes = column.cat.codes.to_numpy().astype(int)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    rank = np.empty(len(counts) + 1, dtype=int)
    rank[np.argsort(-counts, kind="stable")] = np.minimum(np.arange(len(counts)), MAX_VALUES - 1)
    rank[-1] = -1
    return np.asarray(rank[codes])


def _unit(numeric: Array) -> Array:
    known = ~np.isnan(numeric)
    low = np.where(known, numeric, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, numeric, -np.inf).max(axis=0, initial=-np.inf)
    span = np.where(high > low, high - low, 1.0)
    scaled = (numeric - np.where(np.isfinite(low), low, 0.0)) / span
    mean = np.where(known, scaled, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known, scaled, mean)


def _indicators(codes: list[Array]) -> list[Array]:
    # Two rows that differ in one nominal value are 1 apart, as in Weka: (1, 0) and (0, 1) are sqrt(2) apart.
    return [(column[:, None] == np.arange(column.max(initial=0) + 1)) / np.sqrt(2) for column in codes]
