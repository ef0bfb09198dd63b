"""Fixtures for the tests of the gate."""

import pytest

from tests.recommender.validation.gate_cases import small_table


@pytest.fixture(scope="session")
def table():
    return small_table()
