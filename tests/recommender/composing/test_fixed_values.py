"""What is fixed: what matters nowhere, and costs the best runs nothing."""

import numpy as np
import pytest

from kg.errors import EvidenceError
from kg.model import Configuration
from recommender.composing import fixed_values
from tests.recommender.composing.world import N_SOURCES, importance, inputs, response

IMPORTANCES = tuple(importance(i) for i in range(N_SOURCES))
RESPONSES = tuple(response(i) for i in range(N_SOURCES))


def test_what_matters_nowhere_is_fixed_to_what_the_best_have_most():
    seen = inputs(*IMPORTANCES, *RESPONSES)
    assert fixed_values.not_worth_tuning(seen) == ("shrinking",)
    derived = fixed_values.fixed(seen, {"names": ["shrinking"]})
    assert derived.value == Configuration(
        {"shrinking": fixed_values.fixed_value(seen, {"parameter": "shrinking"}).value}
    )


def test_what_is_worth_tuning_may_not_be_fixed():
    with pytest.raises(EvidenceError, match="nothing cited says that C of svm is not worth tuning"):
        fixed_values.fixed(inputs(*IMPORTANCES, *RESPONSES), {"names": ["shrinking", "C"]})
    with pytest.raises(EvidenceError, match="shrinking"):
        fixed_values.fixed(inputs(*RESPONSES), {"names": ["shrinking"]})


def test_a_parameter_on_which_others_depend_is_never_fixed():
    shares = [importance(i, C=0.5, gamma=0.5, kernel=0.0) for i in range(N_SOURCES)]
    assert "kernel" not in fixed_values.not_worth_tuning(inputs(*shares, *RESPONSES))


def test_low_importance_alone_fixes_nothing_that_costs_the_best():
    shares = [importance(i, C=0.0, gamma=0.9) for i in range(N_SOURCES)]
    moved = [
        model.replace(regrets=tuple(min(2.0, abs(np.log10(row[0]) - (-1 if i % 2 else 1))) for row in model.support))
        for i, model in enumerate(RESPONSES)
    ]
    assert fixed_values.not_worth_tuning(inputs(*shares, *moved)) == ()


def test_a_number_is_fixed_to_the_weighted_median_of_the_best():
    found = fixed_values.fixed_value(inputs(*IMPORTANCES, *RESPONSES), {"parameter": "C"}).value
    assert 0.3 < found < 3
