"""Run the benchmark: ``python -m benchmarks.termination [--data ../shared/data] [--suite RandomForest ...]``."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.suites import SUITES, load_suites
from benchmarks.quality.warm_starts import bootstrap
from benchmarks.termination.replay import (
    Outcome,
    chosen_elsewhere,
    expected_improvement,
    minimum_regret,
    outcome,
    regret_bound,
    stagnation,
)
from benchmarks.termination.traces import TracedStudy, traced

#: What the others are held against.
REFERENCE = stagnation((30,))
FAMILIES = (
    stagnation((10, 15, 20, 25, 30, 35, 40, 50)),
    expected_improvement((1e-2, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6), trials=1),
    expected_improvement((1e-2, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6), trials=5),
    expected_improvement((1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6), trials=5, patience=15),
    regret_bound((2.0, 1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)),
    minimum_regret((0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)),
)
#: One data set in so many has a whole study of its own; all have a trace on their pool.
EVERY = {"pool": 1, "study": 4}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.termination", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the evidence")
    parser.add_argument("--home", type=Path, help="folder for the run table and the traces; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="default: all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-termination-") as scratch:
        home = arguments.home or Path(scratch)
        suites = load_suites(arguments.data, home, arguments.suite or list(SUITES))
        found = [
            {"suite": suite.name, "kind": kind, "rows": measured(traced(suite, kind, home / "traces", every=every))}
            for kind, every in EVERY.items()
            for suite in suites
        ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "termination.json").write_text(json.dumps(found, indent=1) + "\n")
    table = arguments.out / "termination.md"
    table.write_text(markdown(found))
    print(table.read_text(), f"\nwritten to {table}", sep="")


def measured(traces: Sequence[TracedStudy]) -> list[dict[str, Any]]:
    """Return what each family does on `traces`, and what it does with the setting that is best on the others."""
    reference = outcome(REFERENCE, traces)
    rows = []
    for family in FAMILIES:
        found = outcome(family, traces)
        trials, given_up = chosen_elsewhere(found, reference)
        rows.append(
            {
                "family": family.name,
                "settings": [
                    {"setting": name, **_figures(found.trials[:, j], found.given_up[:, j])}
                    for j, name in enumerate(family.settings)
                ],
                "equal_loss": _figures(trials, given_up) | _difference(trials, reference),
            }
        )
        print(family.name, rows[-1]["equal_loss"], flush=True)
    return rows


def markdown(found: Sequence[dict[str, Any]]) -> str:
    """Return the tables for people."""
    lines = [
        "# Stopping rules on the transfer sampler's own traces",
        "",
        "Made by `python -m benchmarks.termination`. Traces of up to 100 trials on data sets left out of the evidence "
        "under all their names and versions. *Pool*: candidates are the data set's own runs (all data sets). *Study*: "
        "a real study over the space of the published runs, answered by the data set's own function with its noise "
        "(each fourth data set). Given up: regret `(best - score) / (best - median)` of the incumbent at the stop less "
        "that at the end, mean [90th percentile]; with noise it may be below 0. *Elsewhere*: the setting is that which "
        "took the fewest trials on the other data sets of those that gave up no more there than stagnation-30 did. The "
        "regret bound and the expected minimum regret are asked after each fifth trial. d: "
        "paired difference of trials with stagnation-30, * where its 95 % bootstrap interval excludes 0.",
        "",
    ]
    for part in found:
        lines += [
            f"## {part['suite']}, {part['kind']}",
            "",
            "| rule | setting | trials | given up |",
            "|---|---|---|---|",
        ]
        for row in part["rows"]:
            lines += [_line(row["family"], one["setting"], one) for one in row["settings"]]
            lines.append(_line(row["family"], "**elsewhere**", row["equal_loss"]))
        lines.append("")
    return "\n".join(lines)


def _figures(trials: Any, given_up: Any) -> dict[str, float]:
    return {
        "trials": round(float(trials.mean()), 1),
        "given_up": round(float(given_up.mean()), 4),
        "given_up_90": round(float(np.quantile(given_up, 0.9)), 4),
    }


def _difference(trials: Any, reference: Outcome) -> dict[str, float]:
    difference = trials - reference.trials[:, 0]
    low, high = bootstrap(difference[:, None])
    values = {"fewer": difference.mean(), "fewer_low": low[0], "fewer_high": high[0]}
    return {name: round(float(value), 1) for name, value in values.items()}


def _line(family: str, setting: str, one: dict[str, float]) -> str:
    trials = f"{one['trials']:.1f}"
    if "fewer" in one:
        trials += f" d {one['fewer']:+.1f}{'*' if one['fewer_low'] > 0 or one['fewer_high'] < 0 else ''}"
    return f"| {family} | {setting} | {trials} | {one['given_up']:.3f} [{one['given_up_90']:.3f}] |"


if __name__ == "__main__":
    main()
