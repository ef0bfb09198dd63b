"""Why a proposal is as it is: from a field to its rule, from the rule to its evidence, from the evidence to runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import InputError
from kg.model import Dataset, Evidence, Iri, PublishedBudget, Run, SearchSpace
from kg.store import KnowledgeStore
from recommender.proposal import Grounded, Grounding, Proposal

#: Pieces of evidence that are told one by one; the rest is counted.
MOST_CITATIONS = 8


@dataclass(frozen=True)
class Cited:
    """One citation, told."""

    iri: Iri
    text: str
    source: str
    confidence: float | None
    runs: tuple[Iri, ...] = ()
    """Runs that it rests on and that are in the graph."""


@dataclass(frozen=True)
class Account:
    """Why one field, or one part of it, is as it is."""

    field: str
    value: str
    rule: str
    arguments: dict[str, object]
    rationale: str
    confidence: float
    citations: tuple[Cited, ...]
    n_citations: int
    parts: tuple[str, ...] = ()
    """Names that can be asked for next, as ``field.part``."""


def grounded_fields(proposal: Proposal) -> dict[str, Grounded[object]]:
    """Return the fields of a proposal that account for themselves, by name."""
    return {name: value for name, value in proposal if isinstance(value, Grounded)}


def account_of(proposal: Proposal, field: str, store: KnowledgeStore) -> Account:
    """Return why `field` is as it is.

    Args:
        proposal: The proposal.
        field: ``budget``, or a part such as ``search_space.max_features`` or ``warm_starts.0``.
        store: The graph, for what the citations say.

    Raises:
        InputError: There is no such field or part, or the field accounts for a part that it does not hold.
    """
    fields = grounded_fields(proposal)
    name, _, part = field.partition(".")
    if name not in fields:
        raise InputError(f"There is no field {name!r}.", where="field", allowed=", ".join(fields))
    whole = fields[name]
    if part and part not in whole.parts:
        allowed = ", ".join(f"{name}.{p}" for p in whole.parts) or name
        raise InputError(f"{name!r} has no part {part!r}.", where="field", allowed=allowed)
    grounding: Grounding = whole.parts[part] if part else whole
    return Account(
        field=field,
        value=_part_value(whole, name, part),
        rule=grounding.derivation.rule if grounding.derivation else "",
        arguments=dict(grounding.derivation.arguments.items()) if grounding.derivation else {},
        rationale=grounding.rationale,
        confidence=grounding.confidence,
        citations=tuple(_told(iri, store) for iri in grounding.citations[:MOST_CITATIONS]),
        n_citations=len(grounding.citations),
        parts=() if part else tuple(f"{name}.{p}" for p in whole.parts),
    )


def has_part(value: object, part: str) -> bool:
    """Say whether a field's value is made of a part of that name: a warm start's number, a parameter, a setting."""
    return part in _parts(value)


def part_value(value: Any, part: str) -> Any:
    """Return the part of a field's value.

    Raises:
        KeyError: It has none of that name.
    """
    return _parts(value)[part]


def _parts(value: object) -> Mapping[str, Any]:
    if isinstance(value, tuple):
        return {str(i): item for i, item in enumerate(value)}
    if isinstance(value, SearchSpace):
        return {parameter.name: parameter for parameter in value.parameters}
    return value if isinstance(value, Mapping) else {}


def _part_value(whole: Grounded[object], field: str, part: str) -> str:
    value: Any = whole.value
    if part and not has_part(value, part):
        raise InputError(f"{field!r} accounts for {part!r}, which is not in its value.", where="field", allowed=field)
    if part:
        value = part_value(value, part)
    if isinstance(value, tuple):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    return _json(value)


def _json(value: Any) -> str:
    return value.model_dump_json(exclude_none=True) if hasattr(value, "model_dump_json") else str(value)


def _told(iri: Iri, store: KnowledgeStore) -> Cited:
    if not store.has(iri):
        return Cited(iri, "not in this graph", "", None)
    item = store.get(iri)
    confidence = None if isinstance(item, Dataset | Run) else item.confidence
    runs = item.top_runs if not isinstance(item, Dataset | Run) and item.kind == "run_summary" else ()
    return Cited(iri, sentence(item), f"{item.provenance.source}, {item.provenance.licence}", confidence, runs)


def sentence(item: Dataset | Run | Evidence) -> str:
    """Return what a thing of the graph says, in one sentence."""
    if isinstance(item, Dataset):
        return f"Data set {item.name}."
    if isinstance(item, Run):
        settings = ", ".join(f"{name}={value!r}" for name, value in item.configuration.items())
        scores = ", ".join(f"{metric} {score:.4g}" for metric, score in item.scores.items())
        return f"A run of {item.learner} with {settings}: {scores}."
    return _SENTENCES[item.kind](item)


def _name(iri: Iri) -> str:
    return iri.rsplit("/", 1)[-1]


def _budget(budget: PublishedBudget) -> str:
    low, high = budget.trials_low, budget.trials_high
    trials = f"{low}" if low == high else f"{low} to {high}" if low and high else f"at least {low}" if low else ""
    said = (
        (trials or (high and f"at most {high}"), "trials"),
        (budget.trials_per_parameter, "trials for each hyper-parameter"),
        (budget.time_limit_s, "s in all"),
        (budget.per_trial_s, "s a trial"),
    )
    figures = ((figure if isinstance(figure, str) else f"{figure:g}", unit) for figure, unit in said if figure)
    return ", ".join(f"{figure} {unit}" for figure, unit in figures)


_SENTENCES = {
    "run_summary": lambda e: (
        f"{e.n} runs of {e.learner} on {_name(e.dataset)}: {e.metric} best {e.best:.4g}, median {e.median:.4g}."
    ),
    "response_model": lambda e: (
        f"How {e.metric} of {e.learner} on {_name(e.dataset)} answers to its configuration, from {e.n} runs "
        f"(cross-validated rank correlation {e.fit:.2f})."
    ),
    "parameter_importance": lambda e: (
        f"What explains {e.metric} of {e.learner} on {_name(e.dataset)}: "
        + ", ".join(f"{name} {share:.0%}" for name, share in e.importances.items())
        + "."
    ),
    "fidelity_profile": lambda e: (
        f"How {e.learner} on {_name(e.dataset)} ranks at lower {e.parameter}: "
        + ", ".join(f"{level.value:g} -> {level.rank_correlation:.2f}" for level in e.levels)
        + "."
    ),
    "fidelity_curve": lambda e: (
        f"How {e.metric} of {e.learner} on {_name(e.dataset)} differs from that in full at lower {e.parameter}: "
        + ", ".join(f"{point.value:g} -> {point.best_change:+.3g}" for point in e.points)
        + " (median of the best quarter)."
    ),
    "cost_profile": lambda e: (
        f"Training {e.learner} on {_name(e.dataset)} takes {e.seconds[1]:.3g} s (median of {e.n})."
    ),
    "study_summary": lambda e: (
        f"A study of {e.n_trials} trials of {e.learner} on {_name(e.dataset)}"
        + ("" if e.best is None else f": {e.metric} {e.best:.4g}")
        + ("" if e.best_trial is None else f" at trial {e.best_trial}")
        + "."
    ),
    "published_space": lambda e: f"{e.name}: a search space for {e.learner}, {e.citation}.",
    "claim": lambda e: f'{e.document}: "{e.quote}"',
    "system_result": lambda e: f"{e.system} ({e.constraint}) on {_name(e.dataset)}: {e.metric} {e.score:.4g}.",
    "suite_result": lambda e: f"{e.system} ({e.constraint}) over {e.suite}: {e.measure} {e.score:.4g}.",
    "published_budget": lambda e: f"{e.name}: {_budget(e)}, {e.citation}.",
}
