"""Stage 4 at its limits: what lies right at one is within it."""

import pytest

from recommender.proposal import (
    Budget,
    Cost,
    ExpectedImprovement,
    Fidelity,
    PredictedCurve,
    PredictedLevel,
    PredictedScore,
    Prediction,
    RegretBound,
    Termination,
)
from recommender.task import Constraints
from recommender.validation.repairs import replace_value
from recommender.validation.sanity.budget import check_budget, with_budget
from recommender.validation.sanity.fidelity import check_fidelity
from recommender.validation.sanity.prediction import check_prediction
from recommender.validation.sanity.termination import check_termination
from tests.recommender.validation.gate_cases import propose


def found(check, proposal):
    return [f.code for f in check(proposal)[1]]


def with_(field, value, **changes):
    return replace_value(propose(**changes), field, value)


BUDGET = Budget(n_trials=50, wall_clock_s=600, per_trial_s=60, binding="n_trials")


@pytest.mark.parametrize(
    ("trials", "workers", "codes"),
    [(50, 50, []), (50, 51, ["idle_workers"]), (50, 1_000, ["idle_workers"]), (50, 1_001, ["absurd_budget"])],
)
def test_as_many_workers_as_trials_have_work(trials, workers, codes):
    assert found(check_budget, with_("budget", BUDGET.replace(n_trials=trials, n_workers=workers))) == codes


@pytest.mark.parametrize(("seconds", "codes"), [(3_636.0, ["unit_slip"]), (3_637.0, [])])
def test_a_time_within_a_hundredth_of_the_users_in_another_unit_is_a_slip(seconds, codes):
    proposal = with_("budget", BUDGET.replace(wall_clock_s=seconds), constraints=Constraints(wall_clock_s=60))
    assert found(check_budget, proposal) == codes


def test_a_curve_of_the_last_trial_stands():
    level = PredictedLevel(value=0.1, low=0.6, expected=0.7, high=0.8, low_change=-0.3, change=-0.2, high_change=-0.1)
    curve = PredictedCurve(parameter="x", full=1.0, k=50, score=0.9, levels=(level,))
    proposal = with_("prediction", Prediction(metric="accuracy", curve=curve))
    fifty = with_budget(proposal, BUDGET, "as it is")
    assert fifty.prediction.value.curve == curve
    assert found(check_prediction, fifty) == []
    assert with_budget(proposal, BUDGET.replace(n_trials=49), "fewer").prediction.value.curve is None


def test_a_prediction_that_is_sure_and_does_not_change_is_in_order():
    scores = tuple(PredictedScore(k=k, low=0.8, expected=0.8, high=0.8) for k in (1, 10))
    assert found(check_prediction, with_("prediction", Prediction(metric="accuracy", scores=scores))) == []


@pytest.mark.parametrize(("rows", "codes"), [(125, []), (124, ["too_few_rows"])])
def test_five_rows_are_enough_to_learn_from(rows, codes):
    share = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.05, max=1.0)
    assert found(check_fidelity, with_("fidelity", share, n_rows=rows)) == codes


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        (Cost(seconds=1200.0), []),
        (Cost(seconds=1201.0), ["never_fires"]),
        (RegretBound(min_trials=50), []),
        (RegretBound(min_trials=51), ["never_fires"]),
    ],
)
def test_a_rule_that_can_stop_the_study_at_its_very_end_is_one(rule, codes):
    proposal = with_("budget", BUDGET.replace(n_workers=2))
    assert found(check_termination, replace_value(proposal, "termination", Termination(rules=(rule,)))) == codes


def test_a_rule_that_no_trial_will_ever_answer_is_told_as_such():
    waiting = with_("termination", Termination(rules=(ExpectedImprovement(threshold=0.01),)))
    (finding,) = check_termination(waiting)[1]
    assert "Only the transfer sampler says what it expects" in finding.message
