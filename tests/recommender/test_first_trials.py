"""What the gate has fitted is not fitted again: it becomes trials where it is as good as trials, and only there."""

from statistics import fmean

import pytest
from optuna.trial import TrialState

from kg.model import CategoricalParameter, Configuration, ConstantParameter, IntParameter, SearchSpace
from recommender.first_trials import point_of, promising_point, starting_order
from recommender.objective import Objective, objective_for
from recommender.proposal import Budget, Fidelity, Proposal, Pruner, TargetReached, Termination
from recommender.trial_notes import CONFIGURATION, EXTRA, FOLD_SCORES, ORIGIN, SECONDS
from recommender.tuning import configure_study, decision_of, optimise, result_of
from recommender.validation.gate import Gate
from recommender.validation.repairs import replace_value
from recommender.validation.stage import GateContext
from recommender.validation.verdict import Outcome, TestRun, Verdict
from tests.recommender.validation.gate_cases import propose, small_table

SPACE = SearchSpace(
    parameters=(IntParameter(name="max_depth", low=1, high=9), ConstantParameter(name="criterion", value="gini"))
)
FIXED = Configuration({"min_samples_leaf": 2})


def run(role, depth, *scores, label="0", comparable=True, **changes):
    fields = {
        "role": role,
        "label": label,
        "configuration": Configuration({"max_depth": depth, "criterion": "gini", "min_samples_leaf": 2}),
        "status": "done",
        "scores": scores,
        "seconds": (0.1,) * len(scores),
        "rows": 120,
        "folds": 3,
        "comparable": comparable,
    }
    return TestRun.model_validate({**fields, **changes})


def proposed(*runs, starts=(3,), **fields):
    proposal = propose("decision_tree")
    fields = {"search_space": SPACE, "fixed": FIXED, **fields}
    fields["warm_starts"] = tuple(Configuration({"max_depth": depth}) for depth in starts)
    for name, value in fields.items():
        proposal = replace_value(proposal, name, value)
    return proposal.replace(verdict=Verdict(outcome=Outcome.PASS, stages=(), test_runs=runs))


START, POINT = run("warm_start", 3, 0.7, 0.8, 0.9), run("random", 5, 0.6, 0.6, 0.6, label="4")


def complete(study):
    return [trial for trial in study.trials if trial.state is TrialState.COMPLETE]


class TestTrials:
    def test_have_parameters_scores_and_where_they_are_from(self):
        (extra, start) = complete(configure_study(proposed(START, POINT)))
        assert (start.params, start.value) == ({"max_depth": 3}, pytest.approx(0.8))
        assert start.user_attrs[ORIGIN] == "test run of warm start 0"
        assert start.user_attrs[CONFIGURATION] == {"max_depth": 3, "criterion": "gini", "min_samples_leaf": 2}
        assert start.user_attrs[FOLD_SCORES] == [0.7, 0.8, 0.9]
        assert start.user_attrs[SECONDS] == [0.1, 0.1, 0.1]
        assert (EXTRA in start.user_attrs, extra.user_attrs[EXTRA]) == (False, True)

    def test_are_not_enqueued_again(self):
        study = configure_study(proposed(START, starts=(3, 4)))
        waiting = [t.system_attrs["fixed_params"] for t in study.trials if t.state is TrialState.WAITING]
        assert waiting == [{"max_depth": 4}]

    def test_are_added_once(self, tmp_path):
        storage = f"sqlite:///{tmp_path}/s.db"
        proposal = proposed(START, POINT)
        for _ in range(2):
            study = configure_study(proposal, storage=storage, study_name="s")
        assert len(complete(study)) == 2

    @pytest.mark.parametrize(
        "other",
        [
            run("default", 3, 0.7, 0.8, 0.9),
            run("low_fidelity", 3, 0.7, 0.8, 0.9),
            run("warm_start", 3, 0.7, 0.8, 0.9, comparable=False),
            run("warm_start", 3, 0.7, 0.8),
            run("warm_start", 3, 0.7, 0.8, 0.9, status="error"),
        ],
    )
    def test_are_not_made_of_what_is_no_trial(self, other):
        assert complete(configure_study(proposed(other))) == []

    def test_without_a_verdict_there_are_none(self):
        assert complete(configure_study(proposed(START).replace(verdict=None))) == []

    @pytest.mark.parametrize(
        ("pruner", "reported"), [("wilcoxon", {0: 0.7, 1: 0.8, 2: 0.9}), ("median", {1: 0.7, 2: 0.75, 3: 0.8})]
    )
    def test_have_reported_as_the_objective_does(self, pruner, reported):
        (trial,) = complete(configure_study(proposed(START, pruner=Pruner(name=pruner))))
        assert trial.intermediate_values == pytest.approx(reported)

    def test_with_a_fidelity_report_its_top(self):
        fidelity = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.1, max=1.0)
        (trial,) = complete(configure_study(proposed(START, fidelity=fidelity)))
        assert trial.intermediate_values == pytest.approx({10: 0.8})


class TestPoints:
    def test_outside_what_repairs_left_are_none(self):
        assert point_of(run("random", 99, 0.5, 0.5, 0.5), proposed()) is None

    @pytest.mark.parametrize(
        "configuration",
        [
            {"max_depth": 3, "criterion": "entropy", "min_samples_leaf": 2},
            {"max_depth": 3, "criterion": "gini", "min_samples_leaf": 5},
            {"max_depth": 3, "criterion": "gini"},
            {"max_depth": 3, "criterion": "gini", "min_samples_leaf": 2, "ccp_alpha": 0.1},
        ],
    )
    def test_with_other_settings_beside_are_none(self, configuration):
        assert point_of(START.replace(configuration=Configuration(configuration)), proposed()) is None


class TestSamples:
    def test_the_best_point_of_a_sample_is_tried_after_the_warm_starts(self):
        runs = [r.replace(comparable=False, rows=60) for r in (START, run("random", 5, 0.9, 0.9, 0.9))]
        study = configure_study(proposed(*runs))
        waiting = [t for t in study.trials if t.state is TrialState.WAITING]
        assert [t.system_attrs["fixed_params"] for t in waiting] == [{"max_depth": 3}, {"max_depth": 5}]
        assert "sample" in waiting[-1].user_attrs[ORIGIN]

    def test_but_not_where_a_warm_start_is_as_good_or_sizes_differ(self):
        def best(*runs):
            return promising_point(proposed(*(r.replace(comparable=False) for r in runs)))

        assert best(START, POINT) is None
        assert best(run("random", 5, 0.9, 0.9, 0.9)) is None
        assert best(START, run("random", 5, 0.9, 0.9, 0.9, rows=60)) is None
        assert best(START, run("default", 5, 0.9, 0.9, 0.9)) is None
        assert best(START, run("corner", 5, 0.9, 0.9, 0.9)) == Configuration({"max_depth": 5})
        assert promising_point(proposed(START, run("corner", 5, 0.9, 0.9, 0.9))) is None
        assert promising_point(proposed().replace(verdict=None)) is None


class TestBudget:
    def test_points_that_nobody_asked_for_are_beside_it(self):
        budget = propose().budget.value.replace(n_trials=2, wall_clock_s=60)
        proposal = proposed(START, POINT, budget=budget)
        study = configure_study(proposal)
        optimise(study, lambda trial: trial.suggest_int("max_depth", 1, 9) / 10, proposal)
        assert len(complete(study)) == 3
        assert result_of(study, proposal)["n_trials"] == 3

    def test_nor_do_they_stop_the_study(self):
        target = Termination(rules=(TargetReached(score=0.75),))
        assert not decision_of(configure_study(proposed(POINT, termination=target)), proposed(), seconds=0.0).stop
        reached = proposed(START, termination=target)
        assert decision_of(configure_study(reached), reached, seconds=0.0).stop


def test_a_fold_of_the_gate_is_a_fold_of_the_study():
    """The scores that are handed over are those that the objective would have given, to the last digit."""
    table = small_table()
    proposal, verdict = Gate().judge(propose("decision_tree"), GateContext(table=table, test_run_seconds=8))
    assert len(verdict.first_trials) >= 5
    objective = objective_for(table, None, proposal)
    assert isinstance(objective, Objective)
    for kept in verdict.first_trials[:4]:
        assert list(objective.cross_validate(kept.configuration)) == pytest.approx(list(kept.scores), abs=1e-12)
    study = configure_study(Proposal.from_json(proposal.to_json()))
    expected = sorted(fmean(kept.scores) for kept in verdict.first_trials)
    assert sorted(trial.value for trial in complete(study)) == pytest.approx(expected)


def budget(binding):
    return Budget(n_trials=20, wall_clock_s=60, per_trial_s=6, binding=binding)


def test_where_all_trials_fit_the_portfolio_keeps_its_order():
    assert starting_order(proposed(starts=(3, 9, 1), budget=budget("n_trials"))) == (0, 1, 2)


def test_where_time_is_short_the_cheapest_start_by_the_test_run_goes_first():
    runs = [run("warm_start", d, 0.7, 0.8, 0.9, seconds=(s,) * 3) for d, s in ((3, 0.2), (9, 0.9), (1, 0.1))]
    assert starting_order(proposed(*runs, starts=(3, 9, 1), budget=budget("wall_clock_s"))) == (2, 0, 1)


def test_starts_that_were_not_all_timed_alike_go_by_their_size():
    """A decision tree has no number of rounds: the order stays."""
    runs = [run("warm_start", 9, 0.7, 0.8, 0.9, seconds=(0.1,) * 3)]
    assert starting_order(proposed(*runs, starts=(3, 9, 1), budget=budget("wall_clock_s"))) == (0, 1, 2)
    trees = propose("random_forest")
    space = SearchSpace(parameters=(IntParameter(name="n_estimators", low=10, high=900),))
    starts = tuple(Configuration({"n_estimators": n}) for n in (500, 50, 200))
    for name, value in (("search_space", space), ("warm_starts", starts), ("budget", budget("wall_clock_s"))):
        trees = replace_value(trees, name, value)
    assert starting_order(trees) == (1, 2, 0)


def test_a_slow_kind_of_boosting_counts_as_more_rounds():
    boosted = propose("xgboost")
    space = SearchSpace(
        parameters=(
            CategoricalParameter(name="booster", choices=("gbtree", "dart")),
            IntParameter(name="n_estimators", low=10, high=900),
        )
    )
    starts = tuple(
        Configuration({"booster": b, "n_estimators": n}) for b, n in (("dart", 100), ("gbtree", 800), ("gbtree", 50))
    )
    for name, value in (("search_space", space), ("warm_starts", starts), ("budget", budget("wall_clock_s"))):
        boosted = replace_value(boosted, name, value)
    assert starting_order(boosted) == (2, 1, 0)
