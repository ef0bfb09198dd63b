"""Whether the service lives and can answer, and what it has done."""

from __future__ import annotations

from typing import Literal

import psutil
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from kg.errors import StoreError
from ui.api.problems import ApiError, documented
from ui.api.services import Here

router = APIRouter(tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """The graph can be asked."""

    status: Literal["ready"] = "ready"
    graph: str
    """Digest of the public part of the graph; it changes with the content."""


@router.get("/health/live", responses=documented(429))
async def live() -> Live:
    """Say that the process answers. Needs no key."""
    return Live()


@router.get("/health/ready", responses=documented(429, 503))
def ready(services: Here) -> Ready:
    """Say that the graph can be asked. Needs no key."""
    try:
        return Ready(graph=services.public.store.fingerprint())
    except StoreError as error:
        raise ApiError(503, "The graph cannot be read.", headers={"Retry-After": "5"}) from error


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={
        200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(401, 403, 429, 503),
    },
)
def metrics(services: Here) -> PlainTextResponse:
    """Tell what Prometheus asks for: requests by route, their seconds, jobs by state, what the graph holds, memory."""
    counts = services.public.store.counts()
    gauges = {
        "requests_in_flight": {"": services.metrics.in_flight},
        "jobs": {f'state="{state}"': count for state, count in services.jobs.counts().items()},
        "graph_items": {f'kind="{kind}"': count for kind, count in counts.items()},
        "resident_memory_bytes": {"": psutil.Process().memory_info().rss},
    }
    return PlainTextResponse(services.metrics.text(gauges), media_type="text/plain; version=0.0.4; charset=utf-8")
