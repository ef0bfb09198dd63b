"""The tables of the benchmark of ingestion are the real ones, made smaller or larger."""

import pytest

from benchmarks.million import to_text
from benchmarks.resampling import Table, resample
from ingest.sources.openml_pimp import OpenmlPimp

ADABOOST = "openml-pimp/adaboost.arff"


HEADER = """@RELATION openml-meta-flow-6970
@ATTRIBUTE adaboostclassifier__learning_rate NUMERIC
@ATTRIBUTE adaboostclassifier__base_estimator__max_depth NUMERIC
@ATTRIBUTE predictive_accuracy NUMERIC
@ATTRIBUTE task_id NUMERIC
@DATA
"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with 60 runs of AdaBoost on three tasks, and a file that is no table."""
    monkeypatch.setattr("benchmarks.resampling.TABLES", (Table(ADABOOST, "task_id", scores=("predictive_accuracy",)),))
    folder = tmp_path / "data"
    (folder / ADABOOST).parent.mkdir(parents=True)
    rows = [f"{0.013 + i / 100},{1 + i % 10},{0.6 + i / 300:.4f},{1 + i // 20}\n" for i in range(60)]
    (folder / ADABOOST).write_text(HEADER + "".join(rows))
    (folder / "openml-pimp" / "task_qualities.json").write_text("{}")
    return folder


def runs(folder):
    """Return the rows of the table, as the source reads them."""
    (page,) = OpenmlPimp().read(folder, retrieved=None)
    assert page.rejected == ()
    return page.frame.assign(given=[dict(page.configurations[i]) for i in page.frame["configuration"]])


def test_a_table_shrinks_to_whole_data_sets(data, tmp_path):
    assert resample(data, tmp_path / "less", 30) == 40
    assert runs(tmp_path / "less")["dataset"].value_counts().to_dict() == {"openml-task-1": 20, "openml-task-2": 20}


def test_a_table_grows_by_changed_copies_on_the_same_data_sets(data, tmp_path):
    assert resample(data, tmp_path / "more", 150) == 150
    before, after = runs(data), runs(tmp_path / "more")
    assert after["dataset"].value_counts().to_dict() == {f"openml-task-{i}": 50 for i in (1, 2, 3)}
    first, copy = after[:20], after[20:40]
    score = "score.predictive_accuracy"
    assert first[score].tolist() == before[score][:20].tolist()
    assert first["given"].tolist() == before["given"][:20].tolist()
    assert (copy[score].to_numpy() != first[score].to_numpy()).all()
    assert copy[score].to_numpy() == pytest.approx(first[score].to_numpy(), rel=0.01)
    rates = [float(given["adaboostclassifier__learning_rate"]) for given in copy["given"]]
    known = [float(given["adaboostclassifier__learning_rate"]) for given in first["given"]]
    assert all(0.99 * old <= new < old for new, old in zip(rates, known, strict=True))
    depths = [given["adaboostclassifier__base_estimator__max_depth"] for given in copy["given"]]
    assert depths == [given["adaboostclassifier__base_estimator__max_depth"] for given in first["given"]]


def test_it_is_the_same_table_every_time(data, tmp_path):
    for name in ("one", "two"):
        resample(data, tmp_path / name, 100)
    assert (tmp_path / "one" / ADABOOST).read_bytes() == (tmp_path / "two" / ADABOOST).read_bytes()


def test_what_is_no_table_of_runs_is_linked(data, tmp_path):
    resample(data, tmp_path / "more", 100)
    assert (tmp_path / "more" / "openml-pimp" / "task_qualities.json").is_symlink()


def test_the_report_gives_a_row_a_size_and_how_they_compare():
    def size(n):
        lap = {"wall_s": n / 10, "cpu_s": n / 10, "own_mb": 100 + n, "child_mb": 0}
        return {
            "runs": n,
            "scores": 2 * n,
            "set_aside": 1,
            "ingest": lap,
            "distil": lap,
            "again": lap,
            "evidence": {"run": 3},
            "parquet_bytes": 50 * n,
            "normalise_runs_per_cpu_s": {"s": 1000},
        }

    found = {"date": "2026-01-01", "machine": "m", "cores": 2, "load": [0.1, 0.2], "versions": {"numpy": "2"}}
    text = to_text({**found, "sizes": [size(100), size(1000)]})
    assert "| 100 | 200 | 1 | 3 | 10, 10 | 10, 10 | 20, 20 | 200 | 200 | 25.0 | 10.0 |" in text
    assert "* 100 to 1,000: 10.0 times the runs, 10.0 times the processor time, 5.50 times the memory" in text
