"""Where a value may differ from what its rule gives, and what may stand without a rule: edits that claim no more.

A person who narrows a range, drops a parameter or halves the budget leaves the field's derivation as it was; one who
takes a published space writes none. Neither claims anything that the evidence does not bear. Such a value stands: its
account is put right (an `Amendment` of citations, derivation or confidence; never of the value), and that is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.errors import TunegraphError
from kg.learners.registry import learner_named
from kg.model import Iri, Parameter, PublishedSpace, same_value
from kg.model.base import FrozenMapping, Value
from kg.store import KnowledgeStore
from recommender.explain import part_value
from recommender.proposal import Derivation, Grounded, Grounding, Proposal, Sampler
from recommender.validation.repairs import REPAIRED, is_restriction, plain
from recommender.validation.shape import says_otherwise
from recommender.validation.spans import good_of, meets
from recommender.validation.support import unsupported
from recommender.validation.units import is_unit_slip
from recommender.validation.verdict import Finding

#: Fields that may lie anywhere within what they cite; the others say more than a span can bear out.
CITABLE = frozenset({"search_space", "warm_starts", "fixed"})
#: Fields that are decisions, not findings: whoever makes them needs no evidence, and the other stages judge them.
SETTINGS = frozenset({"metric", "protocol", "sampler", "pruner", "budget", "termination", "advice"})
#: The value of a field that says nothing.
NOTHING: Mapping[str, Any] = {"fidelity": None, "warm_starts": [], "fixed": {}, "pruner": {"name": "none"}}
#: Rule by which the library's default is tried.
DEFAULT_START = "default_warm_starts"
#: Share of what is cited as good that a narrowed range must still have a value of.
LEAST_KEPT = 0.5
#: Share below which a range that lies within what it cites is at odds with it all the same.
LEAST_LEFT = 0.1
_RANGES = ("int", "float")


class Checked(tuple[Finding, ...]):
    """The findings of a check of the grounding, with what puts those right that are repaired."""

    amendments: Mapping[str, Grounding]
    """Path (``search_space``, ``warm_starts.0``) -> its account as it should be."""

    reasons: Mapping[str, str]
    """Path -> what its rule, run again, says of the value."""

    def __new__(
        cls,
        findings: Iterable[Finding] = (),
        amendments: Mapping[str, Grounding] | None = None,
        reasons: Mapping[str, str] | None = None,
    ) -> Checked:
        """Hold `findings`; `amendments` and `reasons`: none by default."""
        self = super().__new__(cls, tuple(findings))
        self.amendments, self.reasons = dict(amendments or {}), dict(reasons or {})
        return self


def claims_nothing(field: str, value: Any) -> bool:
    """Say whether a field's value says nothing that evidence could bear out: no fidelity, no scores, no warm starts."""
    if field == "prediction":
        return not value.scores and not value.remaining and value.curve is None
    return field in NOTHING and plain(value) == NOTHING[field]


def is_setting(field: str, value: Any) -> bool:
    """Say whether a value is a decision that anybody may make. The transfer sampler is none: it lives on evidence."""
    return field in SETTINGS and not (field == "sampler" and value.name == "transfer")


def claims_less(path: str, derived: Any, value: Any, cited: Sequence[Value], proposal: Proposal) -> bool:
    """Say whether a value claims no more than what its rule gives.

    Args:
        path: Field, or field and part.
        derived: What the rule gives.
        value: What stands in the proposal.
        cited: The evidence that is cited for it.
        proposal: What the value is part of.
    """
    field, _, part = path.partition(".")
    before, after = plain(derived), plain(value)
    learner, task_type = proposal.learner.value, proposal.task.task_type
    try:
        within = is_restriction(field, before, after, learner=learner, task_type=task_type)
    except (TunegraphError, LookupError, TypeError, ValueError, AttributeError):
        return False  # a part is no whole field: what cannot be compared claims what it claims
    if field == "budget":
        return within and _is_meant(before, after)
    if field == "sampler":
        return within and _is_used(value, before, proposal.budget.value.n_trials)
    if field == "search_space":
        ranges = [value] if part else [p for p in value.parameters if p.name not in proposal.search_space.parts]
        return within and all(_keeps_good(one, cited) for one in ranges)
    return within


def is_cited_for(path: str, value: Any, cited: Sequence[Value], proposal: Proposal) -> bool:
    """Say whether a value lies within what it cites, where a field may be anything within that."""
    field, _, part = path.partition(".")
    return bool(cited) and field in CITABLE and not any(unsupported(field, part, value, cited, proposal))


def is_at_odds(path: str, derived: Any, value: Any, cited: Sequence[Value], proposal: Proposal) -> bool:
    """Say whether a space or a range is at odds with its rule on what it cites, though it lies within that.

    It is where a range has next to none of the good values that it cites, and where its scale or its prior says
    otherwise than they do. To hold a parameter, or to drop choices, is for the test run to judge.

    Args:
        path: Field, or field and part.
        derived: What the rule gives.
        value: What stands in the proposal.
        cited: The evidence that is cited for it.
        proposal: What the value is part of.
    """
    field, _, part = path.partition(".")
    if field != "search_space":
        return False
    accounted = {} if part else dict(proposal.search_space.parts.items())
    ranges = [value] if part else [p for p in value.parameters if p.name not in accounted]
    changed = set(says_otherwise(plain(derived), plain(value))) - accounted.keys()
    return bool(changed) or not all(_keeps_good(one, cited, LEAST_LEFT) for one in ranges if one.kind in _RANGES)


def published_for(path: str, value: Any, proposal: Proposal, store: KnowledgeStore) -> tuple[Iri, ...]:
    """Return the published spaces that span a value which cites nothing; none where they do not."""
    field, _, part = path.partition(".")
    if field not in CITABLE or claims_nothing(field, value):
        return ()
    spaces = [e for e in store.evidence("published_space", learner=proposal.learner.value) if _is_space(e)]
    if not spaces or any(unsupported(field, part, value, spaces, proposal)):
        return ()
    return tuple(space.iri for space in spaces)


def registry_derivation(path: str, value: Any, proposal: Proposal) -> Derivation | None:
    """Return how a space within the registry's own follows from it; None where it reaches beyond."""
    if path != "search_space":
        return None
    wide = learner_named(proposal.learner.value).space(proposal.task.task_type)
    learner, task_type = proposal.learner.value, proposal.task.task_type
    if not value.parameters or not is_restriction(
        path, plain(wide), plain(value), learner=learner, task_type=task_type
    ):
        return None
    return restricted(Derivation(rule="registry_space"), wide)


def default_derivation(path: str, value: Any, proposal: Proposal) -> Derivation | None:
    """Return how a warm start that is the library's default follows from the registry; None where it is another."""
    field, _, part = path.partition(".")
    if field != "warm_starts" or not part:
        return None
    learner, task = proposal.learner.value, proposal.task
    point = learner_named(learner).default_point(task.task_type, n_columns=task.n_columns)
    start = plain(value)
    if not start or not all(name in point and same_value(point[name], one) for name, one in start.items()):
        return None
    return restricted(Derivation(rule=DEFAULT_START), [start])


def restricted(derivation: Derivation, derived: Any) -> Derivation:
    """Return how a value that claims less than `derived`, which `derivation` gives, follows from it."""
    arguments = {"rule": derivation.rule, "arguments": dict(derivation.arguments.items()), "value": plain(derived)}
    return Derivation(rule=REPAIRED, arguments=FrozenMapping[str, Any]({**arguments, "stage": "grounding"}))


def amended(proposal: Proposal, drafted: Proposal, amendments: Mapping[str, Grounding]) -> Proposal:
    """Return `proposal` with its accounts put right.

    Args:
        proposal: As earlier stages have repaired it.
        drafted: As it came: what was amended is the account of these values.
        amendments: Path -> account.
    """
    for path, account in amendments.items():
        field, _, part = path.partition(".")
        whole: Grounded[Any] = getattr(proposal, field)
        former: Grounded[Any] = getattr(drafted, field)
        if not part:
            changes = _changes(account, plain(former.value), plain(whole.value))
            proposal = proposal.replace(**{field: whole.replace(**changes)})
        elif part in whole.parts and part in former.parts:
            changes = _changes(account, plain(part_value(former.value, part)), plain(part_value(whole.value, part)))
            parts = {**dict(whole.parts.items()), part: whole.parts[part].replace(**changes)}
            proposal = proposal.replace(**{field: whole.replace(parts=FrozenMapping[str, Grounding](parts))})
    return proposal


def _changes(account: Grounding, former: Any, value: Any) -> dict[str, Any]:
    derivation = account.derivation
    if derivation is not None and derivation.rule != REPAIRED and former != value:
        derivation = restricted(derivation, former)
    return {"citations": account.citations, "derivation": derivation, "confidence": account.confidence}


def _is_used(sampler: Sampler, before: Mapping[str, Any], n_trials: int) -> bool:
    """Say whether a sampler comes to choose: one that waits for all trials is random search by another name."""
    return sampler.name == "random" or sampler.n_startup_trials <= max(before["n_startup_trials"], n_trials - 1)


def _is_meant(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether a smaller budget is a wish: no slip of the unit, no single trial, not just another limit to name."""
    if {**before, "binding": after["binding"]} == {**after} != {**before}:
        return False
    is_slip = is_unit_slip(before["wall_clock_s"], after["wall_clock_s"])
    return not is_slip and after["n_trials"] >= min(2, before["n_trials"])


def _keeps_good(parameter: Parameter, cited: Sequence[Value], least: float = LEAST_KEPT) -> bool:
    """Say whether a narrowed range still has a value of the `least` share of what is cited as good."""
    good = [span for e in cited if (span := good_of(e, parameter.name)) is not None]
    return not good or sum(meets(parameter, span) for span in good) >= least * len(good)


def _is_space(evidence: Value) -> bool:
    return isinstance(evidence, PublishedSpace)
