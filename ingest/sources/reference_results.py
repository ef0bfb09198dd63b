"""Reference figures of the field, as they ship with the package (`ingest/data/facts`): budgets and benchmark results.

    name, licence, url, version, locator, citation        of the publication; an entry may have its own last two
    budgets:                                              -> PublishedBudget
      - {name: AMLB 1h8c, time_limit_s: 3600, n_folds: 10, n_cores: 8, notes: [...]}
    suites:                                               -> SuiteResult, one a system and constraint
      - {suite: HPO-B v3 test, measure: normalised regret, greater_is_better: false, n: 430,
         constraints: [1 trial, 2 trials], scores: {Random: [.19, .17]}, learners: {}, seconds: {}, notes: []}
    results:                                              -> SystemResult
      - {dataset: openml-537, name: houses, system: ..., tuned: false, constraint: ..., metric: r2, score: 0.85}
    left_out: {what: why}

Facts, in our words: nothing here is a quotation, so nothing here is a `Claim`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from ingest.records import Items, Page, Rejected
from ingest.sources._shipped import ShippedSource
from kg.errors import InputError, RecordError, UnknownNameError
from kg.iris import dataset_iri, evidence_iri
from kg.learners.registry import learner_named
from kg.model import (
    Dataset,
    Evidence,
    FrozenMapping,
    Provenance,
    PublishedBudget,
    Standing,
    SuiteResult,
    SystemResult,
    Value,
    metric_named,
)


class _Entry(Value):
    locator: str = ""
    """Where in the publication, where it is not the file's."""
    citation: str = ""
    notes: tuple[str, ...] = ()


class BudgetEntry(_Entry):
    """A budget; its figures are those of `PublishedBudget`."""

    name: str
    trials_low: int | None = None
    trials_high: int | None = None
    trials_per_parameter: float | None = None
    time_limit_s: float | None = None
    per_trial_s: float | None = None
    n_folds: int | None = None
    n_cores: int | None = None
    memory_mb: float | None = None


class SuiteEntry(_Entry):
    """A table of aggregates: a row a system, a column a constraint."""

    suite: str
    measure: str
    greater_is_better: bool
    n: int = Field(ge=1)
    """Results that a figure is a mean over; 1 where that is not told."""
    constraints: tuple[str, ...]
    scores: FrozenMapping[str, tuple[float | None, ...]]
    """System -> a score for each constraint; null where none is told."""
    learners: FrozenMapping[str, str] = FrozenMapping({})
    """System -> canonical learner, where it is one learner."""
    seconds: FrozenMapping[str, float] = FrozenMapping({})
    """System -> training seconds, where they are told."""


class ResultEntry(_Entry):
    """A result on one data set."""

    dataset: str
    """Key of the data set, such as ``openml-537``."""
    name: str
    """Of the data set."""
    openml_id: int | None = None
    system: str
    learner: str | None = None
    tuned: bool
    constraint: str
    metric: str
    score: float


class FactFile(Value):
    """What one publication says."""

    name: str
    licence: str
    url: str
    version: str
    locator: str
    citation: str
    budgets: tuple[BudgetEntry, ...] = ()
    suites: tuple[SuiteEntry, ...] = ()
    results: tuple[ResultEntry, ...] = ()
    left_out: FrozenMapping[str, str] = FrozenMapping({})
    """What of it has no place here -> why."""


def read_fact_file(path: Path) -> FactFile:
    """Read a file of facts.

    Raises:
        InputError: The file is not of the form above.
    """
    try:
        return FactFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InputError(f"not a file of facts: {error}", where=path.name) from error


class ReferenceResults(ShippedSource):
    """Published budgets, aggregates over benchmarks, and single results, a page a publication."""

    name = "reference-results"
    title = "Reference figures of the field"
    licence = "of each publication, see the provenance of each figure"
    url = "https://github.com/openml/automlbenchmark"
    standing = Standing.PUBLISHED
    files = ("ingest/data/facts/*.yaml",)
    folder = "data/facts"

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield what each publication says. An entry that cannot be used is rejected, and the rest goes on.

        Raises:
            InputError: A file is not of the form of `FactFile`.
        """
        for path in self.paths(folder):
            facts = read_fact_file(path)
            items: list[Dataset | Evidence] = []
            rejected: list[Rejected] = []
            entries: tuple[BudgetEntry | SuiteEntry | ResultEntry, ...] = (
                *facts.budgets,
                *facts.suites,
                *facts.results,
            )
            for number, entry in enumerate(entries, start=1):
                try:
                    items += self._items(entry, facts, self._of(facts, entry, path.name, retrieved))
                except (RecordError, UnknownNameError, ValidationError) as error:
                    rejected.append(Rejected(f"{path.name}#{number}", "unusable figure", str(error)))
            once = tuple({item.iri: item for item in items}.values())
            yield Items(path.name, once, tuple(rejected), {f"{facts.name}: {name}": 1 for name in facts.left_out})

    def _items(
        self, entry: BudgetEntry | SuiteEntry | ResultEntry, facts: FactFile, provenance: Provenance
    ) -> tuple[Dataset | Evidence, ...]:
        citation = entry.citation or facts.citation
        match entry:
            case BudgetEntry():
                return (self._budget(entry, citation, provenance),)
            case SuiteEntry():
                return tuple(self._aggregates(entry, citation, provenance))
            case ResultEntry():
                return self._dataset(entry, provenance), self._result(entry, provenance)

    def _budget(self, entry: BudgetEntry, citation: str, provenance: Provenance) -> PublishedBudget:
        return PublishedBudget(
            iri=evidence_iri("published_budget", self.name, entry.name),
            standing=self.standing,
            n=1,
            provenance=provenance,
            citation=citation,
            **entry.model_dump(exclude={"locator", "citation"}),
        )

    def _aggregates(self, entry: SuiteEntry, citation: str, provenance: Provenance) -> Iterator[SuiteResult]:
        for system, scores in entry.scores.items():
            if len(scores) != len(entry.constraints):
                raise RecordError(
                    f"{entry.suite}, {entry.measure}: {len(scores)} scores of {system} for {len(entry.constraints)}"
                    " constraints"
                )
            for constraint, score in zip(entry.constraints, scores, strict=True):
                learner = entry.learners.get(system, None)
                if score is None:
                    continue
                yield SuiteResult(
                    iri=evidence_iri("suite_result", self.name, entry.suite, entry.measure, system, constraint),
                    standing=self.standing,
                    n=entry.n,
                    provenance=provenance,
                    suite=entry.suite,
                    system=system,
                    learner=learner_named(learner).name if learner else None,
                    constraint=constraint,
                    measure=entry.measure,
                    greater_is_better=entry.greater_is_better,
                    score=score,
                    seconds=entry.seconds.get(system, None),
                    citation=citation,
                    notes=entry.notes,
                )

    def _dataset(self, entry: ResultEntry, provenance: Provenance) -> Dataset:
        return Dataset(
            iri=dataset_iri(entry.dataset),
            name=entry.name,
            openml_id=entry.openml_id,
            task_type=metric_named(entry.metric).task_type,
            provenance=provenance,
        )

    def _result(self, entry: ResultEntry, provenance: Provenance) -> SystemResult:
        metric = metric_named(entry.metric).name
        return SystemResult(
            iri=evidence_iri("system_result", self.name, entry.dataset, entry.system, entry.constraint, metric),
            standing=self.standing,
            n=1,
            provenance=provenance,
            dataset=dataset_iri(entry.dataset),
            system=entry.system,
            learner=learner_named(entry.learner).name if entry.learner else None,
            tuned=entry.tuned,
            constraint=entry.constraint,
            metric=metric,
            score=entry.score,
        )

    def _of(self, facts: FactFile, entry: _Entry, file: str, retrieved: date) -> Provenance:
        return Provenance(
            source=self.name,
            licence=facts.licence,
            url=facts.url,
            version=facts.version,
            retrieved=retrieved,
            locator=f"{entry.locator or facts.locator}; ingest/data/facts/{file}",
        )
