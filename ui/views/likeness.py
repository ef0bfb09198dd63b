"""The nearest data sets: where they lie to each other on a map, and why they are near.

The map is classical multidimensional scaling (Torgerson 1952) of the distances that likeness is made of: points that
are near on it are alike in rank, as well as two dimensions can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kg.model import Dataset, Iri
from kg.store import KnowledgeStore
from recommender.proposal import Proposal
from recommender.similarity import COMPARED, rank_gaps

Array = npt.NDArray[np.float64]

#: Data sets on the map: the heaviest.
MOST_ON_MAP: Final = 25
#: What a meta-feature is called for people; others are called what OpenML calls them.
NAMES: Final = {
    "NumberOfInstances": "rows",
    "NumberOfFeatures": "columns",
    "NumberOfClasses": "classes",
    "MinorityClassPercentage": "share of the rarest class (%)",
    "MajorityClassPercentage": "share of the commonest class (%)",
    "PercentageOfSymbolicFeatures": "columns of words (%)",
    "PercentageOfMissingValues": "missing values (%)",
    "Dimensionality": "columns for each row",
}


@dataclass(frozen=True)
class Place:
    """One data set on the map."""

    name: str
    iri: Iri | None
    """None for the table that was asked about."""
    x: float
    y: float
    weight: float
    distance: float | None


@dataclass(frozen=True)
class Compared:
    """One meta-feature of two data sets."""

    feature: str
    here: float
    there: float
    gap: float
    """Share of the known data sets between the two, from 0 to 1."""


def places(proposal: Proposal, store: KnowledgeStore) -> tuple[Place, ...]:
    """Return where the table and its nearest data sets lie; the table first. Empty where nothing can be compared."""
    near = [n for n in proposal.neighbours if n.distance is not None][:MOST_ON_MAP]
    if not near:
        return ()
    known = {dataset.iri: dataset for dataset in store.datasets()}
    shown = [n for n in near if n.dataset in known]
    described = [proposal.task.meta_features, *(known[n.dataset].meta_features for n in shown)]
    gaps = rank_gaps(described, _sources(proposal, known))
    distances = np.sqrt(_mean(gaps**2))
    points = scaled(np.where(np.isnan(distances), np.nanmedian(distances), distances))
    weights, lengths = [0.0, *(n.weight for n in shown)], [0.0, *(n.distance for n in shown)]
    names, iris = ["this table", *(n.name for n in shown)], [None, *(n.dataset for n in shown)]
    rows = zip(names, iris, points[:, 0], points[:, 1], weights, lengths, strict=True)
    return tuple(Place(name, iri, float(x), float(y), weight, length) for name, iri, x, y, weight, length in rows)


def compared(proposal: Proposal, dataset: Dataset, store: KnowledgeStore) -> tuple[Compared, ...]:
    """Return the meta-features that the task and `dataset` were compared by, the most alike first."""
    known = {one.iri: one for one in store.datasets()}
    here, there = proposal.task.meta_features, dataset.meta_features
    gaps = rank_gaps([here, there], _sources(proposal, known))[0, 1]
    found = [
        Compared(name, float(here[name]), float(there[name]), float(gap))
        for name, gap in zip(COMPARED, gaps, strict=True)
        if not np.isnan(gap)
    ]
    return tuple(sorted(found, key=lambda one: one.gap))


def why_alike(rows: Sequence[Compared]) -> str:
    """Return in a sentence what two data sets have in common, and in what they differ most."""
    if not rows:
        return "Nothing of the two could be compared."
    alike = ", ".join(f"{feature_name(row.feature)} ({_pair(row)})" for row in rows[:3])
    last = rows[-1]
    return (
        f"Most alike in {alike}. Least alike in {feature_name(last.feature)} ({_pair(last)}): {last.gap:.0%} of the "
        "known data sets lie between the two."
    )


def feature_name(feature: str) -> str:
    """Return what a meta-feature is called for people."""
    if feature in NAMES:
        return NAMES[feature]
    return f"error of {feature.removesuffix('ErrRate').removesuffix('.')}" if feature.endswith("ErrRate") else feature


def scaled(distances: Array) -> Array:
    """Return points in the plane whose distances are as near to `distances` as a linear map makes them.

    Args:
        distances: Shape (n, n), symmetric, no NaN.

    Returns:
        Shape (n, 2); the signs are settled so that the same distances always give the same map.
    """
    n = len(distances)
    centred = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centred @ distances**2 @ centred)
    order = np.argsort(values)[::-1][:2]
    points = np.zeros((n, 2))
    points[:, : len(order)] = vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    signs = np.sign(points[np.abs(points).argmax(0), range(2)])
    return points * np.where(signs == 0, 1.0, signs)


def _sources(proposal: Proposal, known: dict[Iri, Dataset]) -> list[Dataset]:
    """Return the data sets among which ranks are counted: all that the proposal was composed from."""
    return [known[n.dataset] for n in proposal.neighbours if n.dataset in known]


def _mean(gaps: Array) -> Array:
    """Return the mean over the last axis of what is known; NaN where nothing is."""
    there = ~np.isnan(gaps)
    counts = there.sum(-1)
    sums = np.where(there, gaps, 0.0).sum(-1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _pair(row: Compared) -> str:
    return f"{row.here:.4g} here, {row.there:.4g} there"
