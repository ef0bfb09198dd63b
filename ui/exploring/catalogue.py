"""Data sets and learners of the graph, as rows of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.learners.registry import installed_version
from kg.learners.spec import LearnerSpec
from kg.model import Dataset, Iri, TaskType
from kg.store import KnowledgeStore
from ui.listing import Listing
from ui.view import counted, number, range_text, value_text

#: Data sets by how much is known of them.
_PIECES: Final = Listing(
    sparql="SELECT ?dataset (COUNT(?piece) AS ?n) WHERE { ?piece tg:dataset ?dataset } GROUP BY ?dataset",
    cypher="MATCH (:Evidence)-[:dataset]->(d:Resource) RETURN d.iri AS dataset, count(*) AS n",
)

#: What is said of a hyper-parameter that the registry has no search space for.
NOT_SEARCHED: Final = "not worth tuning"


@dataclass(frozen=True)
class DatasetRow:
    """One data set in a table of them."""

    iri: Iri
    name: str
    source: str
    task: str
    rows: int | None
    features: int | None
    """Columns but the target."""
    classes: int | None
    openml_id: int | None
    pieces: int
    """Pieces of evidence about it."""


def dataset_rows(store: KnowledgeStore) -> tuple[DatasetRow, ...]:
    """Return all data sets, those of which most is known first."""
    pieces = {str(row["dataset"]): int(row["n"]) for row in _PIECES.of(store)}
    rows = [_dataset_row(dataset, pieces.get(dataset.iri, 0)) for dataset in store.datasets()]
    return tuple(sorted(rows, key=lambda row: (-row.pieces, row.name.lower(), row.iri)))


def matching(rows: Iterable[DatasetRow], words: str) -> tuple[DatasetRow, ...]:
    """Return the data sets in whose name, source or OpenML id all of `words` are, in any case."""
    wanted = words.lower().split()
    return tuple(
        row for row in rows if all(word in f"{row.name} {row.source} {row.openml_id or ''}".lower() for word in wanted)
    )


def quality_rows(dataset: Dataset) -> list[dict[str, str]]:
    """Return the meta-features of a data set."""
    return [{"quality": name, "value": number(value)} for name, value in sorted(dataset.meta_features.items())]


def evidence_counts(kinds: Iterable[str]) -> str:
    """Return of how many kinds there are how many: ``2 cost profiles, 1 run summary``."""
    found = Counter(kind.replace("_", " ") for kind in kinds)
    return ", ".join(counted(n, kind) for kind, n in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def table_rows(rows: Iterable[DatasetRow]) -> list[dict[str, str | int | None]]:
    """Return data sets as rows of a table, under names for people."""
    return [
        {
            "name": row.name,
            "source": row.source,
            "task": row.task,
            "rows": row.rows,
            "features": row.features,
            "classes": row.classes,
            "OpenML id": row.openml_id,
            "evidence": row.pieces,
        }
        for row in rows
    ]


def learner_facts(spec: LearnerSpec) -> list[tuple[str, str]]:
    """Return what is to be known of a learner: name and text."""
    version = installed_version(spec)
    extra = f"pip install 'tunegraph[{spec.extra}]'" if spec.extra else "not in a library that is used here"
    return [
        ("Canonical name", spec.name),
        ("Also called", ", ".join(spec.aliases) or "nothing else"),
        ("For", " and ".join(spec.task_types)),
        ("Library", f"{spec.distribution or 'none'} {version}" if version else f"not installed: {extra}"),
        ("Cheaper by", spec.fidelity.parameter if spec.fidelity else "nothing of its own"),
        ("Source", spec.citation or "not given"),
    ]


def parameter_rows(spec: LearnerSpec, task_type: TaskType) -> list[dict[str, str]]:
    """Return the hyper-parameters of a learner: default, what the library accepts, what is worth searching."""
    rows = []
    for one in spec.hyperparameters:
        if task_type not in one.task_types:
            continue
        search = one.search_for(task_type)
        accepted = [*map(str, one.numbers), *map(value_text, one.values), *_by_task(one.values_by_task, task_type)]
        rows.append(
            {
                "hyper-parameter": one.name,
                "default": value_text(one.default_for(task_type)),
                "accepted": " or ".join(accepted),
                "worth searching": range_text(search) if search is not None else NOT_SEARCHED,
            }
        )
    return rows


def _by_task(values: Mapping[TaskType, Any], task_type: TaskType) -> list[str]:
    return [value_text(value) for value in values.get(task_type, ())]


def _dataset_row(dataset: Dataset, pieces: int) -> DatasetRow:
    features = dataset.meta_features
    columns = _whole(features.get("NumberOfFeatures"))
    return DatasetRow(
        iri=dataset.iri,
        name=dataset.name,
        source=dataset.iri.rsplit("/", 1)[-1].partition("-")[0],
        task=str(dataset.task_type or ""),
        rows=_whole(features.get("NumberOfInstances")),
        features=None if columns is None else columns - 1,
        classes=_whole(features.get("NumberOfClasses")) or None,
        openml_id=dataset.openml_id,
        pieces=pieces,
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
