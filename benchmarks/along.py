"""How well scores along the fidelity are foretold: ``python -m benchmarks.along [--data ../shared/data]``.

Each data set is left out in turn. The other data sets' fidelity curves, and their replays of the portfolio, foretell
the score of the best of the portfolio's first picks at each lower fidelity; the target's own runs, the nearest to each
pick, answer. The evidence is predicted by published surrogates (yahpo-derived), not measured.
"""

from __future__ import annotations

import os

# Small matrices: threads of the linear algebra only get in each other's way. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.fidelity import EVERY, curves_of
from benchmarks.quality.calibration import loo_weights
from benchmarks.quality.methods import PORTFOLIOS, Fold, by_meta_features, emitted, nearest_rows
from benchmarks.quality.suites import Suite, load_suites
from benchmarks.recording import recorded
from ingest.distil.curves import fidelity_curves
from kg.model import METRICS, FidelityCurve, Iri, Metric
from recommender.composing.along import LEAST_CURVES, CurveSource, carried, predict_curve
from recommender.composing.along_evidence import MOST_TRIALS
from recommender.composing.prediction import losses_after
from recommender.composing.replay import measured_regrets
from recommender.proposal import PredictedCurve

Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.along", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the evidence")
    parser.add_argument("--home", type=Path, help="folder for the run table; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--suite", action="append", choices=list(EVERY), help="default: all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-along-") as scratch:
        suites = load_suites(arguments.data, arguments.home or Path(scratch), arguments.suite or list(EVERY))
        rows = [row for suite in suites for row in measured(suite)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "along.json").write_text(json.dumps(recorded({"rows": rows}), indent=1) + "\n")
    table = arguments.out / "along.md"
    table.write_text(markdown(rows))
    print(table.read_text(), f"\nwritten to {table}", sep="")


def measured(suite: Suite) -> list[dict[str, Any]]:
    """Return, for each target and level, what was foretold and what the target's own runs say."""
    metric = METRICS[suite.metric]
    curves = {c.dataset: c for c in fidelity_curves(suite.batch) if c.metric == suite.metric}
    replayed = measured_regrets(suite.surface, suite.models, loo_weights(suite), MOST_TRIALS)
    losses = losses_after([m.best for m in suite.models], [m.median for m in suite.models], replayed, metric)
    rows: list[dict[str, Any]] = []
    for target in range(len(suite.pools)):
        fold = Fold(suite, target)
        sources = _sources(fold, losses[:, -1], curves)
        found = predict_curve(
            fold.pool.dataset.meta_features, sources, metric, k=MOST_TRIALS, least=min(LEAST_CURVES, len(sources))
        )
        if found is not None:
            rows += _answered(fold, found, metric)
    return rows


def _sources(fold: Fold, losses: Array, curves: Mapping[Iri, FidelityCurve]) -> list[CurveSource]:
    weights = by_meta_features()(fold)
    pools = [
        (fold.suite.pools[i].dataset, float(losses[i]), float(w)) for i, w in zip(fold.sources, weights, strict=True)
    ]
    return [
        CurveSource(dataset.meta_features, loss, weight, curves[dataset.iri])
        for dataset, loss, weight in pools
        if dataset.iri in curves and loss > 0
    ]


def _answered(fold: Fold, found: PredictedCurve, metric: Metric) -> list[dict[str, Any]]:
    """Return each level of a curve beside the scores of the best pick, by the target's nearest runs."""
    known = curves_of(fold)
    picks = nearest_rows(fold, list(emitted(PORTFOLIOS[3], fold)))[:MOST_TRIALS]
    full = known.scores[picks, -1]
    best = picks[int(np.nanargmax(full if metric.greater_is_better else -full))]
    rows = []
    for level in found.levels:
        score = known.scores[best][known.levels == level.value]
        if not len(score) or np.isnan(score[0]):
            continue
        low, expected, high = carried(found, level, float(known.scores[best, -1]), metric)
        rows.append(
            {
                "suite": fold.suite.name,
                "dataset": fold.pool.dataset.name,
                "parameter": found.parameter,
                "level": level.value,
                "sources": len(fold.sources),
                "score": round(float(score[0]), 5),
                "foretold": [round(v, 5) for v in (level.low, level.expected, level.high)],
                "given_full": [round(v, 5) for v in (low, expected, high)],
            }
        )
    return rows


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the table for people."""
    lines = [
        "# Scores along the fidelity, foretold on data sets left out",
        "",
        f"Made by `python -m benchmarks.along`. What the best of the portfolio's first {MOST_TRIALS} picks scores at a "
        "lower fidelity: foretold from the other data sets' curves before any trial, and again given what it scored in "
        "full. Intervals are nominally 90 % (with fewer than nine sources the greatest residual: n / (n + 1)); width "
        "and error in the metric's unit, means over data sets. The runs are predictions of published surrogates. "
        "What stands for a source, the best quarter and its percentiles, was chosen on these data sets.",
        "",
        "| runs | level | data sets | before: covered | width | error | given full: covered | width | error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for suite, parameter, level in dict.fromkeys((r["suite"], r["parameter"], r["level"]) for r in rows):
        part = [r for r in rows if (r["suite"], r["level"]) == (suite, level)]
        figures = " | ".join(_figures(part, which) for which in ("foretold", "given_full"))
        lines.append(f"| {suite} | {parameter} {level:g} | {len(part)} | {figures} |")
    lines += ["", *(_overall(rows, suite) for suite in dict.fromkeys(r["suite"] for r in rows)), ""]
    return "\n".join(lines)


def _overall(rows: Sequence[Mapping[str, Any]], suite: str) -> str:
    part = [r for r in rows if r["suite"] == suite]
    before, given = (_covered(part, which).mean() for which in ("foretold", "given_full"))
    return f"- {suite}, all levels: {before:.1%} covered before any trial, {given:.1%} given the score in full."


def _figures(rows: Sequence[Mapping[str, Any]], which: str) -> str:
    intervals = np.array([row[which] for row in rows])
    scores = np.array([row["score"] for row in rows])
    width = (intervals[:, 2] - intervals[:, 0]).mean()
    return f"{_covered(rows, which).mean():.1%} | {width:.3f} | {np.abs(intervals[:, 1] - scores).mean():.3f}"


def _covered(rows: Sequence[Mapping[str, Any]], which: str) -> npt.NDArray[np.bool_]:
    return np.array([r[which][0] - 1e-9 <= r["score"] <= r[which][2] + 1e-9 for r in rows])


if __name__ == "__main__":
    main()
