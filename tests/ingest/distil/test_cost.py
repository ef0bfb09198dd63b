"""A cost profile says how long training takes, and what in the configuration drives it."""

import numpy as np
import pytest

from ingest.distil.cost import fit_line


def profiles(evidence, learner):
    return [e for e in evidence if getattr(e, "kind", "") == "cost_profile" and e.learner == learner]


def test_seconds_are_quantiles_of_the_full_runs(evidence, batch_of):
    rows = batch_of["shaped_mlp"].rows
    for profile in profiles(evidence, "shaped_mlp"):
        full = rows[
            (rows["dataset"] == profile.dataset) & rows["fidelity_kind"].isna() & (rows["metric"] == "accuracy")
        ]
        assert profile.n == len(full) == 200
        assert profile.seconds == pytest.approx(np.quantile(full["seconds"], [0.1, 0.5, 0.9]), rel=1e-3)


def test_the_line_explains_the_seconds_of_networks(evidence, batch_of):
    batch = batch_of["shaped_mlp"]
    for profile in profiles(evidence, "shaped_mlp"):
        of_set = batch.rows["dataset"].eq(profile.dataset) & batch.rows["metric"].eq("accuracy")
        rows = batch.rows[of_set & batch.rows["fidelity_kind"].isna()]
        slopes = np.array([profile.coefficients[label] for label in batch.scope.encoder.dims])
        logs = np.log(rows["seconds"].to_numpy())
        line = profile.intercept + batch.points[rows["configuration"].to_numpy()] @ slopes
        assert np.std(logs - line) == pytest.approx(profile.residual, rel=0.02)
        assert profile.residual < 0.6 * np.std(logs)
        assert min(profile.coefficients, key=profile.coefficients.get) == "batch_size"


def test_memory_is_given_where_it_was_measured(evidence):
    assert all(profile.memory_mb > 0 for profile in profiles(evidence, "rpart"))
    assert all(profile.memory_mb is None for profile in profiles(evidence, "shaped_mlp"))


def test_a_line_is_found_again_and_a_column_without_variation_has_no_slope():
    x = np.random.default_rng(0).random((400, 3))
    x[:, 2] = 1.0
    intercept, slopes, residual = fit_line(x, 2.0 + 3.0 * x[:, 0] - x[:, 1])
    assert slopes == pytest.approx([3, -1, 0], abs=0.15)
    assert intercept + slopes @ x.mean(0) == pytest.approx(2 + 3 * x[:, 0].mean() - x[:, 1].mean())
    assert residual < 0.05
