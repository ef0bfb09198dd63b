"""Whether a data set is one that is publicly known: then its best scores may be known by heart (data snooping).

A model that was trained on the web may have read what was found on a public data set (Tornede et al. 2024, section
4.2). Two signs are looked at, and neither is proof: its name, and that all that is known of it equals, within
rounding, what is known of a data set of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kg.iris import plain_name
from kg.model import LANDMARKERS, Dataset, MetaFeatures
from recommender.task import TuningTask

#: Counts that must be the same to the last row.
EXACT = ("NumberOfInstances", "NumberOfFeatures")
#: Relative difference up to which other meta-features are equal: sources round, and some describe a training split.
ROUNDING = 0.02
#: Meta-features that both sides must have, and the share of them that must be equal.
LEAST_COMPARED, LEAST_EQUAL = 4, 0.75
#: Letters of a name below which it says nothing; and names that say nothing at all.
LEAST_LETTERS = 4
#: Endings of the files that tables are read from, the outermost first (`kg.table_files`).
_ENDINGS = (".gz", ".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".arff", ".parquet", ".pq")
_GENERIC = frozenset({"data", "dataset", "table", "train", "training", "test", "input", "sample", "customers", "frame"})


@dataclass(frozen=True)
class Recognised:
    """A public data set that a task looks like."""

    dataset: Dataset
    by_name: bool
    equal: int = 0
    """How many of `compared` meta-features are equal; 0 where it was known by its name alone."""
    compared: int = 0

    @property
    def text(self) -> str:
        """The data set and what gave it away, in a line."""
        figures = f"{self.equal} of {self.compared} meta-features equal" if self.equal else ""
        return f"{self.dataset.name}: {' and '.join(part for part in ('its name' * self.by_name, figures) if part)}"


def recognised(task: TuningTask, datasets: Iterable[Dataset]) -> tuple[Recognised, ...]:
    """Return the public data sets that a task may be, the surest first.

    Args:
        task: Its name and meta-features are looked at.
        datasets: All that are known; the user's own are nobody else's, and are passed over.
    """
    found = []
    for dataset in datasets:
        if dataset.provenance.is_own:
            continue
        equal, compared = agreement(task.meta_features, dataset.meta_features)
        is_same = compared >= LEAST_COMPARED and equal >= LEAST_EQUAL * compared
        by_name = same_name(task.name, dataset.name)
        if is_same or by_name:
            found.append(Recognised(dataset, by_name, *((equal, compared) if is_same else (0, 0))))
    return tuple(sorted(found, key=lambda r: (not r.by_name, -r.equal / max(r.compared, 1), -r.equal, r.dataset.iri)))


def agreement(left: MetaFeatures, right: MetaFeatures) -> tuple[int, int]:
    """Return how many meta-features are equal within rounding, of how many that both sides have.

    Error rates of quick learners depend on folds, and are left out. Where rows or columns differ, nothing is equal.
    """
    shared = [name for name in left if name in right and name not in LANDMARKERS]
    if any(name not in shared or left[name] != right[name] for name in EXACT):
        return 0, len(shared)
    return sum(_is_equal(left[name], right[name]) for name in shared), len(shared)


def same_name(left: str, right: str) -> bool:
    """Say whether two names of data sets are one, but for case, punctuation and a version (``adult_v2``)."""
    a, b = (_bare(name) for name in (left, right))
    return a == b and len(a) >= LEAST_LETTERS and a not in _GENERIC


@lru_cache(maxsize=8192)
def _bare(name: str) -> str:
    stem = name.rsplit("/", maxsplit=1)[-1].lower()
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    bare = plain_name(stem)
    return bare if len(bare) < 2 or bare[-2:-1] != "v" or not bare[-1].isdigit() else bare[:-2]


def _is_equal(left: float, right: float) -> bool:
    return abs(left - right) <= ROUNDING * max(abs(left), abs(right)) + 1e-9
