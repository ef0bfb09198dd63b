"""What the tools of one conversation look things up in; each thing is looked up once."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.learners.registry import learner_named
from kg.model import Dataset, Evidence, Iri, Run
from kg.store import KnowledgeStore
from recommender.composing.rule import RuleInputs
from recommender.llm.bands import Bands, without_sizes
from recommender.llm.book import Book
from recommender.proposal import Grounded, Proposal
from recommender.retrieval import Retrieved, retrieve
from recommender.task import TuningTask

if TYPE_CHECKING:
    from recommender.composing.compose import Composer
    from recommender.text_index import TextIndex


@dataclass
class Library:
    """The graph as it bears on one task, and the book of what was shown of it."""

    task: TuningTask
    composer: Composer
    n_warm_starts: int = 10
    index: TextIndex | None = None
    """What papers say; None where there is none."""
    held_out: frozenset[Iri] = frozenset()
    """Data sets whose evidence must not be used (leave-one-data-set-out evaluation)."""
    bands: Bands | None = None
    """What is told of the task's data set instead of its meta-features (`recommender.llm.bands`); None: all of them."""
    book: Book = field(default_factory=Book)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a tool looks something up."""
    _found: dict[str, Retrieved] = field(default_factory=dict)
    _composed: dict[str, Proposal] = field(default_factory=dict)
    _kinds: dict[tuple[str, str | None], tuple[Evidence, ...]] = field(default_factory=dict)
    _names: dict[Iri, str] = field(default_factory=dict)

    @property
    def store(self) -> KnowledgeStore:
        """The graph."""
        return self.composer.store

    def told(self, text: str) -> str:
        """Return words of ours on the task as a model may read them."""
        return text if self.bands is None else without_sizes(text, self.task.meta_features)

    def learner(self, name: str) -> str:
        """Return the canonical name of a learner.

        Raises:
            UnknownNameError: There is no such learner.
        """
        return learner_named(name).name

    def found(self, learner: str) -> Retrieved:
        """Return the evidence on a learner that bears on the task."""
        if learner not in self._found:
            self._found[learner] = retrieve(self.task, learner, self.store, held_out=self.held_out)
        return self._found[learner]

    def inputs(self, learner: str, cited: Iterable[Evidence] = ()) -> RuleInputs:
        """Return what a composing rule may look at, where it is applied to what `cited` says of a learner."""
        datasets = {dataset.iri: dataset for dataset in self.store.datasets()}
        weights, surfaces = self.found(learner).weights, self.composer.surfaces
        return RuleInputs(self.task, learner, tuple(cited), weights, datasets, surfaces)

    def composed(self, learner: Grounded[str] | None = None) -> Proposal:
        """Return the composed proposal, or the one that is composed around a learner.

        Raises:
            InputError: No learner can do the task.
        """
        name = "" if learner is None else learner.value
        if name not in self._composed:
            if learner is None:
                n, held_out = self.n_warm_starts, self.held_out
                proposal = self.composer.compose(self.task, n_warm_starts=n, held_out=held_out)
                self._composed[proposal.learner.value] = proposal
            else:
                proposal = self.around(name, {"learner": learner})
            self._composed[name] = proposal
        return self._composed[name]

    def take(self, composed: Proposal) -> None:
        """Keep a proposal that was composed for the task already."""
        self._composed |= {"": composed, composed.learner.value: composed}

    def around(self, learner: str, settled: dict[str, Grounded[Any]]) -> Proposal:
        """Return the proposal that is composed around the fields `settled`."""
        return self.composer.around(self.found(learner), settled, n_warm_starts=self.n_warm_starts)

    def evidence(self, kind: str, learner: str | None = None) -> tuple[Evidence, ...]:
        """Return the evidence of a kind, but for what is held out."""
        if (kind, learner) not in self._kinds:
            found = self.store.evidence(kind, learner=learner)
            usable = tuple(e for e in found if getattr(e, "dataset", None) not in self.held_out)
            self._kinds[kind, learner] = usable
        return self._kinds[kind, learner]

    def get(self, iri: Iri) -> Dataset | Run | Evidence | None:
        """Return what an IRI names; None where the graph has nothing of that name."""
        return self.store.get(iri) if self.store.has(iri) else None

    def dataset_name(self, iri: Iri) -> str:
        """Return the name of a data set."""
        if not self._names:
            self._names = {dataset.iri: dataset.name for dataset in self.store.datasets()}
        return self._names.get(iri, iri.rsplit("/", 1)[-1])
