"""What a running study should still reach is said for the latest number of trials that a figure was made for."""

import pytest

from recommender.proposal import Budget, Prediction, Proposal, RemainingLoss
from tests.recommender.conftest import make_proposal
from ui.running.ahead import ahead_text
from ui.running.watching import Point


def point(place: int | None, score: float | None) -> Point:
    return Point(place or 1, place, "complete" if score is not None else "fail", score, None, None, 1.0, "")


def scored(*scores: float | None) -> list[Point]:
    return [point(place, score) for place, score in enumerate(scores, start=1)]


@pytest.fixture
def proposed() -> Proposal:
    pairs = [(1, 4), (3, 8), (5, 30)]
    remaining = tuple(RemainingLoss(after=after, k=k, least=0.5, expected=0.75) for after, k in pairs)
    return make_proposal(
        budget=Budget(n_trials=10, wall_clock_s=60, per_trial_s=9, binding="n_trials"),
        prediction=Prediction(metric="accuracy", remaining=remaining),
    )


def test_the_best_of_as_many_trials_as_the_figure_is_for_is_taken(proposed):
    said = ahead_text(scored(0.6, 0.8, 0.7, 0.9), proposed)
    assert said.startswith("By the best of 3 trials, 0.8, the best of 8 should be about 0.85, between 0.8 and 0.9 (90%")


def test_a_test_run_beside_the_budget_does_not_count(proposed):
    assert ahead_text([point(None, 0.99), *scored(0.6)], proposed).startswith("By the best of 1 trial, 0.6, ")


def test_nothing_is_said_of_what_is_behind_or_beyond_the_budget(proposed):
    assert ahead_text(scored(*[0.5] * 8), proposed) == ""
    assert ahead_text([], proposed) == ""


def test_nothing_is_said_while_no_trial_has_a_score(proposed):
    assert ahead_text(scored(None, None), proposed) == ""
