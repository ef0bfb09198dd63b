"""Which citations of a draft count: shown in this conversation, there in the graph, and bearing on what cites them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kg.model import (
    Claim,
    Dataset,
    Evidence,
    FidelityProfile,
    Iri,
    ParameterImportance,
    PublishedBudget,
    PublishedSpace,
    Run,
    RunSummary,
    StudySummary,
)
from recommender.composing.rule import confidence_of
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped
from recommender.proposal import Derivation, Grounding
from recommender.retrieval import STAND_INS
from recommender.validation.claimed import BEARING
from recommender.validation.spans import span_of
from recommender.validation.support import CITED

#: Says in words why a piece of evidence does not bear, or None where it does.
Bears = Callable[[Evidence], str | None]


@dataclass(frozen=True)
class Counted:
    """The citations of one value that count."""

    evidence: tuple[Evidence, ...]
    notes: tuple[Note, ...]

    def grounding(self, rationale: str, weights: dict[Iri, float], also: Iterable[Iri] = ()) -> Grounding:
        """Return the account of a value that rests on them.

        Args:
            rationale: For people.
            weights: Data set -> its share in the evidence.
            also: Runs that are cited beside the evidence.
        """
        return Grounding(
            citations=tuple(dict.fromkeys((*(e.iri for e in self.evidence), *also))),
            derivation=Derivation(rule=CITED),
            rationale=rationale,
            confidence=confidence_of(self.evidence, weights),
        )


def counted(field: str, labels: Iterable[str], library: Library, bears: Bears) -> Counted:
    """Return what of the citations `labels` of a field counts, and a note for each that does not."""
    evidence: dict[Iri, Evidence] = {}
    notes = []
    for label in dict.fromkeys(labels):
        entry = library.book.find(label)
        if entry is None:
            notes.append(dropped(field, f"its citation {label!r} was not shown in this conversation"))
            continue
        reasons = []
        for iri in entry.evidence:
            item = library.get(iri)
            why = _why_not(item, library) or bears(item)  # type: ignore[arg-type]  # the first says so
            if why is None:
                evidence[iri] = item  # type: ignore[assignment]
            elif not isinstance(item, Run):
                reasons.append(why)
        if reasons and not any(iri in evidence for iri in entry.evidence):
            notes.append(dropped(field, f"its citation {entry.label} {reasons[0]}"))
    return Counted(tuple(evidence.values()), tuple(notes))


def _why_not(item: Dataset | Run | Evidence | None, library: Library) -> str | None:
    """Say why something bears on nothing that can be proposed for the task."""
    if item is None:
        return "is not in the graph"
    if isinstance(item, Dataset | Run):
        return "is no evidence, only a data set or a run"
    task = library.task
    if isinstance(item, PublishedSpace) and task.task_type not in item.task_types:
        return f"is not for {task.task_type}"
    if isinstance(item, StudySummary) and item.task_type != task.task_type:
        return f"is not for {task.task_type}"
    metric = getattr(item, "metric", None)
    is_free = metric is None or isinstance(item, StudySummary | FidelityProfile)
    if not is_free and metric not in (task.metric, *STAND_INS.get(task.metric, ())):
        return f"is in {metric}, which says nothing of {task.metric}"
    return None


def on_parameter(learner: str, name: str, field: str = "search_space") -> Bears:
    """Return what finds evidence on a hyper-parameter of a learner."""

    def bears(item: Evidence) -> str | None:
        if (other := _other(item, learner)) is not None:
            return other
        if isinstance(item, Claim) and item.statement not in BEARING[field]:
            return f"states a {item.statement}, which says nothing of {name}"
        if isinstance(item, ParameterImportance):
            return None if name in item.importances else f"says nothing of {name}"
        return None if span_of(item, name) is not None else f"says nothing of {name}"

    return bears


def on_learner(learner: str) -> Bears:
    """Return what finds evidence on a learner as a whole."""

    def bears(item: Evidence) -> str | None:
        if isinstance(item, Claim) and item.statement != "algorithm_choice":
            return f"states a {item.statement}, which says nothing of the learner"
        return None if getattr(item, "learner", None) == learner else f"is not about {learner}"

    return bears


def on_trials(learner: str) -> Bears:
    """Return what finds evidence on the number of trials."""

    def bears(item: Evidence) -> str | None:
        if (other := _other(item, learner)) is not None:
            return other
        if isinstance(item, Claim):
            return None if item.statement == "budget" else f"states a {item.statement}, which says nothing of trials"
        known = isinstance(item, StudySummary | RunSummary | PublishedBudget)
        return None if known else "says nothing of the number of trials"

    return bears


def on_patience(learner: str) -> Bears:
    """Return what finds evidence on when to stop."""

    def bears(item: Evidence) -> str | None:
        if isinstance(item, Claim) and item.statement == "termination":
            return _other(item, learner)
        return "says nothing of when to stop"

    return bears


def on_fidelity(learner: str, parameter: str) -> Bears:
    """Return what finds evidence on a fidelity."""

    def bears(item: Evidence) -> str | None:
        if isinstance(item, FidelityProfile) and item.learner == learner and item.parameter == parameter:
            return None
        return f"says nothing of how {parameter} of {learner} ranks configurations"

    return bears


def _other(item: Evidence, learner: str) -> str | None:
    other = getattr(item, "learner", None)
    return f"is about {other}, not about {learner}" if other is not None and other != learner else None
