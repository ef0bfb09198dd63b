"""The run table: what is put in comes out, once, by column, and source by source."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import StoreError
from kg.model import Configuration, Iri, Provenance
from kg.run_columns import COLUMNS, from_hp_columns, run_digest, to_hp_columns
from kg.runs import RunTable

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
CONFIGURATIONS = st.lists(st.dictionaries(st.sampled_from(["C", "kernel", "degree"]), VALUES).map(Configuration))


def provenance(source: str = "s") -> Provenance:
    return Provenance(source=source, licence="MIT", url="https://example.org", retrieved=date(2026, 11, 21))


def rows(
    n: int = 4, *, source: str = "s", learner: str = "svm", metric: str = "accuracy", start: int = 0
) -> pd.DataFrame:
    settings = to_hp_columns([Configuration({"C": i + 0.5, "kernel": "rbf"}) for i in range(n)])
    return settings.assign(
        run_id=[f"{source}-{learner}-{start + i}" for i in range(n)],
        source=source,
        learner=learner,
        metric=metric,
        standing="measured",
        dataset=[f"d{i % 2}" for i in range(n)],
        score=[i / 10 for i in range(n)],
        locator=[f"f:{i}" for i in range(n)],
    )


@pytest.fixture
def table(tmp_path) -> RunTable:
    return RunTable(tmp_path / "home")


@given(CONFIGURATIONS)
def test_configurations_survive_their_columns(configurations):
    back = from_hp_columns(to_hp_columns(configurations))
    assert [repr(sorted(c.items())) for c in back] == [repr(sorted(c.items())) for c in configurations]


def test_what_is_appended_comes_back_with_every_column(table):
    assert table.append(rows(), provenance()) == 4
    frame = table.frame()
    assert tuple(frame.columns) == (*COLUMNS, "hp.C", "hp.kernel")
    assert frame.sort_values("run_id")["score"].tolist() == [0.0, 0.1, 0.2, 0.3]
    assert from_hp_columns(frame)[0] == Configuration({"C": 0.5, "kernel": "rbf"})
    assert frame["seconds"].isna().all()


def test_appending_again_adds_nothing(table):
    table.append(rows(), provenance())
    assert table.append(rows(6), provenance()) == 2
    assert len(table.frame()) == 6


def test_a_row_that_is_given_twice_is_added_once(table):
    assert table.append(pd.concat([rows(), rows()]), provenance()) == 4
    assert len(table.frame()) == 4


def test_the_same_run_under_another_metric_is_another_row(table):
    table.append(rows(), provenance())
    assert table.append(rows(metric="roc_auc"), provenance()) == 4


def test_rows_are_chosen_by_what_they_are(table):
    table.append(rows(), provenance())
    table.append(rows(learner="knn"), provenance())
    table.append(rows(source="t", metric="roc_auc"), provenance("t"))
    assert len(table.frame(learner="svm")) == 8
    assert len(table.frame(learner="svm", source="t")) == 4
    assert len(table.frame(metric="accuracy", dataset=Iri("d1"))) == 4
    assert len(table.frame(learner="mlp")) == 0
    assert table.learners() == ("knn", "svm")
    assert list(table.frame(columns=("score", "hp.none")).columns) == ["score", "hp.none"]


def test_groups_count_rows_and_those_at_full_fidelity(table):
    low = rows(2, start=9).assign(fidelity_kind="epochs", fidelity_value=1.0, fidelity_full=9.0)
    table.append(pd.concat([rows(), low], ignore_index=True), provenance())
    groups = table.groups()
    assert groups[["dataset", "rows", "full"]].to_numpy().tolist() == [["d0", 3, 2], ["d1", 3, 2]]


def test_ibis_answers_by_column(table):
    table.append(rows(), provenance())
    table.append(rows(source="t"), provenance("t"))
    runs = table.table("svm")
    best = runs.group_by("source").aggregate(best=runs.score.max()).order_by("source").execute()
    assert best.to_numpy().tolist() == [["s", 0.3], ["t", 0.3]]


def test_ibis_has_no_table_of_an_unknown_learner(table):
    with pytest.raises(StoreError, match="mlp"):
        table.table("mlp")


def test_a_source_can_be_taken_out(table):
    table.append(rows(), provenance())
    table.append(rows(source="t"), provenance("t"))
    assert table.remove_source("s") == 4
    assert table.remove_source("s") == 0
    assert set(table.frame()["source"]) == {"t"}
    assert not list((table.home / "runs" / "source=s").rglob("*.parquet"))


def test_the_manifest_says_where_rows_come_from_and_checks_them(table):
    import hashlib

    table.append(rows(), provenance())
    (manifest,) = table.manifests()
    assert (manifest.source, manifest.provenance.licence, manifest.rows) == ("s", "MIT", 4)
    for file in manifest.runs:
        assert hashlib.sha256((table.home / file.path).read_bytes()).hexdigest() == file.digest
        assert file.path.endswith(f"{file.digest[:16]}.parquet")


def test_files_without_a_manifest_do_not_count(table):
    table.append(rows(), provenance())
    table.write("runs", "s", rows(3, start=50))
    table.write("runs", "other", rows(3, source="other"))
    assert len(table.frame()) == 4


def test_a_commit_sweeps_what_an_interrupted_write_left(table):
    table.append(rows(), provenance())
    (left,) = table.write("runs", "s", rows(3, start=50))
    table.append(rows(2, start=90), provenance())
    assert not (table.home / left.path).exists()
    assert len(table.frame()) == 6


def test_quarantine_is_kept_apart_with_rule_and_reason(table):
    table.append(rows(4, start=10), provenance())
    assert len(table.frame(area="quarantine")) == 0
    files = table.write("quarantine", "s", rows(2).assign(rule="near_constant", reason="flat"))
    manifest = table.manifest("s")
    assert manifest is not None
    table.commit(manifest.replace(quarantine=files))
    assert set(table.frame(area="quarantine")["reason"]) == {"flat"}
    assert len(table.frame()) == 4


def test_the_same_rows_make_the_same_file(table):
    assert table.write("runs", "s", rows()) == table.write("runs", "s", rows())


def test_a_broken_manifest_or_file_is_named(table):
    table.append(rows(), provenance())
    (path,) = table.paths()
    path.write_bytes(b"nothing")
    with pytest.raises(StoreError, match=path.name):
        table.frame()
    (table.home / "runs" / "source=s" / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match=r"manifest\.json"):
        table.frame()


def test_a_run_is_named_by_what_identifies_it():
    assert run_digest("s", "d", None, 0.1) == run_digest("s", "d", None, 0.1)
    assert run_digest("s", "d", None, 0.1) != run_digest("s", "d", None, 0.2)
    assert run_digest("ab", "c") != run_digest("a", "bc")


def test_a_lock_or_a_manifest_that_cannot_be_had_is_named(table):
    table.append(rows(), provenance())
    (table.home / "locks" / "t.lock").mkdir()
    with pytest.raises(StoreError, match="'t' cannot be locked"), table.locked("t"):
        pass


def test_a_second_writer_waits_for_the_first(table):
    order = []

    def second():
        with table.locked("s"):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with table.locked("s"):
            waiting = pool.submit(second)
            time.sleep(0.1)
            order.append("first")
        waiting.result()
    assert order == ["first", "second"]
