"""The copy of some rows that a test run works on: stratified, with an order of which any leading part is stratified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kg.model import TaskType
from recommender.proposal import Protocol
from recommender.validation.jobs import Sample

if TYPE_CHECKING:
    from kg.tables import Table

#: Rows of the sample at most. Whether a configuration fits, and about how well, shows on this many.
MOST_ROWS = 5_000
#: Usable columns at most; beyond, a seeded choice of them is taken.
MOST_COLUMNS = 1_000
#: Groups of even size into which a numeric target is cut for stratifying.
TARGET_GROUPS = 10


def take_sample(table: Table, metric: str, protocol: Protocol, *, seed: int) -> Sample:
    """Return a sample of `table`, the same for the same seed.

    Args:
        table: The user's table, which is left as it is.
        metric: Canonical name.
        protocol: How folds are to be made.
        seed: Of the choice of rows.
    """
    rng = np.random.default_rng(seed)
    target = table.encoded_target
    groups = target if table.task_type is TaskType.CLASSIFICATION else _groups(target)
    drawn = stratified_order(groups, rng)[:MOST_ROWS]
    rows = np.sort(drawn)
    notes = [] if len(rows) == len(target) else [f"{len(rows):,} of {len(target):,} rows"]
    columns = list(table.usable)
    if len(columns) > MOST_COLUMNS:
        chosen = np.sort(rng.choice(len(columns), MOST_COLUMNS, replace=False))
        notes.append(f"{MOST_COLUMNS:,} of {len(columns):,} columns")
        columns = [columns[i] for i in chosen]
    return Sample(
        features=table.features[columns].iloc[rows].reset_index(drop=True).copy(),
        target=target[rows].copy(),
        order=np.searchsorted(rows, drawn),
        column_kinds={name: str(table.kinds[name]) for name in columns},
        task_type=str(table.task_type),
        metric=metric,
        n_classes=len(table.classes),
        stratified=protocol.stratified,
        shuffle=protocol.shuffle,
        notes=tuple(notes),
    )


def stratified_order(groups: np.ndarray[Any, Any], rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return an order of the rows in which every leading part holds the groups in about their shares.

    Rows of a group of size m are put at the places (1 - u) / m, (2 - u) / m, ... of the unit interval, for one random u
    a group; rare groups therefore come no later than their share asks for.
    """
    order = rng.permutation(len(groups))
    places = np.empty(len(groups))
    for group in np.unique(groups):
        rows = order[groups[order] == group]
        places[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
    return np.argsort(places, kind="stable")


def _groups(target: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    ranks = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    return ranks * TARGET_GROUPS // len(target)
