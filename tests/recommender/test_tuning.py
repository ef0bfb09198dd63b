"""A proposal becomes a study that keeps to it."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from optuna.trial import FrozenTrial, TrialState

from kg.model import SearchSpace
from kg.tables import prepare_table
from recommender.objective import objective_for
from recommender.proposal import MaxTrials, Prediction, RemainingLoss, Stagnation, Termination, WallClock
from recommender.studies import STOP_REASON, configure_study
from recommender.tuning import optimise, result_of, stop_callback


def an_hour_ago(begin, end):
    """A trial that ran from `begin` to `end`, in seconds of a session that is over."""
    then = datetime.now() - timedelta(hours=1)  # noqa: DTZ005  # as Optuna has them
    return FrozenTrial(
        number=0,
        state=TrialState.COMPLETE,
        value=0.5,
        datetime_start=then + timedelta(seconds=begin),
        datetime_complete=then + timedelta(seconds=end),
        params={},
        distributions={},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
        trial_id=0,
    )


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

    def test_a_session_that_goes_on_has_the_time_that_earlier_ones_left(self, proposal):
        made = proposal()
        study = configure_study(made)
        study.add_trial(an_hour_ago(0, 40))
        study.add_trial(an_hour_ago(45, 65))
        optimise(study, lambda trial: 0.5, made)
        assert len(study.trials) == 2
        assert study.user_attrs[STOP_REASON] == "the budget is spent: 60 of 60 seconds"

    def test_workers_side_by_side_use_up_the_time_no_faster(self, proposal):
        made = proposal(termination=Termination(rules=(WallClock(seconds=60.0),)))
        study = configure_study(made)
        for _ in range(6):
            study.add_trial(an_hour_ago(0, 40))
        optimise(study, lambda trial: 0.5, made)
        assert len(study.trials) == made.budget.value.n_trials

    def test_the_callback_serves_plain_optuna(self, proposal):
        made = proposal(termination=Termination(rules=(MaxTrials(n_trials=2),)))
        study = configure_study(made)
        study.optimize(lambda trial: 0.5, n_trials=10, callbacks=[stop_callback(made)])
        assert len(study.trials) == 2


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
