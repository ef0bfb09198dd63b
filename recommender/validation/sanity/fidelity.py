"""A fidelity that is one: a thing of this learner that can be made smaller, in steps that fit between its ends."""

from __future__ import annotations

from collections.abc import Iterator

from kg.learners.registry import learner_named
from kg.model import FidelityKind
from recommender.proposal import Fidelity, Proposal, Pruner
from recommender.validation.repairs import replace_value
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Kinds that belong to no learner, and the name under which each stands.
GENERAL = {FidelityKind.TRAINING_FRACTION: "training_fraction", FidelityKind.FOLDS: "folds"}
#: Rows from which a learner can learn anything at all.
LEAST_ROWS = 5
#: Pruners that compare trials at rungs of a fidelity.
RUNG_PRUNERS = ("successive_halving", "hyperband")


def check_fidelity(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with a fidelity that can be run, or none, and what was wrong."""
    fidelity = proposal.fidelity.value
    if fidelity is None:
        return _without_rungs(proposal)
    return proposal, (*_subject(proposal, fidelity), *_range(proposal, fidelity))


def drop_fidelity(proposal: Proposal, why: str) -> Proposal:
    """Return `proposal` with every trial at full fidelity, and no pruner that needs rungs."""
    proposal = replace_value(proposal, "fidelity", None, why)
    if proposal.pruner.value.name in RUNG_PRUNERS:
        proposal = replace_value(proposal, "pruner", Pruner(name="none"), why)
    return proposal


def _without_rungs(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    name = proposal.pruner.value.name
    if name not in RUNG_PRUNERS:
        return proposal, ()
    message = f"{name} compares trials at rungs of a fidelity, and there is none; no pruner is used."
    proposal = replace_value(proposal, "pruner", Pruner(name="none"), message)
    return proposal, (repaired("pruner.name", "pruner_without_fidelity", message, value=name),)


def _subject(proposal: Proposal, fidelity: Fidelity) -> Iterator[Finding]:
    """Find a fidelity on something that is none."""
    field, own = "fidelity.parameter", learner_named(proposal.learner.value).fidelity
    allowed = ", ".join([*GENERAL.values(), *([own.parameter] if own else [])])
    general = GENERAL.get(fidelity.kind)
    if general is None and (own is None or fidelity.parameter != own.parameter):
        message = f"{fidelity.parameter!r} is no fidelity of {proposal.learner.value}."
        yield failed(field, "not_a_fidelity", message, value=fidelity.parameter, allowed=allowed)
    elif general is None and own is not None and fidelity.kind is not own.kind:
        message = f"{fidelity.parameter} counts {own.kind}, not {fidelity.kind}."
        yield failed("fidelity.kind", "not_a_fidelity", message, value=str(fidelity.kind), allowed=str(own.kind))
    elif general is not None and fidelity.parameter != general:
        message = f"A fidelity of kind {fidelity.kind} stands on {general!r}, not on {fidelity.parameter!r}."
        yield failed(field, "not_a_fidelity", message, value=fidelity.parameter, allowed=allowed)


def _range(proposal: Proposal, fidelity: Fidelity) -> Iterator[Finding]:
    if fidelity.min >= fidelity.max:
        message = f"Its minimum {fidelity.min:g} is not below its maximum {fidelity.max:g}."
        yield failed("fidelity.min", "fidelity_min_not_below_max", message, value=fidelity.min)
    elif fidelity.max / fidelity.min < fidelity.eta:
        message = f"No rung fits between {fidelity.min:g} and {fidelity.max:g} in steps of {fidelity.eta}."
        yield failed(
            "fidelity.eta", "no_rungs", message, value=fidelity.eta, allowed=f"<= {fidelity.max / fidelity.min:g}"
        )
    yield from _few_rows(proposal, fidelity)
    yield from _ceiling(proposal, fidelity)
    whole = fidelity.kind is not FidelityKind.TRAINING_FRACTION
    for name, value in (("min", fidelity.min), ("max", fidelity.max)):
        if whole and not float(value).is_integer():
            message = f"{fidelity.kind} come in whole numbers, not {value:g}."
            yield failed(f"fidelity.{name}", "unit_slip", message, value=value, allowed="a whole number")


def _few_rows(proposal: Proposal, fidelity: Fidelity) -> Iterator[Finding]:
    """Find a share of the rows from which nothing can be learnt: fewer rows than classes, or a handful."""
    rows, folds = proposal.task.n_rows, proposal.protocol.value.folds
    if fidelity.kind is not FidelityKind.TRAINING_FRACTION or rows is None:
        return
    trained, least = fidelity.min * rows * (folds - 1) / folds, max(LEAST_ROWS, proposal.task.n_classes or 0)
    if trained < least:
        message = f"{fidelity.min:g} of what a fold trains on are {trained:.2g} rows."
        allowed = f">= {least * folds / (rows * (folds - 1)):.2g}"
        yield failed("fidelity.min", "too_few_rows", message, value=fidelity.min, allowed=allowed)


def _ceiling(proposal: Proposal, fidelity: Fidelity) -> Iterator[Finding]:
    """Find a maximum beyond all data, folds or legal values."""
    if fidelity.kind is FidelityKind.TRAINING_FRACTION and fidelity.max > 1:
        message = f"{fidelity.max:g} is no fraction."
        yield failed("fidelity.max", "unit_slip", message, value=fidelity.max, allowed="<= 1")
    if fidelity.kind is FidelityKind.FOLDS and fidelity.max > proposal.protocol.value.folds:
        message = f"There are {proposal.protocol.value.folds} folds, not {fidelity.max:g}."
        allowed = f"<= {proposal.protocol.value.folds}"
        yield failed("fidelity.max", "beyond_folds", message, value=fidelity.max, allowed=allowed)
    spec = learner_named(proposal.learner.value)
    if fidelity.kind in GENERAL or fidelity.parameter not in spec:
        return
    for name, value in (("min", fidelity.min), ("max", fidelity.max)):
        task_type, hyperparameter = proposal.task.task_type, spec[fidelity.parameter]
        if float(value).is_integer() and not hyperparameter.is_legal(int(value), task_type):
            message = f"{fidelity.parameter} cannot be {value:g}."
            allowed = hyperparameter.allowed(task_type)
            yield failed(f"fidelity.{name}", "out_of_domain", message, value=value, allowed=allowed)
