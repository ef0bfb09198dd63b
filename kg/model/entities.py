"""What evidence is about: data sets and tasks."""

from __future__ import annotations

from pydantic import field_validator

from kg.model.base import Iri, Value
from kg.model.metafeatures import MetaFeatures
from kg.model.metrics import TaskType
from kg.model.provenance import Provenance


class Dataset(Value):
    """A data set as a source knows it. The same table in two sources is two nodes, linked by `same_as`."""

    iri: Iri
    name: str
    """The name the source gives it, or its key where the source gives none."""
    openml_id: int | None = None
    """OpenML's *data* id."""
    openml_task_id: int | None = None
    """OpenML's *task* id (a task fixes target and folds of a data set)."""
    task_type: TaskType | None = None
    description: str = ""
    meta_features: MetaFeatures = MetaFeatures({})
    same_as: tuple[Iri, ...] = ()
    """Other nodes that are this data set under another name or version; kept sorted, each once."""
    provenance: Provenance

    @field_validator("same_as")
    @classmethod
    def _sorted(cls, same_as: tuple[Iri, ...]) -> tuple[Iri, ...]:
        return tuple(sorted(set(same_as)))
