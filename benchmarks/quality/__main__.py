"""Run the benchmark: ``python -m benchmarks.quality [--data ../shared/data] [--suite RandomForest ...]``."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.calibration import narrowing, patience, prediction_coverage
from benchmarks.quality.report import summary, write_results
from benchmarks.quality.suites import SUITES, Suite, load_suites
from benchmarks.quality.warm_starts import answer_fit, emitted_outcomes, pool_outcomes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the evidence")
    parser.add_argument("--home", type=Path, help="folder for the run table; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="default: all")
    arguments = parser.parse_args()
    names = arguments.suite or list(SUITES)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="tunegraph-quality-") as scratch:
        suites = load_suites(arguments.data, arguments.home or Path(scratch), names)
    print(f"evidence read after {time.perf_counter() - started:.0f} s", flush=True)
    results = {}
    for suite in suites:
        results[suite.name] = measured(suite)
        print(f"{suite.name} done after {time.perf_counter() - started:.0f} s", flush=True)
    data, table = write_results(arguments.out, results, {"seconds": round(time.perf_counter() - started)})
    print(table.read_text(), f"\nwritten to {data} and {table}", sep="")


def measured(suite: Suite) -> dict[str, Any]:
    """Return every figure of one suite, as JSON values."""
    sizes = [len(pool.scores) for pool in suite.pools]
    known = [pool.dataset.meta_features for pool in suite.pools]
    also: dict[str, list[dict[str, Any]]] = {
        "Narrowing: levels tried, the last is used": narrowing(suite),
        "Patience on traces of 10 warm starts, then random candidates": patience(suite),
    }
    if coverage := prediction_coverage(suite):
        also["Predicted scores: nominal coverage .90"] = coverage
    return {
        "learner": suite.learner,
        "metric": suite.metric,
        "n_datasets": len(suite.pools),
        "rows": [min(sizes), max(sizes)],
        "with_meta_features": sum("NumberOfInstances" in one for one in known),
        "with_landmarkers": sum("kNN1NErrRate" in one for one in known),
        "model_fit": float(np.mean([model.fit for model in suite.models])),
        "answer_fit": answer_fit(suite),
        "results": summary(pool_outcomes(suite) + emitted_outcomes(suite)),
        "also": also,
    }


if __name__ == "__main__":
    main()
