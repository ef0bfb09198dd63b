"""What the graph holds, as sorted lists of names: a page is cut from a list, and only its items are read.

The lists are made once for each state of the graph, by one query each. On the starter graph they take 2 s and 12 MB;
a service that starts makes them before anybody asks (`Catalogue.make`).
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.iris import BASE, learner_iri, metric_iri
from kg.model import Iri
from kg.store import KnowledgeStore
from ui.listing import Listing

_DATASETS: Final = f"{BASE}dataset/"
# Everything about an item is in its own named graph. Said so, a query takes half as long as over the union of all.
_EVIDENCE: Final = Listing(
    sparql="""SELECT ?item ?learner ?metric ?dataset WHERE { GRAPH ?g {
  ?item a tg:Evidence .
  OPTIONAL { ?item tg:learner ?learner } OPTIONAL { ?item tg:metric ?metric } OPTIONAL { ?item tg:dataset ?dataset }
} }""",
    cypher="""MATCH (e:Evidence)
OPTIONAL MATCH (e)-[:learner]->(l:Resource) OPTIONAL MATCH (e)-[:metric]->(m:Resource)
OPTIONAL MATCH (e)-[:dataset]->(d:Resource)
RETURN e.iri AS item, l.iri AS learner, m.iri AS metric, d.iri AS dataset""",
)
#: Inputs of a run are its data set and its settings; its outputs are its scores.
_RUNS: Final = Listing(
    sparql="""SELECT ?item ?learner ?dataset ?metric ?datasets WHERE { GRAPH ?g {
  ?item a mls:Run ; mls:executes ?learner ; mls:hasInput ?dataset .
  FILTER STRSTARTS(STR(?dataset), STR(?datasets))
  ?item mls:hasOutput/mls:specifiedBy ?metric
} }""",
    cypher="""MATCH (r:mls__Run)-[:mls__executes]->(l:Resource), (r)-[:mls__hasInput]->(d:Resource),
  (r)-[:mls__hasOutput]->(:Resource)-[:mls__specifiedBy]->(m:Resource)
WHERE d.iri STARTS WITH $datasets
RETURN r.iri AS item, l.iri AS learner, d.iri AS dataset, m.iri AS metric""",
    parameters=(("datasets", _DATASETS),),
)
#: Catalogues kept: of the whole and the public graph, now and before the last change.
_KEPT: Final = 4
#: Parts of lists that are kept, a catalogue.
_PARTS: Final = 500


@dataclass(frozen=True)
class Entry:
    """An item by what it is about."""

    iri: Iri
    learner: str | None = None
    """IRI."""
    dataset: str | None = None
    """IRI."""
    metrics: frozenset[str] = frozenset()
    """IRIs."""

    @property
    def kind(self) -> str:
        """What kind of evidence it is."""
        return self.iri.removeprefix(f"{BASE}evidence/").partition("/")[0]


@dataclass(frozen=True)
class About:
    """What items are to be about; None: whatever they are."""

    learner: str | None = None
    """Canonical name."""
    metric: str | None = None
    """Canonical name."""
    dataset: Iri | None = None
    kind: str | None = None
    """Of evidence."""

    def of(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Return those of `entries` that are about all of it."""
        learner = None if self.learner is None else learner_iri(self.learner)
        metric = None if self.metric is None else metric_iri(self.metric)
        return tuple(
            entry
            for entry in entries
            if learner in (None, entry.learner)
            and self.dataset in (None, entry.dataset)
            and (metric is None or metric in entry.metrics)
            and self.kind in (None, entry.kind)
        )


class Catalogue:
    """What one state of the graph holds.

    Args:
        store: The graph, in that state.
    """

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store
        self._lists: dict[Listing, tuple[Entry, ...]] = {}
        self._found: dict[tuple[Listing, About], tuple[Entry, ...]] = {}
        self._counts: Mapping[str, tuple[int, int]] | None = None
        self._sources: tuple[Mapping[str, Any], ...] | None = None
        self._making = threading.Lock()

    def make(self) -> None:
        """Make all lists now, so that nobody waits for them.

        Raises:
            StoreError: The graph cannot be read.
        """
        self.learners()
        self.runs(About())
        self.sources()

    def evidence(self, about: About) -> tuple[Entry, ...]:
        """Return the evidence about something, by IRI."""
        return self._about(_EVIDENCE, about)

    def runs(self, about: About) -> tuple[Entry, ...]:
        """Return the runs about something, by IRI."""
        return self._about(_RUNS, about)

    def learners(self) -> Mapping[str, tuple[int, int]]:
        """Return how many pieces of evidence on a learner there are, and about how many data sets, by its IRI."""
        if self._counts is None:
            self._counts = self._counted()
        return self._counts

    def _counted(self) -> Mapping[str, tuple[int, int]]:
        pieces: Counter[str] = Counter()
        datasets: dict[str, set[str]] = {}
        for entry in self.evidence(About()):
            if entry.learner is not None:
                pieces[entry.learner] += 1
                about = datasets.setdefault(entry.learner, set())
                about.update(() if entry.dataset is None else (entry.dataset,))
        return {learner: (count, len(datasets[learner])) for learner, count in pieces.items()}

    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """Return the answer to the question ``sources``."""
        with self._making:
            if self._sources is None:
                self._sources = tuple(self._store.ask("sources"))
            return self._sources

    def _about(self, query: Listing, about: About) -> tuple[Entry, ...]:
        """Return the part of a list that is about something; the parts asked for first are kept."""
        found = self._found.get((query, about))
        if found is None:
            found = about.of(self._entries(query))
            if len(self._found) < _PARTS:
                self._found[query, about] = found
        return found

    def _entries(self, query: Listing) -> tuple[Entry, ...]:
        with self._making:
            if query not in self._lists:
                self._lists[query] = _collected(query.of(self._store))
            return self._lists[query]


class Catalogues:
    """The catalogues of the states of a graph that were asked for last, whole and public."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], Catalogue] = OrderedDict()
        self._mutex = threading.Lock()

    def of(self, store: KnowledgeStore) -> Catalogue:
        """Return the catalogue of `store` as it is now."""
        key = (id(store), store.fingerprint())
        with self._mutex:
            found = self._kept.pop(key, None) or Catalogue(store)
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _collected(rows: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Return an entry an item; a run has a row for each metric."""
    about: dict[str, tuple[str | None, str | None]] = {}
    metrics: dict[str, set[str]] = {}
    for row in rows:
        about[row["item"]] = (row["learner"], row["dataset"])
        metrics.setdefault(row["item"], set()).update({row["metric"]} - {None})
    return tuple(Entry(Iri(iri), *about[iri], frozenset(metrics[iri])) for iri in sorted(about))
