"""The process agrees with the textbook where the textbook applies, follows good sources and gives up bad ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from kg.response import matern52
from recommender.transfer import process as module
from recommender.transfer.process import Hypothesis, Points, Process, Trials, Unit

PLAIN = (Hypothesis(1.0, 0.0, 1.0, 0.05),)
SOURCES_ONLY = (Hypothesis(1.0, 2.0, 0.2, 0.05),)
UNIT = Unit(np.log(0.1), 0.5)


def points_of(x, n_sources=1):
    """One dimension; source s is good at .2 + .1 s."""
    x = np.asarray(x, dtype=float).reshape(-1, 1)
    best = 0.2 + 0.1 * np.arange(n_sources)
    return Points(x / 0.3, np.minimum(4 * np.abs(x - best), 2.0))


def trials_of(x, losses, n_sources=1):
    return Trials(points_of(x, n_sources), np.asarray(losses, dtype=float), np.ones(len(losses)))


NOTHING = points_of([])
GRID = points_of(np.linspace(0, 1, 101))


def test_without_sources_it_is_the_plain_gaussian_process(monkeypatch):
    monkeypatch.setattr(module, "REACH", 1e-9)
    x, losses = np.array([0.1, 0.5, 0.9]), np.array([0.1, 0.3, 0.2])
    # A grid of one unit, so that the reference is one process: the median of the gaps.
    unit = Unit(float(np.log(0.15)), 0.5)
    found = Process(trials_of(x, losses), NOTHING, np.ones(1), unit, hypotheses=PLAIN)
    used = 0.15
    a, c = x[:, None] / 0.3, GRID.x
    covariance = matern52(a, a, np.ones(1)) + 100.0 + 0.05 * np.eye(3)
    cross = matern52(a, c, np.ones(1)) + 100.0
    z = np.minimum((losses - losses.min()) / used, 2.5)
    solved = np.linalg.solve(covariance, cross)
    mean, deviation = solved.T @ z, np.sqrt(101.0 - (cross * solved).sum(0))
    gap = z.min() - mean
    expected = used * (gap * norm.cdf(gap / deviation) + deviation * norm.pdf(gap / deviation))
    assert np.allclose(found.expected_improvement(GRID), expected, rtol=1e-6, atol=1e-9)


def test_a_source_that_is_right_points_at_its_best_after_one_trial():
    gains = Process(trials_of([0.9], [0.5]), NOTHING, np.ones(1), UNIT).expected_improvement(GRID)
    assert abs(np.linspace(0, 1, 101)[np.argmax(gains)] - 0.2) < 0.1


def test_what_agrees_with_the_sources_raises_the_trust_in_them_and_what_contradicts_them_lowers_it():
    x = np.linspace(0.05, 0.95, 8)
    agree, contradict = 0.1 * np.minimum(4 * np.abs(x - 0.2), 2), 0.1 * np.minimum(4 * np.abs(x - 0.9), 2)
    prior = Process(trials_of([0.5], [0.0]), NOTHING, np.ones(1), UNIT).trust
    assert prior == pytest.approx(module.HYPOTHESES[0].share, abs=0.02)
    assert Process(trials_of(x, agree), NOTHING, np.ones(1), UNIT).trust > 0.9
    assert Process(trials_of(x, contradict), NOTHING, np.ones(1), UNIT).trust < 0.3


def test_losses_beyond_the_clip_do_not_make_the_unit_small():
    """Two of eight are measured, the others are far off: the unit stays where the sources and those two put it."""
    x = np.linspace(0.0, 1.0, 8)
    losses = np.array([0.0, 0.1, *np.linspace(3.0, 9.0, 6)])
    found = Process(trials_of(x, losses), NOTHING, np.ones(1), UNIT, hypotheses=PLAIN)
    assert found.unit > 0.5 * np.exp(UNIT.mean)


def test_what_runs_is_left_alone_by_the_others():
    tried = trials_of([0.6, 0.9], [0.2, 0.5])
    alone = Process(tried, NOTHING, np.ones(1), UNIT).expected_improvement(GRID)
    first = int(np.argmax(alone))
    beside = Process(tried, GRID.rows(np.array([first])), np.ones(1), UNIT).expected_improvement(GRID)
    assert beside[first] < 0.5 * alone[first]


def test_a_failure_is_a_bad_loss_of_which_nothing_else_is_known():
    tried = trials_of([0.2, 0.3, 0.8], [np.inf, np.inf, 0.3])
    gains = Process(tried, NOTHING, np.ones(1), UNIT, hypotheses=PLAIN).expected_improvement(GRID)
    assert np.isfinite(gains).all()
    assert gains[25] < gains[70]


def test_a_noisier_trial_counts_for_less():
    sure = trials_of([0.3, 0.7], [0.0, 0.2])
    unsure = Trials(sure.points, sure.losses, np.array([1.0, 50.0]))
    at = points_of([0.72])
    assert (
        Process(unsure, NOTHING, np.ones(1), UNIT, hypotheses=PLAIN).expected_improvement(at)
        > Process(sure, NOTHING, np.ones(1), UNIT, hypotheses=PLAIN).expected_improvement(at)
    ).all()


@given(
    losses=st.lists(st.integers(-1000, 1000), min_size=2, max_size=6, unique=True),
    shift=st.floats(-10, 10),
    n_sources=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_the_level_of_the_losses_does_not_matter(losses, shift, n_sources):
    losses = [loss / 1000 for loss in losses]
    x, weights = np.linspace(0.1, 0.9, len(losses)), np.full(n_sources, 1 / n_sources)
    at = points_of(np.linspace(0, 1, 21), n_sources)
    one = Process(trials_of(x, losses, n_sources), points_of([], n_sources), weights, UNIT)
    other = Process(trials_of(x, np.array(losses) + shift, n_sources), points_of([], n_sources), weights, UNIT)
    assert np.allclose(one.expected_improvement(at), other.expected_improvement(at), rtol=1e-3, atol=1e-6)
    assert (one.expected_improvement(at) >= -1e-12).all()


@given(losses=st.lists(st.integers(0, 1000), min_size=3, max_size=6, unique=True), power=st.integers(-6, 6))
@settings(max_examples=30, deadline=None)
def test_in_another_currency_it_is_the_same_study(losses, power):
    """Losses and the sources' units times a factor: the same trust, and that many times the expected improvement."""
    factor, x = 10.0**power, np.linspace(0.1, 0.9, len(losses))
    one = Process(trials_of(x, np.array(losses) / 1000), NOTHING, np.ones(1), UNIT)
    scaled = Unit(UNIT.mean + float(np.log(factor)), UNIT.spread)
    other = Process(trials_of(x, factor * np.array(losses) / 1000), NOTHING, np.ones(1), scaled)
    assert other.trust == pytest.approx(one.trust, abs=1e-3)
    assert np.allclose(other.expected_improvement(GRID) / factor, one.expected_improvement(GRID), rtol=1e-3, atol=1e-6)


def test_sources_that_are_upside_down_are_turned_round():
    """What is best on the sources is worst here. Where the kernel cannot tell, they say: over there."""
    near = lambda x: Points(np.asarray(x)[:, None] / 0.05, points_of(x, 2).functions)  # noqa: E731
    truth = lambda at: 0.1 * (2.0 - at.functions.mean(1))  # noqa: E731
    tried, everywhere = near(np.array([0.2, 0.3, 0.25, 0.5, 0.35])), near(np.linspace(0, 1, 101))
    trials = Trials(tried, truth(tried), np.ones(5))
    process = Process(trials, near(np.zeros(0)), np.full(2, 0.5), UNIT)
    assert process.trust < 0.1
    assert truth(everywhere)[np.argmax(process.expected_improvement(everywhere))] < 0.01


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_losses_in_quite_another_unit_than_the_sources_are_still_learnt_from(factor):
    x = np.linspace(0.0, 1.0, 9)
    losses = factor * np.abs(x - 0.8)
    gains = Process(trials_of(x, losses), NOTHING, np.ones(1), UNIT).expected_improvement(GRID)
    assert abs(np.linspace(0, 1, 101)[np.argmax(gains)] - 0.8) < 0.15


def test_sources_that_mislead_cost_a_few_trials_and_not_the_study():
    """Sources say .2 is best where it is worst: within 12 trials the best is found all the same."""
    truth = lambda x: 0.1 * np.minimum(4 * np.abs(x - 0.9), 2.0)  # noqa: E731
    grid = np.linspace(0, 1, 101)
    x = [0.2]
    while len(x) < 12:
        gains = Process(trials_of(x, truth(np.array(x))), NOTHING, np.ones(1), UNIT).expected_improvement(GRID)
        gains[[round(100 * value) for value in x]] = -1
        x.append(float(grid[np.argmax(gains)]))
    assert truth(np.array(x)).min() < 0.02
