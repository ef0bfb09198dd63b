"""A range beside what it rests on: published ranges, the best runs of similar data sets, the default, warm starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kg.learners.registry import learner_named
from kg.model import Iri, Parameter, ParameterValue, PublishedSpace, RunSummary
from kg.store import KnowledgeStore
from recommender.proposal import Proposal
from recommender.retrieval import STAND_INS

#: Similar data sets whose best runs are drawn: the nearest.
MOST_DATASETS: Final = 8


class Basis(StrEnum):
    """What a row of the picture stands for."""

    PROPOSED = "proposed"
    BEST_RUNS = "best runs"
    PUBLISHED = "published"
    DEFAULT = "library default"
    WARM_START = "warm start"


@dataclass(frozen=True)
class RangeRow:
    """One line of the picture: a bar from `low` to `high`, a mark at `value`, or both. In the parameter's own unit."""

    basis: Basis
    label: str
    low: float | None = None
    high: float | None = None
    value: float | None = None
    text: str = ""
    """For a categorical parameter: what is chosen, or the shares of the choices."""
    iri: Iri | None = None
    """The evidence; None for what is no evidence."""


def range_rows(proposal: Proposal, name: str, store: KnowledgeStore) -> tuple[RangeRow, ...]:
    """Return what the range of one parameter is to be seen beside, the proposal first.

    Args:
        proposal: The proposal.
        name: A parameter of its search space.
        store: The graph.
    """
    parameter = proposal.search_space.value[name]
    return (
        _proposed(parameter),
        *_warm_starts(proposal, name),
        *_default(proposal, name),
        *_best_runs(proposal, name, store),
        *_published(proposal, name, store),
    )


def summaries_of(proposal: Proposal, store: KnowledgeStore) -> tuple[tuple[str, RunSummary], ...]:
    """Return the best runs of the proposal's learner on its nearest data sets that have some, with their names."""
    learner, metric = proposal.learner.value, proposal.metric.value
    for known in (metric, *STAND_INS.get(metric, ())):
        found = store.evidence("run_summary", learner=learner, metric=known)
        by_dataset = {e.dataset: e for e in found if isinstance(e, RunSummary)}
        near = [(n.name, by_dataset[n.dataset]) for n in proposal.neighbours if n.dataset in by_dataset]
        if near:
            return tuple(near[:MOST_DATASETS])
    return ()


def _proposed(parameter: Parameter) -> RangeRow:
    if parameter.kind in ("int", "float"):
        return RangeRow(Basis.PROPOSED, "This proposal", float(parameter.low), float(parameter.high))
    if parameter.kind == "categorical":
        return RangeRow(Basis.PROPOSED, "This proposal", text=", ".join(map(str, parameter.choices)))
    return RangeRow(Basis.PROPOSED, "This proposal", value=_number(parameter.value), text=str(parameter.value))  # type: ignore[union-attr]


def _warm_starts(proposal: Proposal, name: str) -> Iterator[RangeRow]:
    for i, configuration in enumerate(proposal.warm_starts.value, 1):
        if name in configuration:
            value = configuration[name]
            yield RangeRow(Basis.WARM_START, f"Warm start {i}", value=_number(value), text=str(value))


def _default(proposal: Proposal, name: str) -> Iterator[RangeRow]:
    task = proposal.task
    point = learner_named(proposal.learner.value).default_point(task.task_type, n_columns=task.n_columns)
    if name in point:
        yield RangeRow(Basis.DEFAULT, "Library default", value=_number(point[name]), text=str(point[name]))


def _best_runs(proposal: Proposal, name: str, store: KnowledgeStore) -> Iterator[RangeRow]:
    for dataset, summary in summaries_of(proposal, store):
        for quantiles in summary.quantiles:
            if quantiles.parameter != name:
                continue
            shares = ", ".join(f"{choice} {share:.0%}" for choice, share in quantiles.shares.items())
            low, middle, high = _span(quantiles.values)
            yield RangeRow(Basis.BEST_RUNS, dataset, low, high, middle, shares, summary.iri)


def _published(proposal: Proposal, name: str, store: KnowledgeStore) -> Iterator[RangeRow]:
    for space in store.evidence("published_space", learner=proposal.learner.value):
        if not isinstance(space, PublishedSpace) or proposal.task.task_type not in space.task_types:
            continue
        if name in space.space:
            row = _proposed(space.space[name])
            yield RangeRow(Basis.PUBLISHED, space.name, row.low, row.high, row.value, row.text, space.iri)


def _span(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """Return least, middle and greatest of the quantiles that are kept; nothing where there are none."""
    if not values:
        return None, None, None
    return values[0], values[len(values) // 2], values[-1]


def _number(value: ParameterValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
