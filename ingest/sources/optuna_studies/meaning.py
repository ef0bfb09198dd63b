"""What a study is about: learner, metric, data set, and what its steps are, as it says itself or a person says.

A study that Tunegraph made holds its proposal and the data set's meta-features. Of any other, a person says what is
missing; every error here names the option that says it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ingest.sources.optuna_studies.names import learner_called
from ingest.sources.optuna_studies.snapshot import NAMELESS, GivenData, Study, Trial
from kg.errors import InputError, UnknownNameError
from kg.iris import digest
from kg.learners.registry import learner_named, learners
from kg.model import METRICS, FidelityKind, MetaFeatures, Metric, TaskType, metric_named

#: User attributes in which Tunegraph keeps what a study was made from (`recommender.studies`).
PROPOSAL, META_FEATURES = "tunegraph:proposal", "tunegraph:meta_features"
#: System attribute in which Optuna keeps the names of the objectives (`Study.set_metric_names`).
METRIC_NAMES = "study:metric_names"
#: Meta-features that tell tables of one name apart; the others depend on a seed, or on what was computed.
IDENTIFYING = ("NumberOfInstances", "NumberOfFeatures", "NumberOfClasses", "MajorityClassSize", "NumberOfMissingValues")

Form = Literal["as it is", "negated", "missing to 1"]
_FORMS: tuple[tuple[str, Form], ...] = (("neg_", "negated"), ("-", "negated"), ("1-", "missing to 1"))


@dataclass(frozen=True)
class Objective:
    """What the objective returned."""

    metric: Metric
    form: Form

    def score(self, value: float) -> float:
        """Return the score, in the metric's own unit and direction, of what the objective returned."""
        match self.form:
            case "negated":
                return -value
            case "missing to 1":
                return 1 - value
            case _:
                return value


@dataclass(frozen=True)
class Steps:
    """What the steps are at which trials reported."""

    kind: FidelityKind
    full: float
    scale: float = 1.0
    """Steps for one unit of the fidelity."""


@dataclass(frozen=True)
class Meaning:
    """What can be told of a study."""

    study: Study

    @cached_property
    def proposal(self) -> Mapping[str, Any]:
        """What Tunegraph proposed; empty where the study is not its."""
        text = self.study.user_attrs.get(PROPOSAL)
        try:
            found = json.loads(text) if isinstance(text, str) else None
        except (ValueError, RecursionError):  # numbers of thousands of digits, too, are a ValueError
            found = None
        return found if isinstance(found, dict) else {}

    def proposed(self, *path: str) -> Any:
        """Return what the proposal has at `path`; None where it has nothing there."""
        found: Any = self.proposal
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    @cached_property
    def objective(self) -> Objective:
        """The metric that was optimised.

        Raises:
            InputError: There are several objectives, no metric is named, or the named one cannot be what was returned.
        """
        if len(self.study.directions) != 1:
            raise self.error(
                f"It has {len(self.study.directions)} objectives.",
                "a study of one objective; it stays in the raw files",
            )
        said = self.study.given.metric or self.proposed("metric", "value") or self._metric_name()
        if not isinstance(said, str):
            raise self.error("Which metric its values are is not known.", f"--metric with one of {', '.join(METRICS)}")
        return _objective(said, self.study.directions[0], self.values, self.error)

    def _metric_name(self) -> object:
        names = self.study.system_attrs.get(METRIC_NAMES)
        return names[0] if isinstance(names, list) and names else None

    @cached_property
    def values(self) -> tuple[float, ...]:
        """What the objective returned, finished trials only.

        Raises:
            InputError: No trial has finished.
        """
        complete = [trial for trial in self.study.trials if trial.state == "COMPLETE"]
        found = tuple(trial.values[0] for trial in complete if trial.values and trial.values[0] is not None)
        if not found:
            raise self.error("No trial has finished with a value.", "a study with at least one complete trial")
        return found

    @cached_property
    def choice(self) -> str | None:
        """The parameter that chooses the learner, all of whose choices are learners; None where there is none."""
        for trial in self.study.trials:
            for name, distribution in trial.distributions.items():
                named = [isinstance(c, str) and learner_called(c) is not None for c in distribution.choices]
                if len(named) > 1 and all(named):
                    return name
        return None

    def learner_of(self, trial: Trial) -> str | None:
        """Return the canonical learner of a trial; None where the trial does not say."""
        if self.choice is None:
            return self.learner
        chosen = trial.params.get(self.choice, None)
        spec = learner_called(chosen) if isinstance(chosen, str) else None
        return spec.name if spec else None

    @cached_property
    def learner(self) -> str:
        """The canonical learner of all trials.

        Raises:
            InputError: Nobody says which it is.
        """
        said = self.study.given.learner or self.proposed("learner", "value")
        if not isinstance(said, str):
            known = ", ".join(spec.name for spec in learners())
            raise self.error("Which learner it tuned is not known.", f"--learner with one of {known}")
        return learner_named(said).name

    @cached_property
    def data(self) -> GivenData:
        """The data set.

        Raises:
            InputError: Nobody says what it is like.
        """
        if self.study.given.data is not None:
            return self.study.given.data
        features = self.study.user_attrs.get(META_FEATURES)
        if not isinstance(features, dict) or not features:
            raise self.error(
                "What its data set is like is not known.", "--data TABLE --target COLUMN, or --meta-features FILE"
            )
        name = self.proposed("task", "name")
        return GivenData(
            name=name if isinstance(name, str) and name else NAMELESS,
            meta_features=MetaFeatures({k: v for k, v in features.items() if isinstance(v, int | float)}),
        )

    @property
    def dataset_key(self) -> str:
        """Key of the data set: the same table has the same one in every study."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", self.data.name).strip("-.")[:40] or "data"
        return f"own-{plain}-{digest([self.data.meta_features.get(name) for name in IDENTIFYING])[:8]}"

    @property
    def task_type(self) -> TaskType:
        """What is predicted."""
        return self.objective.metric.task_type

    @cached_property
    def n_fits(self) -> int | None:
        """Fits that a trial is made of (folds times repeats); None where that is not known."""
        folds, repeats = self.proposed("protocol", "value", "folds"), self.proposed("protocol", "value", "repeats")
        return folds * repeats if isinstance(folds, int) and isinstance(repeats, int) else None

    @cached_property
    def steps(self) -> Steps | None:
        """What the steps are; None where that is not known, or the proposal's fidelity cannot be read."""
        fidelity = self.proposed("fidelity", "value")
        if isinstance(fidelity, Mapping):
            return _steps(fidelity)
        return Steps(FidelityKind.FOLDS, float(self.n_fits)) if self.n_fits else None

    def error(self, message: str, allowed: str) -> InputError:
        """Return an error about the study, which says what would be right."""
        return InputError(message, where=f"study {self.study.name!r}", allowed=allowed)


def _steps(fidelity: Mapping[str, Any]) -> Steps | None:
    """Return what the steps of a proposed fidelity are: its values, or, below 1, multiples of the least of them."""
    try:
        kind, least, full = FidelityKind(fidelity["kind"]), float(fidelity["min"]), float(fidelity["max"])
    except (KeyError, TypeError, ValueError):  # a snapshot may come from anywhere
        return None
    return Steps(kind, full, 1.0 if least >= 1 else 1.0 / least) if least > 0 else None


def _objective(said: str, direction: str, values: Sequence[float], error: Any) -> Objective:
    form: Form = "as it is"
    name = said
    for prefix, of_prefix in _FORMS:
        if said.startswith(prefix):
            form, name = of_prefix, said[len(prefix) :]
    try:
        metric = metric_named(name)
    except UnknownNameError as unknown:
        raise error(f"{said!r} is no metric.", f"--metric with one of {', '.join(METRICS)}") from unknown
    wanted = "maximize" if metric.greater_is_better == (form == "as it is") else "minimize"
    if direction != wanted and form == "as it is" and all(value <= 0 for value in values):
        form, wanted = "negated", direction  # a loss that is maximised under its own name: scikit-learn's habit
    if direction != wanted:
        right = "maximize" if metric.greater_is_better else "minimize"
        raise error(
            f"Its direction is {direction}, but the one of {metric.name} is {right}.",
            f"--metric neg_{metric.name} or --metric 1-{metric.name} where the objective returned that, or another one",
        )
    return Objective(metric, form)
