"""An endpoint over a small graph that holds a private study, too."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import ui.sparql
from kg.model.provenance import OWN_SOURCE
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.compose import Settings, Tunegraph
from ui.sparql.limits import ServiceLimits

#: Stands in everything that is private, and in nothing else.
SECRET = "secret-77ab"
PRIVATE = samples.evidence(
    "claim", SECRET, source=f"{OWN_SOURCE}{SECRET}", document=SECRET, quote=SECRET, statement="default"
)
#: A request with this header may see what is private.
KEY = {"x-key": "right"}
LIMITS = ServiceLimits(workers=1, waiting=1, wait_s=0.5, query_s=2.0, rows=500, answer_bytes=200_000, memory_mb=512)


@pytest.fixture(scope="session")
def endpoint_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tunegraph]:
    home = tmp_path_factory.mktemp("sparql")
    with RdfStore(home / "graph") as store:
        store.add([*samples.small_graph(), PRIVATE])
        store.keep_vocabulary()
        made = Tunegraph(Settings(home=home))
        made.__dict__["store"] = store
        yield made


@pytest.fixture(scope="session")
def endpoint_app(endpoint_graph: Tunegraph) -> FastAPI:
    app = FastAPI()
    app.include_router(
        ui.sparql.router(
            endpoint_graph, limits=LIMITS, may_see_private=lambda request: request.headers.get("x-key") == "right"
        )
    )
    return app


@pytest.fixture(scope="session")
def endpoint(endpoint_app: FastAPI) -> Iterator[TestClient]:
    with TestClient(endpoint_app) as client:
        yield client
