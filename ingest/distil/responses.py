"""How a learner's score answers to its configuration: one small Gaussian process a data set and metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ingest.distil.batch import Batch, Group
from ingest.distil.rounding import DIGITS, all_significant, significant
from kg.iris import evidence_iri
from kg.model import ParameterValue, ResponseModel
from kg.response import Scales, choose_support, cross_validated, fit_length_scales, fit_noise, regret
from kg.response.encoding import Array

#: Metrics that get response models.
METRICS_MODELLED = ("accuracy", "balanced_accuracy", "roc_auc", "log_loss", "rmse", "mae", "r2")
#: Distinct configurations below which there is no function to fit.
LEAST_RUNS = 12
#: Support points kept.
SUPPORT = 150
#: A best that is not better than the median by this share of the scores' size is noise of rounding.
LEAST_SPREAD = 1e-6


def response_models(batch: Batch) -> Iterator[ResponseModel]:
    """Yield a model for each data set and metric of `batch` that has enough runs and a spread.

    Length scales are shared by the data sets of the batch (and depend on the metric); level, signal and noise are
    each data set's own.
    """
    if not batch.encoder.dims:
        return
    for metric in METRICS_MODELLED:
        groups = [group for group in batch.groups({metric}) if is_modelled(group)]
        if groups:
            lengths = _length_scales(batch, groups)
            for group in groups:
                yield _model(batch, group, lengths)


def is_modelled(group: Group) -> bool:
    """Say whether `group` has enough distinct configurations, and scores that differ."""
    size = float(np.abs(group.gains).max())
    return group.rows["configuration"].nunique() >= LEAST_RUNS and group.spread > LEAST_SPREAD * max(size, 1e-3)


def _length_scales(batch: Batch, groups: Sequence[Group]) -> Array:
    datasets = [(_points(batch, group), regret(group.rows["score"], group.metric)) for group in groups]
    # Rounded before they are used, so that what follows does not hang on the last bits of an optimiser.
    return np.array(all_significant(fit_length_scales(datasets, owners=batch.encoder.owners), 3))


def _points(batch: Batch, group: Group) -> Array:
    points: Array = batch.points[group.rows["configuration"].to_numpy()]
    return points


def _model(batch: Batch, group: Group, lengths: Array) -> ResponseModel:
    x, y = _points(batch, group), regret(group.rows["score"], group.metric)
    kept = choose_support(x / lengths, y, SUPPORT)
    scales = _rounded(fit_noise(x[kept], y[kept], lengths))
    gains = group.gains
    sign = 1.0 if group.metric.greater_is_better else -1.0
    return ResponseModel(
        iri=evidence_iri("response_model", batch.source, batch.learner, group.dataset, group.metric.name),
        standing=group.standing,
        n=len(group.rows),
        provenance=batch.about(group.dataset, "runs"),
        dataset=group.dataset,
        learner=batch.learner,
        metric=group.metric.name,
        best=sign * float(gains.max()),
        median=significant(sign * float(np.median(gains)), 6),
        space=batch.space,
        parameters=batch.space.names,
        support=_support(batch, group.rows["configuration"].to_numpy()[kept]),
        regrets=all_significant(y[kept]),
        length_scales=tuple(lengths.tolist()),
        level=scales.level,
        signal=scales.signal,
        noise=scales.noise,
        fit=significant(cross_validated(x, y, lengths, n=SUPPORT), 3),
    )


def _rounded(scales: Scales) -> Scales:
    return Scales(*all_significant((scales.level, scales.signal, scales.noise)))


def _support(batch: Batch, configurations: npt.NDArray[np.intp]) -> tuple[tuple[ParameterValue, ...], ...]:
    names = batch.space.names
    chosen = (batch.configurations[i] for i in configurations)
    return tuple(tuple(_short(c.root.get(name)) for name in names) for c in chosen)


def _short(value: ParameterValue) -> ParameterValue:
    return significant(value, DIGITS) if isinstance(value, float) else value
