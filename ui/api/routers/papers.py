"""Papers and guides: what there is, and what they say in their words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from kg.model import Claim, Passage
from recommender.text_index import Hit
from ui.api.names import LearnerName
from ui.api.paging import Cursor, Limit, Page, page_after
from ui.api.problems import ApiError, documented
from ui.api.services import Here, Seen
from ui.compose import Tunegraph

router = APIRouter(prefix="/v1", tags=["papers"], responses=documented(401, 403, 422, 429, 503))


class PaperView(BaseModel):
    """A paper, a guide, or a page of documentation."""

    name: str = Field(examples=["catboost-tutorials-hyperparameters-tuning"])
    title: str
    source: str
    licence: str
    url: str
    version: str
    claims: int
    """Claims of it that are in the graph."""
    passages: int
    """Passages of it that can be searched here; its licence may not let them be passed on."""


@router.get("/papers")
def list_papers(
    seen: Seen, services: Here, learner: LearnerName = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[PaperView]:
    """List the documents that claims or passages are taken from, by name."""
    found = list(_papers(seen, services.texts.passages(seen), learner).values())
    items, following = page_after(found, lambda one: one.name, cursor=cursor, limit=limit)
    return Page(items=list(items), total=len(found), next=following)


@router.get("/papers/{name:path}", responses=documented(404))
def get_paper(name: Annotated[str, Path(max_length=300)], seen: Seen, services: Here) -> PaperView:
    """Return a document by name."""
    found = _papers(seen, services.texts.passages(seen), None).get(name)
    if found is None:
        raise ApiError(404, f"There is no document {name!r}.", where="name")
    return found


@router.get("/passages")
def search_passages(
    seen: Seen,
    services: Here,
    q: Annotated[str, Query(min_length=1, max_length=500, description="A question, or some words of it.")],
    limit: Annotated[int, Query(ge=1, le=50, description="Most passages.")] = 5,
) -> list[Hit]:
    """Find what papers and guides say on a question, best first."""
    return list(services.texts.index(seen).search(q, limit))


def _papers(seen: Tunegraph, passages: tuple[Passage, ...], learner: str | None) -> dict[str, PaperView]:
    """Return the documents by name, sorted; with a learner, those that claim something of it."""
    found: dict[str, PaperView] = {}
    claims = [one for one in seen.store.evidence("claim", learner=learner) if isinstance(one, Claim)]
    told_of: list[Claim | Passage] = [*claims, *(passages if learner is None else ())]
    for one in told_of:
        known = found.get(one.document)
        told = one.provenance
        if known is None:
            known = found[one.document] = PaperView(
                name=one.document, title="", source=told.source, licence=told.licence, url=told.url,
                version=told.version, claims=0, passages=0,
            )  # fmt: skip
        if isinstance(one, Claim):
            known.claims += 1
        else:
            known.passages += 1
            known.title = known.title or one.title
    return dict(sorted(found.items()))
