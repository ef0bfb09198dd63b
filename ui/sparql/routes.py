"""The route ``/sparql``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Request, Response

from kg.sparql.answering import Answer
from kg.sparql.describing import service_query
from ui.sparql.documented import SPARQL_GET, SPARQL_POST
from ui.sparql.limits import ServiceLimits
from ui.sparql.media import GRAPHS, ROWS, chosen, content_type
from ui.sparql.pool import QueryPool
from ui.sparql.problems import TOLD, problem_of
from ui.sparql.process import Job
from ui.sparql.protocol import Asked, read_request
from ui.sparql.shared import close_pool, pool_of

if TYPE_CHECKING:
    from ui.compose import Tunegraph
    from ui.sparql import MaySeePrivate


class Endpoint:
    """Answers requests from the processes of one graph, without holding up the server meanwhile.

    Args:
        tunegraph: Whose graph it is.
        may_see_private: Whether a request may see the sources that are the user's own.
        limits: What one query, and all of them together, may take.
    """

    def __init__(self, tunegraph: Tunegraph, may_see_private: MaySeePrivate, limits: ServiceLimits) -> None:
        self.limits = limits
        self._tunegraph, self._may_see_private = tunegraph, may_see_private
        self._threads: CapacityLimiter | None = None

    async def answer(self, request: Request, job: Job) -> Answer:
        """Answer `job` as far as `request` may see; whether it may is decided here and nowhere else.

        Raises:
            TunegraphError: One of `ui.sparql.problems.TOLD`.
        """
        if self._threads is None:
            # As many threads as queries may wait, apart from those that other routes use.
            self._threads = CapacityLimiter(self.limits.workers + self.limits.waiting + 1)
        private = self._may_see_private(request)
        seen = replace(job, private=private)
        return await anyio.to_thread.run_sync(lambda: self._pool().answer(seen), limiter=self._threads)

    def close(self) -> None:
        """End the processes."""
        close_pool(self._tunegraph)

    def _pool(self) -> QueryPool:
        return pool_of(self._tunegraph, self.limits)


def make_router(tunegraph: Tunegraph, may_see_private: MaySeePrivate, limits: ServiceLimits) -> APIRouter:
    """Return the routes; see `ui.sparql.router`."""
    endpoint = Endpoint(tunegraph, may_see_private, limits)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        endpoint.close()

    router = APIRouter(tags=["SPARQL"], lifespan=lifespan)

    @router.get("/sparql", **SPARQL_GET)
    async def sparql_get(request: Request) -> Response:
        """Ask a SPARQL 1.1 query that reads: SELECT, ASK, CONSTRUCT or DESCRIBE; without one: what the service is."""
        return await _respond(endpoint, request)

    @router.post("/sparql", **SPARQL_POST)
    async def sparql_post(request: Request) -> Response:
        """Ask a SPARQL 1.1 query that reads, sent as a form or as it is."""
        return await _respond(endpoint, request)

    return router


async def _respond(endpoint: Endpoint, request: Request) -> Response:
    try:
        asked = await read_request(request, query_bytes=endpoint.limits.query_bytes)
        return answered(await endpoint.answer(request, _job(asked, request)))
    except TOLD as error:
        return problem_of(error)


def _job(asked: Asked, request: Request) -> Job:
    accept = request.headers.get("accept")
    rows_type, graph_type = chosen(accept, ROWS), chosen(accept, GRAPHS)
    if asked.query is None:
        # A browser gets Turtle, too: what the service is has no page of its own.
        url = str(request.url.replace(query=""))
        return Job(service_query(), False, rows_type, graph_type or "text/turtle", bindings={"endpoint": url})
    return Job(asked.query, False, rows_type, graph_type, asked.default_graphs, asked.named_graphs)


def answered(answer: Answer) -> Response:
    """Return an answer of the graph as one of the server."""
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff", "Content-Type": content_type(answer.media_type)}
    return Response(answer.body, headers=headers)
