"""The importance of a hyper-parameter is the share of variance that it explains alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.distil.importance import parameter_bins, sample, share_explained
from kg.model import CategoricalParameter, Condition, FloatParameter, IntParameter, SearchSpace
from kg.response import INACTIVE, Encoder

ENCODER = Encoder(
    SearchSpace(
        parameters=(
            FloatParameter(name="C", low=0.01, high=100.0, log=True),
            IntParameter(name="degree", low=2, high=5),
            CategoricalParameter(name="kernel", choices=("rbf", "poly", "linear")),
        ),
        conditions=(Condition(child="degree", parent="kernel", values=("poly",)),),
    )
)
POINTS = sample(ENCODER)


def explained(values):
    return {name: share_explained(values, parameter_bins(POINTS, ENCODER, name)) for name in ENCODER.space.names}


def column(label):
    return POINTS[:, ENCODER.dims.index(label)]


def test_the_sample_covers_the_space_evenly_and_marks_what_is_inactive():
    assert np.histogram(column("C"), bins=8, range=(0, 1))[0] == pytest.approx(512)
    assert column('kernel="poly"').mean() == pytest.approx(1 / 3, abs=0.01)
    assert ((column("degree") == INACTIVE) == (column('kernel="poly"') == 0)).all()
    np.testing.assert_array_equal(POINTS, sample(ENCODER))


def test_shares_of_an_additive_function_are_those_of_its_terms():
    c = np.sqrt(12) * column("C")  # variance 1
    kernel = 2 * column('kernel="rbf"')  # variance 4 * 2/9
    found = explained(c + kernel)
    assert found["C"] == pytest.approx(1 / (1 + 8 / 9), abs=0.02)
    assert found["kernel"] == pytest.approx(8 / 9 / (1 + 8 / 9), abs=0.02)
    assert found["degree"] == 0


def test_the_doing_of_a_parent_is_not_credited_to_its_child():
    found = explained(column('kernel="poly"'))
    assert found == {"C": pytest.approx(0, abs=0.01), "degree": 0.0, "kernel": pytest.approx(1)}


def test_a_child_is_credited_with_what_it_does_where_it_is_active():
    found = explained(np.where(column("degree") == INACTIVE, 0.5, column("degree")))
    assert found["degree"] > 0.95
    assert found["kernel"] < 0.05


def test_noise_and_pure_interaction_are_nobodys():
    rng = np.random.default_rng(0)
    assert max(explained(rng.standard_normal(len(POINTS))).values()) < 0.01
    sign = np.where(column('kernel="rbf"') == 1, 1.0, -0.5)
    assert explained(sign * (column("C") - 0.5))["kernel"] < 0.01


def test_a_constant_has_no_variance_to_share():
    assert set(explained(np.ones(len(POINTS))).values()) == {0.0}


@given(st.lists(st.tuples(st.floats(-10, 10), st.integers(-1, 4)), min_size=1, max_size=60))
def test_a_share_lies_between_0_and_1(pairs):
    values, bins = (np.array(column) for column in zip(*pairs, strict=True))
    assert 0 <= share_explained(values, bins) <= 1
