"""Rows of numbers are configurations, and the other way round."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import (
    CategoricalParameter,
    Condition,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
)
from recommender.transfer.lattice import Lattice

MIXED = SearchSpace(
    parameters=(
        CategoricalParameter(name="kernel", choices=("linear", "rbf", "poly")),
        FloatParameter(name="C", low=0.01, high=100, log=True),
        IntParameter(name="degree", low=2, high=4),
        FloatParameter(name="gamma", low=-1, high=1),
        CategoricalParameter(name="weights", choices=(None, True, 1)),
        ConstantParameter(name="tol", value=0.01),
    ),
    conditions=(
        Condition(child="degree", parent="kernel", values=("poly",)),
        Condition(child="gamma", parent="kernel", values=("rbf", "poly")),
    ),
    forbidden=(Forbidden(clauses={"kernel": ("poly",), "weights": (None,)}, reason="slow"),),
)


@pytest.fixture
def lattice():
    return Lattice(MIXED)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_every_row_that_is_allowed_is_a_point_of_the_space(seed):
    lattice = Lattice(MIXED)
    rows = lattice.random(20, np.random.default_rng(seed))
    inside = [MIXED.contains(lattice.configuration(row)) for row in rows]
    assert inside == lattice.allowed(rows).tolist()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_a_row_and_its_configuration_are_encoded_alike(seed):
    lattice = Lattice(MIXED)
    rows = lattice.around(lattice.random(5, np.random.default_rng(seed)), 4, 0.3, np.random.default_rng(seed))
    configurations = [lattice.configuration(row) for row in rows]
    encoded = lattice.encode(rows)
    assert np.allclose(encoded, lattice.encoder.encode([c.root for c in configurations]))
    again = lattice.rows(configurations)
    assert np.allclose(encoded, lattice.encode(again))


def test_what_moves_stays_near_and_at_least_one_parameter_moves(lattice):
    centre = lattice.rows([{"kernel": "poly", "C": 1.0, "degree": 3, "gamma": 0.0, "weights": True}])
    near = lattice.around(centre, 200, 0.05, np.random.default_rng(0))
    moved = np.abs(near - centre) > 1e-12
    assert 1.0 < moved.sum(1).mean() < 3.0
    assert np.abs(near[:, 1] - centre[0, 1]).max() < 0.3
    assert set(near[:, 0].round(6)) == {round((i + 0.5) / 3, 6) for i in range(3)}


def test_whole_numbers_and_choices_are_at_their_places(lattice):
    row = lattice.snapped(np.array([[0.4, 0.5, 0.3, 0.75, 0.9]]))[0]
    found = dict(lattice.configuration(row).items())
    assert found.pop("C") == pytest.approx(1.0)
    assert found == {"kernel": "rbf", "gamma": 0.5, "weights": 1, "tol": 0.01}
    assert found["weights"] is not True
    assert row.tolist() == pytest.approx([0.5, 0.5, 0.5, 0.75, 5 / 6])
