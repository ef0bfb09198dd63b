"""533 Optuna studies published with TabR: search space, sampler, trials, time, and the best configuration found.

A study lies in ``exp/<model>/[why/]<table>/<n>-tuning/report.json``. ``why`` holds the benchmark of Grinsztajn et al.
(2022): ``<task>-<num|cat>-<size>-<split>-<name>``, where splits of one table are studies of one data set. The history
of the trials was not published. What `score` is: accuracy on the validation rows, or -RMSE there (533 of 533 checked).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.records import Items, Page, Rejected
from ingest.sources._tabr_space import read_space
from ingest.sources.base import Source
from kg.errors import InputError, RecordError
from kg.iris import dataset_iri, evidence_iri
from kg.model import Dataset, StudySummary, SystemResult, TaskType

#: Folder of a model -> the learner. Networks have no counterpart in the registry: they keep the source's names.
MODELS = {
    "xgboost_": "xgboost",
    "lightgbm_": "lightgbm",
    "catboost_": "catboost",
    "mlp": "tabr_mlp",
    "ft_transformer": "ft_transformer",
    "tabr": "tabr",
}
#: Those that the registry knows.
MAPPED = ("xgboost", "lightgbm", "catboost")
_WHY = re.compile(r"(?P<task>classif|regression)-(?P<kind>num|cat)-(?P<size>medium|large)-(?P<split>\d+)-(?P<name>.+)")
#: What comes of a report that lacks a field, or holds something else there: it is set aside, and the rest goes on.
_UNREADABLE = (KeyError, TypeError, ValueError)
_TIME = re.compile(r"(?:(?P<days>\d+) days?, )?(?P<clock>\d+:\d+:\d+)(?:\.\d+)?")


@dataclass(frozen=True)
class Place:
    """Where a study lies, and what that says."""

    file: str
    """Below the data folder."""
    learner: str
    key: str
    """Of the data set."""
    table: str
    """The name of the table."""


class TabrStudies(Source):
    """A `StudySummary` a study, and a `SystemResult` with the test score of its best configuration."""

    name = "tabr-optuna-studies"
    title = "Optuna studies of TabR"
    licence = "MIT"
    url = "https://github.com/yandex-research/tabular-dl-tabr"
    version = "17baa9082506f8e7a0f8d11bb1e08212926a1507"
    family = "tabr"
    files = ("tabr-optuna-studies/exp/**/report.json",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the studies, a page a model."""
        places = [(path, place(path, folder)) for path in self.paths(folder)]
        for learner in dict.fromkeys(p.learner for _, p in places):
            yield self._page([(path, p) for path, p in places if p.learner == learner], retrieved)

    def _page(self, places: list[tuple[Path, Place]], retrieved: date) -> Items:
        items: list[StudySummary | SystemResult] = []
        rejected: list[Rejected] = []
        for path, at in places:
            try:
                items += self._study(_report(path), at, retrieved)
            except _UNREADABLE as error:
                rejected.append(_unreadable(at, error))
        learner = places[0][1].learner
        unmapped = {} if learner in MAPPED else {learner: len(places)}
        return Items(places[0][1].file, tuple(items), tuple(rejected), unmapped)

    def _study(self, report: dict[str, Any], at: Place, retrieved: date) -> Iterator[StudySummary | SystemResult]:
        best, scores = report["best"], report["best"]["metrics"]
        is_classification = "accuracy" in scores["val"]
        sign = 1 if is_classification else -1
        metric = "accuracy" if is_classification else "rmse"
        space = read_space(report["config"]["space"], best, at.learner if at.learner in MAPPED else None)
        provenance = self.provenance(retrieved, at.file)
        n = int(report["n_completed_trials"])
        yield StudySummary(
            iri=evidence_iri("study_summary", self.name, at.file),
            standing=self.standing,
            n=n,
            provenance=provenance,
            dataset=dataset_iri(at.key),
            learner=at.learner,
            metric=metric,
            task_type=TaskType.CLASSIFICATION if is_classification else TaskType.REGRESSION,
            space=space.space,
            sampler="tpe",
            n_trials=n,
            time_limit_s=report["config"].get("timeout"),
            wall_clock_s=seconds(report["time"]),
            best=sign * scores["val"]["score"],
            best_trial=best["trial_id"],
            best_configuration=space.best,
            special_values=space.special_values,
        )
        yield SystemResult(
            iri=evidence_iri("system_result", self.name, at.file),
            standing=self.standing,
            n=1,
            provenance=provenance,
            dataset=dataset_iri(at.key),
            system=at.learner,
            learner=at.learner if at.learner in MAPPED else None,
            tuned=True,
            constraint=f"{n} TPE trials",
            metric=metric,
            score=sign * scores["test"]["score"],
            seconds=seconds(best["time"]),
        )


class TabrDatasets(Source):
    """The data sets that the studies were made on."""

    name = "tabr-datasets"
    title = "Data sets of the TabR studies"
    licence = TabrStudies.licence
    url = TabrStudies.url
    version = TabrStudies.version
    files = TabrStudies.files

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield each data set once; it is told of by the first of its reports that can be read."""
        found: dict[str, Dataset] = {}
        rejected: list[Rejected] = []
        for path in self.paths(folder):
            at = place(path, folder)
            if at.key in found:
                continue
            try:
                task_type = _task_type(path)
            except _UNREADABLE as error:
                rejected.append(_unreadable(at, error))
                continue
            found[at.key] = Dataset(
                iri=dataset_iri(at.key),
                name=at.table,
                task_type=task_type,
                provenance=self.provenance(retrieved, at.file),
            )
        if found or rejected:
            yield Items("tabr-optuna-studies/exp", tuple(found[key] for key in sorted(found)), tuple(rejected))


def _unreadable(at: Place, error: Exception) -> Rejected:
    return Rejected(at.file, "unreadable study", f"{type(error).__name__}: {error}")


def place(path: Path, folder: Path) -> Place:
    """Read what the path of a report says.

    Args:
        path: ``.../exp/<model>/[why/]<table>/<n>-tuning/report.json``.
        folder: The data folder that `path` is below.

    Raises:
        InputError: The path is not of that form.
    """
    model, *_, table, tuning, _ = path.relative_to(folder).parts[2:]
    if model not in MODELS:
        raise InputError(f"unknown model {model!r}.", where=str(path), allowed=", ".join(MODELS))
    why = _WHY.fullmatch(table)
    key = f"tabr-{why['task']}-{why['kind']}-{why['size']}-{why['name']}" if why else f"tabr-{table}"
    # These studies saw the table with the features of 96 neighbours beside it, which makes it another table.
    suffix = "-neighbours" if "k96" in tuning else ""
    return Place(path.relative_to(folder).as_posix(), MODELS[model], key + suffix, why["name"] if why else table)


def seconds(text: str) -> float:
    """Return the seconds of ``1 day, 2:13:54``.

    Raises:
        RecordError: The text is no such duration.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise RecordError(f"{text!r} is no duration such as '1 day, 2:13:54'")
    hours, minutes, rest = (int(part) for part in found["clock"].split(":"))
    return timedelta(days=int(found["days"] or 0), hours=hours, minutes=minutes, seconds=rest).total_seconds()


def _task_type(path: Path) -> TaskType:
    scores = _report(path)["best"]["metrics"]["val"]
    return TaskType.CLASSIFICATION if "accuracy" in scores else TaskType.REGRESSION


def _report(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report
