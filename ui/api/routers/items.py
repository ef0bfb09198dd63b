"""Anything by its IRI, where it comes from, and where the graph does."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kg.model import Dataset, Evidence, Iri, Provenance, Run, Standing
from ui.api.freshness import NOT_MODIFIED, Fresh
from ui.api.problems import documented
from ui.api.services import Listed, Seen

router = APIRouter(
    prefix="/v1",
    tags=["graph"],
    dependencies=[Fresh],
    responses=NOT_MODIFIED | documented(401, 403, 422, 429, 503),
)

ItemIri = Annotated[
    str, Query(min_length=1, max_length=2000, examples=["https://w3id.org/tunegraph/dataset/openml-task-31"])
]


class ProvenanceView(BaseModel):
    """Where an item comes from, and how far it can be trusted."""

    iri: Iri
    kind: str = Field(examples=["run_summary"])
    provenance: Provenance
    """Source, licence, snapshot, place in it, and the ingestion that wrote the item."""
    standing: Standing | None
    """How it came about; null for a data set."""
    n: int | None
    """Sample size of evidence."""
    confidence: float | None
    """Of evidence, in [0, 1]: what follows from standing and sample size."""
    rests_on: tuple[Iri, ...]
    """Items that it names: its data set, and the runs that it cites."""


class SourceView(BaseModel):
    """One snapshot of a source, as one ingestion read it."""

    source: Iri = Field(examples=["https://w3id.org/tunegraph/source/openml-pimp"])
    licence: str
    url: str | None
    version: str | None
    retrieved: date
    ingested: datetime | None
    digest: str | None
    """Of the content that was read."""
    software: str | None
    """What read it."""
    items: int
    """That rest on it."""


@router.get("/items", responses=documented(404))
def get_item(iri: ItemIri, seen: Seen) -> Dataset | Run | Evidence:
    """Return the data set, run or piece of evidence that an IRI names."""
    return seen.store.get(Iri(iri))


@router.get("/provenance", responses=documented(404))
def get_provenance(iri: ItemIri, seen: Seen) -> ProvenanceView:
    """Say where the data set, run or piece of evidence that an IRI names comes from."""
    item = seen.store.get(Iri(iri))
    named = (getattr(item, "dataset", None), *getattr(item, "top_runs", ()))
    return ProvenanceView(
        iri=item.iri,
        kind=type(item).__name__.lower() if isinstance(item, Dataset | Run) else item.kind,
        provenance=item.provenance,
        standing=getattr(item, "standing", None),
        n=getattr(item, "n", None),
        confidence=None if isinstance(item, Dataset | Run) else item.confidence,
        rests_on=tuple(one for one in named if one is not None),
    )


@router.get("/sources")
def list_sources(listed: Listed) -> list[SourceView]:
    """List where the graph's knowledge comes from."""
    return [SourceView.model_validate(row) for row in listed.sources()]
