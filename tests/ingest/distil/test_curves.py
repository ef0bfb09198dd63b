"""A fidelity curve says how scores move along the fidelity, each configuration against itself."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest

from kg.model import FidelityCurve


def curve_of(evidence, learner, metric, dataset):
    return next(
        e
        for e in evidence
        if isinstance(e, FidelityCurve) and (e.learner, e.metric) == (learner, metric) and e.dataset.endswith(dataset)
    )


@pytest.fixture(scope="module")
def accuracy(small_data):
    """Raw accuracies of OpenML task 7593: a row a configuration, a column a number of epochs."""
    text = gzip.decompress((small_data / "yahpo-derived" / "lcbench_curves.csv.gz").read_bytes()).decode()
    table = pd.read_csv(io.StringIO(text))
    rows = table[table["OpenML_task_id"] == 7593]
    return rows.pivot_table(index="config_id", columns="epoch", values="val_accuracy") / 100


def test_each_level_is_held_against_the_last_epoch(evidence, accuracy):
    curve = curve_of(evidence, "shaped_mlp", "accuracy", "openml-task-7593")
    assert (curve.fidelity, curve.full, curve.n, curve.standing) == ("epochs", 52, 200, "surrogate")
    assert curve.score == pytest.approx(accuracy[52].median(), rel=1e-3)
    assert [point.value for point in curve.points] == [1, 2, 4, 8, 16, 32]
    for point in curve.points:
        changes = accuracy[point.value] - accuracy[52]
        assert point.score == pytest.approx(accuracy[point.value].median(), rel=1e-3)
        assert point.change == pytest.approx(changes.median(), rel=1e-3, abs=1e-6)
        assert point.configurations == 200


def test_the_best_quarter_is_told_apart(evidence, accuracy):
    curve = curve_of(evidence, "shaped_mlp", "accuracy", "openml-task-7593")
    best = accuracy[52].nlargest(50).index
    changes = (accuracy.loc[best, 4] - accuracy.loc[best, 52]).to_numpy()
    found = (curve.points[2].best_low_change, curve.points[2].best_change, curve.points[2].best_high_change)
    assert found == pytest.approx(np.quantile(changes, (0.1, 0.5, 0.9)), rel=0.02)


def test_of_a_loss_the_best_quarter_is_the_lowest(evidence, batch_of):
    curve = curve_of(evidence, "rpart", "log_loss", "openml-4135")
    rows = batch_of["rpart"].rows
    losses = rows[(rows["dataset"] == curve.dataset) & (rows["metric"] == "log_loss")]
    full = losses[losses["fidelity_kind"].isna()].groupby("configuration")["score"].mean()
    low = losses[losses["fidelity_value"].eq(0.3)].groupby("configuration")["score"].mean()
    both = pd.DataFrame({"low": low, "full": full}).dropna()
    best = both.nsmallest(int(np.ceil(len(both) / 4)), "full")
    assert curve.points[1].best_change == pytest.approx((best["low"] - best["full"]).median(), rel=0.02)
    assert curve.points[1].configurations == len(both)


def test_a_curve_stands_beside_every_profile(evidence):
    def subjects(kind):
        return {(e.dataset, e.learner, e.metric) for e in evidence if getattr(e, "kind", "") == kind}

    assert subjects("fidelity_profile") <= subjects("fidelity_curve")
