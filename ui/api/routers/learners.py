"""Learners and their hyper-parameters."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kg.iris import hyperparameter_iri, learner_iri
from kg.learners.hyperparameter import HyperParameter
from kg.learners.registry import is_installed, learners
from kg.learners.spec import LearnerSpec
from kg.model import Iri, Parameter, ParameterValue, TaskType
from ui.api.freshness import NOT_MODIFIED, Fresh
from ui.api.names import MetricName, NamedLearner
from ui.api.problems import ApiError, documented
from ui.api.services import Listed, Seen

router = APIRouter(
    prefix="/v1/learners",
    tags=["graph"],
    dependencies=[Fresh],
    responses=NOT_MODIFIED | documented(401, 403, 422, 429, 503),
)


class LearnerView(BaseModel):
    """A learner."""

    iri: Iri
    name: str = Field(examples=["random_forest"])
    label: str = Field(examples=["Random forest"])
    aliases: tuple[str, ...]
    distribution: str | None = Field(examples=["scikit-learn"])
    """The Python distribution that has it; null for one that is known by its evidence only."""
    is_installed: bool
    """Where this service runs."""
    task_types: tuple[TaskType, ...]
    evidence: int
    """Pieces of evidence on it."""
    datasets: int
    """Data sets that they are about."""


class HyperParameterView(BaseModel):
    """A hyper-parameter as one task type has it."""

    iri: Iri
    name: str = Field(examples=["max_features"])
    task_type: TaskType
    default: ParameterValue
    """The library's."""
    allowed: str = Field(examples=["float in (0, 1]"])
    """What the library accepts, in words."""
    search: Parameter | None
    """The wide range worth searching where nothing is known; null where it is not worth tuning."""
    note: str


class ImportanceView(BaseModel):
    """How much a hyper-parameter matters under one metric."""

    hyperparameter: Iri
    metric: Iri
    mean_share: float
    """Share of the variance of the score that it explains alone; mean over data sets."""
    max_share: float
    datasets: int


@router.get("")
def list_learners(listed: Listed) -> list[LearnerView]:
    """List all learners, by name, with how much evidence there is on each."""
    counts = listed.learners()
    return [_view(spec, counts) for spec in learners()]


@router.get("/{name}", responses=documented(404))
def get_learner(spec: NamedLearner, listed: Listed) -> LearnerView:
    """Return a learner by name or alias."""
    return _view(spec, listed.learners())


@router.get("/{name}/hyperparameters", responses=documented(404))
def list_hyperparameters(spec: NamedLearner, task_type: TaskType | None = None) -> list[HyperParameterView]:
    """List a learner's hyper-parameters: defaults, what is legal, what is worth searching."""
    return [
        _parameter_view(spec, parameter, kind)
        for kind in TaskType
        if kind in spec.implementations and task_type in (None, kind)
        for parameter in spec.hyperparameters
        if kind in parameter.task_types
    ]


@router.get("/{name}/hyperparameters/{hyperparameter}", responses=documented(404))
def get_hyperparameter(spec: NamedLearner, hyperparameter: str) -> list[HyperParameterView]:
    """Return a hyper-parameter, once for each task type that has it."""
    found = [view for view in list_hyperparameters(spec) if view.name == hyperparameter]
    if not found:
        raise ApiError(404, f"{spec.name} has no hyper-parameter {hyperparameter!r}.", where="hyperparameter")
    return found


@router.get("/{name}/importances", responses=documented(404))
def list_importances(spec: NamedLearner, seen: Seen, metric: MetricName = None) -> list[ImportanceView]:
    """List which hyper-parameters matter, most first within a metric."""
    rows = seen.store.ask("what_matters", {"learner": spec.name, "metric": metric})
    return [
        ImportanceView(
            hyperparameter=row["hyperparameter"],
            metric=row["metric"],
            mean_share=row["meanShare"],
            max_share=row["maxShare"],
            datasets=row["datasets"],
        )
        for row in rows
    ]


def _view(spec: LearnerSpec, counts: Mapping[str, tuple[int, int]]) -> LearnerView:
    pieces, datasets = counts.get(learner_iri(spec.name), (0, 0))
    return LearnerView(
        iri=learner_iri(spec.name),
        name=spec.name,
        label=spec.label,
        aliases=spec.aliases,
        distribution=spec.distribution,
        is_installed=is_installed(spec),
        task_types=tuple(spec.implementations),
        evidence=pieces,
        datasets=datasets,
    )


def _parameter_view(spec: LearnerSpec, parameter: HyperParameter, task_type: TaskType) -> HyperParameterView:
    return HyperParameterView(
        iri=hyperparameter_iri(spec.name, parameter.name),
        name=parameter.name,
        task_type=task_type,
        default=parameter.default_for(task_type),
        allowed=parameter.allowed(task_type),
        search=parameter.search_for(task_type),
        note=parameter.note,
    )
