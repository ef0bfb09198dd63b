"""The objective of a study: folds, limits, failures, rungs."""

import math
import time

import optuna
import pytest

from kg.model import ConstantParameter, FidelityKind, SearchSpace
from kg.tables import prepare_table
from recommender.fitting.folds import FoldFits, Scored
from recommender.objective import FitError, Objective, objective_for, rungs, step_of
from recommender.proposal import Fidelity, Protocol, Pruner
from recommender.studies import configure_study
from recommender.trial_notes import CONFIGURATION, REASON
from recommender.tuning import optimise, result_of

#: A forest that takes hours.
ENDLESS = SearchSpace(parameters=(ConstantParameter(name="n_estimators", value=10_000_000),))


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

    def test_a_rung_that_a_configuration_has_reached_already_costs_no_fit(self, proposal, mixed_frame, monkeypatch):
        fitted = []

        def scored(self, fit):
            fitted.append(fit.configuration["n_estimators"])
            return Scored(0.5)

        monkeypatch.setattr(FoldFits, "scored", scored)
        fidelity = Fidelity(parameter="n_estimators", kind=FidelityKind.ESTIMATORS, min=2, max=18, eta=3)
        space = SearchSpace(parameters=(ConstantParameter(name="n_estimators", value=5),))
        made = proposal("random_forest", space, fidelity=fidelity, pruner=Pruner(name="none"), fixed={})
        trial = configure_study(made).ask()
        assert Objective(prepare_table(mixed_frame, "label"), made, apart=False)(trial) == 0.5
        assert fitted == [2, 2, 2, 5, 5, 5]

    def test_rungs_end_at_the_full_fidelity(self):
        fidelity = Fidelity(parameter="epochs", kind=FidelityKind.EPOCHS, min=4, max=52, eta=3)
        assert rungs(fidelity) == [4, 12, 36, 52]

    def test_a_fraction_that_is_near_the_whole_is_no_rung(self):
        fidelity = Fidelity(parameter="training_fraction", kind=FidelityKind.TRAINING_FRACTION, min=0.3, max=1, eta=3)
        assert rungs(fidelity) == [0.3, 1.0]
        assert [step_of(fidelity, level) for level in rungs(fidelity)] == [1, 3]
