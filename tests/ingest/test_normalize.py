"""From a source's names and values to canonical ones."""

import json

import numpy as np
import pandas as pd
import pytest

from ingest.normalize import normalize, reason_of
from ingest.records import RawRuns
from ingest.sources.yahpo import YahpoDerived

BOOSTER = {"booster": "gbtree", "eta": "0.1", "nrounds": "100", "alpha": "0.5", "max_depth": "3"}


def page(**columns) -> RawRuns:
    """Return a page of two XGBoost runs of one configuration; `columns` replace theirs."""
    frame = pd.DataFrame(
        {"row": [2, 3], "dataset": "openml-31", "learner": "xgboost", "configuration": 0, "score.accuracy": [0.7, 0.8]}
    )
    return RawRuns("yahpo-derived/x.csv", frame.assign(**columns), (BOOSTER,))


def test_names_values_standing_and_place_are_canonical():
    row = normalize(page(), YahpoDerived()).frame.iloc[0]
    assert json.loads(row["configuration"]) == {
        "booster": "gbtree",
        "learning_rate": 0.1,
        "max_depth": 3,
        "n_estimators": 100,
        "reg_alpha": 0.5,
    }
    assert (row["learner"], row["standing"], row["locator"]) == ("xgboost", "surrogate", "yahpo-derived/x.csv:2")
    assert row["dataset"].endswith("/dataset/openml-31")


def test_full_fidelity_is_null_and_a_lower_one_is_kept():
    fidelity = {"fidelity_kind": "training_fraction", "fidelity_value": [0.1, 1.0], "fidelity_full": 1.0}
    frame = normalize(page(**fidelity), YahpoDerived()).frame
    assert frame["fidelity_kind"].isna().tolist() == [False, True]
    assert frame["fidelity_value"].tolist()[0] == 0.1
    assert frame[["fidelity_value", "fidelity_full"]].iloc[1].isna().all()


def test_runs_are_told_apart_by_their_place_and_named_alike_every_time():
    first, second = (normalize(page(), YahpoDerived()).frame["run_id"] for _ in range(2))
    assert first.tolist() == second.tolist()
    assert first.nunique() == 2


def test_rounding_beyond_a_bound_is_put_on_it_and_more_is_not():
    scores = normalize(page(**{"score.accuracy": [1 + 1e-9, 1.01]}), YahpoDerived()).frame["score.accuracy"]
    assert scores.tolist() == [1.0, 1.01]


def test_a_metric_without_a_canonical_name_is_counted():
    normal = normalize(page(**{"score.kappa": [0.1, np.nan]}), YahpoDerived())
    assert normal.unmapped == {"metric kappa": 1}
    assert "score.kappa" not in normal.frame


def test_a_learner_that_is_not_known_is_rejected_and_counted():
    normal = normalize(page(learner=["xgboost", "aknn"]), YahpoDerived())
    assert (len(normal.frame), normal.unmapped) == (1, {"learner aknn": 1})
    assert [(r.locator, r.reason) for r in normal.rejected] == [("yahpo-derived/x.csv:3", "unknown learner 'aknn'")]


def test_a_run_without_any_score_is_rejected():
    normal = normalize(page(**{"score.accuracy": [np.inf, 0.5]}), YahpoDerived())
    assert [record.reason for record in normal.rejected] == ["no score"]
    assert len(normal.frame) == 1


def test_a_hyper_parameter_that_is_not_known_is_rejected_by_name():
    raw = page()
    normal = normalize(RawRuns(raw.file, raw.frame, ({**BOOSTER, "magic": "1"},)), YahpoDerived())
    assert len(normal.frame) == 0
    assert {record.reason for record in normal.rejected} == {"unknown hyper-parameter 'magic' of xgboost in yahpo"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("illegal value -1.5 of C: allowed is float in (0, inf)", "illegal value of C"),
        ("illegal value 1e-05 of l1_ratio: allowed is ...", "illegal value of l1_ratio"),
        ("unknown learner 'svm2'", "unknown learner 'svm2'"),
        ("no score", "no score"),
    ],
)
def test_faults_are_counted_by_what_is_wrong_and_not_by_its_figure(fault, reason):
    assert reason_of(fault) == reason
