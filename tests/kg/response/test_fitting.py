"""Length scales, noise and support are found from data."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from kg.model import METRICS, CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from kg.response import (
    Encoder,
    ResponseFunction,
    Scales,
    choose_support,
    cross_validated,
    fit_length_scales,
    fit_noise,
    matern52,
    regret,
)


def drawn(lengths, scales, n=150, seed=0):
    """Return points and values of one function drawn from the process, with noise."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, len(lengths)))
    covariance = scales.signal**2 * matern52(x, x, lengths) + scales.noise**2 * np.eye(n)
    return x, scales.level + np.linalg.cholesky(covariance) @ rng.standard_normal(n)


SCALES = Scales(level=1.0, signal=0.7, noise=0.05)


def test_length_scales_are_found_again():
    datasets = [drawn((0.2, 1.0, 15.0), SCALES, seed=seed) for seed in range(5)]
    found = fit_length_scales(datasets)
    assert found[0] == pytest.approx(0.2, rel=0.5)
    assert found[1] == pytest.approx(1.0, rel=0.6)
    assert found[2] > 5


def test_dimensions_of_one_parameter_share_a_scale_and_nothing_is_random():
    datasets = [drawn((0.3, 0.3, 2.0), SCALES, n=60, seed=seed) for seed in range(3)]
    found = fit_length_scales(datasets, owners=("booster", "booster", "eta"))
    assert found[0] == found[1] != found[2]
    np.testing.assert_array_equal(found, fit_length_scales(datasets, owners=("booster", "booster", "eta")))


def test_noise_and_signal_are_found_again():
    fits = [fit_noise(*drawn((0.3, 0.5), SCALES, seed=seed), (0.3, 0.5)) for seed in range(8)]
    assert np.median([fit.noise for fit in fits]) == pytest.approx(0.05, rel=0.4)
    assert np.median([fit.signal for fit in fits]) == pytest.approx(0.7, rel=0.3)
    assert np.median([fit.level for fit in fits]) == pytest.approx(1.0, abs=0.4)


def likelihood(x, y, lengths, scales):
    covariance = scales.signal**2 * matern52(x, x, lengths) + scales.noise**2 * np.eye(len(y))
    rest = y - scales.level
    return -rest @ np.linalg.solve(covariance, rest) / 2 - np.linalg.slogdet(covariance)[1] / 2


@pytest.mark.parametrize("field", ["level", "signal", "noise"])
def test_no_neighbouring_value_is_more_likely(field):
    x, y = drawn((0.3, 0.5), SCALES, n=80)
    best = fit_noise(x, y, (0.3, 0.5))
    for factor in (0.7, 1.4):
        other = Scales(**{**vars(best), field: getattr(best, field) * factor})
        assert likelihood(x, y, (0.3, 0.5), other) < likelihood(x, y, (0.3, 0.5), best)


def test_a_function_without_variation_can_still_be_fitted():
    x, _ = drawn((0.3, 0.5), SCALES, n=20)
    fitted = fit_noise(x, np.ones(20), (0.3, 0.5))
    assert ResponseFunction.fitted(x, np.ones(20), (0.3, 0.5), fitted).mean(x) == pytest.approx(np.ones(20))


def test_support_keeps_the_best_and_spreads_the_rest():
    x, y = drawn((0.2, 0.5), SCALES, n=400)
    kept = choose_support(x, y, 60)
    assert len(set(kept)) == 60
    assert sorted(kept) == list(kept)
    assert set(np.argsort(y)[:18]) <= set(kept)
    nearest = np.sqrt(((x[:, None] - x[kept]) ** 2).sum(2)).min(1)
    at_random = np.sqrt(((x[:, None] - x[:60]) ** 2).sum(2)).min(1)
    assert nearest.max() < at_random.max()


def test_a_pool_that_fits_is_kept_whole():
    x, y = drawn((0.2, 0.5), SCALES, n=20)
    assert list(choose_support(x, y, 150)) == list(range(20))


def test_cross_validation_tells_a_function_from_noise():
    x, y = drawn((0.3, 0.5), SCALES)
    shuffled = np.random.default_rng(0).permutation(y)
    assert cross_validated(x, y, (0.3, 0.5)) > 0.9
    assert abs(cross_validated(x, shuffled, (0.3, 0.5))) < 0.3
    assert cross_validated(x, np.ones(len(y)), (0.3, 0.5)) == 0


FOREST = SearchSpace(
    parameters=(
        CategoricalParameter(name="bootstrap", choices=("True", "False")),
        CategoricalParameter(name="criterion", choices=("gini", "entropy")),
        FloatParameter(name="max_features", low=0.1, high=0.9),
        IntParameter(name="min_samples_leaf", low=1, high=20),
        IntParameter(name="min_samples_split", low=2, high=20),
    )
)


@pytest.fixture(scope="module")
def forests(shared_data):
    """Encoded configurations and regrets of the random forests of eight OpenML tasks."""
    tasks = {}
    for line in (shared_data / "openml-pimp" / "random_forest.arff").read_text().splitlines():
        cells = line.split(",")
        if len(cells) == 12 and not line.startswith(("%", "@")):
            configuration = dict(
                zip(FOREST.names, (*cells[:2], float(cells[3]), int(cells[5]), int(cells[6])), strict=True)
            )
            tasks.setdefault(cells[-1], []).append((configuration, float(cells[-2])))
    encoder, chosen = Encoder(FOREST), list(tasks.values())[::8][:8]
    return [(encoder.encode([c for c, _ in t]), regret([s for _, s in t], METRICS["accuracy"])) for t in chosen]


def test_a_support_of_150_keeps_the_function_of_real_random_forests(forests):
    lengths = fit_length_scales(forests, owners=Encoder(FOREST).owners)
    fits = []
    for x, y in forests:
        kept = choose_support(x / lengths, y)
        rest = np.setdiff1d(np.arange(len(y)), kept)
        small = ResponseFunction.fitted(x[kept], y[kept], lengths, fit_noise(x[kept], y[kept], lengths))
        fits.append(spearmanr(small.mean(x[rest]), y[rest]).statistic)
    assert np.mean(fits) > 0.88
