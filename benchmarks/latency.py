"""``python -m benchmarks.latency``: how long a person waits, without the test run.

Printed: ``tunegraph --help`` and a recommendation by meta-features, each in a process of its own; then, in one process,
the first recommendation for the example table and the median of five more, for each learner.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Small matrices: more threads only wait for each other. Set before numpy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from ui.compose import Settings, Tunegraph
from ui.request import Request

TABLE = Path(__file__).parents[1] / "examples" / "data" / "breast_cancer.csv"
MAIN = [sys.executable, "-c", "from ui.cli import main; main()"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learner", action="append", help="default: random_forest, svm and decision_tree")
    parser.add_argument("--home", type=Path, help="default: a temporary one, so that first use is measured too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-latency-") as scratch:
        home = arguments.home or Path(scratch)
        print(json.dumps({"python": platform.python_version(), "cpus": os.cpu_count()}))
        print("tunegraph --help", f"{process_seconds([*MAIN, '--help']):.2f} s")
        started = time.perf_counter()
        Tunegraph(Settings(home=home)).store.counts()
        print("first use: the graph is made", f"{time.perf_counter() - started:.1f} s")
        for learner in arguments.learner or ["random_forest", "svm", "decision_tree"]:
            print(learner, json.dumps(recommendations(home, learner)))
        described = Path(scratch) / "described.json"
        described.write_text('{"NumberOfInstances": 4000, "NumberOfFeatures": 24, "NumberOfClasses": 2}')
        command = [*MAIN, "recommend", "--meta-features", str(described), "--learner", "random_forest"]
        command += ["--task-type", "classification", "--no-test-run", "--json", "--home", str(home)]
        print("recommend by meta-features, a process of its own", f"{process_seconds(command):.2f} s")


def process_seconds(command: list[str], *, times: int = 3) -> float:
    """Return the median wall clock of a command."""
    return statistics.median(
        _timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(times)
    )


def recommendations(home: Path, learner: str) -> dict[str, float]:
    """Return the seconds of describing the table, of the first recommendation and of warm ones."""
    tunegraph, request = Tunegraph(Settings(home=home)), Request(test_run=False, learner=learner)
    started = time.perf_counter()
    _, task = tunegraph.read(TABLE, "diagnosis", request)
    described = time.perf_counter() - started
    first, *warm = [_timed(lambda: tunegraph.recommend(task, request)) for _ in range(6)]
    return {"describe_s": round(described, 2), "first_s": round(first, 2), "warm_s": round(statistics.median(warm), 3)}


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
