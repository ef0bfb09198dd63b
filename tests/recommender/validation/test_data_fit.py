"""Protocol and ranges held against the table: folds that it has rows and classes for, neighbours that there are."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    SearchSpace,
)
from kg.tables import prepare_table
from recommender.validation.data_fit import protocol_for
from recommender.validation.repairs import replace_value
from recommender.validation.row_bounds import fixed_beyond_rows, needs_more_rows, trained_rows, within_rows
from tests.recommender.validation.gate_cases import judge, propose, small_table


def table(*counts, order=None):
    """Return a table with so many rows of each class, sorted by class unless an order is given."""
    target = np.repeat([f"c{i}" for i in range(len(counts))], counts)
    target = target if order is None else np.asarray(target)[order]
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=len(target)), "goal": target})
    return prepare_table(frame, "goal", name="t")


def numbers(rows=60):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "goal": rng.normal(size=rows)})
    return prepare_table(frame, "goal", name="t")


def protocol(*, n_classes=2, **changes):
    proposal = propose(n_rows=None, n_classes=n_classes)
    return replace_value(proposal, "protocol", proposal.protocol.value.replace(**changes))


def codes(proposal, data):
    return [(str(f.outcome), f.code) for f in protocol_for(proposal, data)[1]]


class TestFolds:
    def test_as_many_as_there_are_rows(self):
        assert codes(protocol(folds=60), table(30, 30)) == [("repaired", "too_many_folds")]
        assert codes(protocol(folds=61), table(30, 30)) == [("failed", "too_many_folds")]

    def test_without_a_table_the_task_says_how_many_rows(self):
        proposal = propose(n_rows=10)
        ten = replace_value(proposal, "protocol", proposal.protocol.value.replace(folds=10))
        assert codes(ten, None) == []
        eleven = replace_value(proposal, "protocol", proposal.protocol.value.replace(folds=11))
        assert codes(eleven, None) == [("failed", "too_many_folds")]
        assert codes(protocol(folds=1000), None) == []

    def test_that_do_not_test_a_rare_class_are_told(self):
        assert codes(protocol(), table(40, 4)) == [("pass", "rare_class")]
        assert codes(protocol(), table(40, 5)) == []

    def test_with_strata_are_no_more_than_the_largest_class_has_rows(self):
        small = table(*[4] * 5, 3)
        assert codes(protocol(n_classes=6, folds=4), small) == [("pass", "rare_class")]
        cut, (finding,) = protocol_for(protocol(n_classes=6, folds=5), small)
        assert cut.protocol.value.folds == 4
        assert (str(finding.outcome), finding.code) == ("repaired", "too_many_folds")
        assert "No class has more than 4 rows" in finding.message

    def test_with_strata_of_classes_of_one_row_each_cannot_be_had(self):
        data = table(10, 10)
        alone = dataclasses.replace(data, target=pd.Series(map(str, range(20)), name="goal", dtype="category"))
        assert codes(protocol(n_classes=20, folds=3), alone) == [("failed", "too_many_folds")]

    def test_that_are_cut_train_on_fewer_rows(self):
        proposal, _ = judge(propose("knn", n_rows=24, n_classes=6, meta_features={}), table=table(*[4] * 6))
        assert proposal.protocol.value.folds == 4
        assert proposal.search_space.value["n_neighbors"].high == 18

    @pytest.mark.parametrize(
        ("counts", "shuffle", "loses"), [((40, 9), True, True), ((40, 10), True, False), ((40, 10), False, True)]
    )
    def test_without_strata_may_lack_a_class(self, counts, shuffle, loses):
        found = codes(protocol(stratified=False, shuffle=shuffle), table(*counts))
        assert found == ([("repaired", "one_class_fold")] if loses else [])

    def test_in_order_are_sound_where_classes_take_turns(self):
        order = np.argsort(np.tile(np.arange(20), 2), kind="stable")
        assert codes(protocol(stratified=False, shuffle=False), table(20, 20, order=order)) == []

    def test_with_strata_and_without_need_a_repair_in_the_proposal(self):
        fixed, _ = protocol_for(protocol(stratified=False), table(40, 6))
        assert fixed.protocol.value.stratified
        same = protocol()
        assert protocol_for(same, table(30, 30))[0] is same


class TestTables:
    def test_of_another_task(self):
        assert codes(protocol(), numbers()) == [("failed", "wrong_task")]

    def test_with_nothing_to_learn_from(self):
        whole = table(30, 30)
        bare = dataclasses.replace(whole, features=whole.features[[]], kinds={})
        assert codes(protocol(), bare) == [("failed", "no_usable_column")]

    def test_of_numbers_have_no_classes(self):
        proposal = propose(task_type="regression", metric="rmse", n_classes=None, n_rows=None)
        assert codes(proposal, numbers()) == []
        unstratified = replace_value(proposal, "protocol", proposal.protocol.value.replace(shuffle=False))
        assert codes(unstratified, numbers()) == []


DISTANCE = CategoricalParameter(name="weights", choices=("uniform", "distance"))


def neighbours(low=1, high=100, kind=IntParameter):
    return SearchSpace(parameters=(kind(name="n_neighbors", low=low, high=high),))


class TestRows:
    def test_that_the_smallest_training_fold_has(self):
        assert trained_rows(10, 3) == 6
        assert trained_rows(9, 3) == 6

    def test_are_the_most_neighbours(self):
        assert within_rows("knn", neighbours(), 100) == (neighbours(), ())
        cut, (finding,) = within_rows("knn", neighbours(), 99)
        assert cut["n_neighbors"].high == 99
        assert (str(finding.outcome), finding.code) == ("repaired", "beyond_rows")
        (finding,) = within_rows("knn", neighbours(low=50), 40)[1]
        assert str(finding.outcome) == "failed"

    def test_are_the_most_neighbours_of_a_single_end(self):
        cut, (finding,) = within_rows("knn", neighbours(low=40), 40)
        assert (cut["n_neighbors"].low, cut["n_neighbors"].high, str(finding.outcome)) == (40, 40, "repaired")

    def test_are_the_most_that_choices_and_constants_count(self):
        some = SearchSpace(parameters=(CategoricalParameter(name="n_neighbors", choices=(5, 50, 500)),))
        assert within_rows("knn", some, 500) == (some, ())
        cut, (finding,) = within_rows("knn", some, 60)
        assert cut["n_neighbors"].choices == (5, 50)
        assert (str(finding.outcome), finding.code, finding.value) == ("repaired", "beyond_rows", 500)
        (finding,) = within_rows("knn", some, 4)[1]
        assert (str(finding.outcome), finding.code) == ("failed", "beyond_rows")
        one = SearchSpace(parameters=(ConstantParameter(name="n_neighbors", value=50),))
        assert within_rows("knn", one, 50) == (one, ())
        assert [str(f.outcome) for f in within_rows("knn", one, 49)[1]] == ["failed"]

    def test_are_the_most_that_is_fixed(self):
        spaced = replace_value(propose("knn", n_rows=30), "search_space", SearchSpace(parameters=(DISTANCE,)))
        bare = replace_value(spaced, "warm_starts", ())
        for neighbours, expected in ((24, "pass"), (25, "failed")):
            verdict = judge(replace_value(bare, "fixed", Configuration({"n_neighbors": neighbours})))[1]
            assert str(verdict.stages[1].outcome) == expected
        assert [(f.field, f.code) for f in verdict.stages[1].findings] == [("fixed.n_neighbors", "beyond_rows")]
        assert fixed_beyond_rows("svm", Configuration({"n_neighbors": 99}), 10) == ()
        assert fixed_beyond_rows("knn", Configuration({"p": 99}), 10) == ()

    def test_bind_nothing_else(self):
        assert within_rows("random_forest", neighbours(), 10) == (neighbours(), ())
        other = SearchSpace(parameters=(FloatParameter(name="p", low=1, high=100),))
        assert within_rows("knn", other, 10) == (other, ())
        assert needs_more_rows("knn", {"n_neighbors": 11}, 10)
        assert not needs_more_rows("knn", {"n_neighbors": 10}, 10)
        assert not needs_more_rows("svm", {"n_neighbors": 11}, 10)
        assert not needs_more_rows("knn", {}, 10)

    def test_are_those_of_the_table_or_of_the_task(self):
        wide = replace_value(propose("knn", n_rows=30), "search_space", neighbours())
        wide = replace_value(wide, "warm_starts", ())
        assert judge(wide)[0].search_space.value["n_neighbors"].high == 24
        assert judge(wide, table=small_table(rows=60))[0].search_space.value["n_neighbors"].high == 48
        unknown = wide.replace(task=wide.task.replace(n_rows=None))
        assert judge(unknown)[0].search_space.value["n_neighbors"].high == 100


def test_a_proposal_for_another_column_is_for_another_task():
    data = table(30, 30)

    def aimed_at(target):
        proposal = propose(n_rows=None)
        return proposal.replace(task=proposal.task.replace(target=target))

    assert codes(aimed_at("goal"), data) == codes(aimed_at(""), data) == []
    assert codes(aimed_at("a"), data) == [("failed", "wrong_task")]


@pytest.mark.parametrize(("n_rows", "is_other"), [(20, False), (19, True), (180, False), (181, True)])
def test_a_table_may_have_grown_or_shrunk_to_three_times_or_a_third(n_rows, is_other):
    proposal = propose(n_rows=n_rows)
    assert codes(proposal, table(30, 30)) == ([("failed", "wrong_task")] if is_other else [])
