"""A proposal becomes a study that keeps to it."""

import math
import time

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from kg.errors import InputError
from kg.model import ConstantParameter, FidelityKind, SearchSpace
from kg.tables import prepare_table
from recommender.objective import FitError, Objective, objective_for, rungs, step_of
from recommender.proposal import (
    Fidelity,
    MaxTrials,
    Prediction,
    Protocol,
    Pruner,
    RemainingLoss,
    Sampler,
    Stagnation,
    Termination,
)
from recommender.spaces import suggest, to_distributions
from recommender.trial_notes import CITATIONS, CONFIGURATION, REASON
from recommender.tuning import (
    LEFT_OUT,
    STOP_REASON,
    configure_study,
    optimise,
    proposal_of,
    result_of,
    stop_callback,
)

#: A forest that takes hours.
ENDLESS = SearchSpace(parameters=(ConstantParameter(name="n_estimators", value=10_000_000),))


class TestSpaces:
    def test_distributions_are_those_of_the_space_without_constants(self, svm_space):
        space = SearchSpace(parameters=(*svm_space.parameters, ConstantParameter(name="tol", value=0.01)))
        found = to_distributions(space)
        assert set(found) == set(svm_space.names)
        assert found["C"] == optuna.distributions.FloatDistribution(0.01, 100, log=True)
        assert found["degree"] == optuna.distributions.IntDistribution(2, 4)

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 10_000))
    def test_every_suggestion_is_a_point_of_the_space_or_pruned_with_a_reason(self, seed):
        space = _svm_space()
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        trial = study.ask()
        try:
            assert space.contains(suggest(trial, space).root)
        except optuna.TrialPruned:
            assert trial.params["kernel"] == "poly"
            assert "kernel = 'poly', shrinking = False (slow)" in trial.user_attrs[REASON]

    def test_tpe_learns_in_a_space_with_conditions(self, proposal, svm_space):
        study = configure_study(proposal("svm", svm_space, sampler=Sampler(name="tpe", n_startup_trials=3)))
        with _no_log():
            study.optimize(lambda trial: suggest(trial, svm_space)["C"], n_trials=20)
        assert all(t.state in {TrialState.COMPLETE, TrialState.PRUNED} for t in study.trials)


class TestStudy:
    def test_warm_starts_come_first_in_order_and_cite(self, proposal, cited, mixed_frame):
        starts = [{"max_depth": d, "min_samples_leaf": 0.01, "criterion": "gini"} for d in (7, 3)]
        made = proposal(warm_starts=cited(*starts))
        study = configure_study(made, seed=1)
        optimise(study, objective_for(mixed_frame, "label", made), made)
        assert [t.params["max_depth"] for t in study.trials[:2]] == [7, 3]
        assert study.trials[1].user_attrs[CITATIONS] == list(made.warm_starts.parts["1"].citations)
        assert len(study.trials) == made.budget.value.n_trials

    def test_a_warm_start_outside_the_space_is_left_out_and_said(self, proposal, cited):
        good = {"max_depth": 3.0, "min_samples_leaf": 0.01, "criterion": "gini"}
        study = configure_study(proposal(warm_starts=cited({**good, "max_depth": 99}, good)))
        assert [t.system_attrs["fixed_params"]["max_depth"] for t in study.trials] == [3]
        assert study.user_attrs[LEFT_OUT] == ["warm start 0: max_depth: 99 is outside the space"]

    def test_the_study_holds_its_proposal_and_direction(self, proposal):
        made = proposal()
        study = configure_study(made)
        assert proposal_of(study) == made
        assert study.direction is optuna.study.StudyDirection.MAXIMIZE
        loss = made.task.replace(metric="log_loss")
        assert configure_study(proposal(task=loss)).direction is optuna.study.StudyDirection.MINIMIZE
        with pytest.raises(InputError, match="holds no proposal"):
            proposal_of(optuna.create_study())

    def test_a_stored_study_is_gone_on_with_and_nothing_is_enqueued_twice(self, proposal, cited, tmp_path):
        made = proposal(warm_starts=cited({"max_depth": 3, "min_samples_leaf": 0.01, "criterion": "gini"}))
        storage = f"sqlite:///{tmp_path}/study.db"
        for _ in range(2):
            study = configure_study(made, storage=storage, study_name="s")
        assert len(study.trials) == 1
        with pytest.raises(InputError, match="of another proposal"):
            configure_study(proposal(), storage=storage, study_name="s")

    def test_a_sampler_that_is_not_there_is_refused(self, proposal):
        with pytest.raises(InputError, match="'gp' is not there yet"):
            configure_study(proposal(sampler=Sampler(name="gp")))

    @pytest.mark.parametrize("name", ["none", "successive_halving", "hyperband", "median", "wilcoxon"])
    def test_every_pruner_runs_over_folds(self, proposal, mixed_frame, name):
        made = proposal(pruner=Pruner(name=name), protocol=Protocol(folds=5, stratified=True))
        study = configure_study(made)
        optimise(study, objective_for(mixed_frame, "label", made), made)
        assert result_of(study, made)["best_score"] > 0.5
        assert all(t.intermediate_values for t in study.trials)

    def test_the_same_seed_gives_the_same_trials(self, proposal, mixed_frame):
        made = proposal()
        values = []
        for _ in range(2):
            study = configure_study(made, seed=5)
            optimise(study, objective_for(mixed_frame, "label", made), made)
            values.append([(t.params, t.value) for t in study.trials])
        assert values[0] == values[1]


class TestStopping:
    def test_a_rule_stops_the_study_and_its_reason_is_kept(self, proposal):
        made = proposal(termination=Termination(rules=(Stagnation(patience=3),)))
        study = configure_study(made)
        told = []
        optimise(study, lambda trial: 1.0, made, progress=told.append)
        assert len(study.trials) == 4
        assert study.user_attrs[STOP_REASON] == "3 trials without a gain above 0 (patience 3)"
        assert told[-1] == "Trial 4 of 8: complete, best accuracy 1"

    def test_progress_says_what_further_trials_should_bring(self, proposal):
        remaining = (
            RemainingLoss(after=2, k=6, least=0.5, expected=0.9),
            RemainingLoss(after=5, k=25, least=0.5, expected=0.9),  # beyond the budget
        )
        made = proposal(prediction=Prediction(metric="accuracy", remaining=remaining))
        told = []
        optimise(configure_study(made), lambda trial: 0.8, made, progress=told.append)
        assert told[0] == "Trial 1 of 8: complete, best accuracy 0.8"
        assert told[1] == told[0].replace("1 of", "2 of") + "; expected after 6 trials: 0.82 [0.8, 0.9]"
        assert not any("expected" in line for line in told[2:])

    def test_the_budget_ends_the_study_and_trials_run_before_count(self, proposal):
        made = proposal()
        study = configure_study(made)
        study.optimize(lambda trial: 0.5, n_trials=5)
        optimise(study, lambda trial: 0.5, made)
        assert len(study.trials) == 8
        assert study.user_attrs[STOP_REASON] == "the budget is spent: 8 trials"
        optimise(study, lambda trial: 0.5, made)
        assert len(study.trials) == 8

    def test_the_callback_serves_plain_optuna(self, proposal):
        made = proposal(termination=Termination(rules=(MaxTrials(n_trials=2),)))
        study = configure_study(made)
        study.optimize(lambda trial: 0.5, n_trials=10, callbacks=[stop_callback(made)])
        assert len(study.trials) == 2


class TestObjective:
    def test_a_fit_that_fails_is_a_failed_trial_with_its_reason(self, proposal, mixed_frame):
        # More neighbours than rows: the fit works, the prediction does not.
        space = SearchSpace(parameters=(ConstantParameter(name="n_neighbors", value=5000),))
        made = proposal("knn", space)
        study = configure_study(made)
        optimise(study, objective_for(mixed_frame, "label", made), made)
        result = result_of(study, made)
        assert result["n_failed"] == 8
        assert result["best_score"] is None
        assert "ValueError: Expected n_neighbors" in next(iter(result["failures"]))

    def test_what_the_proposal_fixes_is_part_of_every_configuration(self, proposal, mixed_frame):
        made = proposal(fixed={"max_features": 0.5})
        study = configure_study(made)
        optimise(study, objective_for(mixed_frame, "label", made), made)
        assert all(t.user_attrs[CONFIGURATION]["max_features"] == 0.5 for t in study.trials)
        assert result_of(study, made)["best_configuration"]["max_features"] == 0.5

    def test_repeats_give_more_folds_and_the_first_ones_are_the_same(self, proposal, mixed_frame):
        table = prepare_table(mixed_frame, "label")
        once, thrice = (
            list(Objective(table, made).cross_validate(made.fixed.value))
            for made in (proposal(protocol=Protocol(folds=3, repeats=r, stratified=True)) for r in (1, 3))
        )
        assert len(thrice) == 9
        assert thrice[:3] == once

    def test_a_fit_does_not_run_past_the_limit_of_a_trial(self, proposal, mixed_frame):
        made = proposal("random_forest", ENDLESS, budget=proposal().budget.value.replace(per_trial_s=0.5))
        study, objective = configure_study(made), objective_for(mixed_frame, "label", made)
        trial = study.ask()
        assert math.isnan(objective(trial))
        assert "above 0.5 s a trial: ended after 0." in trial.user_attrs[REASON]
        assert "after 0 of 3 folds" in trial.user_attrs[REASON]

    def test_the_last_fit_does_not_run_past_the_end_of_the_study(self, proposal, mixed_frame):
        made = proposal("random_forest", ENDLESS)
        study, objective = configure_study(made), Objective(prepare_table(mixed_frame, "label"), made)
        trial = study.ask()
        with pytest.raises(optuna.TrialPruned, match="time is over"):
            objective.ending_at(time.monotonic() + 1.0)(trial)
        assert trial.user_attrs[REASON].startswith("the study's time is over")

    def test_without_a_process_apart_a_limit_is_seen_between_folds(self, proposal, mixed_frame):
        made = proposal(budget=proposal().budget.value.replace(per_trial_s=1e-4))
        objective = Objective(prepare_table(mixed_frame, "label"), made, apart=False)
        with pytest.raises(FitError, match=r"no time is left, after \d of 3 folds"):
            list(objective.cross_validate(made.fixed.value))

    def test_a_fit_gives_the_same_score_apart_and_here(self, proposal, mixed_frame):
        made, table = proposal(), prepare_table(mixed_frame, "label")
        apart, here = (list(Objective(table, made, apart=a).cross_validate(made.fixed.value)) for a in (True, False))
        assert apart == here

    @pytest.mark.parametrize(
        ("kind", "parameter", "low", "high"),
        [
            (FidelityKind.TRAINING_FRACTION, "training_fraction", 0.2, 1.0),
            (FidelityKind.FOLDS, "folds", 1, 3),
            (FidelityKind.ESTIMATORS, "n_estimators", 2, 20),
        ],
    )
    def test_a_fidelity_is_climbed_rung_by_rung_with_a_report_at_each(
        self, proposal, mixed_frame, kind, parameter, low, high
    ):
        fidelity = Fidelity(parameter=parameter, kind=kind, min=low, max=high)
        space = SearchSpace(parameters=(ConstantParameter(name="min_samples_leaf", value=3),))
        fixed = {} if parameter == "n_estimators" else {"n_estimators": 3}
        budget = proposal().budget.value.replace(n_trials=3)
        pruner = Pruner(name="successive_halving")
        made = proposal("random_forest", space, fidelity=fidelity, pruner=pruner, fixed=fixed, budget=budget)
        study = configure_study(made)
        optimise(study, objective_for(mixed_frame, "label", made, n_threads=1), made)
        first = study.trials[0]
        assert len(first.intermediate_values) == len(rungs(fidelity)) > 1
        assert first.value == first.intermediate_values[max(first.intermediate_values)]

    def test_rungs_end_at_the_full_fidelity(self):
        fidelity = Fidelity(parameter="epochs", kind=FidelityKind.EPOCHS, min=4, max=52, eta=3)
        assert rungs(fidelity) == [4, 12, 36, 52]

    def test_a_fraction_that_is_near_the_whole_is_no_rung(self):
        fidelity = Fidelity(parameter="training_fraction", kind=FidelityKind.TRAINING_FRACTION, min=0.3, max=1, eta=3)
        assert rungs(fidelity) == [0.3, 1.0]
        assert [step_of(fidelity, level) for level in rungs(fidelity)] == [1, 3]


@pytest.mark.parametrize("name", ["1027_ESL.tsv.gz", "labor.arff", "audiology.arff", "210_cloud.tsv.gz"])
def test_small_real_tables_are_tuned(shared_data, proposal, name):
    from kg.model import TaskType
    from recommender.task import TuningTask

    table = prepare_table(shared_data / "raw-datasets" / name)
    regression = table.task_type is TaskType.REGRESSION
    task = TuningTask(task_type=table.task_type, metric="rmse" if regression else "log_loss")
    space = SearchSpace(parameters=tuple(p for p in proposal().search_space.value.parameters if p.name != "criterion"))
    made = proposal(space=space, task=task)
    study = configure_study(made)
    optimise(study, objective_for(table, None, made), made)
    assert result_of(study, made)["n_failed"] == 0
    assert np.isfinite(study.best_value)


def _svm_space():
    from kg.model import CategoricalParameter, Condition, FloatParameter, Forbidden

    return SearchSpace(
        parameters=(
            FloatParameter(name="gamma", low=1e-4, high=1, log=True),
            CategoricalParameter(name="kernel", choices=("linear", "rbf", "poly")),
            CategoricalParameter(name="shrinking", choices=(True, False)),
        ),
        conditions=(Condition(child="gamma", parent="kernel", values=("rbf", "poly")),),
        forbidden=(Forbidden(clauses={"kernel": ("poly",), "shrinking": (False,)}, reason="slow"),),
    )


def _no_log():
    from recommender.tuning import _quiet

    return _quiet()
