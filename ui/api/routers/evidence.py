"""Evidence, claims and runs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query

from kg.errors import EvidenceError
from kg.iris import run_iri
from kg.model import EVIDENCE_KINDS, Claim, ClaimKind, Dataset, Evidence, Run
from ui.api.catalogue import About, Entry
from ui.api.freshness import NOT_MODIFIED, Fresh
from ui.api.names import DatasetIri, LearnerName, MetricName
from ui.api.paging import Cursor, Limit, Page, page_after
from ui.api.problems import ApiError, documented
from ui.api.services import Listed, Seen

router = APIRouter(
    prefix="/v1",
    tags=["graph"],
    dependencies=[Fresh],
    responses=NOT_MODIFIED | documented(401, 403, 422, 429, 503),
)

#: Every kind of evidence.
Kind = StrEnum("Kind", list(EVIDENCE_KINDS))  # type: ignore[misc]  # the names are the model's

_T = TypeVar("_T", Evidence, Run)


@router.get("/evidence")
def list_evidence(
    seen: Seen,
    listed: Listed,
    learner: LearnerName = None,
    metric: MetricName = None,
    dataset: DatasetIri = None,
    kind: Annotated[Kind | None, Query(description="Of one kind only.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Evidence]:
    """List the evidence that has all the properties given, by IRI."""
    about = About(learner, metric, dataset, None if kind is None else kind.name)
    return _page(seen, listed.evidence(about), cursor, limit)


@router.get("/claims")
def list_claims(
    seen: Seen,
    learner: LearnerName = None,
    hyperparameter: Annotated[str | None, Query(max_length=200, examples=["max_features"])] = None,
    statement: ClaimKind | None = None,
    document: Annotated[str | None, Query(max_length=200, description="Name of a document.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Claim]:
    """List what texts say, word for word, by IRI."""
    found = [
        claim
        for claim in seen.store.evidence("claim", learner=learner)
        if isinstance(claim, Claim)
        and hyperparameter in (None, claim.hyperparameter)
        and statement in (None, claim.statement)
        and document in (None, claim.document)
    ]
    items, following = page_after(found, lambda claim: claim.iri, cursor=cursor, limit=limit)
    return Page(items=list(items), total=len(found), next=following)


@router.get("/runs")
def list_runs(
    seen: Seen,
    listed: Listed,
    learner: LearnerName = None,
    metric: MetricName = None,
    dataset: DatasetIri = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Run]:
    """List the runs that evidence cites, by IRI."""
    return _page(seen, listed.runs(About(learner, metric, dataset)), cursor, limit)


@router.get("/runs/{run_id}", responses=documented(404))
def get_run(
    run_id: Annotated[str, Path(max_length=200, description="The end of its IRI.", examples=["5f1cbbc4f797143e"])],
    seen: Seen,
) -> Run:
    """Return a run: what was set, what came out, what it took."""
    found = seen.store.get(run_iri(run_id))
    if not isinstance(found, Run):
        raise ApiError(404, f"{run_id!r} is no run.", where="run_id")
    return found


def _page(seen: Seen, found: tuple[Entry, ...], cursor: str | None, limit: int) -> Page[_T]:
    entries, following = page_after(found, lambda entry: entry.iri, cursor=cursor, limit=limit)
    return Page(items=list(_items(seen, entries)), total=len(found), next=following)


def _items(seen: Seen, entries: Iterable[Entry]) -> Iterable[_T]:
    store = seen.store
    for entry in entries:
        try:
            item = store.get(entry.iri)
        except EvidenceError:  # taken out since the list was made
            continue
        if not isinstance(item, Dataset):
            yield item  # type: ignore[misc]  # the list is of runs, or of evidence
