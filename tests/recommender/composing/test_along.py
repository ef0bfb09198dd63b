"""Scores along the fidelity: the curves of similar data sets, carried to the score that is predicted in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import FidelityPoint, metric_named
from recommender.composing import foresight
from recommender.composing.along import LEAST_CURVES, CurveSource, carried, predict_curve, weighted_quantile
from recommender.composing.along_evidence import usable_curves
from tests.recommender.composing import world
from tests.recommender.composing.test_foresight import RESPONSES, inputs

ACCURACY, BRIER = metric_named("accuracy"), metric_named("brier")
LEVELS = (0.1, 0.3)


def curve(i, *changes, metric="accuracy", spread=0.0, **given):
    """A curve of an SVM on data set `i` whose best configurations change so at each level."""
    points = tuple(
        FidelityPoint(
            value=value,
            score=0.8 + change,
            change=change,
            best_low_change=change - spread,
            best_change=change,
            best_high_change=change + spread,
            configurations=50,
        )
        for value, change in zip(LEVELS, changes, strict=False)
    )
    named = {"dataset": world.dataset(i).iri, "learner": "svm", "metric": metric, "full": 1.0, "score": 0.8}
    named |= {"fidelity": "training_fraction", "parameter": "training_fraction", "points": points}
    return world.evidence("fidelity_curve", i, metric, **{**named, **given})


def source(i, *changes, loss=0.16, weight=1.0, **given):
    return CurveSource(world.dataset(i).meta_features, loss, weight, curve(i, *changes, **given))


def foretold(sources, metric=ACCURACY, **options):
    return predict_curve(world.dataset(3).meta_features, sources, metric, k=5, **options)


def test_where_all_sources_agree_their_change_is_foretold_and_nothing_else():
    found = foretold([source(i, -0.09, -0.04) for i in range(12)])
    assert (found.parameter, found.full, found.k) == ("training_fraction", 1.0, 5)
    assert found.score == pytest.approx(0.84)
    assert [level.value for level in found.levels] == [0.1, 0.3]
    for level, change in zip(found.levels, (-0.09, -0.04), strict=True):
        assert (level.low, level.expected, level.high) == pytest.approx((0.84 + change,) * 3)
        assert (level.low_change, level.change, level.high_change) == pytest.approx((change,) * 3)


def test_a_loss_grows_where_an_accuracy_shrinks():
    found = foretold([source(i, 0.09, 0.04, metric="brier") for i in range(12)], BRIER)
    assert found.score == pytest.approx(0.16)
    assert [level.expected for level in found.levels] == pytest.approx([0.25, 0.2])


def test_the_most_similar_data_sets_count_most():
    far = [source(i, -0.2) for i in range(9)]
    near = [source(i, -0.05, weight=20.0) for i in range(9, 12)]
    (level,) = foretold([*far, *near]).levels
    assert level.change == pytest.approx(-0.05)
    # That others differ is in the interval.
    assert level.low_change < -0.15


def test_configurations_of_a_data_set_that_differ_widen_the_score_but_not_the_change():
    (narrow,), (wide,) = (foretold([source(i, -0.05, spread=s) for i in range(12)]).levels for s in (0.0, 0.03))
    assert wide.low < narrow.low < wide.expected
    assert (wide.low_change, wide.high_change) == pytest.approx((narrow.low_change, narrow.high_change))


@pytest.mark.parametrize("n", [0, 1, LEAST_CURVES - 1])
def test_too_few_curves_foretell_nothing(n):
    assert foretold([source(i, -0.1) for i in range(n)]) is None
    assert foretold([source(i, -0.1) for i in range(LEAST_CURVES)]) is not None


def test_a_level_that_few_know_is_left_out():
    found = foretold([*(source(i, -0.1) for i in range(9)), source(9, -0.1, -0.02)])
    assert [level.value for level in found.levels] == [0.1]
    many = foretold([*(source(i, -0.1) for i in range(19)), *(source(i, -0.1, -0.02) for i in range(19, 28))])
    assert [level.value for level in many.levels] == [0.1]


def test_a_metric_without_bounds_carries_nothing_over():
    assert foretold([source(i, -0.1) for i in range(12)], metric_named("rmse")) is None


def test_a_score_in_full_carries_the_curve_along():
    found = foretold([source(i, -0.09 - 0.005 * i) for i in range(12)])
    (level,) = found.levels
    as_predicted = carried(found, level, found.score, ACCURACY)
    assert as_predicted == pytest.approx(
        tuple(found.score + c for c in (level.low_change, level.change, level.high_change))
    )
    # Where less is lost in full, a like shift of square roots is less of a change.
    low, expected, high = carried(found, level, 0.99, ACCURACY)
    assert low <= expected <= high
    assert 0.99 - expected < found.score - as_predicted[1]


CHANGES = st.lists(st.floats(-0.5, 0.2), min_size=9, max_size=14)


@given(CHANGES, st.lists(st.floats(1e-6, 0.9), min_size=14, max_size=14), st.floats(0.0, 0.3))
def test_intervals_are_in_order_and_scores_possible(changes, losses, spread):
    sources = [source(i, change, loss=losses[i], spread=spread) for i, change in enumerate(changes)]
    (level,) = foretold(sources).levels
    assert 0 <= level.low <= level.expected <= level.high <= 1
    assert level.low_change <= level.change <= level.high_change


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 1)), min_size=1, max_size=20), st.floats(0.01, 1))
def test_a_weighted_quantile_leaves_no_more_than_its_share_below(pairs, share):
    import numpy as np

    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    found = weighted_quantile(values, weights, share)
    assert weights[values < found].sum() <= share * weights.sum() * (1 + 1e-6) + 1e-9
    assert weights[values <= found].sum() >= share * weights.sum() * (1 - 1e-6) - 1e-6


class TestOfWhatIsCited:
    def test_the_fidelity_that_most_data_sets_have_is_followed(self):
        epochs = curve(0, -0.1, parameter="epochs", full=52.0, fidelity="epochs")
        known = [*(curve(i, -0.1) for i in range(2)), epochs, curve(3, -0.1, metric="roc_auc")]
        assert [c.dataset for c in usable_curves(known, ACCURACY)] == [world.dataset(i).iri for i in range(2)]

    def test_of_two_curves_of_a_data_set_the_better_founded_counts(self):
        weak = curve(0, -0.3, n=10, iri="https://example.org/weak")
        assert usable_curves([curve(0, -0.1), weak], ACCURACY) == (curve(0, -0.1),)

    def test_a_prediction_holds_the_curve_and_says_what_it_rests_on(self):
        curves = [curve(i, -0.09, -0.04) for i in range(len(RESPONSES))]
        arguments = {"ks": [1, 10, 500], "metric": "accuracy"}
        derived = foresight.prediction(inputs(*RESPONSES, *curves), arguments)
        assert derived.value.curve.k == 10
        assert [level.value for level in derived.value.curve.levels] == [0.1, 0.3]
        assert f"how scores change on {len(RESPONSES)} data sets" in derived.reason

    def test_where_no_curve_is_cited_it_says_so(self):
        derived = foresight.prediction(inputs(*RESPONSES), {"ks": [1], "metric": "accuracy"})
        assert derived.value.curve is None
        assert "No scores of this learner at lower fidelity are known in accuracy." in derived.reason
