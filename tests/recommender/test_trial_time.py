"""What trials took, what one more may take, and how much of the study's time is gone."""

from datetime import datetime, timedelta

import optuna
import pytest
from optuna.trial import FixedTrial, FrozenTrial, TrialState

from recommender.trial_notes import ALLOWED_S, LOST, SECONDS
from recommender.trial_time import allowed_s, seconds_covered, seconds_taken

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001  # as Optuna has them


def trial_of(begin, end, state=TrialState.COMPLETE, **user_attrs):
    return FrozenTrial(
        number=0,
        state=state,
        value=0.5 if state is TrialState.COMPLETE else None,
        datetime_start=NOON + timedelta(seconds=begin),
        datetime_complete=NOON + timedelta(seconds=end),
        params={},
        distributions={},
        user_attrs=user_attrs,
        system_attrs={},
        intermediate_values={},
        trial_id=0,
    )


@pytest.mark.parametrize(("state", "expected"), [(TrialState.COMPLETE, 3.0), (TrialState.FAIL, 20.0)])
def test_a_trial_took_what_its_folds_took_or_as_long_as_it_ran_where_it_was_ended(state, expected):
    assert seconds_taken(trial_of(0, 20, state, **{SECONDS: [1.0, 2.0]})) == expected


class TestSecondsCovered:
    def test_what_several_workers_ran_at_once_counts_once(self):
        trials = [trial_of(0, 10), trial_of(2, 8), trial_of(5, 15), trial_of(20, 25)]
        assert seconds_covered(trials, NOON + timedelta(hours=1)) == 20

    def test_what_ran_later_does_not_count(self):
        assert seconds_covered([trial_of(0, 10), trial_of(30, 40)], NOON + timedelta(seconds=6)) == 6

    def test_a_trial_that_was_found_dead_the_next_day_took_nobody_knows_how_long(self):
        found = trial_of(5, 86_400, TrialState.FAIL, **{LOST: "its worker was not heard of"})
        assert seconds_covered([trial_of(0, 10), found], NOON + timedelta(days=2)) == 10


class TestAllowed:
    def test_a_trial_may_take_what_the_budget_gives_it(self):
        study = optuna.create_study()
        study.add_trial(trial_of(0, 50))
        assert allowed_s(study.ask(), 6.0) == 6.0
        assert allowed_s(FixedTrial({}), 6.0) == 6.0

    def test_while_all_are_cut_the_next_may_take_twice_as_long(self):
        study = optuna.create_study()
        study.add_trial(trial_of(0, 6, TrialState.FAIL, **{ALLOWED_S: 6.0}))
        study.add_trial(trial_of(6, 18, TrialState.FAIL, **{ALLOWED_S: 12.0}))
        assert allowed_s(study.ask(), 6.0) == 24.0

    def test_once_one_has_a_score_the_others_may_take_twice_as_long_as_it_did(self):
        study = optuna.create_study()
        study.add_trial(trial_of(0, 6, TrialState.FAIL, **{ALLOWED_S: 6.0}))
        study.add_trial(trial_of(6, 20, **{SECONDS: [4.0, 5.0]}))
        assert allowed_s(study.ask(), 6.0) == 18.0
        study.add_trial(trial_of(20, 22, **{SECONDS: [1.0, 1.0]}))
        assert allowed_s(study.ask(), 6.0) == 6.0
