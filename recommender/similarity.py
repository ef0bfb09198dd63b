"""How like a new data set is to the data sets of the graph, by meta-features, and how far it is from all of them.

Each meta-feature is replaced by its rank among the sources, so that 1,000 against 2,000 rows counts as much as
1 % against 2 % missing values, however long the tails. The distance is Euclidean over the meta-features that both
sides have, per meta-feature compared. Weights fall off with it as a Gaussian, and a share of the weight always stays
spread over all sources: meta-features say only part of what makes data sets alike. Constants are those of the
leave-one-data-set-out experiments that `benchmarks.quality` repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.model import LANDMARKERS, SIMPLE, Dataset, Iri, MetaFeatures

Array = npt.NDArray[np.float64]

#: The meta-features that are compared, where they are known.
COMPARED = (*SIMPLE, *LANDMARKERS)
#: Width of the Gaussian, as a fraction of the median distance; .25 to .5 are equal within noise.
BANDWIDTH = 0.25
#: Share of the weight that is spread equally over all sources.
EQUAL_SHARE = 0.3


@dataclass(frozen=True)
class SimilarDataset:
    """A source data set as the target sees it."""

    dataset: Dataset
    distance: float | None
    """0: same ranks in all that was compared. None: nothing could be compared."""
    weight: float
    """Its share in the evidence; the weights of all sources sum to 1."""
    compared: int
    """How many meta-features were compared."""


@dataclass(frozen=True)
class Similarity:
    """All sources as the target sees them, and how far it is from anything known."""

    neighbours: tuple[SimilarDataset, ...]
    """Heaviest first; ties by IRI."""
    novelty: float | None
    """Share of the sources that are nearer to their own nearest source than the target is: near 1, the target is
    farther from all sources than they are from each other. None where nothing could be compared."""
    compared: tuple[str, ...]
    """The target's meta-features that were compared with at least one source."""

    def weights(self, datasets: Sequence[Iri]) -> Array:
        """Return the weights of `datasets`, in that order, scaled to sum 1 (equal where none of them is a source)."""
        by_iri = {item.dataset.iri: item.weight for item in self.neighbours}
        found = np.array([by_iri.get(iri, 0.0) for iri in datasets], dtype=float)
        total = found.sum()
        return found / total if total > 0 else np.full(len(found), 1.0 / max(len(found), 1))


def similarity(
    target: MetaFeatures,
    sources: Sequence[Dataset],
    *,
    features: Sequence[str] = COMPARED,
    bandwidth: float = BANDWIDTH,
    equal_share: float = EQUAL_SHARE,
) -> Similarity:
    """Compare `target` with `sources`.

    Args:
        target: What is known of the new data set; as few as one meta-feature will do.
        sources: The data sets that there is evidence of. One without meta-features gets the equal weight.
        features: Meta-features that may be compared. What is missing at either side is skipped, not imputed.
        bandwidth: Width of the Gaussian as a fraction of the target's median distance.
        equal_share: Share of the weight spread equally.
    """
    known = _table([source.meta_features for source in sources], features)
    asked = _table([target], features)
    scaled, ranked = _ranks(known, known), _ranks(known, asked)
    distances, counts = (part[0] for part in _distances(ranked, scaled))
    weights = _weights(distances, bandwidth, equal_share)
    items = [
        SimilarDataset(source, None if count == 0 else float(distance), float(weight), int(count))
        for source, distance, weight, count in zip(sources, distances, weights, counts, strict=True)
    ]
    overlap = ~np.isnan(asked[0]) & (~np.isnan(known)).any(0)
    return Similarity(
        neighbours=tuple(sorted(items, key=lambda item: (-item.weight, item.dataset.iri))),
        novelty=_novelty(distances, scaled),
        compared=tuple(name for name, used in zip(features, overlap, strict=True) if used),
    )


def neighbours(target: MetaFeatures, sources: Sequence[Dataset]) -> tuple[SimilarDataset, ...]:
    """Return `sources` by their weight for `target`, heaviest first."""
    return similarity(target, sources).neighbours


def rank_gaps(
    described: Sequence[MetaFeatures], sources: Sequence[Dataset], *, features: Sequence[str] = COMPARED
) -> Array:
    """Return how far `described` are from each other in each meta-feature, by ranks among `sources`.

    Returns:
        Shape (n, n, features), absolute differences from 0 to 1; NaN where one of the two is not known.
    """
    ranks = _ranks(_table([source.meta_features for source in sources], features), _table(described, features))
    return np.abs(ranks[:, None, :] - ranks[None, :, :])


def pairwise_weights(
    sources: Sequence[Dataset],
    *,
    features: Sequence[str] = COMPARED,
    bandwidth: float = BANDWIDTH,
    equal_share: float = EQUAL_SHARE,
) -> Array:
    """Return, in row t, the weights of the other sources were source t the target, shape (n, n), zero diagonal.

    Rules that are calibrated by leaving each source out in turn see it as they would see a new data set. Ranks are
    among all sources, which moves them by at most 1/n.
    """
    known = _table([source.meta_features for source in sources], features)
    scaled = _ranks(known, known)
    distances, _ = _distances(scaled, scaled)
    result = np.zeros_like(distances)
    for t in range(len(sources)):
        others = np.arange(len(sources)) != t
        result[t, others] = _weights(distances[t, others], bandwidth, equal_share)
    return result


def _table(described: Sequence[MetaFeatures], features: Sequence[str]) -> Array:
    """Return the meta-features as an array (data sets, features), NaN where unknown."""
    rows = [[float(one.get(name, np.nan)) for name in features] for one in described]
    return np.array(rows, dtype=float).reshape(len(described), len(features))


def _ranks(known: Array, values: Array) -> Array:
    """Return the share of known values below each of `values` (ties count half), column by column; NaN stays NaN."""
    ranks = np.full(values.shape, np.nan)
    for j in range(values.shape[1]):
        column = np.sort(known[~np.isnan(known[:, j]), j])
        if len(column):
            asked = ~np.isnan(values[:, j])
            left = np.searchsorted(column, values[asked, j], "left")
            right = np.searchsorted(column, values[asked, j], "right")
            ranks[asked, j] = (left + right) / (2.0 * len(column))
    return ranks


def _distances(left: Array, right: Array) -> tuple[Array, npt.NDArray[np.intp]]:
    """Return root mean square rank differences over what both sides have, and how many those are, both (n, m)."""
    gaps = (left[:, None, :] - right[None, :, :]) ** 2
    shared = ~np.isnan(gaps)
    counts = shared.sum(-1)
    total = np.where(shared, gaps, 0.0).sum(-1)
    return np.where(counts > 0, np.sqrt(total / np.maximum(counts, 1)), np.nan), counts


def _weights(distances: Array, bandwidth: float, equal_share: float) -> Array:
    """Return weights that sum to 1; sources without a distance (NaN) get 1/n each."""
    n = len(distances)
    near = ~np.isnan(distances)
    if not near.any():
        return np.full(n, 1.0 / max(n, 1))
    width = bandwidth * float(np.median(distances[near]))
    # Relative to the nearest, so that a target far from everything does not underflow to no weight at all.
    closeness = (distances[near] ** 2 - distances[near].min() ** 2) / max(width, 1e-9) ** 2
    kernel = np.exp(-closeness / 2.0)
    weights = np.full(n, 1.0 / n)
    mixed = (1.0 - equal_share) * kernel / kernel.sum() + equal_share / near.sum()
    weights[near] = mixed * near.sum() / n
    return weights


def _novelty(distances: Array, scaled: Array) -> float | None:
    """Return the share of sources that are nearer to their own nearest source than the target is to its nearest."""
    if np.isnan(distances).all():
        return None
    own = _to_nearest(scaled)
    return float((own < np.nanmin(distances)).mean()) if len(own) else None


def _to_nearest(scaled: Array) -> Array:
    """Return each source's distance to the nearest other one, where it has any; by products of matrices.

    `_distances` would hold a number for each pair and feature: a quarter of a gigabyte for 700 data sets.
    """
    known = (~np.isnan(scaled)).astype(float)
    values = np.nan_to_num(scaled)
    counts = known @ known.T
    squares = (values**2) @ known.T
    among = np.sqrt(np.maximum(squares + squares.T - 2.0 * values @ values.T, 0.0) / np.maximum(counts, 1.0))
    among[counts == 0] = np.inf
    np.fill_diagonal(among, np.inf)
    nearest: Array = among.min(1, initial=np.inf)
    return nearest[np.isfinite(nearest)]
