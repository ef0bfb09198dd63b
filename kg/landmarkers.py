"""Landmarkers: error rates of quick learners, which tell how hard a table is and for whom.

OpenML has them from Weka, by two-fold cross-validation. Here each is scikit-learn's closest relative, or a few lines
of numpy where there is none: naive Bayes over mixed columns, and trees pruned as C4.5 (Quinlan 1993, section 4.2) and
REPTree (reduced errors on a third that is held back) prune them.

OpenML's engine ignored the options for some years (`ignores_limits`); here they always hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kg.columns import ColumnKind
from kg.naive_bayes import MixedNaiveBayes
from kg.nearest import Points, nearest_class
from kg.pruning import error_based_pruned, reduced_error_pruned
from kg.tables import Table

Array = np.ndarray[Any, Any]

#: Folds of OpenML's landmarkers.
FOLDS = 2
#: Rows and cells that the learners see at most; larger tables are sampled by class, ...
MAX_ROWS = 10_000
MAX_CELLS = 600_000
#: ... but never to fewer rows than this, however many columns there are.
MIN_ROWS = 1_000
#: Commonest values of a nominal column that get a column of their own.
MAX_VALUES = 30
#: Columns that the learners see at most; more are sampled.
MAX_COLUMNS = 1_000

#: Families of which OpenML has the depths one, two and three.
_DEPTHS = ("REPTree", "RandomTree")
#: Landmarker -> confidence at which its tree is pruned; OpenML's names say it.
_C45_CONFIDENCE = {"J48.00001.ErrRate": 0.00001, "J48.0001.ErrRate": 0.0001, "J48.001.ErrRate": 0.001}


@dataclass(frozen=True, eq=False)
class _Matrix:
    """A table as numbers.

    Attributes:
        points: Numeric columns in [0, 1] and nominal codes, gaps kept.
        encoded: What trees see: numeric columns with means for gaps, then one 0/1 column a nominal value.
        target: Class codes from 0.
    """

    points: Points
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


def ignores_limits(values: Mapping[str, float]) -> bool:
    """Say whether published landmarkers come from an engine that ignored the limits on depth and confidence.

    Trees of depth one, two and three that err equally often, in both families, are the unlimited tree under three
    names. Seen in 38 of the 78 data sets of OpenML100 whose qualities janvanrijn/openml-pimp holds: the error of a
    REPTree of depth one on letter is .20 there, where no single split of 26 classes can be below .92.

    Args:
        values: Quality name -> value, of one data set.
    """
    families = [
        [values[f"{name}Depth{d}ErrRate"] for d in (1, 2, 3) if f"{name}Depth{d}ErrRate" in values] for name in _DEPTHS
    ]
    return all(len(family) > 1 and max(family) == min(family) for family in families)


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
    known, unseen = matrix.points.at(train), matrix.points.at(test)
    found = {"kNN1NErrRate": nearest_class(known, y, unseen)}
    bayes = MixedNaiveBayes.fit(known.numeric, known.codes, y)
    found["NaiveBayesErrRate"] = bayes.predict(unseen.numeric, unseen.codes)
    found["DecisionStumpErrRate"] = _tree(x, y, seed, max_depth=1).predict(new)
    full = _tree(x, y, seed, min_samples_leaf=2)  # the default of Weka's J48
    for name, level in _C45_CONFIDENCE.items():
        found[name] = full.classes_[error_based_pruned(full.tree_, level).predict(new)]
    grow, prune = _thirds(y, seed)
    for depth in (1, 2, 3):
        grown = _tree(x[grow], y[grow], seed, max_depth=depth)
        kept = reduced_error_pruned(grown, x[prune], y[prune])
        found[f"REPTreeDepth{depth}ErrRate"] = grown.classes_[kept.predict(new)]
    columns = int(np.log2(x.shape[1])) + 1 if x.shape[1] > 1 else 1  # the default of Weka's RandomTree
    for depth in (2, 3):
        random = _tree(x, y, seed, max_depth=depth, max_features=columns)
        found[f"RandomTreeDepth{depth}ErrRate"] = random.predict(new)
    return found


def _tree(x: Array, y: Array, seed: int, **options: Any) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(criterion="entropy", random_state=seed, **options).fit(x, y)


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
    points = Points(_unit(numeric), nominal)
    gaps = np.isnan(points.numeric)
    counts = np.maximum((~gaps).sum(axis=0), 1)
    filled = np.where(gaps, np.where(gaps, 0.0, points.numeric).sum(axis=0) / counts, points.numeric)
    return _Matrix(points, np.hstack([filled, *_indicators(codes)]).astype(np.float32), target)


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
    """Return the columns scaled to [0, 1], gaps kept."""
    known = ~np.isnan(numeric)
    low = np.where(known, numeric, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, numeric, -np.inf).max(axis=0, initial=-np.inf)
    spread = high > low
    return np.asarray((numeric - np.where(spread, low, 0.0)) / np.where(spread, high - low, 1.0))


def _indicators(codes: list[Array]) -> list[Array]:
    return [column[:, None] == np.arange(column.max(initial=0) + 1) for column in codes]
