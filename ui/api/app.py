"""The application: routes, the gate in front of them, and how everything that goes wrong is told.

A request passes, from outside in: metrics, CORS (where origins are named), the gate (keys, rate, size), what HEAD and
OPTIONS need, answers that were made before, gzip, routes.
"""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from kg.errors import StoreError, TunegraphError
from kg.versions import own_version
from ui.api.access import KEYED, Gate, sees_private
from ui.api.allocator import give_back
from ui.api.answers import Answers
from ui.api.freshness import NotModified, tag_of
from ui.api.jobs import JobBoard
from ui.api.keys import KeyRing
from ui.api.methods import Methods, allow
from ui.api.metrics import Measuring, Metrics
from ui.api.problems import documented, problem_response, response_of, validation_response
from ui.api.services import Services
from ui.api.settings import ApiSettings
from ui.public import PublicTunegraph

if TYPE_CHECKING:
    from ui.compose import Tunegraph

_log = logging.getLogger(__name__)
_DESCRIPTION = """\
Ask a graph of tuning evidence, and for tuning configurations that follow from it.

* **Keys.** `Authorization: Bearer KEY`; made by `tunegraph keys add NAME`. As long as there is none, the service
  answers its own machine only, from the public part of the graph.
* **Problems** are `application/problem+json` (RFC 9457), whatever goes wrong.
* **Paging.** A page names the `next` cursor; it is opaque, and goes into `cursor` of the same request.
* **Caching.** Answers from the graph carry an `ETag`; `If-None-Match` gets 304 as long as the graph is the same.
"""
#: Errors of a disk that has no room for what is written.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Level of compression: a tenth larger than at the best one, at a third of the time.
_GZIP = 5
#: Requests worked on at once. More take turns at the interpreter's lock, and each thread keeps memory of its own.
_THREADS = 8
_TAGS = [
    {"name": "graph", "description": "What is known: data sets, learners, evidence, runs, and where each comes from."},
    {"name": "papers", "description": "What papers and guides say, in their words."},
    {"name": "questions", "description": "Named questions that the graph answers."},
    {"name": "proposals", "description": "Tuning configurations for a table that is uploaded, or only described."},
    {"name": "studies", "description": "The user's own studies; they need a key."},
    {"name": "health", "description": "Whether the service lives, can answer, and what it has done."},
]


def application(tunegraph: Tunegraph, settings: ApiSettings) -> FastAPI:
    """Return the application: see `ui.api.create_app`."""
    services = Services(
        settings=settings,
        whole=tunegraph,
        public=PublicTunegraph(tunegraph),
        keys=KeyRing(tunegraph.settings.home),
        metrics=Metrics(),
        jobs=JobBoard(tunegraph.settings.home, settings),
    )
    app = FastAPI(
        title="Tunegraph",
        version=own_version(),
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        dependencies=[KEYED],
        # Their pages load scripts from other servers.
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.services = services
    _mount(app, tunegraph)
    _tell_problems(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=_GZIP)
    app.add_middleware(Answers, tag_of=tag_of, sees_private=lambda scope: sees_private(Request(scope)))
    app.add_middleware(Methods)
    app.add_middleware(Gate, keys=services.keys, settings=settings)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
            expose_headers=["ETag", "Location", "Retry-After"],
        )
    app.add_middleware(Measuring, metrics=services.metrics)
    return app


def _mount(app: FastAPI, tunegraph: Tunegraph) -> None:
    from ui import linked, sparql
    from ui.api.routers import datasets, evidence, health, items, learners, papers, proposals, questions, studies

    for routes in (datasets, learners, evidence, items, papers, questions, proposals, studies, health):
        app.include_router(routes.router)
    for asking in (sparql, linked):
        app.include_router(asking.router(tunegraph, may_see_private=sees_private), responses=documented(401, 403, 429))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    # In a thread of its own: whoever asks for what needs no list is answered meanwhile.
    threading.Thread(target=_warm, args=(app.state.services,), name="tunegraph-lists", daemon=True).start()
    yield
    app.state.services.jobs.close()


def _warm(services: Services) -> None:
    """Make the lists of the graph, which take some seconds, before anybody asks for them."""
    try:
        with_keys = bool(services.keys.records())
        for tunegraph in (services.public, *([services.whole] if with_keys else [])):
            services.catalogues.of(tunegraph.store).make()
    except StoreError as error:
        _log.warning("The lists of the graph are made when they are asked for: %s", error)
    give_back()  # making the lists, and the graph where it was not there yet, took far more than what they are


def _tell_problems(app: FastAPI) -> None:
    @app.exception_handler(TunegraphError)
    def ours(_: Request, error: TunegraphError) -> Response:
        return response_of(error)

    @app.exception_handler(NotModified)
    def unchanged(_: Request, known: NotModified) -> Response:
        return Response(status_code=304, headers=known.headers)

    @app.exception_handler(HTTPException)
    def theirs(request: Request, error: HTTPException) -> Response:
        allowed = {"Allow": allow(request.scope)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else {}
        return problem_response(error.status_code, str(error.detail), headers={**(error.headers or {}), **allowed})

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        return validation_response(error.errors())

    @app.exception_handler(OSError)
    def of_the_disk(_: Request, error: OSError) -> Response:
        if error.errno not in _FULL:
            raise error
        _log.error("The disk is full: %s", error)
        return problem_response(503, "There is no room left on the disk of the service.", headers={"Retry-After": "60"})

    @app.exception_handler(Exception)
    def unforeseen(_: Request, __: Exception) -> Response:
        # The error itself goes to the log of the server, and to nobody else.
        return problem_response(500, "A fault of ours. The log of the server says more.")
