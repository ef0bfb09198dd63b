"""How a learner's score answers to its configuration: one small Gaussian process a data set and metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from ingest.distil.batch import Batch, Group
from ingest.distil.reading import LearnerRuns, with_gain
from ingest.distil.rounding import DIGITS, all_significant, significant
from kg.iris import evidence_iri
from kg.model import Iri, ParameterValue, ResponseModel
from kg.response import Scales, choose_support, cross_validated, fit_length_scales, fit_noise, regret
from kg.response.encoding import Array
from kg.run_columns import HP_PREFIX

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

T = TypeVar("T")

Modelled: TypeAlias = dict[str, list[Iri]]
"""Metric -> data sets on which there are enough runs for a response model."""

#: Metrics that get response models.
METRICS_MODELLED = ("accuracy", "balanced_accuracy", "roc_auc", "log_loss", "rmse", "mae", "r2")
#: Distinct configurations below which there is no function to fit.
LEAST_RUNS = 12
#: Support points kept.
SUPPORT = 150
#: Data sets that length scales are found on, and runs of each.
SCALED_ON, SCALED_BY = 24, 200
#: Scores that are asked at once which of their groups get a model.
SURVEYED_AT_ONCE = 300_000
#: Stand for no value and between two values; JSON text holds neither.
_INACTIVE, _BETWEEN = "-", "\x1f"
#: A best that is not better than the median by this share of the scores' size is noise of rounding.
LEAST_SPREAD = 1e-6


def response_models(batch: Batch, lengths: Mapping[str, Array]) -> Iterator[ResponseModel]:
    """Yield a model for each data set and metric of `batch` that has enough runs and a spread.

    Level, signal and noise are each data set's own.

    Args:
        batch: The runs.
        lengths: Metric -> the length scale of each dimension (see `length_scales`).
    """
    for group in batch.groups(lengths):
        if is_modelled(group):
            yield _model(batch, group, lengths[group.metric.name])


def length_scales(runs: LearnerRuns, modelled: Modelled | None = None) -> dict[str, Array]:
    """Return, for each metric that gets models, the length scale of each dimension, shape (dims,).

    They are shared by all data sets of a learner, and found on some of these.

    Args:
        runs: The runs of the learner.
        modelled: What `modelled_datasets` says of them; asked here by default.
    """
    if not runs.scope.encoder.dims:
        return {}
    if modelled is None:
        modelled = modelled_datasets(runs)
    chosen = {metric: spread_evenly(datasets, SCALED_ON) for metric, datasets in modelled.items()}
    seen: dict[str, dict[Iri, tuple[Array, Array]]] = {metric: {} for metric in chosen}
    for part in runs.parts(sorted({iri for datasets in chosen.values() for iri in datasets})):
        batch = runs.batch(part)
        for group in batch.groups(chosen):
            if group.dataset in chosen[group.metric.name] and is_modelled(group):
                x, y = _points(batch, group), regret(group.rows["score"], group.metric)
                rows = spread_evenly(range(len(y)), SCALED_BY)
                seen[group.metric.name][group.dataset] = x[rows], y[rows]
    return {metric: _fitted(runs, [data[iri] for iri in sorted(data)]) for metric, data in seen.items() if data}


def modelled_datasets(runs: LearnerRuns) -> Modelled:
    """Return, for each metric that gets models, the data sets that have one, by IRI (see `is_modelled`)."""
    found: dict[str, list[Iri]] = {}
    for part in runs.parts(scores=SURVEYED_AT_ONCE):
        rows = runs.table.filter(runs.table.dataset.isin([str(iri) for iri in part]))
        full = with_gain(rows.filter(rows.metric.isin(METRICS_MODELLED)))
        distinct = full.select("dataset", "metric", digest=_digest(full)).distinct()
        counted = distinct.group_by(["dataset", "metric"]).aggregate(configurations=distinct.count())
        told = full.group_by(["dataset", "metric"]).aggregate(
            best=full.gain.max(), median=full.gain.median(), size=full.gain.abs().max()
        )
        both = told.join(counted, ["dataset", "metric"]).order_by("dataset", "metric")
        for row in both.to_pyarrow().to_pylist():
            if row["configurations"] >= LEAST_RUNS and has_spread(row["best"] - row["median"], row["size"]):
                found.setdefault(row["metric"], []).append(Iri(row["dataset"]))
    return found


def _digest(rows: Table) -> StringValue:
    """Return what tells configurations apart; engines have no other digest in common that is wide enough."""
    import ibis

    texts = [rows[name].fill_null(_INACTIVE) for name in rows.columns if name.startswith(HP_PREFIX)]
    return ibis.literal(_BETWEEN).join(texts).hexdigest("md5")


def _fitted(runs: LearnerRuns, datasets: Sequence[tuple[Array, Array]]) -> Array:
    found = fit_length_scales(datasets, owners=runs.scope.encoder.owners, max_sources=SCALED_ON, max_rows=SCALED_BY)
    # Rounded before they are used, so that what follows does not hang on the last bits of an optimiser.
    return np.array(all_significant(found, 3))


def spread_evenly(items: Sequence[T], most: int) -> list[T]:
    """Return `most` of `items`, evenly spaced over them, or all where there are fewer."""
    places = np.linspace(0, len(items) - 1, min(len(items), most)).round().astype(int)
    return [items[i] for i in places]


def is_modelled(group: Group) -> bool:
    """Say whether `group` has enough distinct configurations, and scores that differ."""
    size = float(np.abs(group.gains).max())
    return group.rows["configuration"].nunique() >= LEAST_RUNS and has_spread(group.spread, size)


def has_spread(spread: float, size: float) -> bool:
    """Say whether best less median is more than rounding, where the greatest score has `size`."""
    return spread > LEAST_SPREAD * max(size, 1e-3)


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
        iri=evidence_iri("response_model", batch.scope.source, batch.scope.learner, group.dataset, group.metric.name),
        standing=group.standing,
        n=len(group.rows),
        provenance=batch.scope.about(group.dataset, "runs"),
        dataset=group.dataset,
        learner=batch.scope.learner,
        metric=group.metric.name,
        best=sign * float(gains.max()),
        median=significant(sign * float(np.median(gains)), 6),
        space=batch.scope.space,
        parameters=batch.scope.space.names,
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
    names = batch.scope.space.names
    chosen = (batch.configurations[i] for i in configurations)
    return tuple(tuple(_short(c.get(name)) for name in names) for c in chosen)


def _short(value: ParameterValue) -> ParameterValue:
    return significant(value, DIGITS) if isinstance(value, float) else value
