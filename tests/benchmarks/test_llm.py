"""Scripted models over the real graph and real tables: what `python -m benchmarks.llm` does, a few times."""

import pytest

from benchmarks.llm import lies, tempers
from benchmarks.llm.bench import Bench, pauses
from tests.recommender.llm.openai_server import serving
from ui.compose import Settings, Tunegraph

pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")


@pytest.fixture(scope="module")
def bench(starter_store, shared_data):
    tunegraph = Tunegraph(Settings(home=starter_store.path.parent))
    tunegraph.__dict__["store"] = starter_store
    folder = shared_data / "raw-datasets"
    return Bench(tunegraph.settings.home, [folder / "sonar.tsv.gz"], tunegraph=tunegraph)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with serving(tempers.always("")) as found, pauses(0.01):
        yield found


def test_honest_drafts_come_through_unchanged(bench, server):
    for seed in range(2):
        done = bench.converse(server, tempers.honest(seed, "svm"), bench.tables[0], learner="svm")
        assert (done.is_unchanged, done.faults) == (True, ())


def test_hallucinated_drafts_lose_what_nothing_supports_and_say_so(bench, server):
    for seed in range(3):
        told: list[str] = []
        done = bench.converse(server, tempers.hallucinating(seed, "svm", told=told), bench.tables[0], learner="svm")
        assert told
        assert done.notes
        assert done.faults == ()


def test_a_lie_that_went_unnoticed_would_be_a_fault(bench, server):
    """The bench sees what it is there to see: the same conversation without its warnings does not pass."""
    done = bench.converse(server, tempers.hallucinating(0, "svm"), bench.tables[0], learner="svm")
    done.shown = type(done.shown)(done.shown.proposal.replace(warnings=()), done.shown.verdict)
    assert any(fault.startswith("not told") for fault in bench.faults(done))


def test_every_kind_of_lie_is_told_where_there_is_room_for_it(bench, server):
    """With every kind at once, each of those that can be told in any draft is."""
    told: list[str] = []
    done = bench.converse(server, tempers.hallucinating(5, "svm", rate=1.0, told=told), bench.tables[0], learner="svm")
    assert len(set(lies.LIES) - set(told)) <= 3
    assert done.faults == ()
    assert done.shown.proposal is not None
