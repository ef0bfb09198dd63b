"""Results of the AutoML benchmark, in the forms that its releases wrote: 2019, 2020 and since 2021.

The lines are made up; columns, names of tasks, frameworks and the words of failures are those of the benchmark.
"""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.amlb import AmlbResults, keep
from kg.errors import InputError
from kg.model import Dataset, SystemResult, TaskType
from tests.ingest.source_contract import SourceCase, SourceContract

DAY = date(2026, 11, 21)
NOW = (
    "id,task,framework,constraint,fold,type,result,metric,mode,version,params,app_version,utc,duration,"
    "training_duration,predict_duration,models_count,seed,info,acc,auc,balacc,logloss,mae,r2,rmse"
)
OF_2020 = (
    "id,task,framework,constraint,fold,result,metric,mode,version,params,tag,utc,duration,models,seed,info,"
    "acc,auc,balacc,logloss,mae,r2,rmse"
)
OF_2019 = "id,task,framework,fold,result,mode,version,params,tag,utc,duration,models,seed,info,acc,auc,logloss"


def line(header=NOW, **values):
    fields = {"id": "openml.org/t/3945", "task": "KDDCup09_appetency", "framework": "flaml", "constraint": "1h8c"}
    fields |= {"mode": "aws.docker", "version": "1.2.4", "duration": "3612.0", "training_duration": "3600.5"}
    fields = {name: str(value) for name, value in {**fields, **values}.items()}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([fields.get(name, "") for name in header.split(",")])
    return text.getvalue()


def table(*lines, header=NOW):
    return header + "\n" + "".join(lines)


@pytest.fixture
def read(tmp_path):
    def read(text, name="results_of_2023"):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        (page,) = keep(path, tmp_path / "raw").read(tmp_path / "raw", retrieved=DAY)
        return page

    return read


def results(page):
    return {item.metric: item for item in page.items if isinstance(item, SystemResult)}


def test_folds_are_averaged_and_the_task_is_named(read):
    page = read(table(*(line(fold=i, type="binary", result=0.8 + i / 100, metric="auc") for i in range(10))))
    (found,) = results(page).values()
    assert (found.metric, found.score, found.n) == ("roc_auc", pytest.approx(0.845), 10)
    assert (found.system, found.constraint, found.tuned, found.learner) == ("flaml", "1h8c", True, None)
    assert found.seconds == pytest.approx(3600.5)
    dataset = page.items[0]
    assert isinstance(dataset, Dataset)
    assert (dataset.name, dataset.openml_task_id, dataset.task_type) == (
        "KDDCup09_appetency",
        3945,
        TaskType.CLASSIFICATION,
    )
    assert found.dataset == dataset.iri
    assert dataset.iri.endswith("/openml-task-3945")


def test_negated_metrics_are_turned_to_their_own_direction(read):
    multiclass = line(fold=0, type="multiclass", result=-0.7029, metric="neg_logloss", logloss=0.7029, acc=0.71)
    regression = line(
        id="openml.org/t/2295", task="cholesterol", fold=0, type="regression", result=-49.5, metric="neg_rmse"
    )
    found = results(read(table(multiclass, regression)))
    assert {metric: result.score for metric, result in found.items()} == {
        "log_loss": 0.7029,
        "accuracy": 0.71,
        "rmse": 49.5,
    }


def test_a_failed_fold_is_told_with_its_reason_and_counts_against_the_mean(read):
    failed = line(fold=2, metric="auc", info="Error: H2O could not produce any model in the requested time.")
    page = read(table(line(fold=0, result=0.8, metric="auc"), line(fold=1, result=0.9, metric="auc"), failed))
    (rejected,) = page.rejected
    assert rejected.reason == "failed fold of flaml"
    assert rejected.detail.startswith("Error: H2O")
    assert rejected.locator == "amlb/results_of_2023.csv:4"
    (found,) = results(page).values()
    assert (found.n, found.constraint) == (2, "1h8c (1 of 3 folds failed)")


def test_a_framework_that_fails_on_all_folds_has_no_result(read):
    page = read(table(*(line(fold=i, metric="auc", info="Error: None") for i in range(3))))
    assert page.items == ()
    assert len(page.rejected) == 3


def test_the_release_of_2020_has_the_same_under_other_columns(read):
    lines = [line(OF_2020, fold=i, result=0.86, metric="auc", auc=0.86, acc=0.79) for i in range(2)]
    found = results(read(table(*lines, header=OF_2020)))
    assert {metric: result.score for metric, result in found.items()} == {"roc_auc": 0.86, "accuracy": 0.79}
    assert found["roc_auc"].seconds == 3612.0


def test_the_release_of_2019_names_neither_metric_nor_constraint(read):
    binary = line(
        OF_2019, id="openml.org/t/31", task="credit-g", framework="autosklearn", fold=0, result=0.83, auc=0.83
    )
    failed = line(OF_2019, id="openml.org/t/31", task="credit-g", framework="autosklearn", fold=1, info="Error: None")
    page = read(table(binary, failed, header=OF_2019), name="results_small-8c4h")
    (found,) = results(page).values()
    assert (found.metric, found.constraint) == ("roc_auc", "results_small-8c4h (1 of 2 folds failed)")
    assert [rejected.reason for rejected in page.rejected] == ["failed fold of autosklearn"]


def test_an_older_name_of_the_result_is_read_too(read):
    header = NOW.replace(",result,", ",score,")
    assert results(read(table(line(header, fold=0, score=0.9, metric="acc"), header=header)))["accuracy"].score == 0.9


def test_an_unknown_metric_is_counted_and_the_other_scores_are_kept(read):
    page = read(table(line(fold=0, result=0.4, metric="quadratic_kappa", acc=0.8)))
    assert page.unmapped == {"metric quadratic_kappa": 1}
    assert set(results(page)) == {"accuracy"}


@pytest.mark.parametrize(
    ("framework", "learner", "tuned"),
    [("RandomForest", "random_forest", False), ("TunedRandomForest", "random_forest", True), ("GAMA", None, True)],
)
def test_baselines_are_learners(read, framework, learner, tuned):
    (found,) = results(read(table(line(framework=framework, fold=0, result=0.9, metric="auc")))).values()
    assert (found.learner, found.tuned) == (learner, tuned)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column task, framework, fold"),
        ("a,b\n1,2\n", "no column task, framework, fold"),
        ("task,framework,fold\nx,y,0\n", "no column result"),
        (table('"' + "x" * 200_000), "field larger than field limit"),
    ],
)
def test_what_is_no_file_of_the_benchmark_is_named(tmp_path, text, words):
    path = tmp_path / "some.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        keep(path, tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.sources._pages.MAX_LINE", 1000)
    path = tmp_path / "some.csv"
    path.write_text(table("a," * 1000))
    with pytest.raises(InputError, match="A line has 1,000 characters or more"):
        keep(path, tmp_path / "raw")


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "some.csv"
    path.write_bytes(b"task,framework,fold,result\n\xff\xfe,a,0,1\n")
    with pytest.raises(InputError, match="cannot be read"):
        keep(path, tmp_path / "raw")


def test_a_run_of_the_benchmark_is_named_after_its_folder(tmp_path):
    path = tmp_path / "flaml.openml_s_271.1h8c" / "scores" / "results.csv"
    path.parent.mkdir(parents=True)
    path.write_text(table(line(fold=0, result=0.9, metric="auc")))
    assert keep(path, tmp_path / "raw").name == "amlb:flaml.openml_s_271.1h8c"
    assert keep(path, tmp_path / "raw", name="../my run").files == ("amlb/my-run.csv",)
    assert sorted(file.name for file in (tmp_path / "raw" / "amlb").iterdir()) == [
        "flaml.openml_s_271.1h8c.csv",
        "my-run.csv",
    ]


CELLS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["nan", "-inf", "1e999", "0.5"])


@given(rows=st.lists(st.lists(CELLS, max_size=30), max_size=5))
def test_any_line_gives_a_result_a_reason_or_a_named_error(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("fuzz")
    text = io.StringIO()
    csv.writer(text).writerows([NOW.split(","), *rows])
    (folder / "some.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    try:
        (page,) = keep(folder / "some.csv", folder / "raw").read(folder / "raw", retrieved=DAY)
    except InputError:
        return
    assert len(page.rejected) <= len(rows)
    assert all(result.n >= 1 for result in results(page).values())


class TestAmlb(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        def make(folder: Path) -> SourceCase:
            path = folder / "amlb" / "mine.csv"
            path.parent.mkdir(parents=True)
            tasks = [("openml.org/t/31", "credit-g"), ("openml.org/t/3945", "KDDCup09_appetency")]
            lines = [
                line(id=task, task=name, framework=framework, fold=i, result=0.8 + i / 50, metric="auc", acc=0.9)
                for task, name in tasks
                for framework in ("flaml", "GAMA", "RandomForest")
                for i in range(3)
            ]
            path.write_text(table(*lines))

            def damage():
                path.write_text(path.read_text() + line(framework="TPOT", fold=0, metric="auc", info="Error: None"))

            def change():
                path.write_text(path.read_text().replace("0.84", "0.95"))

            return SourceCase(source=AmlbResults("mine"), folder=folder, damage=damage, change=change)

        return make
