"""The sampler and the pruner of a proposal, as Optuna has them."""

from __future__ import annotations

import warnings

import optuna

from kg.errors import InputError
from recommender.proposal import Fidelity, Proposal, stand_in_startup
from recommender.sampler import TransferSampler, tpe


def sampler_of(proposal: Proposal, seed: int) -> optuna.samplers.BaseSampler:
    """Return the sampler that `proposal` names.

    Raises:
        InputError: It is not there yet.
    """
    sampler = proposal.sampler.value
    if sampler.name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    parallel = proposal.budget.value.n_workers > 1
    if sampler.name == "transfer":
        fallback = tpe(seed=seed, n_startup_trials=stand_in_startup(proposal), constant_liar=parallel)
        return TransferSampler(seed=seed, fallback=fallback)
    if sampler.name != "tpe":
        allowed = "transfer, tpe, random"
        raise InputError(f"The sampler {sampler.name!r} is not there yet.", where="sampler.name", allowed=allowed)
    return tpe(
        seed=seed,
        n_startup_trials=sampler.n_startup_trials,
        multivariate=sampler.multivariate,
        constant_liar=parallel,
    )


def pruner_of(proposal: Proposal) -> optuna.pruners.BasePruner:
    """Return the pruner that `proposal` names; its steps are levels of the fidelity, or else folds from 1."""
    name, options = pruner_options(proposal, proposal.fidelity.value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        pruner: optuna.pruners.BasePruner = getattr(optuna.pruners, name)(**options)
    return pruner


def pruner_options(proposal: Proposal, fidelity: Fidelity | None) -> tuple[str, dict[str, float]]:
    """Return the name in `optuna.pruners` of the pruner of `proposal`, and what it is made with.

    Args:
        proposal: Names the pruner, and the folds.
        fidelity: What a trial is reported along. None: fold by fold.
    """
    folds = proposal.protocol.value.folds * proposal.protocol.value.repeats
    low, eta = _least_step(fidelity), fidelity.eta if fidelity else 2
    high = folds if fidelity is None else max(low, round(low * fidelity.max / fidelity.min))
    match proposal.pruner.value.name:
        case "none":
            return "NopPruner", {}
        case "successive_halving":
            return "SuccessiveHalvingPruner", {"min_resource": low, "reduction_factor": eta}
        case "hyperband":
            return "HyperbandPruner", {"min_resource": low, "max_resource": high, "reduction_factor": eta}
        case "median":
            return "MedianPruner", {"n_startup_trials": 5, "n_warmup_steps": 1}
        case "wilcoxon":
            return "WilcoxonPruner", {"p_threshold": 0.1, "n_startup_steps": 2}


def halving_pruner(fidelity: Fidelity) -> optuna.pruners.BasePruner:
    """Return the successive halving whose rungs are those of `fidelity`: the best in eta go on from each."""
    return optuna.pruners.SuccessiveHalvingPruner(min_resource=_least_step(fidelity), reduction_factor=fidelity.eta)


def _least_step(fidelity: Fidelity | None) -> int:
    return max(1, round(fidelity.min)) if fidelity and fidelity.min >= 1 else 1
