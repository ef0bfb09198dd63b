"""The starter graph on both stores: the same answers to every question, and what they take.

    python -m benchmarks.graph_stores                          # ArcadeDB out of a wheel, in a process of its own
    TUNEGRAPH_TEST_NEO4J_URI=neo4j://host:7687 python -m benchmarks.graph_stores    # an empty Neo4j

Every question is asked with parameters drawn from the graph. Exits with 1 where an answer differs.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from kg.copying import copy_graph
from kg.neo4j_store import Neo4jStore
from kg.questions import Question, questions
from kg.rdf_starter import open_store
from kg.store import KnowledgeStore
from tests.kg.answers import assert_equal_answers
from tests.kg.neo4j_server import server

T = TypeVar("T")


def main() -> int:
    """Copy the starter graph, ask both stores, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asked", type=int, default=5, help="how often each question is asked")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with (
        TemporaryDirectory(prefix="tunegraph-bench-") as home,
        open_store(Path(home), progress=tell) as here,
        Neo4jStore(server().connection()) as there,
    ):
        report, seconds = timed(lambda: copy_graph(here, there, progress=tell))
        print(f"copied and compared {report.compared:,} items in {seconds:.0f} s")
        differing = ask_both(here, there, options.asked, random.Random(options.seed))
    print(f"{differing} answers differ")
    return 1 if differing else 0


def ask_both(here: KnowledgeStore, there: KnowledgeStore, asked: int, rng: random.Random) -> int:
    """Ask every question of both stores, print what they take, and return how many answers differ."""
    values, differing = values_in(here), 0
    print(f"{'question':<24}{'rows':>8}{'embedded ms':>13}{'server ms':>11}   (medians)")
    for question in questions().values():
        took: dict[str, list[float]] = defaultdict(list)
        rows = 0
        for parameters in itertools.islice(parameters_of(question, values, rng), asked):
            found, seconds = timed(lambda: list(here.ask(question.name, parameters)))  # noqa: B023  # called at once
            took["here"].append(seconds)
            took["there"].append(timed(lambda: list(there.ask(question.name, parameters)))[1])  # noqa: B023
            rows += len(found)
            try:
                assert_equal_answers(here, there, question.name, parameters)
            except AssertionError as error:
                differing += 1
                print(f"DIFFERS {question.name} {parameters}: {error}")
        here_ms, there_ms = (1000 * statistics.median(took[name]) for name in ("here", "there"))
        print(f"{question.name:<24}{rows:>8}{here_ms:>13.1f}{there_ms:>11.1f}")
    return differing


def values_in(store: KnowledgeStore) -> dict[str, list[Any]]:
    """Return what a parameter of each kind may be."""
    learners = [row["learner"].rsplit("/", 1)[-1] for row in store.ask("learners_with_evidence")]
    runs = [iri for name in store.sources() for iri, kind in store.items_of(name).items() if kind == "run"]
    summaries = store.evidence("run_summary")
    return {
        "learner": learners,
        "metric": sorted({row["metric"].rsplit("/", 1)[-1] for row in store.ask("modelled_learners")}),
        "dataset": [dataset.iri for dataset in store.datasets()],
        "run": runs,
        "evidence": [one.iri for one in summaries],
        "item": [*runs[:50], *(one.iri for one in summaries[:50])],
        "name": ["max_features", "min_samples_leaf", "C", "gamma", "eta", "learning_rate", "n_estimators"],
        "suite": ["AMLB"],
        "system": ["AutoGluon", "XGBoost"],
        "min_rows": [100.0, 1000.0],
        "max_rows": [1000.0, 100_000.0],
    }


def parameters_of(question: Question, values: dict[str, list[Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Yield parameters for a question, without end; optional ones half of the time."""
    while True:
        yield {
            parameter.name: rng.choice(values[parameter.name])
            for parameter in question.parameters
            if not parameter.optional or rng.random() < 0.5
        }


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what `work` returns, and the seconds it took."""
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def tell(text: str) -> None:
    """Print progress."""
    print(f"  {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
