"""The learner: the one that fared best against the others on the same, similar data sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import dataset_iri
from recommender.composing.learner_choice import FALLBACK_ORDER, rank_learners
from tests.recommender.composing.world import result

NAMES = ("knn", "mlp", "svm")


def names(ranked):
    return [one.learner for one in ranked]


def test_the_best_on_the_same_data_sets_comes_first():
    results = [result(i, name, score) for i in range(3) for name, score in zip(NAMES, (0.5, 0.7, 0.9), strict=True)]
    ranked = rank_learners(NAMES, results, {}, modelled=())
    assert names(ranked) == ["svm", "mlp", "knn"]
    assert [one.standing for one in ranked] == [1, pytest.approx(0.5), 0]
    assert len(ranked[0].results) == 3


def test_nearer_data_sets_count_more():
    results = [result(0, "svm", 0.9), result(0, "knn", 0.5), result(1, "svm", 0.5), result(1, "knn", 0.9)]
    weights = {dataset_iri("s0"): 0.2, dataset_iri("s1"): 0.8}
    ranked = rank_learners(("svm", "knn"), results, weights, modelled=())
    assert names(ranked) == ["knn", "svm"]
    assert ranked[0].results[0] == results[3].iri


def test_of_a_loss_less_is_better():
    results = [result(0, "svm", 0.2, metric="log_loss"), result(0, "knn", 0.7, metric="log_loss")]
    assert names(rank_learners(("knn", "svm"), results, {}, modelled=())) == ["svm", "knn"]


def test_learners_with_response_models_come_before_better_ones_without():
    results = [result(0, "svm", 0.9), result(0, "knn", 0.5)]
    assert names(rank_learners(("svm", "knn"), results, {}, modelled=("knn",))) == ["knn", "svm"]


@pytest.mark.parametrize(
    "results",
    [
        (),
        (result(0, "svm", 0.9),),
        (result(0, "svm", 0.9), result(0, "knn", 0.9)),
        (result(0, "svm", 0.9, tuned=False), result(0, "knn", 0.1, tuned=False)),
    ],
    ids=["none", "alone", "tied", "untuned"],
)
def test_what_compares_nothing_leaves_the_usual_order(results):
    ranked = rank_learners(("knn", "svm", "xgboost"), results, {}, modelled=())
    assert names(ranked) == ["xgboost", "svm", "knn"]
    assert all(one.standing is None for one in ranked)


scored = st.dictionaries(st.tuples(st.integers(0, 5), st.sampled_from(NAMES)), st.floats(0, 1))


@given(scored, st.permutations(NAMES))
def test_every_candidate_is_ranked_once_whatever_the_order_of_the_candidates(scores, order):
    results = [result(i, name, score) for (i, name), score in scores.items()]
    ranked = rank_learners(order, results, {}, modelled=())
    assert sorted(names(ranked)) == sorted(NAMES)
    assert ranked == rank_learners(NAMES, results, {}, modelled=())
    assert all(one.standing is None or 0 <= one.standing <= 1 for one in ranked)


def test_the_usual_order_names_each_learner_once():
    assert len(set(FALLBACK_ORDER)) == len(FALLBACK_ORDER)
