"""A repair is marked, keeps what was before it, and can be told from a bolder claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Configuration, ConstantParameter, FloatParameter, Forbidden, IntParameter, SearchSpace, TaskType
from kg.model.base import FrozenMapping
from recommender.proposal import Budget, Derivation, Grounding, Protocol, TargetReached, Termination
from recommender.validation.repairs import (
    REPAIRED,
    before_repair,
    is_restriction,
    part_of,
    plain,
    replace_value,
    with_starts,
)
from tests.recommender.validation.gate_cases import propose

SPACE = SearchSpace(parameters=(FloatParameter(name="a", low=0, high=1), FloatParameter(name="b", low=0, high=9)))


def restricts(field, before, after):
    return is_restriction(field, plain(before), plain(after), learner="knn", task_type=TaskType.CLASSIFICATION)


def test_a_repaired_field_says_so_and_keeps_the_former_value():
    proposal = propose()
    budget = proposal.budget.value.replace(n_trials=7)
    repaired = replace_value(proposal, "budget", budget, "Cut.").budget
    assert repaired.derivation.rule == REPAIRED
    assert repaired.rationale.endswith("Cut.")
    former, value = before_repair(repaired.derivation)
    assert former == proposal.budget.derivation
    assert Budget.model_validate(value) == proposal.budget.value


def test_a_second_repair_keeps_what_was_before_the_first():
    proposal = propose()
    once = replace_value(proposal, "budget", proposal.budget.value.replace(n_trials=7))
    twice = replace_value(once, "budget", proposal.budget.value.replace(n_trials=5))
    assert before_repair(twice.budget.derivation) == before_repair(once.budget.derivation)


def with_parts(space=SPACE):
    part = Grounding(derivation=Derivation(rule="some_rule"), rationale="because")
    field = propose().search_space.replace(value=space, parts={"a": part, "b": part})
    return propose().replace(search_space=field)


def test_parts_that_did_not_change_keep_their_account():
    narrowed = SearchSpace(parameters=(SPACE["a"], FloatParameter(name="b", low=1, high=9)))
    parts = replace_value(with_parts(), "search_space", narrowed).search_space.parts
    assert parts["a"].derivation.rule == "some_rule"
    assert parts["b"].derivation.rule == REPAIRED


def test_parts_that_are_gone_are_accounted_for_no_more():
    parts = replace_value(with_parts(), "search_space", SearchSpace(parameters=(SPACE["a"],))).search_space.parts
    assert set(parts.keys()) == {"a"}


def test_warm_starts_keep_their_accounts_when_one_is_dropped():
    starts = tuple(Configuration({"max_depth": depth}) for depth in (1, 2, 3))
    parts = FrozenMapping[str, Grounding]({str(i): Grounding(rationale=f"number {i}") for i in range(3)})
    field = propose().warm_starts.replace(value=starts, parts=parts)
    kept = with_starts(propose().replace(warm_starts=field), [(0, starts[0]), (2, starts[2])]).warm_starts
    assert kept.value == (starts[0], starts[2])
    assert [kept.parts[place].rationale for place in ("0", "1")] == ["number 0", "number 2"]


BUDGET = Budget(n_trials=50, wall_clock_s=600, per_trial_s=60, binding="n_trials")
KNN = {"n_neighbors": 5}


@pytest.mark.parametrize(
    ("field", "before", "after", "expected"),
    [
        ("search_space", SPACE, SearchSpace(parameters=(SPACE["a"],)), True),
        ("search_space", SPACE, SearchSpace(parameters=(FloatParameter(name="a", low=0, high=2),)), False),
        ("search_space", SPACE, SearchSpace(parameters=(FloatParameter(name="z", low=0, high=1),)), False),
        ("search_space", SPACE["a"], FloatParameter(name="a", low=0.2, high=0.4), True),
        ("budget", BUDGET, BUDGET.replace(n_trials=5), True),
        ("budget", BUDGET, BUDGET.replace(n_trials=500), False),
        ("budget", BUDGET, BUDGET.replace(wall_clock_s=6000.0), False),
        ("warm_starts", (Configuration(KNN),), (), True),
        ("warm_starts", (), (Configuration({"n_neighbors": 77}),), False),
        ("warm_starts", (), (Configuration(KNN),), True),
        ("fidelity", {"min": 1}, None, True),
        ("fidelity", None, {"min": 1}, False),
        ("learner", "knn", "svm", False),
    ],
)
def test_a_restriction_claims_no_more_than_before(field, before, after, expected):
    assert restricts(field, before, after) is expected


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_range_restricts_another_where_it_lies_within(a, b, c, d):
    outer, inner = sorted((a, b)), sorted((c, d))
    before = SearchSpace(parameters=(FloatParameter(name="a", low=outer[0], high=outer[1]),))
    after = SearchSpace(parameters=(FloatParameter(name="a", low=inner[0], high=inner[1]),))
    assert restricts("search_space", before, after) == (outer[0] <= inner[0] and inner[1] <= outer[1])


def test_what_is_the_same_is_no_bolder_in_any_field():
    for field in ("advice", "sampler", "learner", "budget"):
        value = getattr(propose(), field).value
        assert restricts(field, value, value)


def test_a_kind_of_parameter_is_not_changed_by_a_repair():
    whole = SearchSpace(parameters=(IntParameter(name="a", low=0, high=1),))
    real = SearchSpace(parameters=(FloatParameter(name="a", low=0, high=1),))
    assert not restricts("search_space", real, whole)
    assert not restricts("search_space", whole, real)


def test_a_constant_stays_what_it_was():
    one, two = (SearchSpace(parameters=(ConstantParameter(name="a", value=n),)) for n in (1, 2))
    assert restricts("search_space", one, one.replace(conditions=()))
    assert not restricts("search_space", one, two)
    assert not restricts("search_space", two, one)


def test_a_target_may_not_move_at_all():
    at = [Termination(rules=(TargetReached(score=score),)) for score in (0.8, 0.7, 0.9)]
    assert restricts("termination", at[0], at[0])
    assert not restricts("termination", at[0], at[1])
    assert not restricts("termination", at[0], at[2])


def test_parts_of_lists_and_of_configurations_are_found_by_name():
    starts = (Configuration({"a": 1}), Configuration({"a": 2}))
    assert part_of(starts, "1") == starts[1]
    assert part_of(starts, "2") is None
    assert part_of(starts, "a") is None
    assert part_of(starts[0], "a") == 1
    assert part_of(SPACE, "b") == SPACE["b"]
    assert part_of(SPACE, "c") is None
    assert part_of(3, "c") is None


PROTOCOL = Protocol(folds=5, repeats=2, stratified=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stratified": True}, True),
        ({"folds": 4}, True),
        ({"repeats": 1}, True),
        ({"folds": 6}, False),
        ({"repeats": 3}, False),
    ],
)
def test_a_protocol_is_repaired_to_as_many_folds_or_fewer(changes, expected):
    assert restricts("protocol", PROTOCOL, PROTOCOL.replace(**changes)) is expected


@pytest.mark.parametrize(("workers", "expected"), [(1, True), (2, True), (3, False)])
def test_a_budget_is_repaired_to_as_many_workers_or_fewer(workers, expected):
    two = BUDGET.replace(n_workers=2)
    assert restricts("budget", two, two.replace(n_trials=5, n_workers=workers)) is expected


def test_what_is_forbidden_stays_so_while_all_that_it_names_is_there():
    space = SearchSpace(
        parameters=(IntParameter(name="a", low=0, high=9), IntParameter(name="b", low=0, high=9)),
        forbidden=(Forbidden(clauses={"a": (1,), "b": (1,)}),),
    )
    assert not restricts("search_space", space, space.replace(forbidden=()))
    assert restricts("search_space", space, SearchSpace(parameters=space.parameters[:1]))
