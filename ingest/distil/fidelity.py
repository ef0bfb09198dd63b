"""How well cheap runs rank configurations: fidelity profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.distil.batch import Batch, weakest
from ingest.distil.responses import METRICS_MODELLED
from ingest.distil.rounding import significant
from kg.iris import evidence_iri
from kg.model import METRICS, FidelityKind, FidelityLevel, FidelityProfile, Iri, Metric
from kg.response.encoding import Array

#: Configurations that must have been run at a level and at full fidelity.
LEAST_PAIRS = 10
#: Share of the configurations, best at full fidelity, within which the ranking is looked at again.
TOP = 0.25


def fidelity_profiles(batch: Batch) -> Iterator[FidelityProfile]:
    """Yield a profile for each data set and metric of `batch` on which configurations were run at several fidelities.

    A level is compared with full fidelity over the configurations that were run at both.
    """
    for group in groups(batch):
        if levels := tuple(_levels(group.cheap, group.full, group.metric)):
            yield FidelityProfile(**group.named("fidelity_profile", "runs"), levels=levels)


@dataclass(frozen=True)
class Group:
    """The runs of a learner on a data set, at full fidelity and below it by one kind, scored by one metric."""

    batch: Batch
    kind: FidelityKind
    dataset: Iri
    metric: Metric
    cheap: pd.DataFrame
    full: pd.DataFrame

    def named(self, evidence: str, what: str) -> dict[str, Any]:
        """Return the fields that evidence of fidelity has in common.

        Args:
            evidence: Its kind.
            what: What was had at several fidelities, for the provenance.
        """
        scope, metric = self.batch.scope, self.metric.name
        return {
            "iri": evidence_iri(evidence, scope.source, scope.learner, self.dataset, metric, self.kind),
            "standing": weakest(self.full),
            "n": int(self.full["configuration"].nunique()),
            "provenance": scope.about(self.dataset, f"{what} at several {self.kind}"),
            "dataset": self.dataset,
            "learner": scope.learner,
            "metric": metric,
            "fidelity": self.kind,
            "parameter": _parameter(self.batch, self.kind),
            "full": float(self.cheap["fidelity_full"].iloc[0]),
        }


def groups(batch: Batch) -> Iterator[Group]:
    """Yield the runs of each data set and metric of `batch` that has some below full fidelity."""
    low = batch.rows[batch.rows["fidelity_kind"].notna() & batch.rows["metric"].isin(METRICS_MODELLED)]
    for (kind, dataset, metric), cheap in low.groupby(["fidelity_kind", "dataset", "metric"], sort=True):
        of_group = (batch.rows["dataset"] == dataset) & (batch.rows["metric"] == metric)
        full = batch.rows[of_group & batch.rows["fidelity_kind"].isna()]
        yield Group(batch, FidelityKind(str(kind)), Iri(str(dataset)), METRICS[str(metric)], cheap, full)


def _parameter(batch: Batch, kind: FidelityKind) -> str:
    """Return the hyper-parameter that is made smaller; the name of the kind where it is none."""
    fidelity = batch.scope.spec.fidelity if batch.scope.spec else None
    return fidelity.parameter if fidelity and fidelity.kind == kind else kind.value


def _levels(cheap: pd.DataFrame, full: pd.DataFrame, metric: Metric) -> Iterator[FidelityLevel]:
    reference = full.groupby("configuration")[["score", "seconds"]].mean()
    for value, rows in cheap.groupby("fidelity_value", sort=True):
        seen = rows.groupby("configuration")[["score", "seconds"]].mean()
        both = seen.add_suffix("_low").join(reference.add_suffix("_full"), how="inner")
        scores = both[["score_low", "score_full"]].to_numpy(dtype=float)
        correlation = rank_correlation(scores[:, 0], scores[:, 1])
        if len(both) >= LEAST_PAIRS and correlation is not None:
            best = _best_quarter(scores[:, 1] if metric.greater_is_better else -scores[:, 1])
            top = rank_correlation(scores[best, 0], scores[best, 1])
            yield FidelityLevel(
                value=float(str(value)),
                rank_correlation=significant(correlation, 3),
                top_quarter_correlation=None if top is None else significant(top, 3),
                cost_ratio=_cost_ratio(both),
            )


def rank_correlation(x: Array, y: Array) -> float | None:
    """Return Spearman's rank correlation; None where there are fewer than 3 pairs or one side does not vary."""
    from scipy.stats import rankdata

    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.clip(np.corrcoef(rankdata(x), rankdata(y))[0, 1], -1.0, 1.0))


def _best_quarter(gains: Array) -> npt.NDArray[np.intp]:
    return np.argsort(-gains, kind="stable")[: int(np.ceil(TOP * len(gains)))]


def _cost_ratio(both: pd.DataFrame) -> float:
    """Return the median ratio of seconds; 1 (no saving known) where times are missing."""
    ratios = (both["seconds_low"] / both["seconds_full"]).replace([np.inf], np.nan).dropna()
    return significant(float(ratios.median()), 3) if len(ratios) else 1.0
