"""``python -m benchmarks.llm``: conversations of scripted models over the real graph, and what came of them."""

from __future__ import annotations

import argparse
import json
import os
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
LEARNERS = ("", "svm", "random_forest", "xgboost", "lightgbm")
#: Time that a broken model is given, in seconds.
SECONDS, CALL_SECONDS = 4.0, 1.0

#: Given a seed, a learner and a list for the lies that are told, returns a scripted model.
Make = Callable[[int, str, list[str]], Answer]


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
    bench: Bench, server: Server, which: range, make: Make, *, seed: int, name: str = ""
) -> Iterator[tuple[Conversation, str, list[str]]]:
    """Yield the conversations `which`, over all tables and learners in turn, with the lies that were told."""
    for i in which:
        path, learner = bench.tables[i % len(bench.tables)], LEARNERS[(i // len(bench.tables)) % len(LEARNERS)]
        lies: list[str] = []
        answer = make(seed + i, learner, lies)
        yield bench.converse(server, answer, path, learner=learner, name=name), f"{i} {path.name} {learner}", lies


#: Temper -> how many conversations for one with the hallucinating model, and what makes it.
TEMPERS: dict[str, tuple[float, Make]] = {
    "honest": (0.2, lambda seed, learner, _: tempers.honest(seed, learner)),
    "hallucinating": (1.0, lambda seed, learner, lies: tempers.hallucinating(seed, learner, told=lies)),
    "obeying": (0.04, lambda seed, *_: tempers.obeying(seed)),
    "lazy": (0.04, lambda seed, *_: tempers.lazy(seed)),
}


def run(bench: Bench, name: str, which: range, seed: int) -> list[Tally]:
    """Return what came of the conversations `which` with one temper; ``broken`` is all that give no draft."""
    with serving(tempers.always("")) as server, pauses(0.01):
        if name == "broken":
            return [_broken(bench, server, kind) for kind in tempers.BROKEN]
        tally, planted = Tally(name), tempers.PLANTED if name == "obeying" else ""
        started = time.monotonic()
        for done, what, lies in conversations(bench, server, which, TEMPERS[name][1], seed=seed, name=planted):
            tally.add(done, what, lies)
            if tally.conversations % 25 == 0:
                spent = time.monotonic() - started
                print(
                    f"{name} {tally.conversations} of {which}: {spent:.0f} s, {len(tally.faults)} faults",
                    file=sys.stderr,
                )
        return [tally]


def _broken(bench: Bench, server: Server, kind: str) -> Tally:
    tally = Tally(kind)
    answer = tempers.BROKEN[kind]()
    done = bench.converse(server, answer, bench.tables[0], seconds=SECONDS, call_seconds=CALL_SECONDS)
    tally.add(done, kind, [])
    return tally


def _written(folder: Path, tallies: list[Tally], first: int) -> None:
    """Keep what came of some conversations, so that others can be held beside them, or after them."""
    folder.mkdir(parents=True, exist_ok=True)
    for tally in tallies:
        text = json.dumps({**vars(tally), "seconds": [round(s, 3) for s in tally.seconds]}, indent=1, sort_keys=True)
        (folder / f"{tally.temper}-{first:04}.json").write_text(text + "\n", encoding="utf-8")


def _joined(folder: Path) -> list[Tally]:
    """Return all tallies that were kept, those of one temper together."""
    found: dict[str, Tally] = {}
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text("utf-8"))
        tally = found.setdefault(kept["temper"], Tally(kept["temper"]))
        for name, value in kept.items():
            if name != "temper":
                own = getattr(tally, name)
                setattr(tally, name, own + (Counter(value) if isinstance(value, dict) else value))
    order = [*TEMPERS, *tempers.BROKEN]
    return sorted(found.values(), key=lambda tally: order.index(tally.temper))


def main() -> None:
    """Hold conversations, keep what came of them in a folder, and write the report on all that is kept there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of source tables")
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--temper", choices=[*TEMPERS, "broken", "all"], default="all")
    parser.add_argument("--first", type=int, default=0, help="the first conversation with a temper")
    parser.add_argument(
        "--conversations", type=int, default=500, help="with the hallucinating model; others have fewer"
    )
    parser.add_argument("--tables", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", type=Path, default=Path("out/llm"), help="where each part is kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/llm.md"))
    given = parser.parse_args()
    os.environ.setdefault("OPENAI_API_KEY", "none")
    bench = Bench(given.home, [given.data / "raw-datasets" / name for name in TABLES][: given.tables])
    for name in [*TEMPERS, "broken"] if given.temper == "all" else [given.temper]:
        n = max(1, int(TEMPERS[name][0] * given.conversations)) if name in TEMPERS else 0
        _written(given.parts, run(bench, name, range(given.first, given.first + n), given.seed), given.first)
    tallies = _joined(given.parts)
    given.out.write_text(report(tallies, len(bench.tables), given.seed), encoding="utf-8")
    sys.exit(1 if any(tally.faults for tally in tallies) else 0)


if __name__ == "__main__":
    main()
