"""HEAD tells what GET would, without its content; OPTIONS tells which methods there are."""

import time

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient

from tests.ui.api.conftest import Service, assert_problem
from ui.api.methods import Methods

PATHS = [
    "/v1/datasets", "/v1/datasets/openml-61", "/v1/learners?x=1", "/v1/runs?limit=2", "/v1/questions",
    "/health/live", "/openapi.json", "/v1/datasets/none", "/v1/runs?limit=0", "/nowhere", "/v1/studies",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_status_and_the_headers_of_get_and_no_content(service: Service, path: str):
    client = service()
    told, whole = client.head(path), client.get(path)
    assert (told.status_code, told.content) == (whole.status_code, b"")
    assert dict(told.headers) == dict(whole.headers)
    assert int(told.headers["content-length"]) > 0


def test_head_is_answered_with_304_too(service: Service):
    client = service()
    tag = client.head("/v1/datasets").headers["etag"]
    assert client.head("/v1/datasets", headers={"If-None-Match": tag}).status_code == 304


def test_head_needs_the_key_that_get_needs(service: Service, reader: TestClient):
    assert reader.head("/v1/studies").status_code == 200
    assert service().head("/v1/studies").status_code == service().head("/v1/datasets").status_code == 401


def test_head_does_not_wait_for_what_a_stream_is_to_tell():
    app = FastAPI()

    @app.get("/told")
    async def told() -> StreamingResponse:
        async def endless():
            while True:
                yield "on and on\n"

        return StreamingResponse(endless(), media_type="text/event-stream")

    app.add_middleware(Methods)
    started = time.monotonic()
    answer = TestClient(app).head("/told")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(("path", "methods"), [
    ("/v1/datasets", "GET, HEAD, OPTIONS"), ("/v1/proposals", "GET, POST, HEAD, OPTIONS"),
    ("/v1/proposals/p_1", "GET, DELETE, HEAD, OPTIONS"), ("/v1/proposals/upload", "GET, POST, DELETE, HEAD, OPTIONS"),
    ("/sparql", "GET, POST, HEAD, OPTIONS"),
])  # fmt: skip
def test_options_and_refusals_name_the_methods_of_a_path(service: Service, path: str, methods: str):
    client = service()
    told = client.options(path)
    assert (told.status_code, told.headers["allow"], told.content) == (204, methods, b"")
    refused = client.put(path)
    assert_problem(refused, 405)
    assert refused.headers["allow"] == methods


def test_a_path_that_is_not_there_has_no_methods(service: Service):
    assert_problem(service().options("/nowhere"), 404)


def test_requests_are_counted_by_their_own_method(service: Service):
    client = service()
    client.head("/v1/datasets")
    assert 'method="HEAD",route="/v1/datasets",status="200"' in client.get("/metrics").text
