"""A proposal as an Optuna study: what is in it when it is made, and when it is made once more."""

import optuna
import pytest

from kg.errors import InputError
from recommender.objective import objective_for
from recommender.proposal import Protocol, Pruner, Sampler
from recommender.studies import LEFT_OUT, configure_study, proposal_of
from recommender.trial_notes import CITATIONS
from recommender.tuning import optimise, result_of


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
