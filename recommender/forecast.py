"""What a running study may still reach: its best so far, and the share of the loss that further trials leave.

after trial 10, best accuracy .88:   after 30 trials .892 expected, 90 % interval [.88, .91]
"""

from __future__ import annotations

from kg.model import Metric
from recommender.proposal import PredictedScore, Prediction, RemainingLoss


def score_ahead(incumbent: float, remaining: RemainingLoss, metric: Metric) -> PredictedScore:
    """Return the best score to expect after `remaining.k` trials.

    Args:
        incumbent: The best score of the first `remaining.after` trials.
        remaining: The share of the loss that is left.
        metric: A metric that has a perfect score.
    """
    perfect = 0.0 if metric.perfect is None else metric.perfect
    loss = abs(perfect - incumbent)
    sign = -1.0 if metric.greater_is_better else 1.0
    best, expected = perfect + sign * loss * remaining.least, perfect + sign * loss * remaining.expected
    low, high = sorted((best, incumbent))
    return PredictedScore(k=remaining.k, low=low, expected=expected, high=high)


def scores_ahead(prediction: Prediction, incumbent: float, after: int, metric: Metric) -> tuple[PredictedScore, ...]:
    """Return what `prediction` expects once the best of `after` trials is `incumbent`.

    Empty where no figure was made for that many trials: an interval that held after 10 need not hold after 11.
    """
    return tuple(score_ahead(incumbent, one, metric) for one in prediction.remaining if one.after == after)
