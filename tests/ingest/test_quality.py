"""What quality rules let pass, and what they set aside, with which figures."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.quality import View, judge
from ingest.quality_rows import LAWS
from ingest.quality_survey import DatasetFacts, Survey
from kg.model import Iri, MetaFeatures

DATASET = "https://w3id.org/tunegraph/dataset/d"


def runs(n: int = 20, *, dataset: str = DATASET, **columns) -> pd.DataFrame:
    """Return `n` runs, at full fidelity, of different configurations; `columns` are scalars or one value a run."""
    frame = pd.DataFrame(
        {
            "run_id": [f"{dataset}{i}" for i in range(n)],
            "dataset": dataset,
            "learner": "svm",
            "standing": "measured",
            "configuration": [json.dumps({"C": i + 1.0}) for i in range(n)],
            "seconds": np.nan,
            "memory_mb": np.nan,
            "fidelity_kind": None,
            "fidelity_value": np.nan,
            "fidelity_full": np.nan,
            "locator": [f"f:{i}" for i in range(n)],
        }
    )
    return frame.assign(**{name.replace("__", "."): value for name, value in columns.items()})


def judged(frame: pd.DataFrame, facts: dict[str, DatasetFacts] | None = None) -> dict[str, int]:
    """Return rule -> scores that it sets aside."""
    survey = Survey({Iri(iri): fact for iri, fact in (facts or {}).items()})
    survey.add(frame)
    kept, aside = judge(frame, View.of(survey))
    scores = [name for name in frame if name.startswith("score.")]
    assert len(kept) + len(aside) == frame[scores].notna().sum().sum()
    return aside["rule"].value_counts().to_dict()


def test_ordinary_runs_pass():
    assert judged(runs(score__accuracy=np.linspace(0.6, 0.9, 20))) == {}


@pytest.mark.parametrize(
    ("scores", "rule"),
    [
        ({"accuracy": 1.2}, "out_of_bounds"),
        ({"roc_auc": -0.1}, "out_of_bounds"),
        ({"log_loss": -0.5}, "out_of_bounds"),
        ({"log_loss": 0.1, "brier": 0.9}, "log_loss_below_brier"),
        ({"brier": 1.5, "accuracy": 0.9}, "brier_beyond_accuracy"),
        ({"log_loss": 0.2, "accuracy": 0.3}, "log_loss_below_errors"),
        ({"brier": 0.01, "accuracy": 0.5}, "brier_below_errors"),
        ({"accuracy": 1.0, "balanced_accuracy": 0.0}, "accuracy_without_recall"),
    ],
)
def test_an_impossible_run_is_set_aside_with_all_its_scores(scores, rule):
    frame = runs(**{f"score__{metric}": np.linspace(0.6, 0.7, 20) for metric in scores})
    frame.loc[7, [f"score.{metric}" for metric in scores]] = list(scores.values())
    assert judged(frame) == {rule: len(scores)}


@given(st.integers(2, 6), st.integers(5, 60), st.floats(0.1, 8.0), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_no_real_classifier_breaks_a_law(classes, cases, sharpness, seed):
    draw = np.random.default_rng(seed)
    odds = np.exp(sharpness * draw.normal(size=(cases, classes)))
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    truth = np.eye(classes)[draw.integers(classes, size=cases)]
    right = probabilities.argmax(axis=1) == truth.argmax(axis=1)
    brier = ((probabilities - truth) ** 2).sum(axis=1).mean()
    present = [right[truth[:, k] == 1].mean() for k in range(classes) if truth[:, k].any()]
    frame = runs(
        2,
        score__accuracy=right.mean(),
        score__balanced_accuracy=np.mean(present),
        score__log_loss=-np.log(probabilities[truth == 1]).mean(),
        score__brier=[brier, brier / 2],  # in the definition for many classes, and in that for two
    )
    assert [law.name for law in LAWS if law.breaches(frame).rows.any()] == []


def test_no_time_at_all_is_impossible():
    frame = runs(score__accuracy=np.linspace(0.6, 0.9, 20), seconds=[0.0, *np.linspace(1, 2, 19)])
    assert judged(frame) == {"impossible_seconds": 1}


def test_a_floor_of_the_clock_is_no_measurement():
    seconds = np.concatenate([np.full(12, 0.123), np.linspace(1, 9, 88)])
    frame = runs(100, score__accuracy=np.linspace(0.6, 0.9, 100), seconds=seconds)
    assert judged(frame) == {"time_floor": 12}


def test_a_coarse_clock_is_no_floor():
    seconds = np.repeat([0.01, 0.02, 0.03, 0.04], 25)
    assert judged(runs(100, score__accuracy=np.linspace(0.6, 0.9, 100), seconds=seconds)) == {}


def test_the_same_run_recorded_again_is_set_aside_and_a_repetition_with_another_score_is_not():
    frame = runs(score__accuracy=np.linspace(0.6, 0.9, 20))
    again = frame.iloc[[3, 4]].assign(run_id=["x", "y"], locator=["f:98", "f:99"])
    again["score.accuracy"] += [0.0, 0.01]
    assert judged(pd.concat([frame, again], ignore_index=True)) == {"duplicate": 1}


@pytest.mark.parametrize(
    ("metric", "median", "best", "is_constant"),
    [
        ("accuracy", 0.9, 0.9015, True),
        ("accuracy", 0.9, 0.9025, False),
        ("roc_auc", 0.9, 0.9009, True),
        ("roc_auc", 0.9, 0.9015, False),
        ("log_loss", 0.3, 0.2990, True),
        ("log_loss", 0.3, 0.2, False),
        ("rmse", 1000.0, 999.0, True),
        ("rmse", 0.01, 0.005, False),
    ],
)
def test_scores_that_hardly_differ_rank_nothing(metric, median, best, is_constant):
    frame = runs(**{f"score__{metric}": [best, *[median] * 18, 2 * median - best]})
    assert judged(frame) == ({"near_constant": 20} if is_constant else {})


def test_repetitions_of_one_configuration_may_be_constant():
    frame = runs(score__accuracy=[0.8 + i * 1e-6 for i in range(20)], configuration='{"C":1.0}')
    assert judged(frame) == {}


def test_a_group_is_judged_at_full_fidelity_and_set_aside_at_all():
    full, low = runs(score__accuracy=0.9), runs(score__accuracy=np.linspace(0.5, 0.8, 20), fidelity_value=0.1)
    low = low.assign(fidelity_kind="training_fraction", fidelity_full=1.0, run_id=low["run_id"] + "low")
    assert judged(pd.concat([full, low], ignore_index=True)) == {"near_constant": 40}
    swapped = pd.concat(
        [full.assign(**{"score.accuracy": low["score.accuracy"]}), low.assign(**{"score.accuracy": 0.5})]
    )
    assert judged(swapped.reset_index(drop=True)) == {}


def test_no_better_than_the_majority_class_is_no_learning():
    frame = runs(score__accuracy=np.linspace(0.3, 0.651, 20), score__balanced_accuracy=np.linspace(0.5, 0.7, 20))
    facts = {DATASET: DatasetFacts(majority=0.65, classes=2)}
    assert judged(frame, facts) == {"chance_level": 20}
    assert judged(frame) == {}


def test_an_auc_of_one_half_or_less_is_no_learning_whatever_the_data_set():
    assert judged(runs(score__roc_auc=np.linspace(0.0, 0.5, 20))) == {"chance_level": 20}


def test_a_learner_that_fails_wherever_all_columns_are_numeric_has_lost_them():
    numeric = DatasetFacts(majority=0.6, numeric=8, symbolic=0)
    mixed, nominal = (
        DatasetFacts(majority=0.6, numeric=4, symbolic=4),
        DatasetFacts(majority=0.6, numeric=0, symbolic=5),
    )
    facts = {f"n{i}": numeric for i in range(6)} | {"mixed": mixed, "nominal": nominal}
    good = np.linspace(0.6, 0.9, 20)
    frames = [runs(dataset=iri, score__accuracy=0.6 if fact is numeric else good) for iri, fact in facts.items()]
    assert judged(pd.concat(frames, ignore_index=True), facts) == {"lost_columns": 20 * 7}


def test_a_learner_that_sometimes_fails_has_lost_nothing():
    facts = {f"n{i}": DatasetFacts(majority=0.6, numeric=8, symbolic=0) for i in range(6)}
    good = np.linspace(0.6, 0.9, 20)
    frames = [runs(dataset=iri, score__accuracy=0.6 if at < 2 else good) for at, iri in enumerate(facts)]
    assert judged(pd.concat(frames, ignore_index=True), facts) == {"chance_level": 40}


def test_reasons_hold_the_figures():
    frame = runs(score__accuracy=[0.9, *[0.8] * 18, 0.1])
    frame.loc[0, "score.accuracy"] = 0.8011
    _, aside = judge(frame, View())
    assert set(aside["reason"]) == {
        "best - median is 0.0011 (limit 0.002) over 20 configurations; 3 distinct scores",
    }


@pytest.mark.parametrize(
    ("qualities", "majority", "numeric", "symbolic"),
    [
        ({"NumberOfInstances": 200, "MajorityClassSize": 130, "MajorityClassPercentage": 0.65}, 0.65, None, None),
        ({"MajorityClassPercentage": 65.0}, 0.65, None, None),
        ({"NumberOfClasses": 2, "NumberOfNumericFeatures": 4, "NumberOfSymbolicFeatures": 1}, None, 4, 0),
        ({"NumberOfClasses": 0, "NumberOfNumericFeatures": 5, "NumberOfSymbolicFeatures": 2}, None, 4, 2),
    ],
)
def test_facts_come_from_openml_qualities(qualities, majority, numeric, symbolic):
    facts = DatasetFacts.of(MetaFeatures(qualities))
    assert (facts.majority, facts.numeric, facts.symbolic) == (majority, numeric, symbolic)


def test_known_facts_are_not_overwritten():
    mine, other = DatasetFacts(majority=0.6), DatasetFacts(majority=0.7, classes=3)
    assert mine.filled_from(other) == DatasetFacts(majority=0.6, classes=3)
