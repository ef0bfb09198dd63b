"""The graph as a reader walks it: a node, what it says, and where one can go from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.model import Dataset, Iri, Run
from kg.store import KnowledgeStore
from ui.views.citations import Cited, Item, kind_of, told

#: Ways out of a node that are shown of each kind.
MOST_OF_A_KIND: Final = 6
#: Kinds of evidence that a data set leads to, most telling first.
_OF_DATASET: Final = ("run_summary", "study_summary", "fidelity_profile", "parameter_importance", "system_result")


@dataclass(frozen=True)
class Way:
    """An edge of the graph, followed from one end."""

    by: str
    """What the edge says, in words."""
    iri: Iri
    title: str


@dataclass(frozen=True)
class Node:
    """Where the reader stands."""

    iri: Iri
    title: str
    cited: Cited
    ways: tuple[Way, ...]


def node(iri: Iri, store: KnowledgeStore) -> Node:
    """Return what `iri` names and where one can go from there.

    Raises:
        EvidenceError: The graph has nothing of that name.
    """
    item = store.get(iri)
    ways = {way.iri: way for way in _ways(item, store) if way.iri != iri}
    return Node(iri, title_of(item), told(item, store), tuple(ways.values()))


def title_of(item: Item) -> str:
    """Return a short name: the data set's, a run's learner and score, evidence's kind and what it is about."""
    if isinstance(item, Dataset):
        return item.name
    if isinstance(item, Run):
        metric, score = next(iter(item.scores.items()), ("", 0.0))
        return f"run of {item.learner}, {metric} {score:.4g}" if metric else f"run of {item.learner}"
    about = getattr(item, "learner", None) or getattr(item, "name", None) or getattr(item, "document", "")
    return f"{kind_of(item)}: {about}" if about else kind_of(item)


def _ways(item: Item, store: KnowledgeStore) -> Iterator[Way]:
    if isinstance(item, Dataset):
        yield from _from_dataset(item, store)
        return
    dataset = getattr(item, "dataset", None)
    if dataset is not None and store.has(dataset):
        yield Way("is about", dataset, title_of(store.get(dataset)))
    runs = getattr(item, "top_runs", ())[:MOST_OF_A_KIND]
    yield from (Way("rests on", run.iri, title_of(run)) for run in store.runs(runs))
    if isinstance(item, Run) or dataset is None:
        return
    for kind in _OF_DATASET:
        for other in store.evidence(kind, learner=getattr(item, "learner", None), dataset=dataset)[:MOST_OF_A_KIND]:
            yield Way("same learner and data set", other.iri, title_of(other))


def _from_dataset(dataset: Dataset, store: KnowledgeStore) -> Iterator[Way]:
    for iri in dataset.same_as:
        if store.has(iri):
            yield Way("is the same as", iri, title_of(store.get(iri)))
    for kind in _OF_DATASET:
        for evidence in store.evidence(kind, dataset=dataset.iri)[:MOST_OF_A_KIND]:
            yield Way("is described by", evidence.iri, title_of(evidence))
