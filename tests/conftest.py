"""Fixtures that many tests share."""

import fcntl
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kg.rdf_starter import STARTER_FILE, open_store, starter_path
from kg.rdf_store import RdfStore

# How long drawing or running an example takes says how busy the machine is, not whether a law holds.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: New objects after which young ones are looked through for cycles while tests are collected: a fifth of the time
#: goes by the usual number. Tests run with that one, so that what they leave is found soon, in the thread that made it.
YOUNG_OBJECTS = 50_000
USUAL_OBJECTS = gc.get_threshold()

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure() -> None:
    gc.set_threshold(YOUNG_OBJECTS)


def pytest_collection_finish() -> None:
    """Leave out of every later search for cycles what stays until the end: thousands of tests and their libraries."""
    gc.freeze()
    gc.set_threshold(*USUAL_OBJECTS)


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """What tests write need not outlive a power cut: it is there for all processes once it is written."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


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
    home = tmp_path_factory.mktemp("home")
    if "PYTEST_XDIST_WORKER" in os.environ:
        shutil.copytree(_made_once(tmp_path_factory.getbasetemp().parent), home, dirs_exist_ok=True)
    with open_store(home) as store:
        yield store


def _made_once(folder: Path) -> Path:
    """Return the home that the first worker to come by makes in the folder of all workers."""
    home = folder / "starter-home"
    with (folder / "starter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            open_store(folder / "starter-new").close()
            (folder / "starter-new").rename(home)
    return home
