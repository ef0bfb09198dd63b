"""The learner of a draft: one that can be had and that something cited is about, or the composed one."""

from __future__ import annotations

from kg.errors import InputError, UnknownNameError
from kg.model import Evidence
from recommender.llm.bearing import Counted, counted, on_learner
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped
from recommender.proposal import Derivation, Grounded
from recommender.retrieval import learner_results
from recommender.validation.support import CITED

#: Pieces of evidence that are cited for a learner that nothing was cited for.
MOST_CITED = 10


def settle_learner(draft: Draft, library: Library) -> tuple[Grounded[str] | None, tuple[Note, ...]]:
    """Return the learner of a draft, or None for the composed one, with notes."""
    composed = library.composed().learner.value
    try:
        name = library.learner(draft.learner)
        candidates = library.composer.candidates(library.task)
    except UnknownNameError:
        return None, (dropped("learner", f"there is no learner {draft.learner!r}; {composed} is taken"),)
    except InputError as error:
        return None, (dropped("learner", str(error)),)
    found = counted("learner", draft.learner_citations, library, on_learner(name))
    if name == composed:
        return None, found.notes
    if name not in candidates:
        return None, (*found.notes, dropped("learner", f"{name} is not to be had for this task; {composed} is taken"))
    if not found.evidence:
        why = f"nothing that counts is cited for {name}; {composed} is taken"
        return None, (*found.notes, dropped("learner", why))
    return _grounded(name, found.evidence, library), found.notes


def settled_learner(library: Library, name: str) -> Grounded[str]:
    """Return a learner with the evidence that there is of it, best first: results, then runs, then spaces."""
    if name == library.composed().learner.value:
        return library.composed().learner
    found = library.found(name)
    results = learner_results(library.store, library.task.metric, held_out=library.held_out)
    evidence: list[Evidence] = [r for r in results if r.learner == name]
    evidence += [*found.summaries, *found.spaces, *found.studies]
    return _grounded(name, tuple(evidence[:MOST_CITED]), library)


def _grounded(name: str, evidence: tuple[Evidence, ...], library: Library) -> Grounded[str]:
    rationale = f"{len(evidence)} pieces of evidence on {name} are cited." if evidence else f"You may ask for {name}."
    grounding = Counted(evidence, ()).grounding(rationale, library.found(name).weights)
    derivation = Derivation(rule=CITED) if evidence else None
    return Grounded[str](value=name, **{**dict(grounding), "derivation": derivation})
