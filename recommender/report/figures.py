"""From a study to the figures of its report."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from recommender.first_trials import failure_of, was_withdrawn
from recommender.proposal import Proposal
from recommender.report.cost import PUE, WATTS_PER_CORE, seconds_of, spent_on
from recommender.report.evidence import OUTCOMES, checks_of
from recommender.report.model import Figures, Searched, Tried
from recommender.report.response import LEAST_TRIALS, Response, response_of
from recommender.studies import FINISHED, PROPOSAL, STOP_REASON, proposal_of
from recommender.trial_notes import CONFIGURATION, ORIGIN

__all__ = ["Figures", "figures_of"]


def figures_of(
    study: optuna.Study, *, cores: int = 1, watts_per_core: float = WATTS_PER_CORE, pue: float = PUE
) -> Figures:
    """Return the figures of a study's report; of any study with one objective, whoever made it.

    Args:
        study: It is only read.
        cores: Cores that a trial kept busy.
        watts_per_core: What a core in use takes.
        pue: Power usage effectiveness of the building; 1 at home.

    Raises:
        InputError: The proposal that the study holds cannot be read.
    """
    trials = _finished(study)
    complete = [trial for trial in trials if _has_score(trial)]
    maximise = study.direction is optuna.study.StudyDirection.MAXIMIZE
    best = (max if maximise else min)(complete, key=_score, default=None)
    proposal = proposal_of(study) if PROPOSAL in study.user_attrs else None
    checks = checks_of(proposal, trials) if proposal else ()
    response, why = _response(study, complete)
    states = Counter(trial.state for trial in trials)
    return Figures(
        study=study.study_name,
        **_names(proposal),
        maximise=maximise,
        n_trials=len(trials),
        n_complete=states[TrialState.COMPLETE],
        n_pruned=states[TrialState.PRUNED],
        n_failed=states[TrialState.FAIL],
        failures=_failures(trials),
        **_scores(best, complete, proposal),
        history=_history(trials, maximise=maximise),
        parameters=_parameters(complete or trials, best, response),
        fit=response.fit if response else None,
        not_analysed=why,
        dependence=response.dependence if response else (),
        interactions=response.interactions if response else (),
        checks=checks,
        tally={outcome: sum(c.outcome == outcome for c in checks) for outcome in OUTCOMES} if checks else {},
        stop_reason=str(study.user_attrs.get(STOP_REASON, "")),
        spent=spent_on(trials, best.number if best else None, cores=cores, watts_per_core=watts_per_core, pue=pue),
    )


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that are over, but for those that were withdrawn before they began."""
    return [trial for trial in study.get_trials(deepcopy=False, states=FINISHED) if not was_withdrawn(trial)]


def _has_score(trial: FrozenTrial) -> bool:
    """Say whether a trial says how good its configuration is; many objectives return infinity where a fit fails."""
    return trial.state is TrialState.COMPLETE and trial.value is not None and math.isfinite(trial.value)


def _score(trial: FrozenTrial) -> float:
    return float(trial.value or 0.0)


def _names(proposal: Proposal | None) -> dict[str, str]:
    return {"learner": proposal.learner.value, "metric": proposal.metric.value} if proposal else {}


def _scores(best: FrozenTrial | None, complete: Sequence[FrozenTrial], proposal: Proposal | None) -> dict[str, Any]:
    if best is None:
        return {}
    fixed = dict(proposal.fixed.value.items()) if proposal else {}
    tried = best.user_attrs.get(CONFIGURATION, {**fixed, **best.params})
    return {
        "best_score": _score(best),
        "best_trial": best.number,
        "first_score": _score(complete[0]),
        "median_score": statistics.median(map(_score, complete)),
        "configuration": {name: _plain(value) for name, value in tried.items()},
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _failures(trials: Sequence[FrozenTrial]) -> dict[str, int]:
    return dict(Counter(failure_of(trial) for trial in trials if trial.state is TrialState.FAIL))


def _history(trials: Sequence[FrozenTrial], *, maximise: bool) -> tuple[Tried, ...]:
    best, found = None, []
    for trial in trials:
        score = trial.value if _has_score(trial) else None
        if score is not None and (best is None or (score > best) == maximise):
            best = score
        found.append(
            Tried(
                number=trial.number,
                state=trial.state.name.lower(),
                score=score,
                best=best,
                seconds=round(seconds_of(trial), 3),
                origin=str(trial.user_attrs.get(ORIGIN, "")),
            )
        )
    return tuple(found)


def _parameters(
    trials: Sequence[FrozenTrial], best: FrozenTrial | None, response: Response | None
) -> tuple[Searched, ...]:
    distributions: dict[str, BaseDistribution] = {}
    for trial in trials:
        distributions |= trial.distributions
    shares = response.importances if response else {}
    found = [_searched(name, one, best, shares.get(name)) for name, one in distributions.items()]
    return tuple(sorted(found, key=lambda one: -(one.importance_percent or 0.0)))


def _searched(name: str, distribution: BaseDistribution, best: FrozenTrial | None, share: float | None) -> Searched:
    if isinstance(distribution, CategoricalDistribution):
        kind: dict[str, Any] = {"kind": "categorical", "choices": tuple(map(_plain, distribution.choices))}
    else:
        names = ("low", "high", "log")
        kind = {"kind": "int" if isinstance(distribution, IntDistribution) else "float"}
        kind |= {field: getattr(distribution, field) for field in names}
    value = _plain(best.params.get(name)) if best else None
    return Searched(name=name, best=value, importance_percent=share, **kind)


def _response(study: optuna.Study, complete: Sequence[FrozenTrial]) -> tuple[Response | None, str]:
    """Return what the trials say on the parameters; where they say nothing, why not."""
    if len(complete) < LEAST_TRIALS:
        return None, f"{len(complete)} complete trials are too few to tell parameters apart: {LEAST_TRIALS} are needed"
    if len({_score(trial) for trial in complete}) == 1:
        return None, "all trials have the same score, so that no parameter made a difference"
    if not any(trial.distributions for trial in complete):
        return None, "nothing was searched"
    if len({tuple(sorted(trial.params.items(), key=str)) for trial in complete}) == 1:
        return None, "all trials tried the same configuration"
    return response_of(study, complete), ""
