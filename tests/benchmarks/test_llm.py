"""Scripted models over the real graph and real tables: what `python -m benchmarks.llm` does, a few times."""

import pytest

from benchmarks.llm import ablation, lies, planted, real, tempers, traced
from benchmarks.llm.__main__ import TEMPERS, parts
from benchmarks.llm.bench import Bench, pauses
from benchmarks.starter_suite import starter_suite
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


def test_what_graph_and_gate_are_worth_is_told_of_a_data_set_left_out(starter_store, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    suite = starter_suite(starter_store, "AdaBoost")
    arms = ablation.measured(suite, starter_store, every=len(suite.pools))
    assert [len(arm.regrets) for arm in arms.values()] == [1, 1, 1, 1]
    for shown in (ablation.COMPOSER, ablation.GATE):
        assert (arms[shown].refused, arms[shown].unsupported) == ([0.0], [0.0])
    assert arms[ablation.ALONE].refused[0] > 0
    assert "measured today." in ablation.page({"AdaBoost": arms}, "today")


class TestWithARealProvider:
    """`make eval-llm`, with a server on loopback in the provider's place."""

    @pytest.fixture
    def evaluated(self, bench, server, shared_data, monkeypatch, capsys):
        monkeypatch.setattr(real, "Bench", lambda *_: bench)
        monkeypatch.setattr(real, "TABLES", ["sonar.tsv.gz"] * 2)

        def evaluate(temper, *options):
            server.answer, server.asked[:] = temper, []
            given = ["openai:any", "--base-url", server.url, "--data", str(shared_data), "--home", "unused"]
            return real.main([*given, *options]), capsys.readouterr()

        return evaluate

    def test_an_honest_model_comes_through_and_is_counted(self, evaluated):
        code, told = evaluated(tempers.honest(1))
        assert code == 0
        assert told.out.count("sonar.tsv.gz: draft yes, shown: openai:any, 0 repairs and drops") == 2
        assert "drafts: 2 of 2; unchanged: 2; shown: 2" in told.out
        assert "tokens a conversation: 60; the most: 60" in told.out

    def test_a_hallucinating_one_is_told_of_fault_by_fault_and_heard(self, evaluated):
        code, told = evaluated(tempers.hallucinating(1), "--stream", "--answer-price", "10")
        assert code == 0
        assert "unchanged: 0" in told.out
        assert "dropped, because" in told.out
        assert "money: 0.0004" in told.out
        assert "looks up evidence" in told.err

    def test_the_tokens_are_a_limit(self, evaluated):
        code, told = evaluated(tempers.honest(1), "--tokens", "15", "--tables", "1")
        assert code == 0
        assert "draft no, shown: composer" in told.out
        assert "the most: 15" in told.out

    def test_a_model_that_cannot_be_opened_is_told(self, evaluated, monkeypatch):
        monkeypatch.setenv("TUNEGRAPH_NO_LLM", "1")
        code, told = evaluated(tempers.honest(1))
        assert code == 2
        assert "forbidden" in told.err


@pytest.mark.parametrize("make", [tempers.honest, tempers.hallucinating])
def test_every_number_that_is_shown_comes_from_somewhere(bench, server, make):
    done = bench.converse(server, make(3, "svm"), bench.tables[0], learner="svm")
    items = list(traced.said(done, done.shown.proposal, bench.composer.store))
    assert traced.count(items) > 50
    assert list(traced.untraced(items)) == []


def test_a_number_from_nowhere_is_found(bench, server):
    done = bench.converse(server, tempers.honest(3, "svm"), bench.tables[0], learner="svm")
    proposal = done.shown.proposal
    lying = proposal.replace(learner=proposal.learner.replace(rationale="It won 8,888 times."))
    items = traced.said(done, lying, bench.composer.store)
    assert [(field, number) for field, number, _ in traced.untraced(items)] == [("learner", 8888)]


def test_words_planted_in_the_graph_are_read_and_change_nothing(bench, tmp_path, server):
    found = list(planted.effects(bench, tmp_path, only=("quote of a claim",)))
    assert [(one.wording, one.is_read) for one in found] == [("an order", False), ("a statement", True)]
    assert found[1].is_obeyed
    assert not any(one.is_changed for one in found)


def test_a_run_is_held_in_parts_that_cover_every_temper_once():
    held = list(parts(list(TEMPERS), 0, 500))
    assert len({(part.temper, part.which.start) for part in held}) == len(held)
    counts = {name: sum(len(part.which) for part in held if part.temper == name) for name in TEMPERS}
    assert (counts["honest"], counts["hallucinating"], counts["obeying"], counts["lazy"]) == (500, 500, 500, 100)
    assert {counts[name] for name in tempers.BROKEN} == {20}
