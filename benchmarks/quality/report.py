"""The benchmark's figures as JSON and as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import recording
from benchmarks.quality.methods import KS
from benchmarks.quality.warm_starts import BASELINE, Outcome, bootstrap

Array = npt.NDArray[np.float64]


def summary(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return mean, interval and paired difference with the blind portfolio of every outcome, as JSON values."""
    base = {o.protocol: o.regrets for o in outcomes if o.method == BASELINE}
    return [_row(outcome, base[outcome.protocol]) for outcome in outcomes]


def _row(outcome: Outcome, base: Array) -> dict[str, Any]:
    low, high = bootstrap(outcome.regrets)
    difference = outcome.regrets - base
    d_low, d_high = bootstrap(difference)
    return {
        "protocol": outcome.protocol,
        "method": outcome.method,
        "k": list(KS),
        "mean": _rounded(outcome.regrets.mean(0)),
        "median": _rounded(np.median(outcome.regrets, axis=0)),
        "low": _rounded(low),
        "high": _rounded(high),
        "difference": _rounded(difference.mean(0)),
        "difference_low": _rounded(d_low),
        "difference_high": _rounded(d_high),
    }


def write_results(folder: Path, suites: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write ``quality-<day>.json`` and ``quality.md`` into `folder`; return both paths."""
    content = recording.recorded({**settings, "suites": suites})
    return recording.write_results(folder, "quality", content, markdown(content))


def markdown(content: Mapping[str, Any]) -> str:
    """Return the tables for people."""
    lines = [
        "# Recommendations on data sets left out",
        "",
        f"Made by `python -m benchmarks.quality` on {content['date']}; all figures: `quality-{content['date']}.json`.",
        "Normalised regret `(best - best of first k) / (best - median)` in the left-out data set's own pool, mean over "
        "data sets; 0 is best. [95 % bootstrap interval over data sets]; d: paired difference with the blind greedy "
        "portfolio, * where its interval excludes 0. The data set is left out under all its names and versions.",
        "",
    ]
    for name, suite in content["suites"].items():
        lines += [
            f"## {name}",
            "",
            f"{suite['n_datasets']} data sets, {suite['rows'][0]} to {suite['rows'][1]} rows each; "
            f"{suite['with_meta_features']} with meta-features, {suite['with_landmarkers']} with landmarkers; response "
            f"models (150 support points): mean cross-validated rank correlation {suite['model_fit']:.2f}; functions "
            f"that answer (all rows): {suite['answer_fit']:.2f}.",
            "",
        ]
        for protocol in dict.fromkeys(row["protocol"] for row in suite["results"]):
            lines += _table(protocol, [row for row in suite["results"] if row["protocol"] == protocol])
        for title, rows in suite.get("also", {}).items():
            lines += [f"**{title}**", "", *_plain_table(rows), ""]
    return "\n".join(lines)


def _table(protocol: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    head = f"| {protocol} | " + " | ".join(f"k={k}" for k in KS) + " |"
    return [head, "|---" * (len(KS) + 1) + "|", *(_line(row) for row in rows), ""]


def _line(row: Mapping[str, Any]) -> str:
    cells = []
    for j in range(len(KS)):
        cell = f"{row['mean'][j]:.3f} [{row['low'][j]:.3f}, {row['high'][j]:.3f}]"
        if row["method"] != BASELINE:
            low, high = row["difference_low"][j], row["difference_high"][j]
            cell += f" d {row['difference'][j]:+.3f}{'*' if low > 0 or high < 0 else ''}"
        cells.append(cell)
    return f"| {row['method']} | " + " | ".join(cells) + " |"


def _plain_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(rows[0])
    body = ["| " + " | ".join(_text(row[name]) for name in names) + " |" for row in rows]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *body]


def _text(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 4) for value in values]
