"""The quick learners, held against scikit-learn's and against worked examples."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from kg import landmarkers
from kg.landmarkers import ignores_limits, landmarks
from kg.naive_bayes import MixedNaiveBayes
from kg.nearest import Points, nearest_class, squared_distances
from kg.nominal import entropy, mutual_information
from kg.pruning import added_errors, error_based_pruned, reduced_error_pruned
from kg.tables import prepare_table

rng = np.random.default_rng(0)
X = rng.random((300, 4))
Y = (X[:, 0] + 0.3 * rng.normal(size=300) > 0.5).astype(int) + (X[:, 1] > 0.7)
NONE = np.empty((300, 0), dtype=int)


class TestNearest:
    def test_numbers_without_gaps_give_scikit_learns_answer(self):
        known, new = Points(X[:200], NONE[:200]), Points(X[200:], NONE[200:])
        expected = KNeighborsClassifier(1).fit(X[:200], Y[:200]).predict(X[200:])
        np.testing.assert_array_equal(nearest_class(known, Y[:200], new), expected)

    def test_gaps_are_as_far_away_as_can_be(self):
        left = Points(np.array([[np.nan, 0.2]]), np.array([[0, -1]]))
        right = Points(np.array([[0.3, 0.6], [np.nan, np.nan]]), np.array([[0, 1], [1, -1]]))
        (squares,) = squared_distances(left, right)
        np.testing.assert_allclose(squares, [[0.7**2 + 0.4**2 + 0 + 1, 1 + 0.8**2 + 1 + 1]])

    def test_ties_vote(self):
        known = Points(np.zeros((3, 1)), np.empty((3, 0), dtype=int))
        assert nearest_class(known, np.array([0, 1, 1]), known.at(slice(0, 1))).tolist() == [1]


class TestNaiveBayes:
    def test_numbers_without_gaps_give_scikit_learns_answer(self):
        ours = MixedNaiveBayes.fit(X, NONE, Y).predict(X, NONE)
        assert np.mean(ours == GaussianNB().fit(X, Y).predict(X)) > 0.97

    def test_a_gap_says_nothing(self):
        codes = (Y == 0).astype(int)[:, None]
        model = MixedNaiveBayes.fit(np.full((300, 1), np.nan), codes, Y)
        found = model.predict(np.array([[np.nan], [0.5]]), np.array([[1], [-1]]))
        assert found[0] == 0
        assert found[1] == np.bincount(Y).argmax()


class TestPruning:
    def test_the_bound_without_errors_is_quinlans(self):
        # Six rows and no error: U25(0, 6) = 0.206 (Quinlan 1993, section 4.2).
        assert added_errors(np.array([6.0]), np.array([0.0]), 0.25)[0] / 6 == pytest.approx(0.206, abs=1e-3)
        assert binom.cdf(0, 6, 0.206) == pytest.approx(0.25, abs=2e-3)

    def test_the_lower_the_level_the_smaller_the_tree(self):
        tree = DecisionTreeClassifier(criterion="entropy", min_samples_leaf=2, random_state=0).fit(X, Y).tree_
        leaves = [_leaves(error_based_pruned(tree, level)) for level in (0.4, 0.25, 0.01, 1e-5)]
        assert leaves == sorted(leaves, reverse=True)
        assert leaves[-1] < leaves[0]

    def test_reduced_errors_never_err_more_on_the_rows_held_back(self):
        grown = DecisionTreeClassifier(random_state=0).fit(X[:200], Y[:200])
        pruned = reduced_error_pruned(grown, X[200:], Y[200:])
        errors = np.sum(grown.classes_[pruned.predict(X[200:])] != Y[200:])
        assert errors <= np.sum(grown.predict(X[200:]) != Y[200:])
        assert _leaves(pruned) < grown.get_n_leaves()


def _leaves(pruned, node=0):
    if pruned.is_leaf[node]:
        return 1
    return sum(_leaves(pruned, child[node]) for child in (pruned.tree.children_left, pruned.tree.children_right))


class TestNominal:
    def test_a_copy_shares_all_information_and_noise_none(self):
        codes = np.array([0, 1, 2, 2] * 20)
        assert mutual_information(codes, codes) == pytest.approx(entropy(np.bincount(codes))) == 1.5
        assert mutual_information(np.tile([0, 1], 40), np.repeat([0, 1], 40)) == pytest.approx(0)


def test_large_tables_are_sampled_with_every_class(monkeypatch):
    monkeypatch.setattr(landmarkers, "MAX_ROWS", 100)
    monkeypatch.setattr(landmarkers, "MIN_ROWS", 100)
    frame = pd.DataFrame(X).assign(c=pd.Categorical(Y), y=[*["rare"] * 6, *["often"] * 294])
    table = prepare_table(frame, "y")
    rows = landmarkers._sample(table.encoded_target, 100, np.random.default_rng(0))
    assert len(rows) == 100
    assert table.target.iloc[rows].value_counts().tolist() == [98, 2]
    assert landmarks(table, seed=1) == landmarks(table, seed=1)


def test_landmarkers_of_the_engine_that_ignored_limits_are_told_apart():
    depths = {f"{family}Depth{d}ErrRate": 0.2 for family in ("REPTree", "RandomTree") for d in (1, 2, 3)}
    assert ignores_limits(depths)
    assert not ignores_limits({**depths, "REPTreeDepth1ErrRate": 0.5})
    assert not ignores_limits({})
