"""The search space and the fixed values of a draft: its hyper-parameters one by one, joined with the composed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kg.learners.registry import learner_named
from kg.model import Configuration, Dataset, Parameter, Run, SearchSpace
from kg.model.base import FrozenMapping
from recommender.composing.rule import confidence_of, ground, grounding_of
from recommender.composing.rules import RULES
from recommender.llm.draft import DraftParameter
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped
from recommender.llm.settling_ranges import Settled, settle_parameter
from recommender.proposal import Derivation, Grounded, Grounding, Proposal
from recommender.validation.legalising import legal_space
from recommender.validation.support import CITED


def settle_parameters(
    wishes: Sequence[DraftParameter], base: Proposal, library: Library, proposer: str
) -> tuple[tuple[Settled, ...], tuple[Note, ...]]:
    """Return what holds of each hyper-parameter of a draft, and all notes; of two on one name the first counts."""
    found: dict[str, Settled] = {}
    notes: list[Note] = []
    for wish in wishes:
        if wish.name in found:
            notes.append(dropped(f"parameters.{wish.name}", "it is there twice; the first counts"))
            continue
        found[wish.name] = settle_parameter(wish, base, library, proposer)
        notes += found[wish.name].notes
    return tuple(found.values()), tuple(notes)


def joined(
    settled: Sequence[Settled], base: Proposal, library: Library
) -> tuple[dict[str, Grounded[Any]], tuple[Note, ...]]:
    """Return the fields ``search_space`` and ``fixed`` in which what is settled stands in place of what is composed.

    Args:
        settled: What holds of a draft.
        base: What is composed around its learner.
        library: Looks up what is cited.
    """
    new = [one for one in settled if one.grounding is not None and (one.is_fixed or one.parameter is not None)]
    if not new:
        return {}, ()
    fixed = _fixed(new, base, library)
    searched = {one.name: one for one in new if not one.is_fixed}
    parts = {**base.search_space.parts, **{n: one.grounding for n, one in searched.items() if one.grounding}}
    space, notes = _space(searched, fixed.value, parts, base)
    if not space.tunable:
        return {}, (*notes, dropped("parameters", "nothing would be left to search; the composed space is taken"))
    kept = {name: part for name, part in parts.items() if name in space}
    whole = _whole(
        space, kept, library, base.learner.value, f"{len(searched)} of {len(space.parameters)} ranges are the draft's."
    )
    return {"fixed": fixed, "search_space": whole}, notes


def _space(
    searched: Mapping[str, Settled], fixed: Configuration, parts: Mapping[str, Grounding], base: Proposal
) -> tuple[SearchSpace, tuple[Note, ...]]:
    """Return the space of what is searched, under the conditions that the library has."""
    spec, own = learner_named(base.learner.value), base.search_space.value
    wide = spec.space(base.task.task_type)
    wished: dict[str, Parameter] = {n: one.parameter for n, one in searched.items() if one.parameter is not None}
    present = {p.name: p for p in own.parameters if p.name in parts and p.name not in fixed} | wished
    order = [*(n for n in wide.names if n in present), *sorted(set(present) - set(wide.names))]
    conditions = {c: None for c in (*own.conditions, *wide.conditions) if {c.child, c.parent} <= present.keys()}
    both = {(c.child, c.parent) for c in own.conditions}
    possible = [c for c in conditions if c in own.conditions or (c.child, c.parent) not in both]
    narrowed = [
        c.replace(values=v) for c in possible if (v := tuple(x for x in c.values if present[c.parent].contains(x)))
    ]
    idle = {c.child for c in possible} - {c.child for c in narrowed}
    forbidden = [f for f in dict.fromkeys((*own.forbidden, *wide.forbidden)) if set(f.clauses) <= present.keys() - idle]
    space = SearchSpace(
        parameters=tuple(present[n] for n in order if n not in idle),
        conditions=tuple(c for c in narrowed if not {c.child, c.parent} & idle),
        forbidden=tuple(forbidden),
    )
    checked = legal_space(spec, space, base.task.task_type, fixed)
    lost = [name for name in wished if name not in checked.space]
    why = "it has no effect beside the other settings"
    return checked.space, tuple(dropped(f"parameters.{name}", why) for name in lost)


def _fixed(new: Sequence[Settled], base: Proposal, library: Library) -> Grounded[Any]:
    """Return the fixed values: the composed ones that are not searched now, and those of the draft."""
    own = base.fixed
    wished = {one.name: one for one in new if one.is_fixed}
    left = [name for name in own.value if name not in {one.name for one in new}]
    if not wished:
        return _as_composed(left, base, library)
    values = {**{name: own.value[name] for name in left}, **{n: one.value for n, one in wished.items()}}
    parts = {name: own.parts[name] for name in left if name in own.parts}
    parts |= {name: one.grounding for name, one in wished.items() if one.grounding is not None}
    return _whole(
        Configuration(values),
        parts,
        library,
        base.learner.value,
        f"{len(wished)} of {len(values)} values are the draft's.",
    )


def _as_composed(names: Sequence[str], base: Proposal, library: Library) -> Grounded[Any]:
    if set(names) == set(base.fixed.value):
        return base.fixed
    found = library.found(base.learner.value)
    learner = base.learner.value
    if not names:
        return ground(RULES, "nothing_fixed", library.inputs(learner))
    inputs = library.inputs(learner, (*found.importances, *found.responses))
    whole = ground(RULES, "fixed", inputs, {"names": list(names)})
    return whole.replace(parts={name: grounding_of(base.fixed.parts[name]) for name in names})


def _whole(value: Any, parts: Mapping[str, Grounding], library: Library, learner: str, rationale: str) -> Grounded[Any]:
    """Return a field whose parts account for themselves: it cites what they cite, and is as sure as the least sure."""
    citations = tuple(dict.fromkeys(iri for part in parts.values() for iri in part.citations))
    evidence = tuple(e for e in map(library.get, citations) if e is not None and not isinstance(e, Dataset | Run))
    weights = library.found(learner).weights
    least = min((part.confidence for part in parts.values()), default=0.0)
    return Grounded[Any](
        value=value,
        citations=citations,
        derivation=Derivation(rule=CITED),
        rationale=rationale,
        confidence=min(least, confidence_of(evidence, weights)),
        parts=FrozenMapping[str, Grounding](dict(parts)),
    )
