"""A finished study becomes evidence: the next recommendation for a like table rests on it."""

import json
from pathlib import Path

import optuna
import pandas as pd
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from kg.model import Standing
from kg.rdf_store import RdfStore
from recommender.objective import objective_for
from recommender.tuning import configure_study, optimise
from ui.compose import Settings, Tunegraph
from ui.request import Request

REQUEST = Request(learner="decision_tree", test_run=False, n_trials=40, time_s=600)
TRIALS = 40


def at_home_of_nothing(home: Path) -> Tunegraph:
    """Return a recommender whose graph knows nothing yet."""
    tunegraph = Tunegraph(Settings(home=home))
    tunegraph.__dict__["store"] = RdfStore(home / "graph")
    return tunegraph


def recommended(tunegraph: Tunegraph, frame: pd.DataFrame, target: str):
    table, task = tunegraph.read(frame, target, REQUEST)
    found = tunegraph.recommend(task, REQUEST, table=table)
    assert found.proposal is not None, found.verdict
    return found.proposal


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home whose graph begins empty: the starter takes long to open, and is not needed."""
    monkeypatch.setattr("kg.rdf_starter.open_store", lambda home, **_: RdfStore(home / "graph"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def frame(shared_data: Path) -> pd.DataFrame:
    """1473 women, ten attributes each, three methods of contraception."""
    return pd.read_csv(shared_data / "raw-datasets" / "cmc.tsv.gz", sep="\t")


@pytest.fixture(scope="module")
def storage(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that Tunegraph laid down and ran, when it knew nothing."""
    folder = tmp_path_factory.mktemp("study")
    tunegraph = at_home_of_nothing(folder / "home")
    proposal = recommended(tunegraph, frame, "target")
    journal = JournalStorage(JournalFileBackend(str(folder / "cmc.log")))
    study = configure_study(proposal, storage=journal, study_name="cmc", seed=0)
    optimise(study, objective_for(frame, "target", proposal), proposal)
    tunegraph.store.close()
    assert len(study.trials) == TRIALS or study.user_attrs["tunegraph:stop_reason"]
    return folder / "cmc.log"


@pytest.fixture(scope="module")
def learned(storage: Path, tmp_path_factory: pytest.TempPathFactory) -> Tunegraph:
    """The recommender after it has read the study."""
    from ingest.sources.optuna_studies import fetch

    tunegraph = at_home_of_nothing(tmp_path_factory.mktemp("home"))
    raw = tunegraph.settings.home / "raw"
    report = tunegraph.ingest(fetch(str(storage), raw), raw)
    assert [source.problem for source in report.sources] == [""]
    return tunegraph


def test_the_study_is_summarised_and_modelled(learned: Tunegraph, storage: Path) -> None:
    (summary,) = learned.store.evidence("study_summary")
    study = optuna.load_study(study_name="cmc", storage=JournalStorage(JournalFileBackend(str(storage))))
    assert summary.best == pytest.approx(study.best_value)
    assert summary.best_trial == study.best_trial.number
    assert summary.standing is Standing.MEASURED
    (model,) = learned.store.evidence("response_model")
    assert model.learner == "decision_tree"
    assert model.provenance.source.startswith("study:cmc-")


@pytest.mark.parametrize("change", ["a column dropped", "rows drawn again"])
def test_the_next_recommendation_for_a_like_table_cites_it(
    learned: Tunegraph, frame: pd.DataFrame, change: str
) -> None:
    like = (
        frame.drop(columns=frame.columns[3])
        if "column" in change
        else frame.sample(frac=1, replace=True, random_state=1)
    )
    proposal = recommended(learned, like, "target")
    own = {item.iri for kind in ("response_model", "run_summary") for item in learned.store.evidence(kind)}
    assert own & set(proposal.warm_starts.citations)
    assert own & set(proposal.search_space.citations)
    (neighbour,) = proposal.neighbours
    assert neighbour.dataset == learned.store.evidence("run_summary")[0].dataset
    (model,) = learned.store.evidence("response_model")
    tried = [dict(zip(model.parameters, row, strict=True)) for row in model.support]
    first = dict(proposal.warm_starts.value[0].items())
    regrets = [regret for row, regret in zip(tried, model.regrets, strict=True) if first.items() <= row.items()]
    assert min(regrets) < 0.5  # the study tried it, and it was among the better ones: 1 is the median


def test_the_command_reads_it_says_so_and_a_second_time_nothing_new(command, storage: Path, bare: Path) -> None:
    dry = command("ingest", "study", storage, "--home", bare, "--dry-run", "--json")
    assert dry.code == 0
    assert not (bare / "raw").exists()
    first = json.loads(command("ingest", "study", storage, "--home", bare, "--json").out)["sources"][0]
    again = json.loads(command("ingest", "study", storage, "--home", bare, "--json").out)["sources"][0]
    assert first["source"].startswith("study:cmc-")
    assert first["added"] > TRIALS / 2
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, first["added"])


def test_the_command_says_which_option_is_missing(command, bare: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    study = optuna.create_study(storage=url, study_name="other", direction="maximize")
    study.optimize(lambda trial: trial.suggest_float("C", 0.1, 1), n_trials=2)
    ran = command("ingest", "study", url, "--home", bare, "--learner", "svm", "--metric", "accuracy")
    assert ran.code == 1
    assert "--data TABLE --target COLUMN, or --meta-features FILE" in ran.out
    features = tmp_path / "loans.json"
    features.write_text(json.dumps({"NumberOfInstances": 500, "NumberOfFeatures": 9}))
    assert command("ingest", "study", url, "--home", bare, "--meta-features", features).code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["study", "none.db"], "There is no such file"),
        (["study", "none.db", "--target", "y"], "--data TABLE"),
        (["study", "none.db", "--data", "a.csv", "--meta-features", "b.json"], "given twice"),
        (["amlb", "none.csv"], "There is no such file"),
        (["amlb", "a.csv", "b.csv", "--name", "mine"], "one file at a time"),
    ],
)
def test_bad_input_is_named(command, empty_home: Path, arguments: list[str], words: str) -> None:
    ran = command("ingest", *arguments)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


def test_results_of_the_automl_benchmark_are_read(command, bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "id,task,framework,constraint,fold,result,metric\n"
        "openml.org/t/31,credit-g,flaml,1h8c,0,0.8,auc\nopenml.org/t/31,credit-g,flaml,1h8c,1,,auc\n"
    )
    ran = command("ingest", "amlb", path, "--home", bare)
    assert ran.code == 0
    assert "failed fold of flaml" in ran.out
    rows = json.loads(command("query", "tuned_against_default", "--home", bare, "--json").out)
    assert [(row["system"], row["score"]) for row in rows if row["dataset"].endswith("openml-task-31")] == [
        ("flaml", 0.8)
    ]
