"""What further trials should bring lies between the best so far and the perfect score, whichever way is up."""

from hypothesis import given
from hypothesis import strategies as st

from kg.model import metric_named
from recommender.forecast import score_ahead, scores_ahead
from recommender.proposal import Prediction, RemainingLoss

ACCURACY, LOG_LOSS = metric_named("accuracy"), metric_named("log_loss")
LEFT = RemainingLoss(after=10, k=30, least=0.5, expected=0.9)


def test_the_share_is_taken_of_what_lies_between_the_best_and_the_perfect_score():
    found = score_ahead(0.8, LEFT, ACCURACY)
    assert (found.k, round(found.low, 9), round(found.expected, 9), round(found.high, 9)) == (30, 0.8, 0.82, 0.9)
    loss = score_ahead(0.4, LEFT, LOG_LOSS)
    assert [round(value, 9) for value in (loss.low, loss.expected, loss.high)] == [0.2, 0.36, 0.4]


@given(best=st.floats(0, 1), least=st.floats(0, 1), more=st.floats(0, 1))
def test_the_best_so_far_is_one_end_of_the_interval(best, least, more):
    remaining = RemainingLoss(after=1, k=5, least=least, expected=least + (1 - least) * more)
    for metric in (ACCURACY, LOG_LOSS):
        found = score_ahead(best, remaining, metric)
        assert best in (found.low, found.high)
        assert found.low - 1e-12 <= found.expected <= found.high + 1e-12


def test_nothing_is_said_after_trials_for_which_nothing_was_foretold():
    prediction = Prediction(metric="accuracy", remaining=(LEFT,))
    assert scores_ahead(prediction, 0.8, 11, ACCURACY) == ()
    assert scores_ahead(prediction, 0.8, 10, ACCURACY) == (score_ahead(0.8, LEFT, ACCURACY),)
