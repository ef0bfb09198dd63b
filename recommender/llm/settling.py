"""From a draft of a model to a proposal in which every value is supported; what is not, is cut or dropped, and told.

draft -> learner -> hyper-parameters -> warm starts -> trials, fidelity -> patience -> composed around -> grounded again

Whatever is not settled is composed to go with what is. At last the whole is held against the graph as the gate will do
it; a field that does not hold then is the composed one, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kg.errors import TunegraphError
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped
from recommender.llm.settling_learner import settle_learner
from recommender.llm.settling_plan import Settling, settle_fidelity, settle_patience, settle_starts, settle_trials
from recommender.llm.settling_space import joined, settle_parameters
from recommender.llm.words import checked_words
from recommender.proposal import Grounded, Proposal
from recommender.validation.verdict import Finding, Outcome

#: Says what of a proposal is not grounded.
Check = Callable[[Proposal], tuple[Finding, ...]]
#: Field that does not hold -> what is composed anew with it.
_TOGETHER = {
    "search_space": ("search_space", "fixed", "warm_starts"),
    "fixed": ("search_space", "fixed", "warm_starts"),
    "warm_starts": ("warm_starts",),
    "budget": ("budget", "termination"),
    "termination": ("termination",),
    "fidelity": ("fidelity",),
}
#: Field -> what settles it, in this order: a patience must fit the trials.
_STEPS: dict[str, Callable[[Draft, Proposal, Library], Settling]] = {
    "warm_starts": settle_starts,
    "budget": settle_trials,
    "fidelity": settle_fidelity,
    "termination": settle_patience,
}


@dataclass(frozen=True)
class Settlement:
    """What came of a draft."""

    proposal: Proposal
    notes: tuple[Note, ...]
    """What was repaired or dropped; empty where the draft came through as it was."""
    words: str = ""
    """The model's own words on the whole, as far as they hold to what it was shown."""


def settle(draft: Draft, library: Library, proposer: str, check: Check) -> Settlement:
    """Return the proposal that a draft becomes.

    Args:
        draft: What a model wishes.
        library: What it was shown, and the graph.
        proposer: Its name, such as ``openai:gpt-4.1-mini``.
        check: Says what of a proposal is not grounded.

    Raises:
        InputError: No learner can do the task.
    """
    learner, notes = settle_learner(draft, library)
    base = library.composed(learner)
    found = list(notes)
    if draft.metric is not None and draft.metric != base.metric.value:
        found.append(dropped("metric", f"the task's metric is {base.metric.value}, not {draft.metric!r}"))
    found += [dropped(name, "there is no such field") for name in sorted(draft.model_extra or {})]
    settled, more = _settled(draft, base, library, proposer)
    proposal, late = _grounded({**({"learner": learner} if learner else {}), **settled}, base, library, check)
    words, told = checked_words("rationale", draft.rationale, library.book, _numbers(proposal))
    # Where nothing of the draft is left, or it says what is composed, there are not two proposals.
    proposal = proposal.replace(proposer=base.proposer if learner is None and _is(proposal, base) else proposer)
    if words:
        account = proposal.learner
        said = f"{account.rationale} {proposer} says: {words}"
        proposal = proposal.replace(learner=account.replace(rationale=said))
    return Settlement(proposal, (*found, *more, *late, *told), words)


def _settled(
    draft: Draft, base: Proposal, library: Library, proposer: str
) -> tuple[dict[str, Grounded[Any]], tuple[Note, ...]]:
    """Return the fields of a draft that hold, each settled in what those before it left."""
    one_by_one, notes = settle_parameters(draft.parameters, base, library, proposer)
    settled, more = joined(one_by_one, base, library)
    found = [*notes, *more]
    for name, step in _STEPS.items():
        value, told = step(draft, base.replace(**settled), library)
        found += told
        settled |= {name: value} if value is not None else {}
    return settled, tuple(found)


def _grounded(
    settled: dict[str, Grounded[Any]], base: Proposal, library: Library, check: Check
) -> tuple[Proposal, tuple[Note, ...]]:
    """Return the proposal around `settled` without the fields that do not hold, with a note on each."""
    notes: list[Note] = []
    learner = base.learner
    left = {name: value for name, value in settled.items() if name != "learner"}
    while left:
        try:
            proposal = library.around(learner.value, {**left, "learner": learner})
            faults = [f for f in check(proposal) if f.outcome is Outcome.FAILED]
        except TunegraphError as error:  # a rule finds nothing to go on beside the draft's values
            notes.append(dropped(", ".join(left), str(error)))
            break
        if not faults:
            return proposal, tuple(notes)
        name = next((f.field.partition(".")[0] for f in faults if f.field.partition(".")[0] in left), None)
        lost = [n for n in _TOGETHER.get(name or "", tuple(left)) if n in left] or list(left)
        notes.append(dropped(", ".join(lost), faults[0].message))
        left = {n: value for n, value in left.items() if n not in lost}
    return base, tuple(notes)


def _is(proposal: Proposal, base: Proposal) -> bool:
    return all(getattr(proposal, name).value == getattr(base, name).value for name in _TOGETHER)


def _numbers(proposal: Proposal) -> tuple[float, ...]:
    budget = proposal.budget.value
    return (float(budget.n_trials), budget.wall_clock_s)
