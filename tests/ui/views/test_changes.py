"""What a person changes: the value is theirs, what does not go with it goes, and the price is told."""

import pytest

from kg.errors import InputError
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal
from recommender.validation.verdict import Outcome, TestRun, Verdict
from ui.views import changes

PASSED = Verdict(outcome=Outcome.PASS, stages=())


def test_a_range_that_was_changed_stands_on_nothing(proposal: Proposal) -> None:
    changed = changes.with_range(proposal, "max_depth", 2, 4)
    space = changed.proposal.search_space
    assert (space.value["max_depth"].low, space.value["max_depth"].high) == (2, 4)  # type: ignore[union-attr]
    assert space.parts["max_depth"] == changes.BY_HAND
    assert "max_depth: " in changed.told
    assert "becomes 2 to 4" in changed.told


def test_other_ranges_keep_their_reasons(proposal: Proposal) -> None:
    parts = changes.with_range(proposal, "max_depth", 2, 4).proposal.search_space.parts
    kept = {name: part for name, part in proposal.search_space.parts.items() if name != "max_depth"}
    assert {name: parts[name] for name in kept} == kept


def test_warm_starts_outside_a_range_go(proposal: Proposal) -> None:
    depths = sorted(start["max_depth"] for start in proposal.warm_starts.value)
    assert depths[0] < depths[-1]
    starts = changes.with_range(proposal, "max_depth", 1, depths[0]).proposal.warm_starts
    assert [start["max_depth"] for start in starts.value] == [d for d in depths if d == depths[0]]
    assert starts.citations == ()


def test_warm_starts_that_still_fit_keep_their_reasons(proposal: Proposal) -> None:
    parameter = proposal.search_space.value["max_depth"]
    wider = changes.with_range(proposal, "max_depth", 1, parameter.high + 5).proposal  # type: ignore[union-attr]
    assert wider.warm_starts == proposal.warm_starts


@pytest.mark.parametrize(("low", "high"), [(4, 2), (3, 3)])
def test_bounds_that_are_no_range_are_refused(low: float, high: float, proposal: Proposal) -> None:
    with pytest.raises(InputError, match="is no range"):
        changes.with_range(proposal, "max_depth", low, high)


def test_a_logarithmic_range_stays_above_zero(proposal: Proposal) -> None:
    numeric = [p for p in proposal.search_space.value.tunable if p.kind in ("int", "float") and p.log]  # type: ignore[union-attr]
    if not numeric:
        pytest.skip("nothing of this space is searched on a log scale")
    with pytest.raises(InputError, match="bounds above 0"):
        changes.with_range(proposal, numeric[0].name, 0, 1)


def test_what_is_held_is_not_searched(proposal: Proposal) -> None:
    value = changes.default_value(proposal, "max_depth")
    changed = changes.held(proposal, "max_depth", value).proposal
    assert changed.search_space.value["max_depth"].kind == "constant"
    assert all(start["max_depth"] == value for start in changed.warm_starts.value)
    assert "max_depth" not in [p.name for p in changed.search_space.value.tunable]


def test_the_last_choice_stays(proposal: Proposal) -> None:
    with pytest.raises(InputError, match="must stay"):
        changes.with_choices(proposal, "max_depth", [])


def test_half_the_budget_is_half_of_all_that_says_it(proposal: Proposal) -> None:
    before, after = proposal.budget.value, changes.with_half_budget(proposal).proposal.budget.value
    assert (after.n_trials, after.wall_clock_s) == (before.n_trials // 2, before.wall_clock_s / 2)
    changed = changes.with_half_budget(proposal).proposal
    assert all(score.k <= after.n_trials for score in changed.prediction.value.scores)
    limits = [rule for rule in changed.termination.value.rules if rule.kind in ("max_trials", "wall_clock")]
    assert all(getattr(rule, "n_trials", 0) <= after.n_trials for rule in limits)
    assert all(getattr(rule, "seconds", 0) <= after.wall_clock_s for rule in limits)


def test_halving_again_and_again_ends_at_one_trial(proposal: Proposal) -> None:
    for _ in range(12):
        proposal = changes.with_half_budget(proposal).proposal
    assert proposal.budget.value.n_trials == 1


def test_the_price_of_a_narrow_range_is_told_in_runs_and_starts(proposal: Proposal, starter_store: RdfStore) -> None:
    changed = changes.with_range(proposal, "max_depth", 1, 2).proposal
    told = changes.costs(proposal, changed, PASSED, starter_store)
    assert any("best runs on similar data sets that the range of max_depth held" in line for line in told)
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
