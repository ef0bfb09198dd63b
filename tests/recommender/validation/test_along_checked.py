"""A curve along the fidelity is what its rule gives, or left out: nobody invents one, sharpens one or cites for one."""

import pytest

from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.proposal import Derivation, PredictedCurve, PredictedLevel
from recommender.validation.repairs import is_restriction, plain, replace_value
from recommender.validation.sanity.prediction import check_prediction
from recommender.validation.support import CITED
from tests.recommender.composing.test_along import curve
from tests.recommender.composing.world import small_store, task


@pytest.fixture(scope="module")
def composer():
    with small_store() as store:
        store.add(curve(i, -0.09 - 0.005 * i, -0.04) for i in range(len(store.evidence("response_model"))))
        yield Composer(store)


@pytest.fixture(scope="module")
def composed(composer):
    return composer.compose(task("svm"))


def with_curve(proposal, **changes):
    """Return a proposal that claims another curve, with the account of the one it had."""
    before = proposal.prediction.value
    after = before.replace(curve=before.curve.replace(**changes))
    return proposal.replace(prediction=proposal.prediction.replace(value=after))


def sharper(curve):
    """Levels with intervals half as wide."""
    return tuple(
        level.replace(low=(level.low + level.expected) / 2, high=(level.high + level.expected) / 2)
        for level in curve.levels
    )


def codes(proposal, composer):
    return {(f.field, f.code, str(f.outcome)) for f in check(proposal, composer.store, surfaces=composer.surfaces)}


def test_a_composed_curve_is_grounded(composed, composer):
    assert composed.prediction.value.curve is not None
    assert codes(composed, composer) == set()


def test_a_sharpened_curve_is_found(composed, composer):
    bolder = with_curve(composed, levels=sharper(composed.prediction.value.curve))
    assert codes(bolder, composer) == {("prediction", "value_differs", "failed")}


def test_a_curve_that_nothing_cited_gives_is_found(composed, composer):
    responses = tuple(iri for iri in composed.prediction.citations if "/response_model/" in iri)
    bare = composed.replace(prediction=composed.prediction.replace(citations=responses, confidence=0.0))
    assert codes(bare, composer) == {("prediction", "value_differs", "failed")}


def test_a_curve_does_not_stand_on_citations_alone(composed, composer):
    cited = composed.prediction.replace(derivation=Derivation(rule=CITED))
    found = check(composed.replace(prediction=cited), composer.store, surfaces=composer.surfaces)
    assert any("follows from a rule" in finding.message for finding in found)


def test_a_repair_may_leave_the_curve_out_and_change_nothing_of_it(composed):
    before = composed.prediction.value
    kinds = {"learner": "svm", "task_type": composed.task.task_type}

    def is_allowed(after):
        return is_restriction("prediction", plain(before), plain(after), **kinds)

    assert is_allowed(before)
    assert is_allowed(before.replace(curve=None))
    assert not is_allowed(before.replace(curve=before.curve.replace(levels=sharper(before.curve))))
    assert not is_allowed(before.replace(curve=before.curve.replace(k=before.curve.k + 1)))
    assert not is_allowed(before.replace(curve=before.curve.replace(parameter="another")))
    assert not is_allowed(before.replace(curve=before.curve.replace(levels=before.curve.levels[:-1])))
    assert is_allowed(before.replace(curve=None, scores=(), remaining=(), metric="another"))
    assert not is_restriction("prediction", plain(before.replace(curve=None)), plain(before), **kinds)


LEVEL = PredictedLevel(value=0.1, low=0.6, expected=0.7, high=0.8, low_change=-0.3, change=-0.2, high_change=-0.1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"low": 0.75}, ["interval_disordered"]),
        ({"high": 70.0}, ["unit_slip"]),
    ],
)
def test_a_curve_that_cannot_be_is_found(composed, changes, expected):
    odd = PredictedCurve(parameter="x", full=1.0, k=5, score=0.9, levels=(LEVEL.replace(**changes),))
    proposal = replace_value(composed, "prediction", composed.prediction.value.replace(curve=odd))
    assert [finding.code for finding in check_prediction(proposal)[1]] == expected


def test_a_curve_of_more_trials_than_there_are_is_left_out(composed):
    few = replace_value(composed, "budget", composed.budget.value.replace(n_trials=3))
    left, found = check_prediction(few)
    assert left.prediction.value.curve is None
    assert ("prediction.curve", "beyond_budget") in {(finding.field, finding.code) for finding in found}
