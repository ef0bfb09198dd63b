"""What a person changes: the value is theirs, what does not go with it goes, and the price is told."""

import pytest

from kg.errors import InputError
from kg.model import FloatParameter, SearchSpace
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal, RemainingLoss
from recommender.validation.verdict import Outcome, TestRun, Verdict
from ui.views import changes

PASSED = Verdict(outcome=Outcome.PASS, stages=())
#: The numeric hyper-parameter of the proposal: 0 to 0.4, warm starts all over it.
LEAF = "min_weight_fraction_leaf"


def test_a_range_that_was_changed_stands_on_nothing(proposal: Proposal) -> None:
    changed = changes.with_range(proposal, LEAF, 0, 0.1)
    space = changed.proposal.search_space
    assert (space.value[LEAF].low, space.value[LEAF].high) == (0, 0.1)  # type: ignore[union-attr]
    assert space.parts[LEAF] == changes.BY_HAND
    assert changed.told == f"{LEAF}: 0 to 0.4 becomes 0 to 0.1"


def test_other_ranges_keep_their_reasons(proposal: Proposal) -> None:
    parts = changes.with_range(proposal, LEAF, 0, 0.1).proposal.search_space.parts
    kept = {name: part for name, part in proposal.search_space.parts.items() if name != LEAF}
    assert {name: parts[name] for name in kept} == kept


def test_warm_starts_outside_a_range_go(proposal: Proposal) -> None:
    before = [start[LEAF] for start in proposal.warm_starts.value]
    starts = changes.with_range(proposal, LEAF, 0, 0.1).proposal.warm_starts
    assert [start[LEAF] for start in starts.value] == [value for value in before if value <= 0.1]
    assert len(starts.value) < len(before)
    assert starts.citations == ()


def test_warm_starts_that_still_fit_keep_their_reasons(proposal: Proposal) -> None:
    wider = changes.with_range(proposal, LEAF, 0, 0.5).proposal
    assert wider.warm_starts == proposal.warm_starts


@pytest.mark.parametrize(("low", "high"), [(0.4, 0.2), (0.3, 0.3)])
def test_bounds_that_are_no_range_are_refused(low: float, high: float, proposal: Proposal) -> None:
    with pytest.raises(InputError, match="is no range"):
        changes.with_range(proposal, LEAF, low, high)


def test_a_logarithmic_range_stays_above_zero(proposal: Proposal) -> None:
    space = proposal.search_space
    logarithmic = FloatParameter(name="alpha", low=0.001, high=1, log=True)
    changed = proposal.replace(search_space=space.replace(value=SearchSpace(parameters=(logarithmic,)), parts={}))
    with pytest.raises(InputError, match="bounds above 0"):
        changes.with_range(changed, "alpha", 0, 1)


def test_what_is_held_is_not_searched(proposal: Proposal) -> None:
    value = changes.default_value(proposal, "max_features")
    changed = changes.held(proposal, "max_features", value).proposal
    assert changed.search_space.value["max_features"].kind == "constant"
    assert all(start["max_features"] == value for start in changed.warm_starts.value)
    assert "max_features" not in [p.name for p in changed.search_space.value.tunable]


def test_the_last_choice_stays(proposal: Proposal) -> None:
    with pytest.raises(InputError, match="must stay"):
        changes.with_choices(proposal, "criterion", [])


def test_a_single_choice_is_held(proposal: Proposal) -> None:
    changed = changes.with_choices(proposal, "criterion", ["gini"])
    assert changed.proposal.search_space.value["criterion"].kind == "constant"
    assert changed.told == "criterion: 'gini' | 'entropy' is held at 'gini'"


def test_half_the_budget_is_half_of_all_that_says_it(proposal: Proposal) -> None:
    before, after = proposal.budget.value, changes.with_half_budget(proposal).proposal.budget.value
    assert (after.n_trials, after.wall_clock_s) == (before.n_trials // 2, before.wall_clock_s / 2)
    changed = changes.with_half_budget(proposal).proposal
    assert all(score.k <= after.n_trials for score in changed.prediction.value.scores)
    limits = [rule for rule in changed.termination.value.rules if rule.kind in ("max_trials", "wall_clock")]
    assert all(getattr(rule, "n_trials", 0) <= after.n_trials for rule in limits)
    assert all(getattr(rule, "seconds", 0) <= after.wall_clock_s for rule in limits)


def test_half_the_budget_says_nothing_of_trials_beyond_it(proposal: Proposal) -> None:
    before = proposal.budget.value.n_trials
    told = [(1, before // 4), (before // 4, before // 2), (1, before // 2 + 1), (before // 2, before), (5, before)]
    remaining = tuple(RemainingLoss(after=after, k=k, least=0.2, expected=0.6) for after, k in told)
    foretold = proposal.prediction.replace(value=proposal.prediction.value.replace(remaining=remaining))
    changed = changes.with_half_budget(proposal.replace(prediction=foretold)).proposal
    assert [(one.after, one.k) for one in changed.prediction.value.remaining] == told[:2]


def test_halving_again_and_again_ends_at_one_trial(proposal: Proposal) -> None:
    for _ in range(12):
        proposal = changes.with_half_budget(proposal).proposal
    assert proposal.budget.value.n_trials == 1


def test_the_price_of_a_narrow_range_is_told_in_runs_and_starts(proposal: Proposal, starter_store: RdfStore) -> None:
    changed = changes.with_range(proposal, LEAF, 0.3, 0.4).proposal
    told = changes.costs(proposal, changed, PASSED, starter_store)
    assert any(f"best runs on similar data sets that the range of {LEAF} held" in line for line in told)
    assert any("warm starts do not fit any more" in line for line in told)


def test_the_price_of_half_the_budget_is_told_in_score(proposal: Proposal, starter_store: RdfStore) -> None:
    changed = changes.with_half_budget(proposal).proposal
    (told,) = changes.costs(proposal, changed, PASSED, starter_store)
    assert told.startswith("Expected accuracy: ")
    assert " instead of " in told


def test_what_costs_nothing_says_so(proposal: Proposal, starter_store: RdfStore) -> None:
    assert changes.costs(proposal, proposal, PASSED, starter_store) == ("By what is known, nothing.",)


def test_what_the_test_run_measured_is_compared(proposal: Proposal, starter_store: RdfStore) -> None:
    def verdict(score: float) -> Verdict:
        run = TestRun(
            role="warm_start", label="0", configuration={}, status="done", scores=(score,) * 2, rows=50, folds=2
        )
        return Verdict(outcome=Outcome.PASS, stages=(), test_runs=(run,))

    told = changes.costs(proposal.replace(verdict=verdict(0.9)), proposal, verdict(0.8), starter_store)
    assert told == ("Best of the test run: 0.8 accuracy; before the change 0.9 (samples may differ).",)
