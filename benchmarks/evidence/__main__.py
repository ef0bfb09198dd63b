"""Run the ablation: ``python -m benchmarks.evidence [--every 4] [--suite RandomForest ...] [--resume FILE]``.

Needs nothing but the repository. Five to twenty seconds of processor time a left-out data set; with ``--resume`` what
was measured is kept line by line, and a run that was ended goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from benchmarks.evidence.leaving_out import left_out
from benchmarks.evidence.measuring import KS, SEEDS
from benchmarks.evidence.report import headline, markdown, summary
from benchmarks.llm.memo import Memo
from benchmarks.quality.methods import Fold
from benchmarks.quality.suites import SUITES
from benchmarks.recording import RESULTS, recorded, write_results
from benchmarks.starter_suite import starter_suite
from kg.rdf_starter import open_store
from kg.store import KnowledgeStore

#: Suite -> how many times rarer its data sets are left out than is asked for: a study on XGBoost takes twice as long.
#: 0: each of them is, because there are few.
RARER = {"LCBench": 0, "XGBoost": 2}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--every", type=int, default=4, help="each how-manieth data set is left out; default: 4")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="default: all")
    parser.add_argument("--home", type=Path, help="folder of the graph; default: a temporary one")
    parser.add_argument("--resume", type=Path, help="file of lines with what was measured; default: none")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-evidence-") as scratch:
        store = cast("KnowledgeStore", Memo(open_store(given.home or Path(scratch))))
        rows = list(measured(store, given.suite or list(SUITES), given.every, given.resume))
    content = recorded({"every": given.every, "k": list(KS), "found": summary(rows), "rows": rows}, seeds=SEEDS)
    content["headline"] = headline(content["found"])
    data, table = write_results(given.out, "evidence", content, markdown(content))
    print(table.read_text(), f"\nwritten to {data} and {table}", sep="")


def measured(store: KnowledgeStore, names: Sequence[str], every: int, resume: Path | None) -> Iterator[dict[str, Any]]:
    """Yield a row a left-out data set; those that `resume` has for this graph are taken from there."""
    fingerprint = store.fingerprint()
    known = {(row["suite"], row["dataset"]): row for row in _kept(resume) if row["graph"] == fingerprint}
    for name in names:
        suite = starter_suite(store, name)
        for target in range(0, len(suite.pools), max(1, every * RARER.get(name, 1))):
            dataset = suite.pools[target].dataset.iri
            row = known.get((name, dataset))
            if row is None:
                started = time.process_time()
                row = {"graph": fingerprint, "suite": name, "dataset": dataset}
                row["variants"] = left_out(Fold(suite, target), store)
                row["cpu_s"] = round(time.process_time() - started, 1)
                _keep(resume, row)
                print(name, target, f"{row['cpu_s']} s", flush=True)
            yield {key: value for key, value in row.items() if key != "graph"}


def _kept(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def _keep(path: Path | None, row: dict[str, Any]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
