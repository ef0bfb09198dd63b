"""A public data set is recognised by its name or by its figures; nobody else's is not."""

import pytest

from kg.describe import describe
from kg.model import MetaFeatures
from kg.tables import prepare_table
from recommender.recognition import agreement, recognised, same_name
from tests.recommender.composing import world

FIGURES = {"NumberOfInstances": 768, "NumberOfFeatures": 9, "NumberOfClasses": 2, "MinorityClassPercentage": 34.9}


def task(**figures):
    return world.task(meta_features=MetaFeatures(figures))


def known(**figures):
    return world.dataset(1, name="diabetes", meta_features=MetaFeatures(figures))


def test_equal_figures_give_a_data_set_away_whatever_it_is_called():
    found = recognised(task(**FIGURES), [known(**(FIGURES | {"MinorityClassPercentage": 34.8958}))])
    assert [one.text for one in found] == ["diabetes: 4 of 4 meta-features equal"]


@pytest.mark.parametrize("changed", [{"NumberOfInstances": 769}, {"NumberOfFeatures": 10}])
def test_one_row_or_column_more_is_another_data_set(changed):
    assert recognised(task(**(FIGURES | changed)), [known(**FIGURES)]) == ()


def test_too_few_figures_say_nothing():
    few = {"NumberOfInstances": 768, "NumberOfFeatures": 9}
    assert recognised(task(**few), [known(**FIGURES)]) == ()
    assert recognised(task(NumberOfClasses=2), [known(**FIGURES)]) == ()


def test_what_differs_in_too_much_is_not_the_same():
    other = FIGURES | {"NumberOfClasses": 3, "MinorityClassPercentage": 10.0}
    assert agreement(MetaFeatures(other), MetaFeatures(FIGURES)) == (2, 4)
    assert recognised(task(**other), [known(**FIGURES)]) == ()


def test_a_study_of_the_user_is_nobody_elses():
    own = world.dataset(
        1, name="diabetes", meta_features=MetaFeatures(FIGURES), provenance=world.SOURCE.replace(source="study:mine")
    )
    assert recognised(task(**FIGURES), [own]) == ()


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Credit-G", "credit_g", True),
        ("adult", "adult_v2", True),
        ("titanic.csv.gz", "Titanic", True),
        ("ADULT.CSV", "adult", True),
        ("adult.data", "adult", True),
        ("data", "data", False),
        ("abc", "abc", False),
        ("credit-a", "credit-g", False),
    ],
)
def test_names_are_compared_as_people_read_them(left, right, same):
    assert same_name(left, right) is same


@pytest.mark.shared
@pytest.mark.parametrize(("file", "name"), [("pima.tsv.gz", "diabetes"), ("wdbc.tsv.gz", "wdbc")])
def test_real_tables_are_recognised_under_any_name(shared_data, starter_store, file, name):
    table = prepare_table(shared_data / "raw-datasets" / file)
    features = describe(table, landmarkers=False)
    found = recognised(world.task(name="mine", meta_features=features), starter_store.datasets())
    assert found[0].dataset.name == name
    assert not found[0].by_name
