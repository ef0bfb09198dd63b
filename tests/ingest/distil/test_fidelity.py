"""A fidelity profile says how well cheap runs rank configurations, and what they cost."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from ingest.distil.fidelity import rank_correlation


def profile_of(evidence, learner, metric, dataset):
    return next(
        e
        for e in evidence
        if getattr(e, "kind", "") == "fidelity_profile"
        and (e.learner, e.metric) == (learner, metric)
        and e.dataset.endswith(dataset)
    )


@pytest.fixture(scope="module")
def curves(small_data):
    """The raw learning curves of OpenML task 7593: one table a level, a row a configuration."""
    import gzip

    text = gzip.decompress((small_data / "yahpo-derived" / "lcbench_curves.csv.gz").read_bytes()).decode()
    table = pd.read_csv(io.StringIO(text))
    return table[table["OpenML_task_id"] == 7593].pivot_table(index="config_id", columns="epoch")


def test_epochs_are_compared_with_the_last_one(evidence, curves):
    profile = profile_of(evidence, "shaped_mlp", "accuracy", "openml-task-7593")
    assert (profile.fidelity, profile.full, profile.n) == ("epochs", 52, 200)
    assert [level.value for level in profile.levels] == [1, 2, 4, 8, 16, 32]
    accuracy, seconds = curves["val_accuracy"], curves["time"]
    for level in profile.levels:
        raw = spearmanr(accuracy[level.value], accuracy[52]).statistic
        assert level.rank_correlation == pytest.approx(raw, abs=0.001)
        assert level.cost_ratio == pytest.approx((seconds[level.value] / seconds[52]).median(), rel=0.01)


def test_the_best_quarter_is_ranked_on_its_own(evidence, curves):
    profile = profile_of(evidence, "shaped_mlp", "accuracy", "openml-task-7593")
    accuracy = curves["val_accuracy"]
    best = accuracy[52].nlargest(50).index
    raw = spearmanr(accuracy.loc[best, 16], accuracy.loc[best, 52]).statistic
    assert profile.levels[4].top_quarter_correlation == pytest.approx(raw, abs=0.02)


def test_shares_of_the_training_data_are_a_fidelity_of_their_own(evidence):
    profile = profile_of(evidence, "rpart", "accuracy", "openml-4135")
    assert (profile.fidelity, profile.parameter, profile.full) == ("training_fraction", "training_fraction", 1)
    assert [level.value for level in profile.levels] == [0.1, 0.3]
    assert all(level.cost_ratio > 0 for level in profile.levels)


def test_too_few_pairs_and_constants_have_no_rank_correlation():
    assert rank_correlation(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None
    assert rank_correlation(np.ones(5), np.arange(5.0)) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_the_rank_correlation_is_spearmans(pairs):
    x, y = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = rank_correlation(x, y)
    if found is None:
        assert len(set(x)) == 1 or len(set(y)) == 1
    else:
        assert found == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)
