"""Grounded means checkable: every citation exists and bears on the learner, and every rule, run again, gives its value.

`check` is what the gate calls. It trusts nothing in the proposal but its task: citations are looked up in the graph,
neighbours are recomputed, rules are applied again to what is cited, and their arguments judged. A value without such a
rule names the rule ``cited``: it must lie within what its citations span. Claims must bear on what cites them, not say
otherwise, and their quotes must stand in their documents. A value that claims no more than its rule gives, or that lies
within what it cites, stands though its account is wrong: the account is amended (`leeway`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from kg.errors import TunegraphError
from kg.model import Claim, Dataset, Evidence, Run, SearchSpace
from kg.store import KnowledgeStore
from recommender.composing.rule import Derived, RuleInputs, Surfaces, confidence_of
from recommender.composing.rules import PART_RULES, RULES
from recommender.composing.surfaces import CachedSurfaces
from recommender.explain import grounded_fields, has_part, part_value
from recommender.proposal import Derivation, Grounded, Grounding, Proposal
from recommender.validation.arguments import Basis, argument_faults
from recommender.validation.cited_items import CitedItems, cited_in
from recommender.validation.claimed import claim_faults
from recommender.validation.differing import difference
from recommender.validation.leeway import (
    Checked,
    claims_less,
    claims_nothing,
    default_derivation,
    is_at_odds,
    is_cited_for,
    is_setting,
    published_for,
    registry_derivation,
    restricted,
)
from recommender.validation.neighbours import neighbour_faults
from recommender.validation.quotes import TextOf, quote_faults
from recommender.validation.repairs import REPAIRED, before_repair, is_restriction, plain
from recommender.validation.support import CITED, unsupported
from recommender.validation.verdict import Finding, Outcome

#: Values that come out again must agree to this relative precision (JSON keeps all digits; sums may be reordered).
TOLERANCE = 1e-6
#: Fields whose evidence need not be about the proposed learner: they compare learners, or are about no learner.
ANY_LEARNER = frozenset({"learner", "metric", "protocol"})
#: Rules that look at no evidence: what is cited for their values bears on nothing.
WITHOUT_EVIDENCE = frozenset({"task_metric", "folds", "sampler", "pruner", "nothing_fixed"})
#: What a rule raises on arguments that come from a draft: whatever it is, the value does not follow.
_NOTHING_FOLLOWS = (TunegraphError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


def check(
    proposal: Proposal, store: KnowledgeStore, *, surfaces: Surfaces | None = None, text_of: TextOf | None = None
) -> Checked:
    """Return what is not grounded, with what puts right what is repaired; empty where everything is.

    Codes: ``citation_to_nothing``, ``citation_beside_the_point``, ``citation_says_otherwise``, ``quote_not_found``,
    ``unknown_rule``, ``not_derivable``, ``argument_not_supported``, ``value_differs``, ``not_supported``,
    ``not_grounded``, ``neighbour_differs``, ``confidence_overstated``, ``cited_twice``; ``not_checked`` where no
    text of a cited document is kept.

    Args:
        proposal: What to check.
        store: The graph.
        surfaces: Cached response surfaces. Default: built anew.
        text_of: Name of a document -> its text, for quotes. Default: none is looked up.
    """
    library = CitedItems(store)
    library.look_up(cited_in(proposal))
    checker = _Checker(proposal, library, surfaces or CachedSurfaces(store), text_of)
    findings = list(neighbour_faults(proposal, library.datasets))
    for name, grounded in grounded_fields(proposal).items():
        findings += checker.field(name, grounded)
    return Checked(findings, checker.amendments, checker.reasons)


class _Checker:
    def __init__(
        self, proposal: Proposal, library: CitedItems, surfaces: Surfaces, text_of: TextOf | None = None
    ) -> None:
        self.proposal, self.library, self.surfaces, self.text_of = proposal, library, surfaces, text_of
        self.weights = {n.dataset: n.weight for n in proposal.neighbours}
        self.amendments: dict[str, Grounding] = {}
        self._results: dict[str, Derived] = {}

    @property
    def reasons(self) -> dict[str, str]:
        """Path -> what its rule, run again, says of the value."""
        return {path: derived.reason for path, derived in self._results.items()}

    def field(self, name: str, grounded: Grounded[Any]) -> Iterator[Finding]:
        """Check one field and its parts."""
        yield from self._grounding(name, name, grounded, grounded.value)
        for part, grounding in grounded.parts.items():
            path = f"{name}.{part}"
            if has_part(grounded.value, part):
                yield from self._grounding(name, path, grounding, part_value(grounded.value, part))
            else:
                yield _finding(path, "not_grounded", "It accounts for something that is not there.")

    def _grounding(self, field: str, path: str, grounding: Grounding, value: Any) -> Iterator[Finding]:
        once = tuple(dict.fromkeys(grounding.citations))
        if len(once) < len(grounding.citations):
            message = f"{len(grounding.citations) - len(once)} citations are repeated; each counts once."
            grounding = grounding.replace(citations=once)
            yield self._amend(path, grounding, "cited_twice", message)
        cited = [self.library.get(iri) for iri in grounding.citations]
        for iri, item in zip(grounding.citations, cited, strict=True):
            if item is None:
                yield _finding(path, "citation_to_nothing", f"{iri} is not in this graph.", evidence=(iri,))
            elif field not in ANY_LEARNER and (other := _other_learner(item, self.proposal.learner.value)):
                message = f"{iri} is about {other}, not about {self.proposal.learner.value}."
                yield _finding(path, "citation_beside_the_point", message, evidence=(iri,))
        if any(item is None for item in cited):
            return
        yield from self._claims(field, path, grounding, value, [item for item in cited if isinstance(item, Claim)])
        evidence = tuple(item for item in cited if item is not None and not isinstance(item, Dataset | Run))
        if grounding.derivation is None:
            yield from self._without_rule(path, grounding, value, evidence)
            return
        if cited and grounding.derivation.rule in WITHOUT_EVIDENCE:
            message = f"The rule {grounding.derivation.rule!r} rests on no evidence."
            yield _finding(path, "citation_beside_the_point", message, evidence=grounding.citations)
        yield from self._confidence(path, grounding, evidence)
        yield from self._derived(path, grounding, value, evidence)

    def _confidence(self, path: str, grounding: Grounding, evidence: Sequence[Evidence]) -> Iterator[Finding]:
        most = confidence_of(evidence, self.weights)
        if grounding.confidence > most + TOLERANCE:
            message = f"What it cites supports a confidence of {most:.3g} at most, not {grounding.confidence:.3g}."
            yield self._amend(path, grounding.replace(confidence=most), "confidence_overstated", message)

    def _without_rule(
        self, path: str, grounding: Grounding, value: Any, evidence: Sequence[Evidence]
    ) -> Iterator[Finding]:
        """Judge a value that names no rule: whether it needs one, and which one would bear it out."""
        field, cites_nothing = path.partition(".")[0], not grounding.citations
        if claims_nothing(field, value):
            return
        if is_cited_for(path, value, evidence, self.proposal):
            yield from self._confidence(path, grounding, evidence)
            account = self.amendments.get(path, grounding).replace(derivation=Derivation(rule=CITED))
            yield self._amend(path, account, "not_grounded", "It names no rule; it lies within what it cites.")
        elif cites_nothing and (spaces := published_for(path, value, self.proposal, self.library.store)):
            account = grounding.replace(citations=spaces, derivation=Derivation(rule=CITED), confidence=0.0)
            message = f"It cites nothing; {len(spaces)} published spaces span it and are cited."
            yield self._amend(path, account, "not_grounded", message)
        elif cites_nothing and (derivation := registry_derivation(path, value, self.proposal)) is not None:
            account = grounding.replace(derivation=derivation, confidence=0.0)
            yield self._amend(path, account, "not_grounded", "It names no rule; it lies within the registry's space.")
        elif cites_nothing and (derivation := default_derivation(path, value, self.proposal)) is not None:
            account = grounding.replace(derivation=derivation, confidence=0.0)
            yield self._amend(path, account, "not_grounded", "It names no rule; it is the library's default.")
        elif cites_nothing and is_setting(field, value):
            message = "It names no rule: a setting, made on no evidence."
            yield self._amend(path, grounding.replace(confidence=0.0), "not_grounded", message)
        else:
            yield _finding(path, "not_grounded", "It names no rule that it follows from.")

    def _amend(self, path: str, account: Grounding, code: str, message: str) -> Finding:
        """Note the right account of a value, and say so."""
        self.amendments[path] = account
        return _finding(path, code, message, outcome=Outcome.REPAIRED)

    def _claims(
        self, field: str, path: str, grounding: Grounding, value: Any, claims: Sequence[Claim]
    ) -> Iterator[Finding]:
        yield from quote_faults(path, claims, grounding.rationale, self.text_of)
        for claim in claims:
            yield from claim_faults(field, path.partition(".")[2], value, claim)

    def _derived(self, path: str, grounding: Grounding, value: Any, evidence: Sequence[Evidence]) -> Iterator[Finding]:
        derivation, shown = grounding.derivation, value
        if derivation is not None and derivation.rule == REPAIRED:
            try:
                derivation, former = before_repair(derivation)
                allowed = is_restriction(path.partition(".")[0], former, plain(value), **self._for_repairs())
            except (TunegraphError, LookupError, TypeError, ValueError) as error:
                yield _finding(path, "not_derivable", f"The repair cannot be traced: {error}.")
                return
            if not allowed:
                yield _finding(path, "value_differs", "The repaired value claims more than the one before the repair.")
            value = former
        if derivation is not None and derivation.rule == CITED:
            field, _, part = path.partition(".")
            for why in unsupported(field, part, shown, evidence, self.proposal):
                yield _finding(path, "not_supported", f"{why[:1].upper()}{why[1:]}.")
        elif derivation is not None:
            yield from self._applied(path, grounding, derivation, value, evidence)

    def _for_repairs(self) -> dict[str, Any]:
        return {"learner": self.proposal.learner.value, "task_type": self.proposal.task.task_type}

    def _applied(
        self, path: str, grounding: Grounding, derivation: Derivation, value: Any, evidence: Sequence[Evidence]
    ) -> Iterator[Finding]:
        if derivation.rule not in {**RULES, **PART_RULES}:
            allowed = ", ".join(sorted({**RULES, **PART_RULES, CITED: None}))
            yield _finding(path, "unknown_rule", f"There is no rule {derivation.rule!r}.", allowed=allowed)
            return
        try:
            derived = self._run(path, derivation, evidence)
            basis = Basis(self.proposal, self._inputs(evidence), self.library.store, self._known)
            unfounded = tuple(argument_faults(derivation.rule, dict(derivation.arguments.items()), basis))
        except _NOTHING_FOLLOWS as error:
            yield _finding(path, "not_derivable", f"The rule {derivation.rule!r} gives nothing: {error}.")
            return
        if not same(derived.value, value):
            yield self._differing(path, grounding, derived, value, evidence)
        for why in unfounded:
            yield _finding(path, "argument_not_supported", f"An argument of {derivation.rule!r}: {why}.")

    def _differing(
        self, path: str, grounding: Grounding, derived: Derived, value: Any, evidence: Sequence[Evidence]
    ) -> Finding:
        """Judge a value that is not what its rule gives: one that claims less stands, and one within its evidence."""
        derivation = grounding.derivation or Derivation(rule=CITED)
        message = f"The rule {derivation.rule!r} gives {difference(plain(derived.value), plain(value))}."
        account = self.amendments.get(path, grounding)
        if derivation.rule != REPAIRED:
            if claims_less(path, derived.value, value, evidence, self.proposal):
                account = account.replace(derivation=restricted(derivation, derived.value))
                return self._amend(path, account, "value_differs", f"{message} That claims no more, and stands.")
            at_odds = is_at_odds(path, derived.value, value, evidence, self.proposal)
            if not at_odds and is_cited_for(path, value, evidence, self.proposal):
                account = account.replace(derivation=Derivation(rule=CITED))
                return self._amend(path, account, "value_differs", f"{message} It lies within what it cites.")
        return _finding(path, "value_differs", message)

    def _inputs(self, evidence: Sequence[Evidence]) -> RuleInputs:
        return RuleInputs(
            task=self.proposal.task,
            learner=self.proposal.learner.value,
            cited=tuple(evidence),
            weights=self.weights,
            datasets=self.library.datasets,
            surfaces=self.surfaces,
            space=self._derived_space,
        )

    def _run(self, path: str, derivation: Derivation, evidence: Sequence[Evidence]) -> Derived:
        """Apply the rule of a field or part, once."""
        if path not in self._results:
            rule = {**RULES, **PART_RULES}[derivation.rule]
            self._results[path] = rule(self._inputs(evidence), dict(derivation.arguments.items()))
        return self._results[path]

    def _known(self, name: str) -> tuple[Any, ...]:
        """Return the plain values that a field may be taken to have: as it is, before its repair, and by its rule.

        What is wrong with a field is its own finding; those that follow from it are not to blame for it.
        """
        grounded: Grounded[Any] = getattr(self.proposal, name)
        found, derivation = [plain(grounded.value)], grounded.derivation
        try:
            if derivation is not None and derivation.rule == REPAIRED:
                derivation, former = before_repair(derivation)
                found.append(former)
            if derivation is not None and derivation.rule != CITED:
                cited = [self.library.get(iri) for iri in dict.fromkeys(grounded.citations)]
                evidence = [item for item in cited if item is not None and not isinstance(item, Dataset | Run)]
                found.append(plain(self._run(name, derivation, evidence).value))
        except _NOTHING_FOLLOWS:
            return tuple(found)
        return tuple(found)

    @cached_property
    def _derived_space(self) -> SearchSpace:
        """The search space as it was derived, before any repair: what the warm starts were chosen in."""
        field = self.proposal.search_space
        if field.derivation is None or field.derivation.rule != REPAIRED:
            return field.value
        try:
            return SearchSpace.model_validate(before_repair(field.derivation)[1])
        except (LookupError, TypeError, ValueError):
            return field.value


def same(left: Any, right: Any) -> bool:
    """Say whether two values agree, numbers to `TOLERANCE`, whatever they are nested in."""
    return _same(plain(left), plain(right))


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=1e-12)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _other_learner(item: Dataset | Run | Evidence, learner: str) -> str | None:
    found = getattr(item, "learner", None)
    return found if found is not None and found != learner else None


def _finding(field: str, code: str, message: str, *, outcome: Outcome = Outcome.FAILED, **more: Any) -> Finding:
    return Finding(field=field, code=code, message=message, outcome=outcome, **more)
