"""Which hyper-parameters matter: functional ANOVA on the response functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ingest.distil.batch import Batch
from ingest.distil.rounding import significant
from kg.iris import evidence_iri
from kg.model import (
    CategoricalParameter,
    ConstantParameter,
    Parameter,
    ParameterImportance,
    ParameterValue,
    ResponseModel,
    SearchSpace,
)
from kg.response import INACTIVE, Encoder, ResponseFunction
from kg.response.encoding import Array

Bins = npt.NDArray[np.int_]

#: Points at which a function is asked.
POINTS = 4096
#: Bins of a numeric hyper-parameter.
BINS = 16


def importances(batch: Batch, models: Iterable[ResponseModel]) -> Iterator[ParameterImportance]:
    """Yield the importance of each hyper-parameter on the data set and under the metric of each of `models`.

    The share of the variance of the response function, over the searched space, that a hyper-parameter explains alone
    (Hutter, Hoos and Leyton-Brown 2014, An efficient approach for assessing hyperparameter importance), estimated from
    a given sample as the variance between bins (Plischke, Borgonovo and Smith 2013, Global sensitivity measures from
    given data), less what chance alone puts there.
    """
    points, bins = _grid(batch.scope.space)
    for model in models:
        values = ResponseFunction.from_model(model).mean(points)
        yield ParameterImportance(
            iri=evidence_iri("parameter_importance", batch.scope.source, model.learner, model.dataset, model.metric),
            standing=model.standing,
            n=model.n,
            provenance=batch.scope.about(model.dataset, "response function"),
            dataset=model.dataset,
            learner=model.learner,
            metric=model.metric,
            importances={name: significant(share_explained(values, bin_), 3) for name, bin_ in bins.items()},
        )


@lru_cache(maxsize=1)  # the batches of a learner follow each other
def _grid(space: SearchSpace) -> tuple[Array, dict[str, Bins]]:
    encoder = Encoder(space)
    points = sample(encoder)
    return points, {name: parameter_bins(points, encoder, name) for name in space.names}


def sample(encoder: Encoder, n: int = POINTS) -> Array:
    """Return `n` encoded points spread evenly over the encoder's space (a Latin hypercube with a fixed seed)."""
    rng = np.random.default_rng(0)
    columns = [_values(parameter, (rng.permutation(n) + rng.random(n)) / n) for parameter in encoder.space.tunable]
    names = [parameter.name for parameter in encoder.space.tunable]
    return encoder.encode_rows(names, list(zip(*columns, strict=True)))


def _values(parameter: Parameter, fractions: Array) -> list[ParameterValue]:
    """Return the values of `parameter` at `fractions` (n,) of the way through it."""
    if isinstance(parameter, CategoricalParameter):
        return [parameter.choices[int(f * len(parameter.choices))] for f in fractions]
    if isinstance(parameter, ConstantParameter):
        return [parameter.value] * len(fractions)
    low, high = parameter.low, parameter.high
    return list(low * (high / low) ** fractions if parameter.log else low + (high - low) * fractions)


def share_explained(values: Array, bins: Bins) -> float:
    """Return the share, in [0, 1], of the variance of `values` (n,) that lies between `bins` (n,), bias removed.

    Points in bin -1 (the hyper-parameter is inactive) count towards the variance that is to be explained; the
    difference between them and the others is the doing of the condition's parent, not of this hyper-parameter.
    """
    total = float(values.var()) * len(values)
    active, places = values[bins >= 0], bins[bins >= 0]
    counts = np.bincount(places)
    counts, sums = counts[counts > 0], np.bincount(places, weights=active)[counts > 0]
    if total <= 0 or len(counts) < 2 or len(active) <= len(counts):
        return 0.0
    between = float((counts * (sums / counts - active.mean()) ** 2).sum())
    chance = (float(active.var()) * len(active) - between) / (len(active) - len(counts)) * (len(counts) - 1)
    return float(np.clip((between - chance) / total, 0.0, 1.0))


def parameter_bins(points: Array, encoder: Encoder, name: str) -> Bins:
    """Return the bin of each point along parameter `name`, from 0; -1 where it is inactive."""
    block = points[:, [j for j, owner in enumerate(encoder.owners) if owner == name]]
    categorical = isinstance(encoder.space[name], CategoricalParameter)
    places = block.argmax(1) if categorical else np.minimum((block[:, 0] * BINS).astype(int), BINS - 1)
    bins: Bins = np.where(block[:, 0] == INACTIVE, -1, places)
    return bins
