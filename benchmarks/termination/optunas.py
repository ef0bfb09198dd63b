"""Optuna's own terminator on the same pool traces: ``python -m benchmarks.termination.optunas TRACES [--out FILE]``.

Needs PyTorch, which nothing else here does, and the traces that ``python -m benchmarks.termination --home`` has kept
(``HOME/traces``). Pools have no scores of folds, so the regret bound is held against errors in units of
(best - median), as our own is.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import FloatDistribution

from benchmarks.termination.replay import (
    REFERENCE,
    Family,
    Outcome,
    chosen_elsewhere,
    difference,
    expected_improvement,
    figures,
    outcome,
    stagnation,
)
from benchmarks.termination.traces import TracedStudy

#: Suites, and each how-manieth of their traces: a bound takes Optuna a few tenths of a second.
SUITES, EVERY_TRACE, EVERY_TRIAL, LEAST = ("RandomForest", "XGBoost", "AdaBoost", "rpart"), 2, 5, 20
ERRORS = (1.0, 0.5, 0.3, 0.2, 0.15, 0.1, 0.05)

#: Trials and the bound after them.
Bounds = Sequence[tuple[int, float]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.termination.optunas", description=__doc__)
    parser.add_argument("traces", type=Path)
    parser.add_argument("--bounds", type=Path, default=Path("optuna-bounds.json"), help="kept, and read where it is")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results" / "termination-optuna.md")
    arguments = parser.parse_args()
    traces = read_traces(arguments.traces)
    known = json.loads(arguments.bounds.read_text()) if arguments.bounds.exists() else {}
    bounds = {name: known.get(name) or bounds_of(trace) for name, trace in traces.items()}
    arguments.bounds.write_text(json.dumps(bounds))
    arguments.out.write_text(markdown(traces, bounds))
    print(arguments.out.read_text())


def read_traces(folder: Path) -> dict[str, TracedStudy]:
    """Return the traces that are compared, by the names of their files."""
    found = {}
    for suite in SUITES:
        files = sorted(folder.glob(f"pool-{suite}-*.npz"), key=lambda path: int(path.stem.rpartition("-")[2]))
        for path in files[::EVERY_TRACE]:
            with np.load(path) as kept:
                arrays = {name: kept[name] for name in ("points", "gains", "regrets", "hopes")}
                found[path.name] = TracedStudy(str(kept["dataset"]), **arrays)
    return found


def bounds_of(trace: TracedStudy) -> list[tuple[int, float]]:
    """Return what Optuna's `RegretBoundEvaluator` says after each fifth trial."""
    from optuna.terminator import RegretBoundEvaluator  # noqa: PLC0415  # it needs PyTorch

    with warnings.catch_warnings():
        # It has been deprecated since 4.9.
        warnings.simplefilter("ignore")
        evaluator = RegretBoundEvaluator(seed=0)
        space = {f"x{j}": FloatDistribution(-0.2, 1.0) for j in range(trace.points.shape[1])}
        trials = [
            optuna.trial.create_trial(
                params=dict(zip(space, np.clip(point, -0.2, 1.0).tolist(), strict=True)),
                distributions=dict(space),
                value=float(gain),
            )
            for point, gain in zip(trace.points, trace.gains, strict=True)
        ]
        asked = range(LEAST, len(trials) + 1, EVERY_TRIAL)
        maximise = optuna.study.StudyDirection.MAXIMIZE
        return [(n, float(evaluator.evaluate(trials[:n], maximise))) for n in asked]


def markdown(traces: Mapping[str, TracedStudy], bounds: Mapping[str, Bounds]) -> str:
    """Return the table for people."""
    rows = list(traces.values())
    by_trace = {id(trace): bounds[name] for name, trace in traces.items()}

    def stops(trace: TracedStudy) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        unit = float(np.ptp(trace.gains) / np.ptp(trace.regrets))
        ends = [next((n for n, b in by_trace[id(trace)] if b < e * unit), len(trace.gains)) for e in ERRORS]
        return np.array(ends, dtype=float)

    families = (
        Family("Optuna's regret bound, error", tuple(f"{e:g}" for e in ERRORS), stops),
        stagnation((20, 30, 40)),
        expected_improvement((1e-3, 1e-4, 3e-5, 1e-5), trials=5),
        expected_improvement((1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5), trials=5, patience=15),
    )
    reference = outcome(REFERENCE, rows)
    lines = [
        "# Optuna's own terminator beside ours",
        "",
        f"Made by `python -m benchmarks.termination.optunas` on {len(rows)} pool traces of {', '.join(SUITES)} "
        f"(one in {EVERY_TRACE}), asked after each fifth trial from {LEAST} on. Trials used of up to 100; given up, "
        "*elsewhere* and d as in termination.md: the setting that takes the fewest trials on the other traces of those "
        "that give up no more there than thirty trials without a gain do.",
        "",
        "| rule | setting | trials | given up |",
        "|---|---|---|---|",
    ]
    for family in families:
        lines += _lines(family, outcome(family, rows), reference)
    return "\n".join([*lines, ""])


def _lines(family: Family, found: Outcome, reference: Outcome) -> list[str]:
    means = zip(family.settings, found.trials.mean(0), found.given_up.mean(0), strict=True)
    lines = [f"| {family.name} | {setting} | {trials:.1f} | {lost:.3f} |" for setting, trials, lost in means]
    trials, lost = chosen_elsewhere(found, reference)
    equal = figures(trials, lost) | difference(trials, reference)
    less = f"d {equal['fewer']:+.1f} [{equal['fewer_low']:+.1f}, {equal['fewer_high']:+.1f}]"
    return [*lines, f"| {family.name} | **elsewhere** | {equal['trials']:.1f} {less} | {equal['given_up']:.3f} |"]


if __name__ == "__main__":
    main()
