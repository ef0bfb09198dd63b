"""What each source says of one hyper-parameter, side by side, and where they disagree."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median
from typing import Final

from kg.learners.spec import LearnerSpec
from kg.model import Claim, Iri, Parameter, PublishedSpace, RunSummary, StudySummary, TaskType
from kg.model.evidence import ParameterQuantiles
from kg.store import KnowledgeStore
from recommender.composing.published import LITTLE_OVERLAP
from ui.view import number, range_text, value_text

#: Quantiles of the best tenth of the runs on a data set that its range is made of.
_LOW, _HIGH = 0.1, 0.9
#: Claims that state bounds.
_BOUNDS: Final = "range"


class Basis(StrEnum):
    """What a range rests on."""

    REGISTRY = "worth searching (registry)"
    PUBLISHED = "published space"
    RUNS = "best tenth of runs"
    STUDIES = "searched in studies"
    CLAIM = "claimed in a text"


@dataclass(frozen=True)
class SourcedRange:
    """A range, or choices, and who says so."""

    basis: Basis
    source: str
    """Name of the space, the document, or the source of runs."""
    text: str
    """What it says, for people."""
    low: float | None = None
    high: float | None = None
    iri: Iri | None = None
    """The evidence; None where it is made of several pieces, or of none."""
    against: tuple[str, ...] = ()
    """Sources whose ranges hardly overlap with this one."""

    @property
    def is_range(self) -> bool:
        """Whether it has two ends."""
        return self.low is not None and self.high is not None


def ranges_of(spec: LearnerSpec, name: str, task_type: TaskType, store: KnowledgeStore) -> tuple[SourcedRange, ...]:
    """Return what is said of hyper-parameter `name`, conflicts marked.

    Args:
        spec: The learner.
        name: Canonical name of one of its hyper-parameters.
        task_type: For what the registry has two minds about.
        store: The graph.
    """
    found = [
        *_registered(spec, name, task_type),
        *_published(spec.name, name, store),
        *_runs(spec.name, name, store),
        *_studies(spec.name, name, store),
        *_claims(spec.name, name, store),
    ]
    search = spec[name].search_for(task_type)
    return marked(found, log=bool(getattr(search, "log", False)))


def marked(ranges: Sequence[SourcedRange], *, log: bool = False) -> tuple[SourcedRange, ...]:
    """Return `ranges` with those that each is against: their overlap is below a tenth of the shorter one.

    Args:
        ranges: What the sources say; what has not two ends is against nothing.
        log: Whether lengths are measured on the log scale; then a range that begins at 0 or below is compared without.
    """
    return tuple(
        replace(
            one,
            against=tuple(
                dict.fromkeys(other.source for other in ranges if other is not one and _disagree(one, other, log=log))
            ),
        )
        for one in ranges
    )


def _disagree(one: SourcedRange, other: SourcedRange, *, log: bool) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    scale = math.log if log and min(one.low, other.low) > 0 else float
    left, right = [(scale(r[0]), scale(r[1])) for r in ((one.low, one.high), (other.low, other.high))]
    shared = min(left[1], right[1]) - max(left[0], right[0])
    shorter = min(left[1] - left[0], right[1] - right[0])
    return shared < 0 if shorter <= 0 else shared / shorter < LITTLE_OVERLAP


def _registered(spec: LearnerSpec, name: str, task_type: TaskType) -> Iterator[SourcedRange]:
    search = spec[name].search_for(task_type)
    if search is not None:
        yield _of_parameter(Basis.REGISTRY, "Tunegraph", search)


def _published(learner: str, name: str, store: KnowledgeStore) -> Iterator[SourcedRange]:
    for space in store.evidence("published_space", learner=learner):
        if isinstance(space, PublishedSpace) and name in space.space:
            bounds = [e for e in space.expressions if e.parameter == name]
            found = _of_parameter(Basis.PUBLISHED, space.name, space.space[name], space.iri)
            said = ", ".join(f"{e.side}: {e.expression}" for e in bounds)
            yield replace(found, text=f"{found.text}; {said}") if said else found


def _runs(learner: str, name: str, store: KnowledgeStore) -> Iterator[SourcedRange]:
    """Yield where the best tenth of the runs lies, a range a source: medians over its data sets."""
    ends: dict[str, list[tuple[float, float]]] = {}
    favourites: dict[str, Counter[str]] = {}
    datasets: dict[str, set[Iri]] = {}
    for summary, one in _quantiles(learner, name, store):
        source, at = summary.provenance.source, dict(zip(one.levels, one.values, strict=True))
        if _LOW in at and _HIGH in at:
            ends.setdefault(source, []).append((at[_LOW], at[_HIGH]))
        elif one.shares:
            favourites.setdefault(source, Counter())[max(one.shares, key=one.shares.__getitem__)] += 1
        datasets.setdefault(source, set()).add(summary.dataset)
    for source, some in sorted(ends.items()):
        low, high = median(low for low, _ in some), median(high for _, high in some)
        text = f"{number(low)} to {number(high)}: medians of the 10 % and 90 % quantiles over "
        yield SourcedRange(Basis.RUNS, source, text + _many(len(datasets[source]), len(some)), low, high)
    for source, choices in sorted(favourites.items()):
        said = ", ".join(f"{value_text(json.loads(choice))} {n} times" for choice, n in choices.most_common())
        over = _many(len(datasets[source]), choices.total())
        yield SourcedRange(Basis.RUNS, source, f"most frequent among the best: {said}, over {over}")


def _quantiles(learner: str, name: str, store: KnowledgeStore) -> Iterator[tuple[RunSummary, ParameterQuantiles]]:
    for summary in store.evidence("run_summary", learner=learner):
        if isinstance(summary, RunSummary):
            yield from ((summary, one) for one in summary.quantiles if one.parameter == name)


def _studies(learner: str, name: str, store: KnowledgeStore) -> Iterator[SourcedRange]:
    """Yield what the studies of a source searched, each space once."""
    searched: Counter[tuple[str, Parameter]] = Counter()
    for study in store.evidence("study_summary", learner=learner):
        if isinstance(study, StudySummary) and name in study.space:
            searched[study.provenance.source, study.space[name].model_copy(update={"prior": None})] += 1
    for (source, parameter), n in searched.most_common():
        found = _of_parameter(Basis.STUDIES, source, parameter)
        yield replace(found, text=f"{found.text}, in {n} {'study' if n == 1 else 'studies'}")


def _claims(learner: str, name: str, store: KnowledgeStore) -> Iterator[SourcedRange]:
    for claim in store.evidence("claim", learner=learner):
        if isinstance(claim, Claim) and claim.hyperparameter == name:
            ends = (claim.low, claim.high) if claim.statement == _BOUNDS else (None, None)
            text = f"{claim.statement.replace('_', ' ')}: {claim_value(claim)}"
            yield SourcedRange(Basis.CLAIM, claim.document, text, *ends, iri=claim.iri)


def claim_value(claim: Claim) -> str:
    """Return what a claim states, in short: ``0.1 to 0.3 (log)``, ``at least 8``, ``256``; else its condition."""
    scale = " (log)" if claim.log else ""
    match claim.low, claim.high:
        case (None, None):
            said = value_text(claim.value) if claim.value is not None else claim.condition or "see its words"
        case (low, None) if low is not None:
            said = f"at least {number(low)}"
        case (None, high) if high is not None:
            said = f"at most {number(high)}"
        case (low, high):
            said = f"{number(low or 0.0)} to {number(high or 0.0)}"
    return f"{said}{scale}{f' {claim.unit}' if claim.unit else ''}"


def range_rows(ranges: Iterable[SourcedRange]) -> list[dict[str, str]]:
    """Return ranges as rows of a table, conflicts in words."""
    return [
        {
            "basis": one.basis.value,
            "source": one.source,
            "says": one.text,
            "conflict": f"hardly overlaps with {', '.join(one.against)}" if one.against else "",
        }
        for one in ranges
    ]


def conflict_text(ranges: Sequence[SourcedRange]) -> str:
    """Return how many ranges disagree with another one."""
    there = [one for one in ranges if one.is_range]
    n = sum(bool(one.against) for one in there)
    if not there:
        return "No source gives it a range."
    if not n:
        return f"{len(there)} ranges; none is in conflict with another."
    return f"Conflict: of {len(there)} ranges, {n} hardly overlap with at least one other."


def _of_parameter(basis: Basis, source: str, parameter: Parameter, iri: Iri | None = None) -> SourcedRange:
    if parameter.kind in ("float", "int"):
        return SourcedRange(basis, source, range_text(parameter), float(parameter.low), float(parameter.high), iri)
    return SourcedRange(basis, source, range_text(parameter), iri=iri)


def _many(datasets: int, summaries: int) -> str:
    return f"{datasets} data set{'' if datasets == 1 else 's'} ({summaries} with their metrics)"
