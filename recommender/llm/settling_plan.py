"""Warm starts, trials, fidelity and patience of a draft: what its citations support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kg.model import Configuration, Dataset, Evidence, FidelityProfile, Iri, Run
from kg.model.base import FrozenMapping
from recommender.composing.budgeting import FEWEST_TRIALS, choose_budget
from recommender.composing.foresight import expected_curve
from recommender.composing.measured_starts import Points
from recommender.composing.rule import confidence_of
from recommender.llm.bearing import Counted, counted, on_fidelity, on_patience, on_trials
from recommender.llm.book import Entry
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped, repaired
from recommender.proposal import (
    Budget,
    Derivation,
    Fidelity,
    Grounded,
    Grounding,
    MaxTrials,
    Proposal,
    Stagnation,
    Termination,
    WallClock,
)
from recommender.validation.spans import hull, span_of
from recommender.validation.support import CITED, TRIALS_FACTOR, numbers_of_trials, unsupported

#: Citations of a parameter among which one is looked for that spans a setting.
MOST_LENT = 20

Settling = tuple[Grounded[Any] | None, tuple[Note, ...]]


def settle_starts(draft: Draft, base: Proposal, library: Library) -> Settling:
    """Return the warm starts that are cited, in their order, each a configuration that was shown, or None.

    Args:
        draft: Cites configurations.
        base: The proposal so far; its search space must hold them.
        library: What was shown.
    """
    kept: dict[Configuration, Grounding] = {}
    notes: list[Note] = []
    for place, label in enumerate(draft.warm_starts):
        field = f"warm_starts.{place}"
        entry = library.book.find(label)
        if entry is None or entry.configuration is None:
            why = "was not shown in this conversation" if entry is None else "is no configuration"
            notes.append(dropped(field, f"its citation {label!r} {why}"))
            continue
        found = _start(entry, base, library)
        if isinstance(found, str):
            notes.append(dropped(field, found))
        elif found[0] not in kept:
            kept[found[0]] = found[1]
    if not kept:
        return None, tuple(notes)
    return _starts(kept, base, library), tuple(notes)


def _start(entry: Entry, base: Proposal, library: Library) -> tuple[Configuration, Grounding] | str:
    """Return a configuration that was shown as a point of the space with its account, or why it is none."""
    configuration = entry.configuration or Configuration({})
    own = base.warm_starts
    rule = base.search_space.derivation.rule if base.search_space.derivation is not None else CITED
    # In another space than the composed one, a composed start is another point.
    for place, start in enumerate(own.value if rule != CITED else ()):
        if start == configuration and str(place) in own.parts:
            return start, own.parts[str(place)]
    items = [library.get(iri) for iri in entry.evidence]
    evidence = tuple(e for e in items if e is not None and not isinstance(e, Dataset | Run))
    learner = base.learner.value
    if others := [e for e in items if getattr(e, "learner", learner) != learner]:
        return f"{entry.label} is about {getattr(others[0], 'learner', '')}, not about {learner}"
    point = Points(library.inputs(learner, evidence), base.search_space.value)(configuration)
    if point is None:
        return f"{entry.label} cannot be had any more in the installed library"
    if faults := base.search_space.value.faults(point):
        return f"{entry.label} is no point of the search space: {faults[0]}"
    evidence = (*evidence, *_lent(point, evidence, base, library))
    beyond = next(unsupported("warm_starts", "0", point, evidence, base), None)
    if beyond is not None:
        return f"{entry.label} does not give it: {beyond}"
    runs = tuple(iri for iri, item in zip(entry.evidence, items, strict=True) if isinstance(item, Run))
    weights = library.found(learner).weights
    return point, Counted(evidence, ()).grounding(f"Cited as {entry.label}.", weights, runs)


def _lent(point: Configuration, evidence: Sequence[Evidence], base: Proposal, library: Library) -> tuple[Evidence, ...]:
    """Return what the search space cites for settings of `point` that `evidence` does not span.

    What a run did not vary has the library's default, which its own evidence does not speak of.
    """
    lent: dict[Iri, Evidence] = {}
    for name, value in point.items():
        spans = [span for e in (*evidence, *lent.values()) if (span := span_of(e, name)) is not None]
        part = base.search_space.parts.get(name)
        if part is None or (spans and hull(spans).holds(value)):
            continue
        for iri in part.citations[:MOST_LENT]:
            item = library.get(iri)
            if item is None or isinstance(item, Dataset | Run):
                continue
            span = span_of(item, name)
            if span is not None and span.holds(value):
                lent[item.iri] = item
                break
    return tuple(lent.values())


def _starts(kept: dict[Configuration, Grounding], base: Proposal, library: Library) -> Grounded[Any]:
    parts = {str(place): part for place, part in enumerate(kept.values())}
    citations = tuple(dict.fromkeys(iri for part in kept.values() for iri in part.citations))
    items = [library.get(iri) for iri in citations]
    evidence = [e for e in items if e is not None and not isinstance(e, Dataset | Run)]
    most = confidence_of(evidence, library.found(base.learner.value).weights)
    return Grounded[Any](
        value=tuple(kept),
        citations=citations,
        derivation=Derivation(rule=CITED),
        rationale="Configurations that the draft cites, in its order.",
        confidence=min([most, *(part.confidence for part in kept.values())]),
        parts=FrozenMapping[str, Grounding](parts),
    )


def settle_trials(draft: Draft, base: Proposal, library: Library) -> Settling:
    """Return a budget with the number of trials of a draft, cut to what is cited, or None for the composed one."""
    n, own = draft.n_trials, base.budget.value
    known = counted("n_trials", draft.n_trials_citations, library, on_trials(base.learner.value))
    if n is None or n == own.n_trials:
        return None, known.notes
    given = base.task.constraints.n_trials
    if given is not None:
        return None, (*known.notes, dropped("n_trials", f"the user allows {given} trials, not {n}"))
    if n < FEWEST_TRIALS:
        why = f"{n} trials are no search; {FEWEST_TRIALS} are the fewest that are proposed unasked"
        return None, (*known.notes, dropped("n_trials", why))
    told = [number for e in known.evidence for number in numbers_of_trials(e)]
    if not told:
        return None, (*known.notes, dropped("n_trials", f"nothing that counts is cited for {n}"))
    least, most = max(1, -int(-min(told) // TRIALS_FACTOR)), max(1, int(max(told) * TRIALS_FACTOR))
    cut = min(max(n, least), most)
    notes = known.notes
    if cut != n:
        notes = (
            *notes,
            repaired("n_trials", f"{n} is far from the {min(told):g} to {max(told):g} that are cited; {cut}"),
        )
    value = _budget(cut, base, library)
    rationale = f"{cut} trials, where {min(told):g} to {max(told):g} are cited."
    grounding = known.grounding(rationale, library.found(base.learner.value).weights)
    return Grounded[Any](value=value, **dict(grounding)), notes


def _budget(n_trials: int, base: Proposal, library: Library) -> Budget:
    """Return the budget of so many trials: its seconds follow as in the composed one."""
    constraints = base.task.constraints.replace(n_trials=n_trials)
    learner = base.learner.value
    curve = expected_curve(library.inputs(learner, library.found(learner).responses))
    n_starts = len(base.warm_starts.value)
    return choose_budget(constraints, curve, trial_s=None, n_warm_starts=n_starts).budget


def settle_fidelity(draft: Draft, base: Proposal, library: Library) -> Settling:
    """Return the fidelity of a draft, or None for the composed one."""
    name, own = draft.fidelity_parameter, base.fidelity.value
    if name is None:
        wanted = draft.fidelity_min is not None or draft.fidelity_citations
        return None, (dropped("fidelity", "it does not say of what"),) if wanted else ()
    parameter = own.parameter if name == "none" and own is not None else name
    known = counted("fidelity", draft.fidelity_citations, library, on_fidelity(base.learner.value, parameter))
    is_same = name == "none" if own is None else (own.parameter, own.min) == (name, draft.fidelity_min)
    if is_same:
        return None, known.notes
    profiles = [e for e in known.evidence if isinstance(e, FidelityProfile)]
    value = _fidelity(name, draft.fidelity_min, profiles)
    beyond = value if isinstance(value, str) else next(unsupported("fidelity", "", value, profiles, base), None)
    if beyond is not None:
        return None, (*known.notes, dropped("fidelity", beyond))
    rationale = f"By {len(profiles)} measurements of cheaper runs that are cited."
    return Grounded[Any](value=value, **dict(known.grounding(rationale, _weights(base, library)))), known.notes


def _fidelity(name: str, least: float | None, profiles: Sequence[FidelityProfile]) -> Fidelity | str | None:
    if not profiles:
        return f"nothing that counts is cited for {name}"
    if name == "none":
        return None
    profile = profiles[0]
    if least is None or not 0 < least < profile.full:
        return f"its least value must lie between 0 and {profile.full:g}"
    return Fidelity(parameter=profile.parameter, kind=profile.fidelity, min=least, max=profile.full)


def settle_patience(draft: Draft, base: Proposal, library: Library) -> Settling:
    """Return termination rules with the patience of a draft, or None for the composed ones."""
    patience, budget = draft.patience, base.budget.value
    own = next((rule.patience for rule in base.termination.value.rules if isinstance(rule, Stagnation)), None)
    known = counted("patience", draft.patience_citations, library, on_patience(base.learner.value))
    if patience is None or patience == own:
        return None, known.notes
    if not 1 <= patience < budget.n_trials:
        why = f"{patience} is not between 1 and the {budget.n_trials} trials"
        return None, (*known.notes, dropped("patience", why))
    rules = (Stagnation(patience=patience), MaxTrials(n_trials=budget.n_trials), WallClock(seconds=budget.wall_clock_s))
    value = Termination(rules=rules)
    beyond = next(unsupported("termination", "", value, known.evidence, base), None)
    if beyond is not None:
        return None, (*known.notes, dropped("patience", beyond))
    rationale = f"Stopping after {patience} trials without a gain is cited."
    return Grounded[Any](value=value, **dict(known.grounding(rationale, _weights(base, library)))), known.notes


def _weights(base: Proposal, library: Library) -> dict[Iri, float]:
    return library.found(base.learner.value).weights
