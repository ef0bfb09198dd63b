"""Own studies: what is taken of them, what it means, and what becomes evidence. Every study here is run by Optuna."""

import json
import math
import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path

import optuna
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from ingest.run import ingest
from ingest.sources.optuna_studies import Given, GivenData, StudySource, described, fetch, keep
from ingest.sources.optuna_studies.names import named
from ingest.sources.optuna_studies.snapshot import NAMELESS, Distribution, Trial, read_snapshot
from ingest.sources.optuna_studies.source import seconds_in_use
from ingest.sources.optuna_studies.storage import snapshot, snapshots
from kg.errors import InputError, UnknownNameError
from kg.learners.registry import learners
from kg.model import CategoricalParameter, Condition, Dataset, FloatParameter, IntParameter, MetaFeatures, StudySummary
from tests.ingest.source_contract import SourceCase, SourceContract

DAY = date(2026, 11, 21)
DATA = GivenData(name="loans", meta_features=MetaFeatures({"NumberOfInstances": 500, "NumberOfFeatures": 9}))
SVM = Given(learner="svm", metric="accuracy", data=DATA)


@pytest.fixture(autouse=True)
def quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def svm_objective(trial):
    """A pipeline whose kernel decides on gamma; one trial fails, one is pruned."""
    kernel = trial.suggest_categorical("svc__kernel", ["rbf", "linear"])
    c = trial.suggest_float("svc__C", 1e-3, 1e3, log=True)
    gamma = trial.suggest_float("svc__gamma", 1e-4, 1.0, log=True) if kernel == "rbf" else 0.0
    trial.suggest_int("pca__n_components", 2, 8)
    trial.suggest_categorical("svc__random_state", [0])
    trial.report(0.5, 1)
    if trial.number == 3:
        raise ValueError("no convergence")
    if trial.number == 5:
        raise optuna.TrialPruned
    return 0.7 + 0.1 * gamma - 0.01 * abs(math.log10(c))


def run(objective=svm_objective, *, n=12, storage=None, name=None, direction="maximize"):
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        direction=direction,
        sampler=optuna.samplers.RandomSampler(seed=0),
        load_if_exists=True,
    )
    study.optimize(objective, n_trials=n, catch=(ValueError,))
    return study


def read(study, tmp_path, given=SVM):
    """Return the items by type, and the page of runs, of a study in memory."""
    items, runs = keep(snapshot(study), tmp_path, given=given).read(tmp_path, retrieved=DAY)
    return {type(item): item for item in items.items}, runs


# --- what is taken


@pytest.fixture(scope="module")
def sqlite_file(tmp_path_factory):
    """A database of two studies, made by Optuna."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = tmp_path_factory.mktemp("sqlite") / "my tuning#1.db"
    run(storage=f"sqlite:///{path}", name="loans/first", n=8)
    run(storage=f"sqlite:///{path}", name="second", n=2)
    return path


@pytest.fixture(scope="module")
def journal_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("journal") / "tuning.log"
    run(storage=JournalStorage(JournalFileBackend(str(path))), name="of a journal", n=8)
    return path


def test_a_snapshot_holds_all_of_a_study_and_survives_its_file(tmp_path):
    study = run()
    study.set_user_attr("note", {"by": "me"})
    study.set_user_attr("long", "x" * 50_000)
    taken = snapshot(study)
    assert [trial.state for trial in taken.trials].count("COMPLETE") == 10
    assert taken.trials[3].state == "FAIL"
    assert taken.user_attrs.root == {"note": {"by": "me"}}
    assert taken.left_out == ("long",)
    assert taken.trials[0].params.root == study.trials[0].params
    assert taken.trials[0].values == (study.trials[0].value,)
    assert taken.trials[0].intermediate.root == {1: 0.5}
    assert taken.trials[0].seconds == study.trials[0].duration.total_seconds()
    keep(taken, tmp_path)
    assert read_snapshot(tmp_path / "studies" / f"{taken.slug}.json") == taken


def test_a_database_is_read_and_not_touched(sqlite_file, tmp_path):
    before = sqlite_file.read_bytes()
    sources = fetch(str(sqlite_file), tmp_path)
    assert [source.name.rpartition("-")[0] for source in sources] == ["study:loans-first", "study:second"]
    assert sqlite_file.read_bytes() == before
    assert [path.name for path in sqlite_file.parent.iterdir()] == [sqlite_file.name]
    assert fetch(f"sqlite:///{sqlite_file}", tmp_path, study="second")[0].name == sources[1].name


def test_a_journal_is_read_and_not_touched(journal_file, tmp_path):
    before = journal_file.read_bytes()
    (source,) = fetch(str(journal_file), tmp_path, given=SVM)
    assert journal_file.read_bytes() == before
    assert [path.name for path in journal_file.parent.iterdir()] == [journal_file.name]
    assert len(list(source.read(tmp_path, retrieved=DAY))[1].frame) == 6


def test_a_study_has_one_name_wherever_it_is_stored(sqlite_file, tmp_path):
    copy = tmp_path / "moved.db"
    copy.write_bytes(sqlite_file.read_bytes())
    first, second = (fetch(str(path), tmp_path / "raw", study="second")[0] for path in (sqlite_file, copy))
    assert first.name == second.name
    assert run(name="second", n=1).study_name == "second"
    assert keep(snapshot(run(name="second", n=1)), tmp_path / "raw").name != first.name


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ("none.db", "no such file"),
        ("sqlite:///none.db", "no such file"),
        ("sqlite://", "in memory"),
        ("redis://localhost", "no storage that can be read"),
        ("no url://", "storage"),
        ("postgresql://me:secret@127.0.0.1:1/tuning", "cannot be|driver of the database is not installed"),
    ],
)
def test_a_storage_that_is_not_there_is_named_and_none_is_made(tmp_path, monkeypatch, storage, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words) as caught:
        snapshots(storage)
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_another_database_gets_no_tables(tmp_path):
    path = tmp_path / "customers.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="no studies of Optuna"):
        snapshots(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"hello", b'{"op_code": 4\n', b'{"a": 1}\n', b"\x00" * 100])
def test_a_file_of_another_kind_is_named(tmp_path, content):
    path = tmp_path / "some.file"
    path.write_bytes(content)
    with pytest.raises(InputError, match="neither a SQLite database nor a journal"):
        snapshots(str(path))
    assert path.read_bytes() == content


def test_a_storage_of_another_version_says_how_to_upgrade(sqlite_file, tmp_path):
    path = tmp_path / "old.db"
    path.write_bytes(sqlite_file.read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v2.6.0.a'")
    connection.close()
    with pytest.raises(InputError, match="optuna storage upgrade"):
        snapshots(str(path))


def test_a_missing_study_is_named_with_those_there_are(sqlite_file):
    with pytest.raises(UnknownNameError, match="second"):
        snapshots(str(sqlite_file), study="secnd")


# --- what it means


def test_a_study_is_a_data_set_a_summary_and_runs(tmp_path):
    items, runs = read(run(), tmp_path)
    dataset, summary = items[Dataset], items[StudySummary]
    assert dataset.name == "loans"
    assert dataset.iri.rpartition("/")[2].startswith("own-loans-")
    assert (summary.learner, summary.metric, summary.n, summary.n_trials) == ("svm", "accuracy", 10, 12)
    assert summary.best == max(runs.frame["score.accuracy"])
    assert summary.dataset == dataset.iri
    assert len(runs.frame) == 10
    assert set(runs.frame["row"]) == set(range(12)) - {3, 5}


def test_the_space_is_that_of_the_distributions_with_its_condition(tmp_path):
    space = read(run(), tmp_path)[0][StudySummary].space
    assert space.parameters == (
        CategoricalParameter(name="kernel", choices=("rbf", "linear")),
        FloatParameter(name="C", low=1e-3, high=1e3, log=True),
        FloatParameter(name="gamma", low=1e-4, high=1.0, log=True),
    )
    assert space.conditions == (Condition(child="gamma", parent="kernel", values=("rbf",)),)


def test_the_best_configuration_is_a_point_of_the_space(tmp_path):
    summary = read(run(), tmp_path)[0][StudySummary]
    assert summary.space.faults(summary.best_configuration) == ()


def test_what_is_no_hyper_parameter_of_the_learner_is_counted(tmp_path):
    _, runs = read(run(), tmp_path)
    assert runs.unmapped == {"svm pca__n_components": 12}
    assert all(set(configuration) <= {"kernel", "C", "gamma"} for configuration in runs.configurations)


def test_a_range_that_is_none_is_counted_and_the_others_are_searched(tmp_path):
    taken = snapshot(run())
    none = Distribution(kind="float", low=0.0, high=1.0, log=True)
    trials = tuple(t.replace(distributions={**dict(t.distributions.items()), "svc__C": none}) for t in taken.trials)
    items, runs = keep(taken.replace(trials=trials), tmp_path, given=SVM).read(tmp_path, retrieved=DAY)
    (summary,) = (item for item in items.items if isinstance(item, StudySummary))
    assert "C" not in summary.space
    assert any("svc__C (" in name and "log scale" in name for name in runs.unmapped)


def test_failed_pruned_and_unfinished_trials_are_told_with_their_reason(tmp_path):
    study = run()
    study.enqueue_trial({"svc__C": 1.0})
    _, runs = read(study, tmp_path)
    assert [(r.locator.rpartition("#")[2], r.reason) for r in runs.rejected] == [
        ("trial:3", "failed trial"),
        ("trial:5", "pruned trial"),
        ("trial:12", "unfinished trial"),
    ]


def test_ranges_that_change_between_trials_are_joined(tmp_path):
    def objective(trial):
        return trial.suggest_int("max_depth", 1, 3 + trial.number) / 100

    space = read(run(objective, n=3), tmp_path, SVM.model_copy(update={"learner": "decision_tree"}))[0][
        StudySummary
    ].space
    assert space.parameters == (IntParameter(name="max_depth", low=1, high=5),)


@pytest.mark.parametrize(
    ("learner", "parameter", "canonical"),
    [
        ("random_forest", "max_depth", "max_depth"),
        ("random_forest", "rf_max_depth", "max_depth"),
        ("random_forest", "random_forest_max_depth", "max_depth"),
        ("random_forest", "RandomForestClassifier__max_features", "max_features"),
        ("random_forest", "model.max_depth", "max_depth"),
        ("random_forest", "n_jobs", ""),
        ("random_forest", "model__random_state", ""),
        ("random_forest", "imputer__strategy", None),
        ("svm", "scale", None),
        ("svm", "clf__C", "C"),
        ("svm", "log10_C", None),
        ("svm", "pca__tol", None),
        ("lightgbm", "lambda_l1", "reg_alpha"),
        ("lightgbm", "lgbm_num_leaves", "num_leaves"),
        ("xgboost", "eta", "learning_rate"),
        ("xgboost", "booster", "booster"),
        ("xgboost", "rf_max_depth", None),
        ("adaboost", "base_estimator__max_depth", "estimator__max_depth"),
    ],
)
def test_a_name_is_taken_for_what_it_says_and_nothing_else(learner, parameter, canonical):
    found = named(learner, parameter)
    assert (found and found.canonical) == canonical


@given(data=st.data())
def test_every_canonical_name_is_its_own_with_or_without_a_prefix_that_says_nothing(data):
    spec = data.draw(st.sampled_from(learners()))
    name = data.draw(st.sampled_from([h.name for h in spec.hyperparameters]))
    prefix = data.draw(st.sampled_from(["", "model__", "clf__", f"{spec.name}__", f"{spec.name}_"]))
    assert named(spec.name, prefix + name).canonical == name


def test_a_study_that_chooses_the_learner_is_several(tmp_path):
    def objective(trial):
        if trial.suggest_categorical("classifier", ["SVC", "RandomForest"]) == "SVC":
            return 0.5 + trial.suggest_float("svc_C", 0.1, 10) / 100
        return 0.6 + trial.suggest_int("rf_max_depth", 2, 9) / 100

    source = keep(snapshot(run(objective)), tmp_path, given=Given(metric="accuracy", data=DATA))
    items, runs = source.read(tmp_path, retrieved=DAY)
    summaries = [item for item in items.items if isinstance(item, StudySummary)]
    assert [(summary.learner, summary.space.names) for summary in summaries] == [
        ("random_forest", ("max_depth",)),
        ("svm", ("C",)),
    ]
    assert sum(summary.n for summary in summaries) == len(runs.frame) == 12
    assert runs.unmapped == {}


@pytest.mark.parametrize(
    ("direction", "value", "metric", "score"),
    [
        ("maximize", 0.8, "accuracy", 0.8),
        ("minimize", -0.8, "accuracy", 0.8),
        ("minimize", 0.2, "1-accuracy", 0.8),
        ("minimize", -0.8, "neg_accuracy", 0.8),
        ("minimize", 3.5, "rmse", 3.5),
        ("maximize", -3.5, "rmse", 3.5),
        ("maximize", -3.5, "neg_rmse", 3.5),
    ],
)
def test_scores_are_in_the_metrics_own_direction(tmp_path, direction, value, metric, score):
    def objective(trial):
        trial.suggest_float("C", 0.1, 1)
        return value

    given_ = SVM.model_copy(update={"metric": metric})
    summary = read(run(objective, n=2, direction=direction), tmp_path, given_)[0][StudySummary]
    assert summary.best == pytest.approx(score)


def two_objectives():
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.optimize(lambda trial: (trial.suggest_float("C", 0, 1), 1.0), n_trials=2)
    return study


@pytest.mark.parametrize(
    ("make", "given_", "words"),
    [
        (lambda: run(n=2), Given(metric="accuracy", data=DATA), "--learner with one of adaboost"),
        (lambda: run(n=2), Given(learner="svm", data=DATA), "--metric with one of accuracy"),
        (lambda: run(n=2), Given(learner="svm", metric="accuracy"), "--data TABLE --target COLUMN, or --meta-features"),
        (lambda: run(n=2), Given(learner="svm", metric="mood", data=DATA), "'mood' is no metric"),
        (lambda: run(n=2), Given(learner="svn", metric="accuracy", data=DATA), "no learner 'svn'"),
        (lambda: run(n=2), Given(learner="svm", metric="rmse", data=DATA), "direction is maximize.*--metric neg_rmse"),
        (lambda: run(n=0), SVM, "No trial has finished"),
        (two_objectives, SVM, "2 objectives"),
    ],
)
def test_what_a_study_does_not_say_is_asked_for_by_the_option(tmp_path, make, given_, words):
    source = keep(snapshot(make()), tmp_path, given=given_)
    with pytest.raises(InputError, match=words):
        list(source.read(tmp_path, retrieved=DAY))
    assert source.paths(tmp_path)  # it stays in the raw files


def test_what_was_said_once_stands(tmp_path):
    study = run(n=4)
    keep(snapshot(study), tmp_path, given=SVM)
    source = keep(snapshot(study), tmp_path, given=Given(metric="balanced_accuracy"))
    items, _ = source.read(tmp_path, retrieved=DAY)
    assert (items.items[1].learner, items.items[1].metric) == ("svm", "balanced_accuracy")


def test_the_metric_may_be_named_in_the_study(tmp_path):
    study = run(n=2)
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        study.set_metric_names(["roc_auc"])
    assert read(study, tmp_path, Given(learner="svm", data=DATA))[0][StudySummary].metric == "roc_auc"


def test_the_time_in_use_leaves_out_pauses_and_counts_parallel_trials_once():
    at = (
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:10",
        "2026-01-01T00:00:15",
        "2026-01-02T00:00:00",
        "2026-01-02T00:00:05",
    )
    spans = [(at[0], at[1]), (at[0], at[2]), (at[3], at[4])]
    state = {"number": 0, "state": "COMPLETE"}
    trials = [Trial.model_validate({**state, "started": begun, "completed": ended}) for begun, ended in spans]
    assert seconds_in_use(trials) == 20
    assert seconds_in_use([]) is None


# --- Tunegraph's own studies


def proposal(fidelity=None):
    """As much of a proposal as is read of it."""
    values = {
        "learner": "random_forest",
        "metric": "accuracy",
        "protocol": {"folds": 4, "repeats": 1},
        "sampler": {"name": "transfer"},
        "budget": {"wall_clock_s": 600.0},
        "fidelity": fidelity,
    }
    return json.dumps({"task": {"name": "loans"}, **{name: {"value": value} for name, value in values.items()}})


def own(objective, fidelity=None, n=4):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.set_user_attr("tunegraph:proposal", proposal(fidelity))
    study.set_user_attr("tunegraph:meta_features", {"NumberOfInstances": 500.0, "NumberOfFeatures": 9.0})
    study.optimize(objective, n_trials=n)
    return study


def by_folds(trial):
    depth = trial.suggest_int("max_depth", 2, 9)
    trial.set_user_attr("tunegraph:configuration", {"max_depth": depth, "n_estimators": 100})
    folds = [0.6, 0.8] if trial.number == 1 else [0.6, 0.8, 0.7, 0.9]
    trial.set_user_attr("tunegraph:fold_scores", folds)
    if trial.number == 1:
        raise optuna.TrialPruned
    return sum(folds) / 4


def test_a_study_of_ours_needs_nobody_to_explain_it(tmp_path):
    items, _ = read(own(by_folds), tmp_path, Given())
    summary = items[StudySummary]
    assert (summary.learner, summary.metric, summary.sampler, summary.time_limit_s) == (
        "random_forest",
        "accuracy",
        "transfer",
        600.0,
    )
    assert items[Dataset].iri == read(run(), tmp_path)[0][Dataset].iri  # the same table, described by a person
    assert summary.best_configuration["n_estimators"] == 100  # fixed, not searched


def test_a_pruned_trial_is_a_run_at_the_fidelity_that_it_reached(tmp_path):
    _, runs = read(own(by_folds), tmp_path, Given())
    pruned = runs.frame[runs.frame["row"] == 1]
    assert pruned["fidelity_kind"].tolist() == ["folds", "folds"]
    assert pruned["fidelity_value"].tolist() == [1, 2]
    assert pruned["score.accuracy"].tolist() == pytest.approx([0.6, 0.7])
    whole = runs.frame[runs.frame["row"] == 0]
    assert whole["fidelity_value"].tolist()[:2] == [1, 2]
    assert whole["fidelity_value"].isna().tolist() == [False, False, True]
    assert runs.rejected == ()


def test_rungs_are_levels_of_the_fidelity_that_was_chosen(tmp_path):
    def objective(trial):
        trial.suggest_int("max_depth", 2, 9)
        for level in (0.25, 0.5, 1.0):
            trial.report(level / 2, step=round(level / 0.25))
        return 0.5

    chosen = {"parameter": "", "kind": "training_fraction", "min": 0.25, "max": 1.0, "eta": 2}
    _, runs = read(own(objective, chosen), tmp_path, Given())
    first = runs.frame[runs.frame["row"] == 0]
    assert first["fidelity_value"].tolist()[:2] == [0.25, 0.5]
    assert first["score.accuracy"].tolist() == [0.125, 0.25, 0.5]
    assert first["fidelity_full"].tolist()[:2] == [1.0, 1.0]
    assert runs.frame["seconds"].isna().all()  # a trial's time holds all rungs


@pytest.mark.parametrize(
    "fidelity",
    [
        {"kind": "epochs"},
        {"kind": "moons", "min": 1, "max": 9},
        {"kind": "epochs", "min": 0, "max": 9},
        {"kind": "epochs", "min": [1], "max": 9},
    ],
)
def test_a_fidelity_that_cannot_be_read_is_not_known(tmp_path, fidelity):
    _, runs = read(own(by_folds, fidelity), tmp_path, Given())
    assert [rejected.reason for rejected in runs.rejected] == ["pruned trial"]
    assert len(runs.frame) == 3


def test_a_proposal_that_is_no_json_says_nothing(tmp_path):
    study = run()
    study.set_user_attr("tunegraph:proposal", "[" * 100_000)
    items, _ = read(study, tmp_path)
    assert items[StudySummary].sampler == "not recorded"


def test_the_cost_of_a_run_is_that_of_one_fit(tmp_path):
    study = own(by_folds)
    _, runs = read(study, tmp_path, Given())
    whole = runs.frame[runs.frame["fidelity_value"].isna()].set_index("row")["seconds"]
    assert whole[0] == pytest.approx(study.trials[0].duration.total_seconds() / 4)


# --- again, and more


def test_a_study_that_went_on_is_taken_from_where_it_was(tmp_path):
    path, home = tmp_path / "j.log", tmp_path / "home"
    storage = JournalStorage(JournalFileBackend(str(path)))
    run(storage=storage, name="mine", n=8)
    sources = fetch(str(path), home / "raw", given=SVM)
    first = ingest(sources, home / "raw", home, retrieved=DAY).sources[0]
    again = ingest(fetch(str(path), home / "raw"), home / "raw", home, retrieved=DAY)
    assert first.added == 6
    assert again.is_unchanged
    run(storage=storage, name="mine", n=4)
    more = ingest(fetch(str(path), home / "raw"), home / "raw", home, retrieved=DAY).sources[0]
    assert (more.added, more.unchanged, more.removed) == (4, 6, 0)


def test_trials_that_the_storage_has_lost_are_kept(tmp_path):
    study = snapshot(run())
    keep(study, tmp_path, given=SVM)
    source = keep(study.replace(trials=study.trials[:4]), tmp_path)
    (path,) = source.paths(tmp_path)
    assert Counter(trial.state for trial in read_snapshot(path).trials)["COMPLETE"] == 10


def test_what_is_no_snapshot_is_named(tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "x-1.json").write_text('{"name": 3}')
    with pytest.raises(InputError, match="not a snapshot of a study"):
        list(StudySource("x-1").read(tmp_path, retrieved=DAY))


class TestStudySource(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        taken = snapshot(run(n=30, name="contract"))

        def make(folder: Path) -> SourceCase:
            source = keep(taken, folder, given=SVM)
            (path,) = source.paths(folder)

            def edit(number, **changes):
                held = json.loads(path.read_text())
                held["trials"][number].update(changes)
                path.write_text(json.dumps(held))

            return SourceCase(
                source=source,
                folder=folder,
                damage=lambda: edit(0, params={"svc__kernel": "mysterious", "svc__C": -1.0}),
                change=lambda: edit(1, values=[0.123]),
            )

        return make


def test_a_table_without_a_name_is_given_one() -> None:
    frame = pd.DataFrame({"a": [i % 7 for i in range(60)], "y": [0, 1] * 30})
    # The shapes of the graph refuse a data set without a name, and evidence on it would speak of nothing.
    assert described(frame, "y").name == NAMELESS
