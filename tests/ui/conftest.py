"""What the tests of commands and of the facade share: a home with the starter graph, a real table, a real answer."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal
from ui.cli import main
from ui.compose import Settings, Tunegraph
from ui.request import Request

#: A real table that ships with the repository: 569 tumours, 30 measurements, two classes.
TABLE = Path(__file__).resolve().parents[2] / "examples" / "data" / "breast_cancer.csv"


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def starter_home(starter_store: RdfStore) -> Path:
    """The home of the starter graph, with what recommendations keep there from one test to the next."""
    return starter_store.path.parent


@pytest.fixture(scope="session")
def tunegraph(starter_home: Path) -> Tunegraph:
    return Tunegraph(Settings(home=starter_home))


@pytest.fixture(scope="session")
def table() -> Path:
    return TABLE


@pytest.fixture(scope="session")
def proposal(tunegraph: Tunegraph, table: Path) -> Proposal:
    """What is recommended for decision trees on the real table, without a test run."""
    request = Request(learner="decision_tree", test_run=False, time_s=300)
    read, task = tunegraph.read(table, None, request)
    found = tunegraph.recommend(task, request, table=read).proposal
    assert found is not None
    return found


@pytest.fixture
def proposal_file(proposal: Proposal, tmp_path: Path) -> Path:
    path = tmp_path / "proposal.json"
    path.write_text(proposal.to_json(), encoding="utf-8")
    return path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``tunegraph ARGUMENTS`` in this process. Any error that is not told as one fails the test."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tunegraph", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ran(int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home that is not there yet: bad input must be refused before a graph is made in it."""
    home = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, starter_home: Path) -> Path:
    """Commands find the starter graph."""
    monkeypatch.setenv(HOME_VARIABLE, str(starter_home))
    return starter_home


@pytest.fixture
def small_table(tmp_path: Path) -> Callable[..., Path]:
    """Write a table of 60 rows, two features and a target `y` of two classes, changed as told."""

    def write(change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame) -> Path:
        rows = range(60)
        frame = pd.DataFrame({"a": [i * 0.5 for i in rows], "b": [i % 7 for i in rows], "y": [i % 2 for i in rows]})
        path = tmp_path / "table.csv"
        change(frame).to_csv(path, index=False)
        return path

    return write
