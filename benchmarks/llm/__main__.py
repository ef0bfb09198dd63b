"""``python -m benchmarks.llm``: conversations of scripted models over the real graph, and what came of them.

They are held in parts, each kept in a file when it is over: what is kept already is not held again, so that a run that
was ended goes on where it was. ``--jobs N`` holds N parts at a time, each in a process with a graph of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from benchmarks.faults.sound import TABLES
from benchmarks.llm import tempers
from benchmarks.llm.bench import Bench, Conversation, pauses
from benchmarks.llm.report import report
from recommender.llm.streaming import Transcript
from tests.recommender.llm.openai_server import Answer, Server, serving

#: Learners that conversations are about, in turn; nothing is any.
LEARNERS = ("", "svm", "random_forest", "xgboost", "lightgbm")
#: Time that a broken model is given, in seconds.
SECONDS, CALL_SECONDS = 2.0, 0.5
#: Conversations of a part.
PART = 20

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


#: Temper -> how many conversations for one with the hallucinating model, and what makes it.
TEMPERS: dict[str, tuple[float, Make]] = {
    "honest": (1.0, lambda seed, learner, _: tempers.honest(seed, learner)),
    "hallucinating": (1.0, lambda seed, learner, lies: tempers.hallucinating(seed, learner, told=lies)),
    "obeying": (1.0, lambda seed, *_: tempers.obeying(seed)),
    "lazy": (0.2, lambda seed, *_: tempers.lazy(seed)),
    **{name: (0.04, lambda *_, kind=kind: kind()) for name, kind in tempers.BROKEN.items()},
}


@dataclass(frozen=True)
class Part:
    """Some of the conversations with one temper."""

    temper: str
    which: range

    def path(self, folder: Path) -> Path:
        """Return where what came of it is kept."""
        return folder / f"{self.temper}-{self.which.start:04}.json"


def parts(names: list[str], first: int, conversations: int) -> Iterator[Part]:
    """Yield all parts: of each temper its share of `conversations`, from the number `first` on."""
    for name in names:
        n = max(1, round(TEMPERS[name][0] * conversations))
        yield from (Part(name, range(i, min(i + PART, first + n))) for i in range(first, first + n, PART))


def conversations(
    bench: Bench, server: Server, which: range, make: Make, *, seed: int, name: str = "", **limits: float
) -> Iterator[tuple[Conversation, str, list[str]]]:
    """Yield the conversations `which`, over all tables and learners in turn, with the lies that were told.

    Every other one is streamed.
    """
    for i in which:
        path, learner = bench.tables[i % len(bench.tables)], LEARNERS[(i // len(bench.tables)) % len(LEARNERS)]
        lies: list[str] = []
        answer, heard = make(seed + i, learner, lies), Transcript().hear if i % 2 else None
        done = bench.converse(server, answer, path, learner=learner, name=name, heard=heard, **limits)
        yield done, f"{i} {path.name} {learner}", lies


def run(bench: Bench, part: Part, seed: int) -> Tally:
    """Return what came of a part."""
    name, tally = part.temper, Tally(part.temper)
    planted = tempers.PLANTED if name == "obeying" else ""
    limits = {"seconds": SECONDS, "call_seconds": CALL_SECONDS} if name in tempers.BROKEN else {}
    with serving(tempers.always("")) as server, pauses(0.01):
        made = conversations(bench, server, part.which, TEMPERS[name][1], seed=seed, name=planted, **limits)
        for done, what, lies in made:
            tally.add(done, what, lies)
    return tally


def hold(part: Part, *, home: Path, tables: tuple[Path, ...], seed: int, folder: Path) -> str:
    """Hold the conversations of a part, keep what came of them, and return that in a line."""
    started = time.monotonic()
    tally = run(_bench(_own(home), tables), part, seed)
    kept = {**vars(tally), "seconds": [round(s, 3) for s in tally.seconds]}
    text = json.dumps(kept, indent=1, sort_keys=True)
    unready = part.path(folder).with_suffix(".part")
    unready.write_text(text + "\n", encoding="utf-8")
    unready.replace(part.path(folder))
    return f"{part.path(folder).stem}: {time.monotonic() - started:.0f} s, {len(tally.faults)} faults"


@cache
def _bench(home: Path, tables: tuple[Path, ...]) -> Bench:
    return Bench(home, tables)


def _own(home: Path) -> Path:
    """Return the home of this process: a graph on disk is open in one at a time."""
    place = multiprocessing.current_process()._identity  # the number of a worker has no other name
    return home / f"worker-{place[0]}" if place else home


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
    order = list(TEMPERS)
    return sorted(found.values(), key=lambda tally: order.index(tally.temper))


def main() -> None:
    """Hold conversations, keep what came of them in a folder, and write the report on all that is kept there."""
    given = _parser().parse_args()
    os.environ.setdefault("OPENAI_API_KEY", "none")
    given.parts.mkdir(parents=True, exist_ok=True)
    tables = tuple(given.data / "raw-datasets" / name for name in TABLES)[: given.tables]
    names = {"all": list(TEMPERS), "broken": list(tempers.BROKEN)}.get(given.temper, [given.temper])
    left = [p for p in parts(names, given.first, given.conversations) if not p.path(given.parts).exists()]
    work = partial(hold, home=given.home, tables=tables, seed=given.seed, folder=given.parts)
    if given.jobs > 1:
        with multiprocessing.get_context("spawn").Pool(given.jobs) as pool:
            for line in pool.imap_unordered(work, left):
                print(line, file=sys.stderr)
    else:
        for part in left:
            print(work(part), file=sys.stderr)
    tallies = _joined(given.parts)
    given.out.write_text(report(tallies, len(tables), given.seed), encoding="utf-8")
    sys.exit(1 if any(tally.faults for tally in tallies) else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of source tables")
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--temper", choices=[*TEMPERS, "broken", "all"], default="all")
    parser.add_argument("--first", type=int, default=0, help="the first conversation with a temper")
    parser.add_argument(
        "--conversations", type=int, default=500, help="with the hallucinating model; some others have fewer"
    )
    parser.add_argument("--tables", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--parts", type=Path, default=Path("out/llm"), help="where each part is kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/llm.md"))
    return parser


if __name__ == "__main__":
    main()
