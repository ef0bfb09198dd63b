"""The composition root: what is wired together, and what it makes of a table or of qualities."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kg.errors import InputError, UnknownNameError
from kg.home import HOME_VARIABLE
from kg.iris import evidence_iri
from kg.model import Passage, Provenance, TaskType
from kg.passages import PassageTable
from kg.store import KnowledgeStore
from recommender.proposal import Proposal
from recommender.validation.stage import GateContext
from recommender.validation.verdict import Outcome
from ui.compose import Settings, Tunegraph, silent
from ui.request import Request

QUALITIES = {"NumberOfInstances": 1000, "NumberOfFeatures": 21, "NumberOfClasses": 2}


@pytest.fixture
def unopened(tmp_path: Path) -> Tunegraph:
    """A recommender whose graph is not there yet."""
    return Tunegraph(Settings(home=tmp_path / "home"))


def test_the_home_is_what_was_named_else_the_environment_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "environment"))
    assert Settings.from_environment().home == tmp_path / "environment"
    assert Settings.from_environment(tmp_path / "named").home == tmp_path / "named"


def test_a_table_becomes_a_task(unopened: Tunegraph, table: Path) -> None:
    read, task = unopened.read(table, "diagnosis", Request(metric="roc_auc", time_s=300, n_trials=9, seed=4))
    assert (task.name, task.target, task.metric, task.seed) == ("breast_cancer", "diagnosis", "roc_auc", 4)
    assert (task.n_rows, task.n_columns, task.n_classes) == (read.n_rows, 30, 2)
    assert (task.constraints.wall_clock_s, task.constraints.n_trials) == (300, 9)


def test_describing_a_table_needs_no_graph(unopened: Tunegraph, table: Path) -> None:
    unopened.read(table, "diagnosis", Request())
    assert not unopened.settings.home.exists()


def test_qualities_become_a_task(unopened: Tunegraph) -> None:
    task = unopened.task_of(QUALITIES, Request(metric="roc_auc", learner="xgboost"))
    assert (task.task_type, task.metric) == (TaskType.CLASSIFICATION, "roc_auc")
    # OpenML counts the target among the features.
    assert (task.n_rows, task.n_columns, task.n_classes) == (1000, 20, 2)


def test_several_learners_may_be_named_to_choose_from(unopened: Tunegraph) -> None:
    task = unopened.task_of(QUALITIES, Request(learner="rf", learners=("svm", "random_forest")))
    assert task.constraints.learners == ("random_forest", "svm")


def test_making_the_graph_takes_nothing_from_the_seconds_of_the_test_run(
    tunegraph: Tunegraph, proposal: Proposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = 3600.0
    judged: list[GateContext] = []
    clock = iter([hour, hour + 4.0])  # when the graph is there, when the proposal is composed

    class Slow(Tunegraph):
        @property
        def store(self) -> KnowledgeStore:
            monkeypatch.setattr("ui.compose.time", SimpleNamespace(monotonic=lambda: next(clock)))
            return tunegraph.store

        @property
        def composer(self) -> Any:
            return SimpleNamespace(compose=lambda *_, **__: proposal)

    monkeypatch.setattr("ui.compose.time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr("recommender.validation.loop.validated", lambda *given, **_: judged.append(given[2]))
    Slow(tunegraph.settings).recommend(proposal.task, Request(test_run_seconds=20))
    assert judged[0].deadline == hour + 20


def test_memory_is_a_limit_of_the_test_run(tunegraph: Tunegraph) -> None:
    assert tunegraph._context(None, Request(memory_mb=512), silent).limits.memory_mb == 512


def test_a_regression_has_no_classes(unopened: Tunegraph) -> None:
    assert unopened.task_of({**QUALITIES, "NumberOfClasses": 0}, Request()).task_type is TaskType.REGRESSION
    assert unopened.task_of(QUALITIES, Request(task_type=TaskType.REGRESSION)).n_classes is None


@pytest.mark.parametrize(
    ("changed", "request_", "message"),
    [
        ({"NumberOfInstances": -5}, Request(), "NumberOfInstances: -5 is too small. Allowed: at least 20"),
        ({"NumberOfInstances": 3}, Request(), "NumberOfInstances: 3 is too small"),
        ({"NumberOfFeatures": 1}, Request(), "NumberOfFeatures: 1 is too small. Allowed: at least 2"),
        ({"NumberOfClasses": -1}, Request(), "NumberOfClasses: -1 is too small"),
        ({"NumberOfClasses": 1}, Request(task_type=TaskType.CLASSIFICATION), "1 is no number of classes"),
        ({"NumberOfClasses": None}, Request(), "--task-type: The task type is not known"),
        ({"NumberOfInstances": None, "NumberOfFeatures": None}, Request(), "Neither rows nor columns are known"),
        ({}, Request(metric="rmse"), "'rmse' is for regression"),
        ({}, Request(learner="elastic_net"), "'elastic_net' cannot do classification. Allowed: regression"),
    ],
)
def test_qualities_that_make_no_sense_are_refused(
    changed: dict[str, Any], request_: Request, message: str, unopened: Tunegraph
) -> None:
    with pytest.raises(InputError) as error:
        unopened.task_of({**QUALITIES, **changed}, request_)
    assert message in str(error.value)


def test_an_unknown_learner_is_refused_with_the_close_one(unopened: Tunegraph) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'xgboost'"):
        unopened.task_of(QUALITIES, Request(learner="xgbost"))


def test_opening_a_graph_that_is_there_needs_no_telling(starter_home: Path) -> None:
    told: list[str] = []
    _ = Tunegraph(Settings(home=starter_home), progress=told.append).store
    assert told == []


def test_a_proposal_says_that_no_test_run_was_wanted(proposal: Proposal) -> None:
    assert proposal.verdict is not None
    stage = next(stage for stage in proposal.verdict.stages if stage.name == "test_run")
    assert stage.outcome is Outcome.SKIPPED
    assert stage.findings[0].message == "No test run was wanted, so nothing was fitted."


def test_what_was_noticed_in_the_table_is_a_warning_of_the_proposal(
    tunegraph: Tunegraph, table: Path, tmp_path: Path
) -> None:
    path = tmp_path / "constant.csv"
    lines = table.read_text().splitlines()
    path.write_text("\n".join([f"always,{lines[0]}", *(f"3,{line}" for line in lines[1:])]))
    request = Request(learner="decision_tree", test_run=False)
    read, task = tunegraph.read(path, "diagnosis", request)
    found = tunegraph.recommend(task, request, table=read).proposal
    assert found is not None
    assert "Column 'always' has a single value: left out." in found.warnings


def test_the_same_request_gives_the_same_proposal(tunegraph: Tunegraph, proposal: Proposal) -> None:
    again = tunegraph.composer.compose(proposal.task, n_warm_starts=10)
    assert again.search_space == proposal.search_space
    assert again.warm_starts == proposal.warm_starts


def test_a_study_has_the_warm_starts_of_its_proposal(tunegraph: Tunegraph, proposal: Proposal) -> None:
    study = tunegraph.study(proposal, seed=1)
    waiting = [trial.system_attrs["fixed_params"] for trial in study.get_trials() if trial.state.name == "WAITING"]
    assert 0 < len(waiting) <= len(proposal.warm_starts.value)
    assert waiting[0].keys() <= {parameter.name for parameter in proposal.search_space.value.parameters}


def test_quotes_are_looked_up_in_the_passages_that_are_kept(
    unopened: Tunegraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said to stand in a document is held against all of its passages, one after the other."""
    source = Provenance(source="paper:g", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))
    texts = ("Search C between", "0.1 and 10.")
    passages = [
        Passage(iri=evidence_iri("passage", str(n)), document="guide", text=text, provenance=source)
        for n, text in enumerate(texts)
    ]
    PassageTable(unopened.settings.home).write("paper:g", passages)
    seen: list[str | None] = []

    def check(*_: Any, text_of: Any, **__: Any) -> tuple[()]:
        seen.extend([text_of("guide"), text_of("another")])
        return ()

    monkeypatch.setattr("recommender.grounding.check", check)
    monkeypatch.setattr(Tunegraph, "store", None)
    monkeypatch.setattr(Tunegraph, "composer", type("Composer", (), {"surfaces": None}))
    context = unopened._context(None, Request(), lambda _: None)
    assert context.check_grounding is not None
    context.check_grounding(None, None)  # type: ignore[arg-type]
    assert seen == [" Search C between 0.1 and 10.", None]
