"""Runs stay on disk: a first look finds what data sets share, and batches of any size give the same evidence."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ingest.distil import distil
from ingest.distil.reading import BEST_RUNS, LearnerRuns, learner_runs
from kg.model import Configuration, Provenance
from kg.run_columns import to_hp_columns
from kg.runs import RunTable

DAY = date(2026, 1, 2)
PROVENANCE = Provenance(source="s", licence="MIT", url="https://example.org", retrieved=DAY)


def table_of(home, configurations, *, dataset="d", start=0, **columns) -> RunTable:
    """Return a run table with a run of each of `configurations`."""
    n = len(configurations)
    frame = to_hp_columns([Configuration(c) for c in configurations]).assign(
        run_id=[f"{dataset}-{start + i:06d}" for i in range(n)],
        source="s",
        learner="svm",
        metric="accuracy",
        standing="measured",
        dataset=f"https://example.org/dataset/{dataset}",
        score=np.linspace(0.5, 0.9, n),
        locator=[f"f:{i}" for i in range(n)],
    )
    table = RunTable(home)
    table.append(frame.assign(**columns), PROVENANCE)
    return table


def only(table: RunTable) -> LearnerRuns:
    (found,) = learner_runs(table, (), retrieved=DAY)
    return found


@pytest.mark.parametrize("scores", [1, 500])
def test_evidence_is_the_same_however_many_scores_are_read_at_once(runs, evidence, scores, monkeypatch):
    monkeypatch.setattr("ingest.distil.responses.SURVEYED_AT_ONCE", 10 * scores)
    monkeypatch.setattr(LearnerRuns.parts, "__kwdefaults__", {"scores": scores})
    again = tuple(distil(runs, (), retrieved=DAY, sources=["openml-pimp"]))
    assert {e.iri: e for e in again} == {e.iri: e for e in evidence if e.provenance.source == "openml-pimp"}


def test_parts_hold_every_data_set_once_and_no_more_scores_than_said_unless_one_alone_has_more(runs):
    for found in learner_runs(runs, (), retrieved=DAY):
        parts = list(found.parts(scores=1_000))
        assert [iri for part in parts for iri in part] == sorted(found.sizes)
        assert all(len(part) == 1 or sum(found.sizes[iri] for iri in part) <= 1_000 for part in parts)


def test_the_space_is_that_of_all_data_sets(tmp_path):
    table = table_of(tmp_path, [{"C": 0.5, "kernel": "rbf"}, {"C": 2.0, "kernel": "rbf"}])
    table_of(tmp_path, [{"C": 8.5, "kernel": "poly", "degree": 3}, {"C": 1.0, "gamma": "scale"}], dataset="e")
    space = only(table).scope.space
    assert space.names == ("C", "kernel")
    assert (space["C"].low, space["C"].high, space["C"].kind) == (0.5, 8.5, "float")
    assert space["kernel"].choices == ("poly", "rbf")


def test_a_batch_has_the_rows_of_its_data_sets_and_their_distinct_configurations(tmp_path):
    table = table_of(tmp_path, [{"C": c} for c in (3.0, 1.0, 3.0, 2.0)])
    table_of(tmp_path, [{"C": 7.0}], dataset="e")
    found = only(table)
    batch = found.batch(list(found.sizes)[:1])
    assert set(batch.rows["dataset"]) == {"https://example.org/dataset/d"}
    assert [batch.configurations[i]["C"] for i in batch.rows["configuration"]] == [3.0, 1.0, 3.0, 2.0]
    assert len(batch.configurations) == 3


@pytest.fixture
def large(tmp_path, monkeypatch) -> LearnerRuns:
    """3,000 runs on one data set, of which some 500 are to be looked at, and 40 on another."""
    monkeypatch.setattr("ingest.distil.reading.MOST_SCORES", 500)
    draw = np.random.default_rng(0)
    table = table_of(tmp_path, [{"C": float(c)} for c in draw.random(3_000)], score=draw.random(3_000))
    table_of(tmp_path, [{"C": float(c)} for c in draw.random(40)], dataset="small")
    return only(table)


def test_of_a_very_large_data_set_a_sample_is_looked_at_always_the_same_with_the_best_runs_in_it(large):
    first, second = (large.batch(tuple(large.sizes)).rows for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    rows = first[first["dataset"].str.endswith("/d")]
    assert 400 < len(rows) < 600
    everything = large.runs.frame(source="s", learner="svm")
    best = everything[everything["dataset"].str.endswith("/d")].nlargest(BEST_RUNS, "score")["run_id"]
    assert set(best) <= set(rows["run_id"])
    assert (first["dataset"].str.endswith("/small")).sum() == 40


def test_evidence_from_a_sample_says_so_and_counts_what_was_looked_at(large):
    found = {(e.kind, e.dataset[-1]): e for e in distil(large.runs, (), retrieved=DAY) if hasattr(e, "kind")}
    sampled, whole = found["run_summary", "d"], found["run_summary", "l"]
    assert sampled.provenance.locator == "runs of svm on d (the 10 best and about 500 of 3,000 scores, drawn by run)"
    assert 400 < sampled.n < 600
    assert sampled.best == large.runs.frame(source="s", learner="svm")["score"].max()
    assert whole.provenance.locator == "runs of svm on small"
    assert whole.n == 40
    assert "about 500 of 3,000" in found["response_model", "d"].provenance.locator
