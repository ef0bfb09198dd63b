"""Scores, ranks and normalised scores of the contestants, and the page that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
from scipy.stats import rankdata

from benchmarks.real_fits.tables import LaidOut
from kg.model import metric_named
from recommender.scoring import label_score, probability_score

#: What is told of a contestant.
COLUMNS = ("contestant", "tables", "mean_rank", "normalised_score", "wins", "failed", "mean_seconds")


def score_of(table: LaidOut, predicted: np.ndarray) -> float:
    """Return the test score of predictions."""
    if table.n_classes:
        return probability_score(table.test_target, predicted, table.metric)
    return label_score(table.test_target, predicted, table.metric)


def naive_score(table: LaidOut) -> float:
    """Return the score of predicting the same for every row: the training rows' shares of classes, or their mean."""
    rows = len(table.test_target)
    if not table.n_classes:
        return score_of(table, np.full(rows, table.train_target.mean()))
    shares = np.bincount(table.train_target, minlength=table.n_classes) / len(table.train_target)
    return score_of(table, np.tile(shares, (rows, 1)))


def standings(results: Sequence[Mapping[str, Any]], contestants: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each contestant its mean rank and mean normalised score, over the tables that all of them finished.

    A normalised score is 0 for predicting the same for every row and 1 for the best contestant on the table.
    """
    shared = [r for r in results if all(r["scores"].get(name) is not None for name in contestants)]
    ranks, normalised = [], []
    for result in shared:
        gain = metric_named(result["metric"]).gain
        gains = np.array([gain(result["scores"][name]) for name in contestants])
        naive = gain(result["naive"])
        ranks.append(rankdata(-gains))
        normalised.append((gains - naive) / max(gains.max() - naive, 1e-12))
    return [
        {
            "contestant": name,
            "tables": len(shared),
            "mean_rank": float(fmean(rank[i] for rank in ranks)) if shared else None,
            "normalised_score": float(fmean(score[i] for score in normalised)) if shared else None,
            "wins": sum(bool(rank[i] == 1) for rank in ranks),
            "failed": sum(result["scores"].get(name) is None for result in results),
            "mean_seconds": float(fmean(s for r in results if (s := r["seconds"].get(name)) is not None))
            if any(r["seconds"].get(name) is not None for r in results)
            else None,
        }
        for i, name in enumerate(contestants)
    ]


def page(content: Mapping[str, Any]) -> str:
    """Return the results as Markdown."""
    names = [row["contestant"] for row in content["standings"]]
    lines = [
        "# Whole runs on real tables",
        "",
        f"Made by `python -m benchmarks.real_fits` on {content['date']}; all figures: "
        f"`real_fits-{content['date']}.json`. {content['seconds']:g} s of wall clock a contestant and table, "
        f"{content['threads']} threads, seed {content['seed']}, {content['cpus']} processors; the last fit is "
        "beside it, and so is what a contestant takes beyond its time: `mean_seconds` tells.",
        *([content["note"]] if content.get("note") else []),
        "Rank 1 is best. A normalised score is 0 for predicting the same for every row, 1 for the best contestant.",
        "",
        *_table(
            ["contestant", "mean_rank", "normalised_score", "wins", "failed", "mean_seconds"], content["standings"]
        ),
        "",
        *_table(
            ["table", "metric", *names],
            [{"table": r["table"], "metric": r["metric"], **r["scores"]} for r in content["results"]],
        ),
        "",
    ]
    return "\n".join(lines)


def _table(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    body = ["| " + " | ".join(_text(row.get(name)) for name in names) + " |" for row in rows]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *body]


def _text(value: Any) -> str:
    if value is None:
        return "failed"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
