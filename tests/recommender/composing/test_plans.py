"""The plan round the search: learner, folds, sampler, pruner, and whether to tune at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import EvidenceError
from kg.model import MetaFeatures, TaskType
from kg.response import Encoder
from recommender.composing import plans
from recommender.proposal import Advice
from recommender.task import Constraints
from recommender.transfer.search import startup_trials
from tests.recommender.composing.world import N_SOURCES, inputs, response, result, summary, task

RESPONSES = tuple(response(i) for i in range(N_SOURCES))
SUMMARIES = tuple(summary(i) for i in range(N_SOURCES))
OPEN = {"candidates": ["knn", "lightgbm", "svm"], "modelled": []}


def protocol(rows, rarest=None, **changes):
    features = MetaFeatures({} if rarest is None else {"MinorityClassSize": rarest})
    return plans.protocol(inputs(task=task("svm", n_rows=rows, meta_features=features, **changes)), {}).value


def test_the_learner_asked_for_is_taken_under_its_canonical_name():
    assert plans.learner(inputs(task=task("SVC")), OPEN).value == "svm"


def test_else_the_one_that_fared_best_is_taken():
    results = [result(i, name, s) for i in range(3) for name, s in (("svm", 0.5), ("knn", 0.6), ("lightgbm", 0.9))]
    derived = plans.learner(inputs(*results, task=task()), OPEN)
    assert derived.value == "lightgbm"
    assert derived.reason.startswith("Tuned, it reaches 1.00 of the way from the worst to the best learner on 3")
    assert plans.learner(inputs(*results, task=task()), {**OPEN, "modelled": ["knn"]}).value == "knn"


def test_without_results_it_is_the_usual_first_choice_and_without_candidates_nothing():
    assert plans.learner(inputs(task=task()), OPEN).value == "lightgbm"
    with pytest.raises(EvidenceError, match="no learner to choose from"):
        plans.learner(inputs(task=task()), {"candidates": [], "modelled": []})


@pytest.mark.parametrize(
    ("rows", "rarest", "folds", "repeats"),
    [(1000, None, 5, 1), (20_000, None, 3, 1), (150, None, 5, 3), (1000, 4, 4, 1), (1000, 1, 2, 1), (None, None, 5, 1)],
)
def test_folds_suit_the_size_and_the_rarest_class(rows, rarest, folds, repeats):
    found = protocol(rows, rarest)
    assert (found.folds, found.repeats, found.stratified) == (folds, repeats, True)


@pytest.mark.parametrize(("seconds", "folds"), [(60.0, 3), (3600.0, 5), (None, 5)])
def test_short_of_time_there_are_fewer_folds(seconds, folds):
    large_for_a_minute = task("svm", n_rows=7000, n_columns=85, constraints=Constraints(wall_clock_s=seconds))
    found = plans.protocol(inputs(task=large_for_a_minute), {})
    assert found.value.folds == folds
    assert ("few trials" in found.reason) == (folds == 3)


def test_a_regression_is_not_stratified():
    found = protocol(1000, 1, task_type=TaskType.REGRESSION, metric="rmse")
    assert (found.folds, found.stratified) == (5, False)


def test_the_transfer_sampler_takes_over_early_and_not_without_response_models():
    space = RESPONSES[0].space
    found = plans.transfer_sampler(inputs(*RESPONSES, space=space), {"n_warm_starts": 10}).value
    assert found.name == "transfer"
    assert found.n_startup_trials == startup_trials(N_SOURCES, len(Encoder(space).dims)) < 10
    assert plans.transfer_sampler(inputs(*RESPONSES, space=space), {"n_warm_starts": 0}).value.n_startup_trials == 1
    for lacking in (inputs(space=space), inputs(*RESPONSES)):
        with pytest.raises(EvidenceError, match="learns from response models"):
            plans.transfer_sampler(lacking, {"n_warm_starts": 10})


@given(st.integers(0, 1000))
def test_the_sampler_learns_once_the_starts_are_done(n):
    found = plans.sampler(inputs(), {"n_warm_starts": n}).value
    assert found.name == "tpe"
    assert 1 <= found.n_startup_trials <= max(1, min(n, 10))


@pytest.mark.parametrize(
    ("has_fidelity", "folds", "expected"),
    [(True, 5, "successive_halving"), (False, 5, "wilcoxon"), (False, 4, "none")],
)
def test_the_pruner_follows_what_a_trial_reports(has_fidelity, folds, expected):
    assert plans.pruner(inputs(), {"has_fidelity": has_fidelity, "folds": folds}).value.name == expected


def test_tuning_is_advised_where_the_default_is_far_behind_and_not_where_it_is_as_good():
    seen = inputs(*RESPONSES, *SUMMARIES)
    assert plans.advice(seen, {"n_trials": 50}).value is Advice.TUNE
    flat = tuple(model.replace(best=0.8001) for model in RESPONSES)
    derived = plans.advice(inputs(*flat, *SUMMARIES), {"n_trials": 50})
    assert derived.value is Advice.DO_NOT_TUNE
    assert derived.reason.endswith("not worth the time.")


def test_nothing_known_is_no_reason_not_to_tune():
    assert plans.advice(inputs(), {"n_trials": 50}).value is Advice.TUNE
