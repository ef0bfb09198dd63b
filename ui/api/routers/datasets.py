"""Data sets, and which are like which."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kg.model import Dataset, Iri, TaskType
from recommender.similarity import similarity
from ui.api.freshness import NOT_MODIFIED, Fresh
from ui.api.names import NamedDataset
from ui.api.paging import Cursor, Limit, Page, page_after
from ui.api.problems import documented
from ui.api.services import Seen

router = APIRouter(
    prefix="/v1/datasets",
    tags=["graph"],
    dependencies=[Fresh],
    responses=NOT_MODIFIED | documented(401, 403, 422, 429, 503),
)


class NeighbourView(BaseModel):
    """A data set that is like another one."""

    dataset: Iri = Field(examples=["https://w3id.org/tunegraph/dataset/openml-31"])
    name: str = Field(examples=["credit-g"])
    distance: float | None
    """Root mean square difference of the ranks of meta-features; 0 is the same, null where none could be compared."""
    weight: float
    """Its share in what evidence says of the other one."""
    compared: int
    """How many meta-features were compared."""


@router.get("")
def list_datasets(
    seen: Seen,
    name: Annotated[str, Query(max_length=200, description="Part of the name, in any case.")] = "",
    task_type: TaskType | None = None,
    min_rows: Annotated[float | None, Query(ge=0)] = None,
    max_rows: Annotated[float | None, Query(ge=0)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Dataset]:
    """List the data sets that there is knowledge of, by IRI."""
    words = name.lower()
    found = [
        one
        for one in seen.store.datasets()
        if words in one.name.lower()
        and task_type in (None, one.task_type)
        and _within(one.meta_features.get("NumberOfInstances"), min_rows, max_rows)
    ]
    items, following = page_after(found, lambda one: one.iri, cursor=cursor, limit=limit)
    return Page(items=list(items), total=len(found), next=following)


@router.get("/{key}", responses=documented(404))
def get_dataset(dataset: NamedDataset) -> Dataset:
    """Return a data set with its meta-features."""
    return dataset


@router.get("/{key}/neighbours", responses=documented(404))
def list_neighbours(dataset: NamedDataset, seen: Seen, limit: Limit = 10) -> list[NeighbourView]:
    """List the data sets that are most like this one, by their meta-features."""
    others = [one for one in seen.store.datasets() if one.iri != dataset.iri and one.meta_features]
    if not others:
        return []
    return [
        NeighbourView(
            dataset=near.dataset.iri,
            name=near.dataset.name,
            distance=near.distance,
            weight=near.weight,
            compared=near.compared,
        )
        for near in similarity(dataset.meta_features, others).neighbours[:limit]
    ]


def _within(rows: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    return rows is not None and (low is None or rows >= low) and (high is None or rows <= high)
