"""Judging what only a fit shows: the whole gate, without a graph, on small real tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.faults.judging import Bench, Judged
from benchmarks.faults.planting import FAULTS, Fault
from benchmarks.faults.report import row, sound_row
from benchmarks.faults.sound import Sound
from kg.learners.registry import learner_named
from recommender.defaults import default_proposal
from recommender.validation.gate import Gate
from recommender.validation.verdict import Verdict
from ui.compose import Tunegraph
from ui.request import Request

#: Small tables: a fit takes well under a second.
TABLES = (
    "sonar.tsv.gz",
    "pima.tsv.gz",
    "glass.tsv.gz",
    "ionosphere.tsv.gz",
    "ecoli.tsv.gz",
    "breast-w.tsv.gz",
    "heart-c.tsv.gz",
    "wdbc.tsv.gz",
    "balance-scale.tsv.gz",
    "hepatitis.tsv.gz",
    "new-thyroid.tsv.gz",
    "diabetes.tsv.gz",
    "lymphography.tsv.gz",
    "vote.tsv.gz",
    "prnn_crabs.tsv.gz",
    "soybean.arff",
    "vowel.tsv.gz",
    "yeast.tsv.gz",
    "cmc.tsv.gz",
    "spectf.tsv.gz",
)
#: Learners whose default is fitted on such a table in a second or so.
LEARNERS = (
    "random_forest",
    "svm",
    "xgboost",
    "logistic_regression",
    "decision_tree",
    "lightgbm",
    "extra_trees",
    "gradient_boosting",
    "mlp",
)


@dataclass(frozen=True)
class FitBench:
    """Judges proposals by the whole gate, fits included.

    There is no graph: with one, grounding would refuse a changed value before anything was fitted.
    """

    bench: Bench
    seconds: float

    def judge(self, draft: Any, table: Path | None) -> Verdict:
        """Return the verdict of all seven stages."""
        context = replace(self.bench.context(table, self.seconds), store=None, check_grounding=None)
        return Gate().judge(draft, context)[1]

    def run(self, fault: Fault, sounds: list[Sound], each: int) -> list[Judged]:
        """Plant one kind of fault, and return what the gate made of it."""
        judged = []
        for sound, draft in self.bench.planted(fault, sounds, each):
            verdict = self.judge(draft, sound.table)
            judged.append(Judged(fault, sound.name, verdict, bool(verdict.test_runs)))
        return judged


def sounds_on_tables(tunegraph: Tunegraph, folder: Path) -> Iterator[Sound]:
    """Yield the predefined proposal of every learner on every small table."""
    for path in (folder / name for name in TABLES):
        if not path.is_file():
            continue
        _, task = tunegraph.read(path, None, Request())
        for learner in LEARNERS:
            if task.task_type in learner_named(learner).implementations:
                name = f"{learner} on {path.name.partition('.')[0]}"
                yield Sound(name, "default, test-run", default_proposal(task, learner).to_json(), path)


def fit_faults(kinds: list[str] | None) -> Iterator[Fault]:
    """Yield the kinds that need a fit."""
    yield from (fault for fault in FAULTS.values() if fault.needs_fit and (not kinds or fault.name in kinds))


def sound_fits(fits: FitBench, sounds: list[Sound], n: int) -> dict[str, Any]:
    """Return how the whole gate took `n` sound proposals, spread over tables and learners."""
    step = len(LEARNERS) + 1
    chosen = [sounds[(i * step) % len(sounds)] for i in range(min(n, len(sounds)))]
    return sound_row("default, test-run", [(sound.name, fits.judge(sound.json, sound.table)) for sound in chosen])


def fit_rows(fits: FitBench, sounds: list[Sound], each: int, kinds: list[str] | None) -> Iterator[dict[str, Any]]:
    """Yield the figures of each kind that needs a fit."""
    for fault in fit_faults(kinds):
        yield row(fault, fits.run(fault, sounds, each))
