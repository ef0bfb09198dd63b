"""Fixtures that many tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kg.rdf_starter import STARTER_FILE, open_store, starter_path
from kg.rdf_store import RdfStore

# How long drawing or running an example takes says how busy the machine is, not whether a law holds.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real evidence beside the checkout; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"the evidence folder {SHARED} is not there")
    return SHARED


@pytest.fixture(scope="session")
def starter_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RdfStore]:
    """The graph that ships, opened once for all tests (some seconds): read it, never write to it."""
    if starter_path() is None:
        pytest.skip(f"kg/starter/{STARTER_FILE} was not built: there is no starter graph to open")
    with open_store(tmp_path_factory.mktemp("home")) as store:
        yield store
