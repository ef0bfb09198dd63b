"""The routes ``/id/...`` and ``/.well-known/void``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import HTMLResponse

from kg.iris import BASE
from kg.sparql.answering import NotAcceptableError
from kg.sparql.describing import mentions_query, resource_query, service_query, statements_query
from ui.linked.page import POLICY, page_of, statements_of
from ui.sparql.documented import PROBLEM, contents
from ui.sparql.limits import ServiceLimits
from ui.sparql.media import GRAPHS, chosen
from ui.sparql.problems import TOLD, RequestError, problem_of
from ui.sparql.process import Job
from ui.sparql.routes import Endpoint, answered

if TYPE_CHECKING:
    from ui.compose import Tunegraph
    from ui.sparql import MaySeePrivate

_JSON: Final = "application/sparql-results+json"
_OFFERS: Final = {"text/html": ("application/xhtml+xml",), **GRAPHS}
#: Values of ``format``, for those who cannot say what they accept.
_FORMATS: Final = {
    "html": "text/html",
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
}
_PROBLEMS: Final = {
    400: "The name is none, or the format is not known.",
    404: "Nothing in the graph that may be seen has that name.",
    406: "It cannot be given in what is accepted.",
    422: "It takes more than an answer may.",
    501: "The graph is in memory alone, where no SPARQL is answered.",
    503: "Too much is asked at once, or the graph cannot be read at the moment.",
}


def _answers(types: Any) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "What is known of it.", "content": contents(types)},
        **{status: {"description": text, **PROBLEM} for status, text in _PROBLEMS.items()},
    }


def make_router(tunegraph: Tunegraph, may_see_private: MaySeePrivate, limits: ServiceLimits) -> APIRouter:
    """Return the routes; see `ui.linked.router`."""
    endpoint = Endpoint(tunegraph, may_see_private, limits)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        endpoint.close()

    router = APIRouter(tags=["linked data"], lifespan=lifespan)

    @router.get("/id/{name:path}", response_class=Response, responses=_answers(_OFFERS))
    async def resource(
        request: Request,
        name: Annotated[str, Path(description="The IRI without https://w3id.org/tunegraph/: learner/xgboost.")],
        format: Annotated[str | None, Query(description=", ".join(_FORMATS))] = None,  # noqa: A002  # its public name
    ) -> Response:
        """Return what is known of one thing: a page, Turtle, JSON-LD, N-Triples or RDF/XML."""
        del name  # decoded: in an IRI of ours, %2F and / are not the same
        try:
            return await _resource(endpoint, request, _type_of(format, request))
        except TOLD as error:
            return problem_of(error)

    @router.get("/.well-known/void", response_class=Response, responses=_answers(GRAPHS))
    async def void(request: Request) -> Response:
        """Return what the graph is: VoID, DCAT, and its SPARQL service."""
        url = str(request.url.replace(path=request.scope.get("root_path", "") + "/sparql", query=""))
        graph_type = chosen(request.headers.get("accept"), GRAPHS) or "text/turtle"
        job = Job(service_query(), False, None, graph_type, bindings={"endpoint": url})
        try:
            return answered(await endpoint.answer(request, job))
        except TOLD as error:
            return problem_of(error)

    return router


def _type_of(format_name: str | None, request: Request) -> str:
    if format_name is not None:
        if format_name not in _FORMATS:
            raise RequestError(f"{format_name[:40]!r} is no format.", allowed=", ".join(_FORMATS))
        return _FORMATS[format_name]
    found = chosen(request.headers.get("accept"), _OFFERS)
    if found is None:
        raise NotAcceptableError("It is not given in that.", where="Accept", allowed=", ".join(_OFFERS))
    return found


async def _resource(endpoint: Endpoint, request: Request, media_type: str) -> Response:
    # As it was sent: names in IRIs are percent-encoded, and stay so.
    raw = request.scope.get("raw_path", request.url.path.encode()).split(b"?")[0].decode("ascii", "replace")
    iri = BASE + raw.partition("/id/")[2]
    this = {"this": iri}
    if media_type != "text/html":
        answer = await endpoint.answer(request, Job(resource_query(), False, None, media_type, bindings=this))
        return answered(answer) if answer.rows else problem_of(_nothing(iri))
    said = await endpoint.answer(request, Job(statements_query(), False, _JSON, None, bindings=this))
    mentions = await endpoint.answer(request, Job(mentions_query(), False, _JSON, None, bindings=this))
    if not said.rows and not mentions.rows:
        return problem_of(_nothing(iri))
    page = page_of(iri, statements_of(said.body, "value"), statements_of(mentions.body, "subject"))
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    return HTMLResponse(page, headers=headers)


def _nothing(iri: str) -> RequestError:
    return RequestError(f"Nothing in the graph is named {iri}.", status=HTTPStatus.NOT_FOUND)
