"""What published meta-features must agree with before they are used."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.meta_features import PERCENTAGES, consistent
from kg.model import MetaFeatures

COUNTS = st.integers(0, 10**6)


def test_a_percentage_given_as_a_fraction_is_computed_from_the_counts() -> None:
    # Task 3543 (irish) in openml-pimp: 222 of 500 rows, published as 0.444.
    found = consistent(
        MetaFeatures({"NumberOfInstances": 500, "MinorityClassSize": 222, "MinorityClassPercentage": 0.444})
    )
    assert found["MinorityClassPercentage"] == pytest.approx(44.4)


def test_a_percentage_without_its_counts_is_left_alone() -> None:
    assert consistent(MetaFeatures({"MinorityClassPercentage": 44.4}))["MinorityClassPercentage"] == 44.4


def test_minus_one_is_dropped_where_nothing_can_be_negative() -> None:
    found = consistent(MetaFeatures({"MaxNominalAttDistinctValues": -1, "kNN1NKappa": -1, "AutoCorrelation": -1}))
    assert set(found) == {"kNN1NKappa", "AutoCorrelation"}


def test_moments_need_numeric_columns() -> None:
    found = consistent(MetaFeatures({"NumberOfNumericFeatures": 0, "MeanSkewnessOfNumericAtts": -1}))
    assert "MeanSkewnessOfNumericAtts" not in found


def test_names_of_other_vocabularies_are_left_alone() -> None:
    assert consistent(MetaFeatures({"autosklearn:KurtosisMean": -3.0}))["autosklearn:KurtosisMean"] == -3


@given(total=st.integers(1, 10**6), part=COUNTS)
def test_percentages_follow_from_counts_and_doing_it_twice_changes_nothing(total: int, part: int) -> None:
    for percentage, (count, whole) in PERCENTAGES.items():
        once = consistent(MetaFeatures({count: float(min(part, total)), whole: float(total)}))
        assert 0 <= once[percentage] <= 100
        assert consistent(once) == once


def test_every_published_percentage_is_the_one_of_the_counts_or_a_hundredth(shared_data: Path) -> None:
    tasks = json.loads((shared_data / "openml-pimp/task_qualities.json").read_text())
    fractions = 0
    for qualities in tasks.values():
        found = consistent(MetaFeatures(qualities))
        for name in PERCENTAGES:
            if name in qualities and found[name] > 0:
                ratio = found[name] / qualities[name]
                assert ratio == pytest.approx(1, rel=1e-6) or ratio == pytest.approx(100, rel=1e-6)
                fractions += ratio > 50
    assert fractions > len(tasks)  # the minority share is a fraction in all but one of the 78 tasks, others in five
