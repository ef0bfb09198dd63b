"""Examples run as a user would run them, at a home that holds the graph that ships."""

import shutil
from pathlib import Path

import pytest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, starter_store: RdfStore) -> Path:
    """The home that all tests share: to be read, not to be learnt into."""
    home = starter_store.path.parent
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home


@pytest.fixture
def at_own_home(monkeypatch: pytest.MonkeyPatch, starter_store: RdfStore, tmp_path: Path) -> Path:
    """A home of the test's own, for examples that write."""
    home = tmp_path / "home"
    shutil.copytree(starter_store.path.parent / "graph", home / "graph")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home
