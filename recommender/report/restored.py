"""A study from what was kept of it: an `optuna.Study` in memory, for its report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from kg.errors import InputError


def restored(kept: Mapping[str, Any]) -> optuna.Study:
    """Return a study in memory as it was when it was kept. It is for reading: its trials are numbered anew.

    Args:
        kept: JSON of a snapshot (``ingest.sources.optuna_studies.Study``).

    Raises:
        InputError: It has several objectives or none, so that there is no best trial; or its trials contradict it.
    """
    directions = list(kept["directions"])
    if len(directions) != 1 or directions[0] not in ("minimize", "maximize"):
        raise InputError(
            f"The study has {len(directions)} objectives.", where="study", allowed="a study with one objective"
        )
    study = optuna.create_study(direction=directions[0], study_name=kept["name"])
    for name, value in kept.get("user_attrs", {}).items():
        study.set_user_attr(name, value)
    try:
        study.add_trials([_trial(trial) for trial in kept.get("trials", ()) if trial["state"] in _FINISHED])
    except (ValueError, TypeError, KeyError) as error:  # what Optuna says of trials that do not fit together
        raise InputError(f"Its trials make no study: {error}", where="study", allowed="what Optuna keeps") from error
    return study


_FINISHED = ("COMPLETE", "PRUNED", "FAIL")
_NEVER = datetime(1970, 1, 1)  # noqa: DTZ001  # as Optuna has its moments: without a zone


def _trial(kept: Mapping[str, Any]) -> FrozenTrial:
    score = _number(next(iter(kept.get("values") or ()), None))
    state = TrialState[kept["state"]]
    if state is TrialState.COMPLETE and score is None:
        state = TrialState.FAIL  # a score that is no number tells nothing
    distributions = {name: _distribution(one) for name, one in kept.get("distributions", {}).items()}
    began = _moment(kept.get("started"))
    reported = {int(step): _number(value) for step, value in kept.get("intermediate", {}).items()}
    return FrozenTrial(
        number=kept["number"],
        trial_id=kept["number"],
        state=state,
        value=score if state is TrialState.COMPLETE else None,
        datetime_start=began,
        # Optuna wants one of what is finished; where none was kept, the trial took no time that is known.
        datetime_complete=_moment(kept.get("completed")) or began or _NEVER,
        params={name: value for name, value in kept.get("params", {}).items() if name in distributions},
        distributions=distributions,
        user_attrs=dict(kept.get("user_attrs", {})),
        system_attrs={},
        intermediate_values={step: value for step, value in reported.items() if value is not None},
    )


def _distribution(kept: Mapping[str, Any]) -> BaseDistribution:
    match kept["kind"]:
        case "categorical":
            return CategoricalDistribution(kept["choices"])
        case "int":
            step = int(kept.get("step") or 1)
            return IntDistribution(int(kept["low"]), int(kept["high"]), log=kept.get("log", False), step=step)
        case _:
            return FloatDistribution(kept["low"], kept["high"], log=kept.get("log", False), step=kept.get("step"))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
