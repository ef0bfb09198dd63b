"""The OpenAPI document holds: requests made up from it, right and wrong, get no 500 and no answer that it lacks."""

import pytest

from benchmarks.api_fuzz import fuzz, service
from tests.kg import samples
from tests.ui.api.conftest import Service


def test_requests_made_up_from_the_document_get_what_it_says():
    """One of each; `python -m benchmarks.api_fuzz` sends ten thousand."""
    with service(samples.small_graph()) as (app, key):
        report = fuzz(app, key, examples=1, wanted=lambda path: path.startswith(("/v1", "/health", "/metrics")))
    assert report.failures == {}
    assert report.requests >= 55
    assert report.statuses[200] > 0
    assert report.statuses[422] > 0


@pytest.fixture
def document(service: Service) -> dict:
    return service().get("/openapi.json").json()


def test_every_operation_says_what_it_does_and_which_problems_it_tells(document: dict):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert operation["tags"], where
            assert any(status.startswith("2") for status in operation["responses"]), where
            if path.startswith("/v1"):
                assert {"401", "429"} <= set(operation["responses"]), where
                told = [one["content"] for status, one in operation["responses"].items() if status >= "400"]
                assert all("application/problem+json" in content for content in told), where


def test_every_operation_has_a_name_of_its_own(document: dict):
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
