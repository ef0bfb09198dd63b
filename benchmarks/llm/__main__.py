"""``python -m benchmarks.llm``: conversations of scripted models over the real graph, and what came of them."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.sound import TABLES
from benchmarks.llm import tempers
from benchmarks.llm.bench import Bench, Conversation, pauses
from benchmarks.llm.report import report
from tests.recommender.llm.openai_server import Answer, Server, serving

#: Learners that conversations are about, in turn; nothing is any.
LEARNERS = (
    "",
    "svm",
    "random_forest",
    "xgboost",
    "knn",
    "",
    "decision_tree",
    "lightgbm",
    "logistic_regression",
    "catboost",
)
#: Time that a broken model is given, in seconds.
SECONDS, CALL_SECONDS = 4.0, 1.0


@dataclass
class Tally:
    """What came of the conversations with one temper."""

    temper: str
    conversations: int = 0
    drafts: int = 0
    unchanged: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lies: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, done: Conversation, what: str, lies: list[str]) -> None:
        """Count a conversation."""
        self.conversations += 1
        self.drafts += done.has_draft
        self.unchanged += done.is_unchanged
        self.outcomes[str(done.shown.verdict.outcome)] += 1
        self.lies.update(lies)
        self.noted.update("repaired" if ": repaired," in note else "dropped" for note in done.notes)
        self.faults += [f"{what}: {fault}" for fault in done.faults]
        self.changes += [f"{what}: {note}" for note in done.notes[:3]] if len(self.changes) < 30 else []
        self.seconds.append(done.seconds)


def conversations(
    bench: Bench, server: Server, n: int, make: Callable[[int, str, list[str]], Answer], *, seed: int
) -> Iterator[tuple[Conversation, str, list[str]]]:
    """Yield `n` conversations over all tables and learners in turn, with the lies that were told."""
    rng = random.Random(seed)
    for i in range(n):
        path, learner = bench.tables[i % len(bench.tables)], LEARNERS[(i // len(bench.tables)) % len(LEARNERS)]
        _, task = bench.task(path)
        if task.task_type != "classification" and learner in ("logistic_regression",):
            learner = ""
        lies: list[str] = []
        answer = make(rng.randrange(2**31), learner, lies)
        yield bench.converse(server, answer, path, learner=learner), f"{i} {path.name} {learner}", lies


def run(bench: Bench, n: int, seed: int) -> list[Tally]:
    """Return what came of all conversations."""
    makers: dict[str, tuple[int, Callable[[int, str, list[str]], Answer]]] = {
        "honest": (max(1, n // 5), lambda s, learner, _: tempers.honest(s, learner)),
        "hallucinating": (n, lambda s, learner, lies: tempers.hallucinating(s, learner, told=lies)),
        "lazy": (max(1, n // 25), lambda s, *_: tempers.lazy(s)),
    }
    tallies = []
    with serving(tempers.always("")) as server, pauses(0.01):
        for name, (count, make) in makers.items():
            tally = Tally(name)
            started = time.monotonic()
            for done, what, lies in conversations(bench, server, count, make, seed=seed):
                tally.add(done, what, lies)
                if tally.conversations % 25 == 0:
                    spent = time.monotonic() - started
                    print(
                        f"{name} {tally.conversations}/{count} {spent:.0f} s, {len(tally.faults)} faults",
                        file=sys.stderr,
                    )
            tallies.append(tally)
        for name, broken in tempers.BROKEN.items():
            tally = Tally(name)
            done = bench.converse(server, broken(), bench.tables[0], seconds=SECONDS, call_seconds=CALL_SECONDS)
            tally.add(done, name, [])
            tallies.append(tally)
    return tallies


def main() -> None:
    """Run and write ``benchmarks/results/llm.md`` and ``llm.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of source tables")
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--conversations", type=int, default=500, help="with the hallucinating model")
    parser.add_argument("--tables", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    tables = [given.data / "raw-datasets" / name for name in TABLES][: given.tables]
    tallies = run(Bench(given.home, tables), given.conversations, given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "llm.md").write_text(report(tallies, len(tables), given.seed), encoding="utf-8")
    plain = [{**vars(tally), "seconds": sorted(round(s, 3) for s in tally.seconds)} for tally in tallies]
    (given.out / "llm.json").write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.exit(1 if any(tally.faults for tally in tallies) else 0)


if __name__ == "__main__":
    main()
