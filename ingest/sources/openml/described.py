"""The data sets and tasks of a mirror: who is who, and what the values of a setup may depend on.

OpenML's test server numbers its data sets otherwise (its 17 is credit-g): they have keys of their own, and no
`openml_id`, so that nothing joins them with OpenML's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ingest.datasets import unite
from ingest.sources.openml.dialects import Table
from ingest.sources.openml.files import Files, mapping
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, Provenance, TaskType

#: OpenML's kind of task -> ours; runs on others (learning curves, streams, clusterings) are not comparable.
_TASK_TYPES = {
    "Supervised Classification": TaskType.CLASSIFICATION,
    "Supervised Regression": TaskType.REGRESSION,
}


@dataclass(frozen=True)
class Task:
    """A task of OpenML."""

    number: int
    data_id: int
    kind: str
    target: str | None
    fits: int = 1
    """Fits that a run takes: folds x repeats."""
    training_share: float = 1.0
    """Share of the rows that a fit is made of."""

    @property
    def task_type(self) -> TaskType | None:
        """What is predicted; None where runs cannot be used."""
        return _TASK_TYPES.get(self.kind)


@dataclass(frozen=True)
class Described:
    """What a mirror says of data sets and tasks."""

    prefix: str
    """Beginning of the keys of data sets: ``openml``, or ``openml-test``."""
    tasks: Mapping[int, Task]
    datasets: Mapping[int, Mapping[str, Any]]
    """Data id -> record."""

    def key(self, data_id: int) -> str:
        """Return the key of a data set."""
        return f"{self.prefix}-{data_id}"

    def problem(self, task: Task | None, data_id: int) -> str:
        """Return why runs on a task cannot be used as runs on its data set; empty where they can."""
        if task is None:
            return "task not in the mirror"
        if task.task_type is None:
            return f"task type {task.kind}"
        wanted = self.datasets.get(data_id, {}).get("default_target_attribute")
        return "task with another target than its data set" if wanted and task.target not in (None, wanted) else ""

    def table(self, task: Task) -> Table:
        """Return what settings may depend on."""
        record = self.datasets.get(task.data_id, {})
        qualities = _qualities(record)
        rows, classes = (qualities.get(name) for name in ("NumberOfInstances", "NumberOfClasses"))
        left_out = ("is_target", "is_ignore", "is_row_identifier")
        features = record.get("features")
        listed = [mapping(feature) for feature in features] if isinstance(features, list) else []
        columns = sum(1 for feature in listed if not any(feature.get(name) for name in left_out))
        counted = columns or max(0.0, qualities.get("NumberOfFeatures", 0) - 1)
        return Table(rows and rows * task.training_share, counted or None, classes)

    def items(self, provenance: Callable[[str], Provenance]) -> tuple[Dataset, ...]:
        """Return the data sets, made consistent, linked with one another and with their tasks.

        Args:
            provenance: From the place in the mirror to the provenance of a record there.
        """
        tasks: dict[int, list[Task]] = defaultdict(list)
        for task in self.tasks.values():
            tasks[task.data_id].append(task)
        found = [self._dataset(number, tasks[number], provenance) for number in sorted({*self.datasets, *tasks})]
        linked = {
            dataset_iri(self.key(number)): [
                dataset_iri(f"{self.prefix}-task-{task.number}") for task in group if not self.problem(task, number)
            ]
            for number, group in tasks.items()
        }
        return tuple(d.replace(same_as=(*d.same_as, *linked.get(d.iri, ()))) for d in unite(found))

    def _dataset(self, number: int, tasks: list[Task], provenance: Callable[[str], Provenance]) -> Dataset:
        record = self.datasets.get(number, {})
        said = provenance(f"openml/datasets/{number}.json")
        page = f"https://www.openml.org/d/{number}"
        return Dataset(
            iri=dataset_iri(self.key(number)),
            name=str(record.get("name") or self.key(number)),
            openml_id=number if self.prefix == "openml" else None,
            task_type=next((task.task_type for task in tasks if not self.problem(task, number)), None),
            description=str(record.get("description") or ""),
            meta_features=MetaFeatures(_qualities(record)),
            provenance=said.replace(
                licence=str(record.get("licence") or said.licence),
                url=_address(record.get("url")) or (page if self.prefix == "openml" else said.url),
            ),
        )


def described(files: Files) -> Described:
    """Return what the mirror says of data sets and tasks."""
    server = server_of(files)
    is_test = (urlsplit(server).hostname or "").startswith("test.")
    datasets = {record["id"]: record for record in files.records("datasets", "id")}
    return Described("openml-test" if is_test else "openml", {t.number: t for t in _tasks(files)}, datasets)


def server_of(files: Files) -> str:
    """Return the address of the server that the mirror is of; empty where nothing says so."""
    state = files.folder / "state.json"
    return str(files.record(state).get("server", "")) if state.is_file() else ""


def _tasks(files: Files) -> Iterator[Task]:
    for record in files.records("tasks", "id", "data_id"):
        numbers = mapping(mapping(record.get("estimation_procedure")).get("parameters"))
        folds, repeats = (max(1, round(_float(numbers.get(f"number_{what}"), 1))) for what in ("folds", "repeats"))
        held_out = _float(numbers.get("percentage"), 0) / 100 if folds == 1 else 1 / folds
        yield Task(
            number=record["id"],
            data_id=record["data_id"],
            kind=str(record.get("task_type") or ""),
            target=record.get("target"),
            fits=folds * repeats,
            training_share=1 - held_out if 0 < held_out < 1 else 1.0,
        )


def _address(text: object) -> str:
    """Return `text` where it is an address on the web; anybody who uploads a data set may write anything there."""
    return text if isinstance(text, str) and re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", text) else ""


def _qualities(record: Mapping[str, Any]) -> dict[str, float]:
    numbers = {name: value for name, value in mapping(record.get("qualities")).items() if type(value) in (int, float)}
    return {name: float(value) for name, value in numbers.items() if abs(value) < 1e300}


def _float(value: object, otherwise: float) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number is caught
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return found if abs(found) < 1e6 else otherwise
