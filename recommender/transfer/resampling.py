"""From response models to what a study carries: each model asked at common points of the study's search space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kg.errors import EvidenceError
from kg.iris import digest
from kg.learners.registry import learner_named
from kg.model import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntParameter,
    Iri,
    ParameterValue,
    ResponseModel,
    SearchSpace,
    TaskType,
)
from kg.response import CLIP, Encoder, ResponseFunction
from kg.store import KnowledgeStore
from recommender.proposal import Proposal
from recommender.transfer.lattice import Lattice
from recommender.transfer.process import Unit
from recommender.transfer.sources import TransferSources

Array = npt.NDArray[np.float64]

#: Knots that are runs of the sources, and knots spread evenly over the space.
RUN_KNOTS, EVEN_KNOTS = 500, 200
#: Sources, at most: the heaviest.
MOST_SOURCES = 150
#: Least log standard deviation of the unit; and the least where the sources' scores are in another metric.
UNIT_SPREAD, STAND_IN_SPREAD = 0.3, 1.5
_SEED = 0


@dataclass(frozen=True)
class Setting:
    """The study that the sources are brought into."""

    space: SearchSpace
    metric: str
    task_type: TaskType
    fixed: Configuration = field(default_factory=lambda: Configuration({}))
    """What is set and not searched."""
    starts: tuple[Configuration, ...] = ()
    """A portfolio, in order."""
    weights: Mapping[Iri, float] = field(default_factory=dict)
    """Data set -> weight; a data set without one has the mean weight."""


def cited_models(proposal: Proposal, store: KnowledgeStore) -> tuple[ResponseModel, ...]:
    """Return the response models of `store` that the sampler of `proposal` cites; fewer where it lacks some."""
    cited = set(proposal.sampler.citations)
    found = store.evidence("response_model", learner=proposal.learner.value) if cited else ()
    return tuple(model for model in found if isinstance(model, ResponseModel) and model.iri in cited)


def setting_of(proposal: Proposal) -> Setting:
    """Return the study that `proposal` lays down."""
    return Setting(
        space=proposal.search_space.value,
        metric=proposal.metric.value,
        task_type=proposal.task.task_type,
        fixed=proposal.fixed.value,
        starts=proposal.warm_starts.value,
        weights={neighbour.dataset: neighbour.weight for neighbour in proposal.neighbours},
    )


def transfer_sources(models: Sequence[ResponseModel], setting: Setting) -> TransferSources:
    """Return the response functions of `models` in the space of `setting`. Deterministic.

    Raises:
        EvidenceError: There is no model, they are of several learners, or the space has nothing to search.
    """
    if not models or len({model.learner for model in models}) > 1 or not setting.space.tunable:
        raise EvidenceError(
            f"{len(models)} response models and {len(setting.space.tunable)} parameters to search give no sources: "
            "one model or more, all of one learner, and one parameter or more are needed"
        )
    models, weights = _heaviest(models, setting.weights)
    lattice = Lattice(setting.space)
    knots = _knots(models, setting, lattice)
    whole = _completed([lattice.configuration(row) for row in knots], models, setting)
    regrets = np.empty((len(knots), len(models)))
    encoded: dict[str, Array] = {}
    for j, model in enumerate(models):
        key = digest(model.space.model_dump(mode="json"))
        if key not in encoded:
            encoded[key] = Encoder(model.space).encode(whole)
        regrets[:, j] = ResponseFunction.from_model(model).mean(encoded[key])
    return TransferSources(
        space=setting.space,
        names=tuple(model.dataset for model in models),
        weights=weights,
        knots=knots,
        regrets=np.clip(regrets, 0.0, CLIP),
        length_scales=_length_scales(models, lattice.encoder),
        unit=_unit(models, weights, setting.metric),
        starts=setting.starts,
    )


def _heaviest(models: Sequence[ResponseModel], weights: Mapping[Iri, float]) -> tuple[tuple[ResponseModel, ...], Array]:
    """Return up to `MOST_SOURCES` models in their order, and their weights scaled to sum 1."""
    mean = sum(weights.values()) / len(weights) if weights else 1.0
    found = np.array([weights.get(model.dataset, mean) for model in models], dtype=float)
    if not found.sum() > 0:
        found = np.ones(len(models))
    kept = np.sort(np.argsort(-found, kind="stable")[:MOST_SOURCES])
    return tuple(models[i] for i in kept), found[kept] / found[kept].sum()


def _knots(models: Sequence[ResponseModel], setting: Setting, lattice: Lattice) -> Array:
    """Return rows: the portfolio, runs of each source that lie in the space (best first), and points spread evenly."""
    default = _defaults(models[0].learner, setting.task_type)
    found: dict[Configuration, None] = dict.fromkeys(start for start in setting.starts if setting.space.contains(start))
    limit = len(found) + RUN_KNOTS
    waiting = [_runs(model, setting.space, default) for model in models]
    # In turn, so that the sources share the knots, whatever of them lies in the space.
    while waiting and len(found) < limit:
        turn = [(runs, next(runs, None)) for runs in waiting]
        found.update(dict.fromkeys(run for _, run in turn if run is not None))
        waiting = [runs for runs, run in turn if run is not None]
    even = lattice.random(EVEN_KNOTS, np.random.default_rng(_SEED))
    rows = np.concatenate([lattice.rows(list(found)), even])
    return np.unique(rows.round(6), axis=0)


def _runs(model: ResponseModel, space: SearchSpace, default: Mapping[str, ParameterValue]) -> Iterator[Configuration]:
    """Yield runs of `model` as points of `space`: turns of the best and of one from the spread of all."""
    order = np.argsort(np.array(model.regrets), kind="stable")
    spread = order[np.random.default_rng(_SEED).permutation(len(order))]
    turns = [int(row) for pair in zip(order, spread, strict=True) for row in pair]
    for row in dict.fromkeys(turns):
        point = _point(model, row, space, default)
        if point is not None:
            yield point


def _point(
    model: ResponseModel, row: int, space: SearchSpace, default: Mapping[str, ParameterValue]
) -> Configuration | None:
    """Return a run as a point of `space`, what it did not set at its default; None where the space lacks it."""
    run = dict(zip(model.parameters, model.support[row], strict=True))
    point: dict[str, ParameterValue] = {}
    for parameter in space.ordered():
        name = parameter.name
        if not space.is_active(name, point):
            continue
        value = run.get(name)
        if value is None and not parameter.contains(None):
            value = default.get(name)
        if not parameter.contains(value):
            return None
        point[name] = value
    return Configuration(point) if space.contains(point) else None


def _defaults(learner: str, task_type: TaskType) -> dict[str, ParameterValue]:
    """Return what a configuration has where it says nothing, in old releases' terms too."""
    spec = learner_named(learner)
    now = {h.name for h in spec.available(task_type)}
    gone = {h.name: h.implied for h in spec.available(task_type, historical=True) if h.name not in now}
    return {**gone, **dict(spec.default_point(task_type).items())}


def _completed(
    configurations: Sequence[Configuration], models: Sequence[ResponseModel], setting: Setting
) -> list[dict[str, ParameterValue]]:
    """Return `configurations` with what is fixed, and defaults for what only the sources varied."""
    default = _defaults(models[0].learner, setting.task_type)
    whole = {name: value for name, value in default.items() if name not in setting.space}
    return [{**whole, **setting.fixed.root, **configuration.root} for configuration in configurations]


def _length_scales(models: Sequence[ResponseModel], encoder: Encoder) -> Array:
    """Return the length scale of each dimension of `encoder`: the median of the models', in the study's bounds."""
    by_label: dict[str, list[float]] = {}
    by_owner: dict[str, list[float]] = {}
    for model in models:
        own = Encoder(model.space)
        for label, owner, scale in zip(own.dims, own.owners, model.length_scales, strict=True):
            stretched = scale * _stretch(model.space, encoder.space, owner)
            by_label.setdefault(label, []).append(stretched)
            by_owner.setdefault(owner, []).append(stretched)
    usual = float(np.median([scale for model in models for scale in model.length_scales]))
    return np.array(
        [
            float(np.median(by_label.get(label, by_owner.get(owner, [usual]))))
            for label, owner in zip(encoder.dims, encoder.owners, strict=True)
        ]
    )


def _stretch(own: SearchSpace, other: SearchSpace, name: str) -> float:
    """Return how much wider a parameter's range is in `own` than in `other`, on the scale that both have."""
    if name not in other:
        return 1.0
    spans = [_span(space, name) for space in (own, other)]
    (width, log), (other_width, other_log) = spans
    return width / other_width if log == other_log and width > 0 and other_width > 0 else 1.0


def _span(space: SearchSpace, name: str) -> tuple[float, bool]:
    parameter = space[name]
    if not isinstance(parameter, FloatParameter | IntParameter):
        return 0.0, isinstance(parameter, CategoricalParameter)
    low, high = float(parameter.low), float(parameter.high)
    return (float(np.log(high / low)) if parameter.log else high - low), parameter.log


def _unit(models: Sequence[ResponseModel], weights: Array, metric: str) -> Unit:
    """Return the prior of the task's median - best: that of the sources, by their weights."""
    logs = np.log([max(abs(model.best - model.median), 1e-6) for model in models])
    mean = float(weights @ logs)
    least = UNIT_SPREAD if models[0].metric == metric else STAND_IN_SPREAD
    return Unit(mean, max(float(np.sqrt(weights @ (logs - mean) ** 2)), least))
