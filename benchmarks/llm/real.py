"""``python -m benchmarks.llm.real MODEL``: the same conversations with a real model, and what to look at."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.faults.sound import TABLES
from benchmarks.llm.bench import Bench
from recommender.llm.providers import open_model
from recommender.llm.usage import Limits


def main() -> None:
    """Hold a conversation on each table and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="provider:model")
    parser.add_argument("--base-url", default=None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument(
        "--fit-seconds", type=float, default=0.0, help="test-run the draft beside the composed proposal"
    )
    given = parser.parse_args()
    tables = [given.data / "raw-datasets" / name for name in TABLES][: given.tables]
    bench = Bench(given.home, tables)
    for path in tables:
        model = open_model(given.model, base_url=given.base_url, limits=Limits(seconds=given.seconds))
        done = bench.converse_with(model, path, fit_seconds=given.fit_seconds)
        proposal = done.shown.proposal
        print(f"{path.name}: draft {done.has_draft}, shown: {proposal.proposer if proposal else 'nothing'}, "
              f"{len(done.notes)} repairs and drops, {done.labels} labels, faults: {len(done.faults)}")  # fmt: skip
        for line in (*(proposal.assumptions[-1:] if proposal else ()), *done.notes, *done.faults):
            print(f"  {line}")


if __name__ == "__main__":
    main()
