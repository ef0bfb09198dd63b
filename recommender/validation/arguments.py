"""The arguments of a rule: what a draft may not choose as it likes.

A rule run again gives its value for whatever arguments stand in the draft. Those that follow from something else
(the level to which the data let a space be cut, the seconds that a trial takes, the number of warm starts) are
therefore judged, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.model import Configuration, ResponseModel
from kg.store import KnowledgeStore
from recommender.composing import measured_space, measured_starts
from recommender.composing.rule import RuleInputs
from recommender.proposal import Proposal
from recommender.retrieval import modelled_learners
from recommender.validation.differing import TOLERANCE, is_same
from recommender.validation.repairs import REPAIRED, before_repair
from recommender.validation.spending import predicted_cost
from recommender.validation.support import CITED

#: Factor within which the seconds of a trial must agree with the graph's.
SECONDS_FACTOR = 2.0


@dataclass(frozen=True)
class Basis:
    """What arguments are held against."""

    proposal: Proposal
    inputs: RuleInputs
    """What the rule was run on."""
    store: KnowledgeStore
    known: Callable[[str], Sequence[Any]]
    """Field -> the plain values that it may be taken to have."""

    def is_set(self, name: str) -> bool:
        """Say whether a field was set by hand: no rule can be run again that would tell what it had been."""
        derivation = getattr(self.proposal, name).derivation
        return derivation is None or derivation.rule == CITED

    def asked_for(self, name: str) -> int:
        """Return how many the rule of a field was told to find (its argument ``k``); 0 where it was told nothing."""
        derivation = getattr(self.proposal, name).derivation
        if derivation is not None and derivation.rule == REPAIRED:
            derivation, _ = before_repair(derivation)
        found = None if derivation is None else derivation.arguments.get("k")
        return found if isinstance(found, int) else 0


Judge = Callable[[Mapping[str, Any], Basis], Iterator[str]]


def argument_faults(rule: str, arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    """Say in words which arguments of `rule` nothing supports.

    Raises:
        LookupError, TypeError, ValueError, ArithmeticError, TunegraphError: An argument or a former value is no value
            of its kind.
    """
    judge = JUDGES.get(rule)
    if judge is not None:
        yield from judge(arguments, basis)


def _narrowed_space(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    yield from _level(arguments, basis)
    picks = _picks(basis) if arguments.get("hold") else ()
    strangers = [one for one in arguments.get("hold", ()) if Configuration(one) not in picks]
    if strangers:
        yield f"the portfolio's first picks do not hold {strangers[0]}"
    fixed = {name for value in basis.known("fixed") for name in value}
    if lost := sorted(set(arguments.get("fixed", ())) - fixed):
        yield f"{', '.join(lost)} is left out of the space and nowhere fixed"


def _narrowed_parameter(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    yield from _level(arguments, basis)
    name, hold = str(arguments["parameter"]), arguments.get("hold", ())
    values = [one[name] for one in _picks(basis) if name in one] if hold else []
    if strangers := [one for one in hold if not any(is_same(one, value) for value in values)]:
        yield f"the portfolio's first picks do not have {name} = {strangers[0]!r}"


def _picks(basis: Basis) -> Sequence[Configuration]:
    """Return what a space may be widened to hold."""
    inputs = basis.inputs
    return measured_starts.free_picks(inputs, inputs.surfaces.surface(inputs.of(ResponseModel)))


def _level(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    """Find a level that cuts tighter than the sources, each left out in turn, bear."""
    level = arguments["level"]
    if level is None:
        return
    inputs = basis.inputs
    most = inputs.surfaces.level(inputs.of(ResponseModel), measured_space.wide_space(inputs), inputs.datasets)
    if most is None:
        yield f"level {level}: the sources bear no cut at all"
    elif level > most * (1 + TOLERANCE):
        yield f"level {level}: the sources bear a cut to the quantile {most:g} at most"


def _budget(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    yield from _n_warm_starts(arguments, basis)
    claimed = arguments["trial_s"]
    if claimed is None:
        return
    known = predicted_cost(basis.proposal, basis.store)
    if known is None:
        yield f"trial_s {claimed:g}: nothing in the graph says what a trial takes"
    elif not known.seconds / SECONDS_FACTOR <= claimed <= known.seconds * SECONDS_FACTOR:
        yield f"trial_s {claimed:g}: by the graph, a trial takes about {known.seconds:.3g} s"


def _n_warm_starts(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    known = [len(starts) for starts in basis.known("warm_starts")]
    # Where the space was narrowed by hand, its rule finds fewer in it than were asked for.
    if max(known) <= arguments["n_warm_starts"] <= basis.asked_for("warm_starts"):
        return
    yield from _among("n_warm_starts", arguments, known, fewer=basis.is_set("warm_starts"))


def _termination(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    yield from _n_trials(arguments, basis)
    known = [budget["wall_clock_s"] for budget in basis.known("budget")]
    yield from _among("wall_clock_s", arguments, known, fewer=basis.is_set("budget"))


def _n_trials(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    known = [budget["n_trials"] for budget in basis.known("budget")]
    yield from _among("n_trials", arguments, known, fewer=basis.is_set("budget"))


def _prediction(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    metrics = {response.metric for response in basis.inputs.of(ResponseModel)}
    if metrics and metrics != {arguments["metric"]}:
        yield f"metric {arguments['metric']!r}: what is cited is in {', '.join(sorted(metrics))}"


def _pruner(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    yield from _among("has_fidelity", arguments, [value is not None for value in basis.known("fidelity")])
    yield from _among("folds", arguments, [value["folds"] * value["repeats"] for value in basis.known("protocol")])


def _best_learner(arguments: Mapping[str, Any], basis: Basis) -> Iterator[str]:
    known = modelled_learners(basis.store, basis.inputs.task.metric)
    if invented := sorted(set(arguments["modelled"]) - known):
        yield f"modelled: there are no response models of {', '.join(invented)}"


#: Rule -> what finds fault with its arguments. The arguments of other rules are names, or how much is wanted.
JUDGES: Mapping[str, Judge] = {
    "narrowed_space": _narrowed_space,
    "narrowed_parameter": _narrowed_parameter,
    "budget": _budget,
    "termination": _termination,
    "prediction": _prediction,
    "sampler": _n_warm_starts,
    "transfer_sampler": _n_warm_starts,
    "pruner": _pruner,
    "advice": _n_trials,
    "best_learner": _best_learner,
}


def _among(name: str, arguments: Mapping[str, Any], known: Sequence[Any], *, fewer: bool = False) -> Iterator[str]:
    """Find an argument that is none of the values that it can have; `fewer`: it may have been cut since by hand."""
    if fewer and arguments[name] >= max(known):
        return
    if not any(is_same(arguments[name], value) for value in known):
        yield f"{name} {arguments[name]!r}: it is {' or '.join(dict.fromkeys(map(str, known)))}"
