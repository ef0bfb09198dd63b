"""Prediction: intervals that hold on the sources, each left out in turn."""

import numpy as np
import pytest

from kg.model import MetaFeatures, metric_named
from recommender.composing.prediction import (
    finite_sample_quantile,
    losses_after,
    predict_from_trials,
    predict_scores,
)

ACCURACY, LOG_LOSS, RMSE = metric_named("accuracy"), metric_named("log_loss"), metric_named("rmse")


def world(n, seed=0):
    """Sources whose loss is about that of 1-NN, and falls with the trials."""
    generator = np.random.default_rng(seed)
    landmark = generator.uniform(0.02, 0.5, n)
    first = np.clip(landmark * generator.uniform(0.7, 1.3, n), 0, 1)
    losses = first[:, None] * np.array([1.0, 0.9, 0.8]) ** generator.uniform(0.5, 1.5, (n, 1))
    return [MetaFeatures({"kNN1NErrRate": v, "NumberOfInstances": 1000.0}) for v in landmark], losses


def test_losses_are_distances_from_the_perfect_score():
    losses = losses_after([0.9], [0.8], np.array([[1.0, 0.0]]), ACCURACY)
    assert losses.tolist() == [pytest.approx([0.2, 0.1])]
    assert losses_after([0.3], [0.5], np.array([[1.0, 0.0]]), LOG_LOSS).tolist() == [pytest.approx([0.5, 0.3])]


def test_landmarkers_tell_what_to_expect():
    sources, losses = world(60)
    easy, hard = (
        predict_scores(MetaFeatures({"kNN1NErrRate": v}), sources, losses, ACCURACY, ks=[1])[0] for v in (0.05, 0.4)
    )
    assert easy.expected > hard.expected + 0.2
    assert easy.high - easy.low < hard.high - hard.low


def test_more_trials_are_never_expected_to_be_worse():
    sources, losses = world(40)
    found = predict_scores(sources[3], sources, losses, ACCURACY, ks=[1, 2, 3])
    for field in ("low", "expected", "high"):
        values = [getattr(score, field) for score in found]
        assert values == sorted(values)
    assert all(0 <= score.low <= score.expected <= score.high <= 1 for score in found)


def test_intervals_cover_as_often_as_they_say():
    sources, losses = world(120)
    hits = []
    for t in range(60):
        rest = list(range(60, 120))
        (found,) = predict_scores(sources[t], [sources[i] for i in rest], losses[rest], ACCURACY, ks=[3])
        hits.append(found.low <= 1 - losses[t, 2] <= found.high)
    assert 0.8 <= np.mean(hits) <= 1


def test_without_meta_features_the_interval_is_that_of_all_sources():
    sources, losses = world(40)
    (blind,) = predict_scores(MetaFeatures({}), sources, losses, ACCURACY, ks=[1])
    (seeing,) = predict_scores(sources[0], sources, losses, ACCURACY, ks=[1])
    assert blind.high - blind.low > seeing.high - seeing.low


def test_nothing_is_said_without_bounds_or_with_few_sources():
    sources, losses = world(40)
    assert predict_scores(sources[0], sources, losses, RMSE, ks=[1]) == ()
    assert predict_scores(sources[0], sources[:9], losses[:9], ACCURACY, ks=[1]) == ()
    assert predict_from_trials(0.8, 1, losses[:9], ACCURACY, ks=[2]) == ()


def test_trials_narrow_the_interval_and_the_incumbent_bounds_it():
    sources, losses = world(60)
    (before,) = predict_scores(sources[0], sources, losses, ACCURACY, ks=[3])
    (after,) = predict_from_trials(1 - losses[0, 0], 1, losses, ACCURACY, ks=[3])
    assert after.high - after.low < before.high - before.low
    assert after.low >= 1 - losses[0, 0]


def test_of_a_loss_the_low_end_is_the_good_one():
    _, losses = world(40)
    (found,) = predict_from_trials(0.5, 1, losses, LOG_LOSS, ks=[3])
    assert 0 <= found.low <= found.expected <= found.high <= 0.5


def test_sources_that_could_not_be_replayed_are_passed_over():
    sources, losses = world(40)
    broken = np.where(np.arange(40)[:, None] < 5, np.nan, losses)
    assert predict_scores(sources[0], sources, broken, ACCURACY, ks=[1]) == predict_scores(
        sources[0], sources[5:], losses[5:], ACCURACY, ks=[1]
    )


def test_the_quantile_has_the_finite_sample_correction():
    assert finite_sample_quantile(np.arange(1.0, 20.0), 0.9) == 18  # ceil(20 * .9)
    assert finite_sample_quantile(np.arange(1.0, 4.0), 0.9) == 3
