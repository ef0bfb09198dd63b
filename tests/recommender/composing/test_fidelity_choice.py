"""Fidelities: a lower one is used where it ranks like the full one and halving from it is cheap; else none, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import dataset_iri
from kg.model import FidelityLevel
from recommender.composing.fidelity_choice import ETA, choose_fidelity, halving_cost, mean_levels
from tests.recommender.composing.world import profile

GOOD = ((1, 0.3, 0.02), (9, 0.85, 0.1), (27, 0.95, 0.3))


def test_the_cheapest_level_that_ranks_well_is_taken():
    found = choose_fidelity([profile(i, *GOOD, full=81) for i in range(3)], {})
    assert (found.fidelity.min, found.fidelity.max, found.fidelity.eta) == (9, 81, ETA)
    assert "Spearman 0.85 over 3 data sets" in found.reason


def test_the_lowest_level_is_never_used_however_well_it_ranks():
    assert choose_fidelity([profile(0, (1, 0.99, 0.01), (9, 0.5, 0.1), full=81)], {}).fidelity is None


def test_a_level_that_ranks_well_but_saves_little_is_refused():
    found = choose_fidelity([profile(0, (1, 0.5, 0.5), (27, 0.95, 0.6), full=81)], {})
    assert found.fidelity is None
    assert "would cost 93% of full runs" in found.reason


def test_nothing_measured_is_said():
    assert choose_fidelity([], {}).fidelity is None


def test_profiles_without_a_level_in_common_give_none():
    found = choose_fidelity([profile(0, (0.1, 0.9, 0.1)), profile(1, (0.2, 0.9, 0.2))], {})
    assert found.fidelity is None
    assert "no level in common" in found.reason


def test_nearer_data_sets_have_more_say():
    profiles = [profile(0, *GOOD, full=81), profile(1, (1, 0.1, 0.1), (9, 0.2, 0.1), (27, 0.3, 0.3), full=81)]
    near, far = dataset_iri("s0"), dataset_iri("s1")
    assert choose_fidelity(profiles, {near: 0.99, far: 0.01}).fidelity is not None
    assert choose_fidelity(profiles, {near: 0.01, far: 0.99}).fidelity is None


def test_only_levels_that_every_profile_has_are_averaged():
    levels = mean_levels([profile(0, (1, 0.2, 0.1), (3, 0.6, 0.3)), profile(1, (3, 0.8, 0.5))], {})
    assert [(level.value, level.rank_correlation, level.cost_ratio) for level in levels] == [
        (3, pytest.approx(0.7), pytest.approx(0.4))
    ]


def test_halving_charges_each_rung_for_those_that_are_left():
    levels = [FidelityLevel(value=9, rank_correlation=1, cost_ratio=0.1)]
    # 1 x .1 at 9, a third at 27 (.1 + .9 x 18/72 = .325), a ninth in full.
    assert halving_cost(levels[0], levels, 81) == pytest.approx(0.1 + 0.325 / 3 + 1 / 9)


def test_a_rung_that_goes_on_costs_what_it_adds():
    levels = [FidelityLevel(value=9, rank_correlation=1, cost_ratio=0.1)]
    assert halving_cost(levels[0], levels, 81, resumed=True) == pytest.approx(0.1 + (0.325 - 0.1) / 3 + 0.675 / 9)


def test_epochs_are_charged_once_and_rows_anew():
    dear = ((1, 0.3, 0.1), (9, 0.9, 0.25), (27, 0.95, 0.5))
    epochs = profile(0, *dear, full=81, fidelity="epochs", parameter="epochs")
    assert "costs about 39%" in choose_fidelity([epochs], {}).reason  # .25 + .25 / 3 + .5 / 9
    assert choose_fidelity([profile(0, *dear, full=81)], {}).fidelity is None  # .25 + .5 / 3 + 1 / 9 = .53


@given(st.floats(0.01, 0.99), st.floats(0, 1))
def test_halving_from_a_dearer_level_costs_more(value, cost):
    cheap, dear = (FidelityLevel(value=value, rank_correlation=1, cost_ratio=c) for c in (cost / 2, cost))
    assert halving_cost(cheap, [cheap], 1.0) <= halving_cost(dear, [dear], 1.0)
