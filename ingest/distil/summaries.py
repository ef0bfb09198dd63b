"""What the runs of a learner on a data set amount to: run summaries, and the runs that they cite.

What of that is a group-by is asked of the engine (`ingest.distil.figures`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

from ingest.distil.batch import Batch, Group
from ingest.distil.figures import Figures, figures_of
from ingest.distil.rounding import significant
from kg.engines.duckdb import DuckdbEngine
from kg.iris import evidence_iri, run_iri
from kg.model import (
    METRICS,
    Configuration,
    Cost,
    Iri,
    ParameterValue,
    Run,
    RunSummary,
    Standing,
    TaskType,
    same_value,
)
from kg.response.encoding import Array

#: Runs that a summary cites, at most: under the default metric of a task type, and under another one. Those of another
#: metric bring few new configurations, and each takes 50 triples.
TOP_RUNS, TOP_RUNS_OTHER = 10, 5
#: Share of the runs that a summary cites where there are few of them; at least `LEAST_TOP_RUNS`.
TOP_SHARE, LEAST_TOP_RUNS = 0.2, 3
#: The first metric of each task type is its default.
DEFAULT_METRICS = {next(m.name for m in METRICS.values() if m.task_type == task_type) for task_type in TaskType}
#: Numbers of random trials for which a summary says what to expect.
RANDOM_TRIALS = (1, 2, 5, 10, 25, 50, 100)


def run_summaries(batch: Batch, figures: Figures | None = None) -> Iterator[RunSummary]:
    """Yield a summary for each data set and metric of `batch`, full-fidelity runs only.

    Args:
        batch: The runs.
        figures: What was asked of them before; by default it is asked here, by DuckDB.
    """
    if figures is None:
        engine = DuckdbEngine()
        with engine.lent(batch.scores) as scores:
            figures = figures_of(scores, batch.scope.space, engine)
    task_types = {METRICS[str(metric)].task_type for metric in batch.rows["metric"].unique()}
    defaults = {task_type: default_configurations(batch, task_type) for task_type in task_types}
    for group in batch.groups():
        key = str(group.dataset), group.metric.name
        row = figures.statistics[key]
        sign = 1.0 if group.metric.greater_is_better else -1.0
        identity = (batch.scope.source, batch.scope.learner, group.dataset, group.metric.name)
        yield RunSummary(
            iri=evidence_iri("run_summary", *identity),
            standing=group.standing,
            n=int(row["n"]),
            provenance=batch.scope.about(group.dataset, "runs"),
            dataset=group.dataset,
            learner=batch.scope.learner,
            metric=group.metric.name,
            best=sign * row["best"],
            median=significant(sign * row["median"], 6),
            worst=sign * row["worst"],
            default=_score_of(defaults[group.metric.task_type], group),
            top_runs=tuple(run_iri(run_id) for run_id in top_runs(group)),
            quantiles=figures.quantiles.get(key, ()),
            random_search=expected_best(group),
        )


def top_runs(group: Group) -> list[str]:
    """Return the ids of the best runs, best first; of equals, those whose id comes first."""
    most = TOP_RUNS if group.metric.name in DEFAULT_METRICS else TOP_RUNS_OTHER
    k = min(most, max(LEAST_TOP_RUNS, round(TOP_SHARE * len(group.rows))))
    best = np.argsort(-group.gains, kind="stable")[:k]  # rows are sorted by run id
    return group.rows["run_id"].iloc[best].tolist()


def cited_runs(batch: Batch, run_ids: set[str]) -> Iterator[Run]:
    """Yield the runs named by `run_ids`, with all of their scores, by id."""
    rows = batch.rows[batch.rows["run_id"].isin(run_ids)]
    for run_id, scores in rows.groupby("run_id", sort=True):
        first = scores.iloc[0]
        yield Run(
            iri=run_iri(str(run_id)),
            dataset=Iri(str(first["dataset"])),
            learner=batch.scope.learner,
            configuration=Configuration(dict(batch.configurations[int(first["configuration"])])),
            scores={str(m): float(s) for m, s in zip(scores["metric"], scores["score"], strict=True)},
            cost=Cost(seconds=_given(scores["seconds"]), memory_mb=_given(scores["memory_mb"])),
            standing=Standing(str(first["standing"])),
            provenance=batch.scope.provenance.replace(locator=str(first["locator"])),
        )


def expected_best(group: Group) -> tuple[tuple[int, float], ...]:
    """Return (k, expected best score of k of the runs drawn at random without replacement), up to all of them.

    The i-th worst of n is the best of k with probability ``C(i-1, k-1) / C(n, k)``.
    """
    gains = np.sort(group.gains)
    n = len(gains)
    sign = 1.0 if group.metric.greater_is_better else -1.0
    curve = [(k, float(_chances_of_being_best(n, k) @ gains)) for k in RANDOM_TRIALS if k <= n]
    return tuple((k, significant(sign * gain, 6)) for k, gain in curve)


def _chances_of_being_best(n: int, k: int) -> Array:
    rank = np.arange(1, n + 1)
    with np.errstate(invalid="ignore"):
        logs = gammaln(rank) - gammaln(rank - k + 1) - gammaln(k)
    total = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    chances: Array = np.where(rank >= k, np.exp(np.where(rank >= k, logs, -np.inf) - total), 0.0)
    return chances


def default_configurations(batch: Batch, task_type: TaskType) -> list[int]:
    """Return the numbers of the configurations that set what was searched to the library's defaults."""
    if batch.scope.spec is None:
        return []
    default = {h.name: h.default_for(task_type) for h in batch.scope.spec.hyperparameters}
    searched = batch.scope.space.names
    if not set(searched) <= set(default):
        return []
    return [i for i, c in enumerate(batch.configurations) if _agrees(c, default, searched)]


def _score_of(configurations: Sequence[int], group: Group) -> float | None:
    """Return the mean score of the runs of `configurations`, or None where there is none."""
    scores = group.rows.loc[group.rows["configuration"].isin(configurations), "score"]
    return significant(float(scores.mean()), 6) if len(scores) else None


def _agrees(configuration: Mapping[str, ParameterValue], default: Mapping[str, Any], names: Sequence[str]) -> bool:
    return all(same_value(configuration[name], default[name]) for name in names if name in configuration)


def _given(values: pd.Series[float]) -> float | None:
    known = values.dropna()
    return float(known.iloc[0]) if len(known) else None
