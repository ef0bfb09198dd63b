"""Run the benchmark: ``python -m benchmarks.termination [--data ../shared/data] [--suite RandomForest ...]``."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.suites import SUITES, load_suites
from benchmarks.recording import recorded
from benchmarks.termination.replay import (
    REFERENCE,
    chosen_elsewhere,
    difference,
    expected_improvement,
    figures,
    minimum_regret,
    outcome,
    regret_bound,
    shipped,
    stagnation,
)
from benchmarks.termination.traces import TracedStudy, traced

#: The rule that a proposal has: its row tells most.
COMBINED = expected_improvement((1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6), trials=5, patience=15)
FAMILIES = (
    stagnation((10, 15, 20, 25, 30, 35, 40, 50)),
    expected_improvement((1e-2, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6), trials=1),
    expected_improvement((1e-2, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6), trials=5),
    COMBINED,
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
            {
                "suite": suite.name,
                "kind": kind,
                **measured(traced(suite, kind, home / "traces", every=every), suite.learner),
            }
            for kind, every in EVERY.items()
            for suite in suites
        ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "termination.json").write_text(json.dumps(recorded({"parts": found}, seeds=(0,)), indent=1) + "\n")
    table = arguments.out / "termination.md"
    table.write_text(markdown(found))
    print(table.read_text(), f"\nwritten to {table}", sep="")


def measured(traces: Sequence[TracedStudy], learner: str) -> dict[str, Any]:
    """Return what each family does on `traces`, with the setting that is best on the others too, and the shipped rule.

    Args:
        traces: Of one learner.
        learner: Its canonical name.
    """
    reference, product = outcome(REFERENCE, traces), outcome(shipped(learner), traces)
    rows = []
    for family in FAMILIES:
        found = outcome(family, traces)
        trials, given_up = chosen_elsewhere(found, reference)
        rows.append(
            {
                "family": family.name,
                "settings": [
                    {"setting": name, **figures(found.trials[:, j], found.given_up[:, j])}
                    for j, name in enumerate(family.settings)
                ],
                "equal_loss": figures(trials, given_up) | difference(trials, reference),
            }
        )
        print(family.name, rows[-1]["equal_loss"], flush=True)
    alone, beside = (
        {"setting": setting, **figures(product.trials[:, j], product.given_up[:, j])}
        | difference(product.trials[:, j], reference)
        for j, setting in enumerate(shipped(learner).settings)
    )
    return {
        "traces": len(traces),
        "reference": figures(reference.trials[:, 0], reference.given_up[:, 0]),
        "shipped": alone,
        "with_patience": beside,
        "rows": rows,
    }


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
        *_summary(found),
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


def _summary(found: Sequence[dict[str, Any]]) -> list[str]:
    """Return the rule of the proposals beside thirty trials without a gain, one row a suite."""
    lines = [
        "## The rule of the proposals",
        "",
        f"Trials / given up of {COMBINED.name}: with the threshold chosen elsewhere, and as proposals have it (chosen "
        "on data sets of the same learner, but for LCBench), alone and with thirty trials without a gain beside it, of "
        "which the first to hold ends the study, as in a proposal. d: as below, with its interval.",
        "",
        "| traces | of | thirty without a gain | chosen elsewhere | as shipped | with thirty beside it | threshold |",
        "|---|---|---|---|---|---|---|",
    ]
    for part in found:
        elsewhere = next(row["equal_loss"] for row in part["rows"] if row["family"] == COMBINED.name)
        cells = [_cell(one) for one in (part["reference"], elsewhere, part["shipped"], part["with_patience"])]
        lines.append(
            f"| {part['suite']}, {part['kind']} | {part['traces']} | {' | '.join(cells)} | "
            f"{part['shipped']['setting']} |"
        )
    return [*lines, ""]


def _cell(one: dict[str, Any]) -> str:
    text = f"{one['trials']:.1f} / {one['given_up']:.3f}"
    if "fewer" in one:
        text += f" d {one['fewer']:+.1f} [{one['fewer_low']:+.1f}, {one['fewer_high']:+.1f}]"
    return text


def _line(family: str, setting: str, one: dict[str, float]) -> str:
    trials = f"{one['trials']:.1f}"
    if "fewer" in one:
        trials += f" d {one['fewer']:+.1f}{'*' if one['fewer_low'] > 0 or one['fewer_high'] < 0 else ''}"
    return f"| {family} | {setting} | {trials} | {one['given_up']:.3f} [{one['given_up_90']:.3f}] |"


if __name__ == "__main__":
    main()
