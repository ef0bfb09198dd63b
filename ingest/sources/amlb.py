"""Results of the AutoML benchmark (AMLB): what each framework scored on each task within its budget.

A file is a CSV as the benchmark writes it (``scores/results.csv``), a line a fold, with the columns

    id, task, framework, constraint, fold, type, result, metric, mode, version, params, app_version, utc, duration,
    training_duration, predict_duration, models_count, seed, info, acc, auc, balacc, logloss, mae, r2, rmse

of which releases before 2023 lack some: `type`, `training_duration`; those of 2019 `constraint` and `metric` as well.
Folds are averaged to one `SystemResult` a task, framework, constraint and metric, in the metric's own direction.

A fold without a result is a failure of the framework. It is rejected with the reason that ``info`` gives, and the
result's constraint says how many failed: a mean over the folds that went well is a mean over what is left.

P. Gijsbers et al. 2024, AMLB: an AutoML Benchmark, JMLR 25(101).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.records import Items, Page, Rejected
from ingest.sources._amlb_file import Fold, fold_of, lines_of
from ingest.sources.base import Source
from kg.atomic_files import write_atomically
from kg.errors import InputError
from kg.iris import dataset_iri, evidence_iri
from kg.model import Dataset, Standing, SystemResult

#: Folder of the files below the folder of raw files.
FOLDER = "amlb"
#: Frameworks that are one learner, by the benchmark's name in lower case -> the learner, and whether it is tuned.
LEARNERS = {"randomforest": ("random_forest", False), "tunedrandomforest": ("random_forest", True)}
#: Frameworks that search nothing.
UNTUNED = ("constantpredictor", "randomforest")
#: Characters of ``info`` that are kept.
LONGEST_REASON = 300


class AmlbResults(Source):
    """One file of results, a source of its own.

    Args:
        name: Name of the file below ``amlb/``, without ``.csv`` (see `keep`).
    """

    title = "Results of the AutoML benchmark"
    licence = "not stated in the file"
    url = "https://github.com/openml/automlbenchmark"
    standing = Standing.MEASURED

    def __init__(self, name: str) -> None:
        self.name = f"amlb:{name}"
        self.files = (f"{FOLDER}/{name}.csv",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the tasks and the results, as one page.

        Raises:
            InputError: The file is no such CSV.
        """
        for path in self.paths(folder):
            yield _Table(self, self.files[0], retrieved).page(path)


def keep(path: Path, raw: Path, *, name: str = "") -> AmlbResults:
    """Copy a file of results below the folder of raw files, and return the source that reads it.

    Args:
        path: The file; it is checked that it is one.
        raw: The folder of raw files, such as ``<home>/raw``.
        name: What to call it. Default: the file's name, or the run's folder where that is ``results.csv``. A file of
            the same name takes the place of the one before.

    Raises:
        InputError: There is no such file, or it is none of the benchmark.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path), allowed="a results.csv of the AutoML benchmark")
    for _ in lines_of(path, path.name):
        break
    source = AmlbResults(_slug(name or _name(path)))
    write_atomically(raw / source.files[0], path.read_bytes())
    return source


def _name(path: Path) -> str:
    folders = [part for part in path.resolve().parent.parts if part != "scores"]
    return folders[-1] if path.stem == "results" and len(folders) > 1 else path.stem


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "results"


@dataclass(frozen=True)
class _Table:
    source: AmlbResults
    file: str
    retrieved: date

    def page(self, path: Path) -> Items:
        folds: list[Fold] = []
        rejected: list[Rejected] = []
        failed: Counter[tuple[str, str, str]] = Counter()
        unmapped: Counter[str] = Counter()
        for number, row in lines_of(path, self.file):
            fold, unknown = fold_of(row, default_constraint=self.source.name.partition(":")[2])
            if unknown:
                unmapped[f"metric {unknown}"] += 1
            if fold.scores:
                folds.append(fold)
            elif unknown:
                rejected.append(Rejected(f"{self.file}:{number}", "unknown metric", unknown))
            else:
                failed[fold.key, fold.framework, fold.constraint] += 1
                why = (row.get("info") or "no reason is given")[:LONGEST_REASON]
                rejected.append(Rejected(f"{self.file}:{number}", f"failed fold of {fold.framework}", why))
        datasets = {fold.key: fold for fold in reversed(folds)}
        groups: dict[tuple[str, str, str, str], list[Fold]] = defaultdict(list)
        for fold in folds:
            for metric in fold.scores:
                groups[fold.key, fold.framework, fold.constraint, metric].append(fold)
        items: tuple[Dataset | SystemResult, ...] = (
            *(self._dataset(datasets[key]) for key in sorted(datasets)),
            *(self._result(group, key[3], failed[key[:3]]) for key, group in sorted(groups.items())),
        )
        return Items(self.file, items, tuple(rejected), dict(unmapped))

    def _dataset(self, fold: Fold) -> Dataset:
        return Dataset(
            iri=dataset_iri(fold.key),
            name=fold.task,
            openml_task_id=fold.openml_task,
            task_type=fold.task_type,
            provenance=self.source.provenance(self.retrieved, f"{self.file}: {fold.task}"),
        )

    def _result(self, folds: Sequence[Fold], metric: str, n_failed: int) -> SystemResult:
        first, n = folds[0], len(folds)
        seconds = [fold.seconds for fold in folds if fold.seconds is not None]
        learner, _ = LEARNERS.get(first.framework.lower(), (None, False))
        of_folds = f" ({n_failed} of {n_failed + n} folds failed)" if n_failed else ""
        where = f"{self.file}: {first.framework} on {first.task}, {n} folds"
        return SystemResult(
            iri=evidence_iri("system_result", self.source.name, first.key, first.framework, first.constraint, metric),
            standing=self.source.standing,
            n=n,
            provenance=self.source.provenance(self.retrieved, where),
            dataset=dataset_iri(first.key),
            system=first.framework,
            learner=learner,
            tuned=first.framework.lower() not in UNTUNED,
            constraint=first.constraint + of_folds,
            metric=metric,
            score=math.fsum(fold.scores[metric] for fold in folds) / n,
            seconds=math.fsum(seconds) / len(seconds) if seconds else None,
        )
