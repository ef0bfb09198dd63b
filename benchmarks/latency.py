"""``python -m benchmarks.latency``: how long a person waits, without the test run.

Measured: ``tunegraph --help`` and a recommendation by meta-features, each in a process of its own; then, in one
process, the first recommendation for the example table and the median of five more, for each learner; of these each is
for a task of its own, described by meta-features. Writes ``benchmarks/results/latency.md`` and a dated JSON.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

# Small matrices: more threads only wait for each other. Set before numpy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.recording import RESULTS, made_on, recorded, write_results
from ui.compose import Settings, Tunegraph
from ui.request import Request

TABLE = Path(__file__).parents[1] / "examples" / "data" / "breast_cancer.csv"
LEARNERS = ("random_forest", "svm", "decision_tree")
MAIN = [sys.executable, "-c", "from ui.cli import main; main()"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learner", action="append", help="default: random_forest, svm and decision_tree")
    parser.add_argument("--home", type=Path, help="default: a temporary one, so that first use is measured too")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-latency-") as scratch:
        home = arguments.home or Path(scratch)
        found = recorded(measured(home, Path(scratch), arguments.learner or LEARNERS))
    data, table = write_results(arguments.out, "latency", found, markdown(found))
    print(table.read_text(), f"\nwritten to {data} and {table}", sep="")


def measured(home: Path, scratch: Path, learners: Sequence[str]) -> dict[str, Any]:
    """Return all seconds, as JSON values."""
    help_s = process_seconds([*MAIN, "--help"])
    started = time.perf_counter()
    Tunegraph(Settings(home=home)).store.counts()
    graph_s = time.perf_counter() - started
    by_learner = {learner: recommendations(home, learner) for learner in learners}
    described = scratch / "described.json"
    described.write_text('{"NumberOfInstances": 4000, "NumberOfFeatures": 24, "NumberOfClasses": 2}')
    command = [*MAIN, "recommend", "--meta-features", str(described), "--learner", "random_forest"]
    command += ["--task-type", "classification", "--no-test-run", "--json", "--home", str(home)]
    found = {"help_s": help_s, "graph_s": graph_s, "command_s": process_seconds(command)}
    return {**{name: round(value, 2) for name, value in found.items()}, "learners": by_learner}


def markdown(content: Mapping[str, Any]) -> str:
    """Return the table for people."""
    lines = [
        "# How long a person waits",
        "",
        f"Made by `python -m benchmarks.latency` on {made_on(content)}, {content['load']} processes waiting; seconds, "
        "without the test run. Medians: of three processes, of five warm ones in one, each for another task.",
        "",
        "| what | seconds |",
        "|---|---|",
        f"| `tunegraph --help` | {content['help_s']:.2f} |",
        f"| first use: the graph is made, once | {content['graph_s']:.1f} |",
        f"| `tunegraph recommend` by meta-features, a process of its own | {content['command_s']:.2f} |",
    ]
    for learner, told in content["learners"].items():
        lines.append(f"| {learner}: the example table is described | {told['describe_s']:.2f} |")
        lines.append(f"| {learner}: the first recommendation | {told['first_s']:.2f} |")
        lines.append(f"| {learner}: once warm | {told['warm_s']:.3f} |")
    return "\n".join([*lines, ""])


def process_seconds(command: list[str], *, times: int = 3) -> float:
    """Return the median wall clock of a command."""
    return statistics.median(
        _timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(times)
    )


def recommendations(home: Path, learner: str) -> dict[str, float]:
    """Return the seconds of describing the table, of the first recommendation and of warm ones."""
    tunegraph, request = (
        Tunegraph(Settings(home=home)),
        Request(test_run=False, learner=learner, task_type="classification"),
    )
    started = time.perf_counter()
    _, task = tunegraph.read(TABLE, "diagnosis", request)
    described = time.perf_counter() - started
    first = _timed(lambda: tunegraph.recommend(task, request))
    others = [tunegraph.task_of(_described(n), request) for n in range(5)]
    warm = [_timed(partial(tunegraph.recommend, other, request)) for other in others]
    return {"describe_s": round(described, 2), "first_s": round(first, 2), "warm_s": round(statistics.median(warm), 3)}


def _described(n: int) -> Mapping[str, float]:
    """Return meta-features of a task that is like none of the others, so that no answer serves twice."""
    features = {"NumberOfInstances": 1000 + 517 * n, "NumberOfFeatures": 12 + 3 * n, "NumberOfClasses": 2 + n % 3}
    return {**features, "MajorityClassPercentage": 50 + n}


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
