"""Stage 5 reckons by the graph's measurements on other data sets."""

from datetime import date

import pytest

from kg.learners.registry import learners
from kg.model import CostProfile, Dataset, Iri, MetaFeatures, Provenance, Standing
from recommender.proposal import Budget, MaxTrials, Neighbour, PredictedScore, Termination
from recommender.validation.repairs import replace_value
from recommender.validation.spending import ROOM, SLACK, TrialCost, held_by, predicted_cost, within_constraints
from recommender.validation.stage import GateContext
from recommender.validation.stages.cost import CostStage
from recommender.validation.stages.worth import WorthStage
from recommender.validation.verdict import TestRun
from tests.recommender.validation.gate_cases import codes, judge, propose, small_table

SOURCE = Provenance(source="test", licence="CC0-1.0", url="urn:x", retrieved=date(2026, 1, 1))


class Costs:
    """A graph of cost profiles: data set name -> (rows, columns, median seconds of a fit)."""

    def __init__(self, **entries):
        self.entries = entries

    def find(self, iris):
        return {iri: self.get(iri) for iri in iris}

    def get(self, iri):
        rows, columns, _ = self.entries[iri.removeprefix("urn:")]
        features = MetaFeatures({"NumberOfInstances": rows, "NumberOfFeatures": columns})
        return Dataset(iri=iri, name=iri, meta_features=features, provenance=SOURCE)

    def evidence(self, kind=None, *, learner=None, **_):
        if kind != "cost_profile":
            return ()
        return tuple(
            CostProfile(
                iri=Iri(f"urn:cost-{name}"),
                standing=Standing.MEASURED,
                n=30,
                provenance=SOURCE,
                dataset=Iri(f"urn:{name}"),
                learner=learner,
                seconds=(seconds / 2, seconds, seconds * 2),
            )
            for name, (_, _, seconds) in self.entries.items()
        )


def with_budget(proposal=None, **changes):
    fields = {"n_trials": 50, "wall_clock_s": 600.0, "per_trial_s": 60.0, "binding": "n_trials"}
    return replace_value(proposal or propose(), "budget", Budget(**{**fields, **changes}))


def hold(proposal, store, **context):
    return judge(proposal, store=store, check_grounding=lambda *_: (), **context)


def test_seconds_are_scaled_by_rows_and_columns():
    # The task has 200 rows and 4 columns; five folds train on four fifths each.
    cost = predicted_cost(propose(), Costs(twice=(400, 8, 4.0)))
    assert cost.seconds == pytest.approx(4.0 / 4 * 5 * 0.8)


def test_neighbours_count_before_others():
    near = Neighbour(dataset=Iri("urn:near"), name="near", distance=0.1, weight=1.0)
    proposal = propose().replace(neighbours=(near,))
    cost = predicted_cost(proposal, Costs(near=(200, 4, 9.0), far=(200, 4, 1.0)))
    assert cost.seconds == pytest.approx(9.0 * 5 * 0.8)


def test_sources_too_unlike_the_task_say_nothing():
    assert predicted_cost(propose(), Costs(huge=(10**7, 900, 500.0))) is None


def test_trials_that_fit_pass():
    assert hold(with_budget(), Costs(same=(200, 4, 0.1)))[1].may_be_shown


def test_where_time_ends_a_study_its_trials_are_not_cut_to_a_guess():
    """30 of the 50 should fit; should they be quicker, the study goes on."""
    proposal, verdict = hold(with_budget(), Costs(same=(200, 4, 5.0)))
    assert ("cost", "pass", "over_time") in codes(verdict)
    assert proposal.budget.value.n_trials == 50
    assert proposal.budget.value.binding == "wall_clock_s"


def test_trials_far_beyond_the_time_are_cut():
    """10 should fit, and there is room for twelve times as many."""
    proposal, verdict = hold(with_budget(n_trials=200), Costs(same=(200, 4, 15.0)))
    assert ("cost", "repaired", "over_time") in codes(verdict)
    assert proposal.budget.value.n_trials == 120
    assert proposal.budget.value.binding == "wall_clock_s"


def test_a_cut_budget_takes_rules_and_predictions_with_it():
    rules = Termination(rules=(MaxTrials(n_trials=200),))
    scores = tuple(PredictedScore(k=k, low=0.7, expected=0.8, high=0.9) for k in (1, 10, 200))
    proposal = replace_value(with_budget(n_trials=200), "termination", rules)
    proposal = replace_value(proposal, "prediction", proposal.prediction.value.replace(scores=scores))
    cut, _ = hold(proposal, Costs(same=(200, 4, 15.0)))
    assert cut.termination.value.rules == (MaxTrials(n_trials=120),)
    assert [score.k for score in cut.prediction.value.scores] == [1, 10]


def test_a_budget_that_cannot_hold_one_trial_is_refused():
    tight = with_budget(wall_clock_s=30.0, per_trial_s=30.0)
    assert ("cost", "failed", "no_trial_fits") in codes(hold(tight, Costs(same=(200, 4, 60.0)))[1])


def test_where_a_test_run_follows_it_has_the_last_word():
    _, verdict = hold(with_budget(), Costs(same=(200, 4, 5.0)), table=small_table(), test_run_seconds=6)
    assert ("cost", "pass", "over_time") in codes(verdict)


def test_where_the_test_run_timed_nothing_the_graph_has():
    context = GateContext(table=small_table(), store=Costs(same=(200, 4, 15.0)), test_run_seconds=6)
    found = WorthStage().judge(with_budget(n_trials=200), context)
    assert found.proposal.budget.value.n_trials == 120


def test_without_measurements_it_says_so():
    assert ("cost", "pass", "cost_unknown") in codes(judge(propose())[1])


@pytest.mark.parametrize(("field", "limit"), [("n_trials", 7), ("wall_clock_s", 100.0), ("n_workers", 1)])
def test_the_users_limits_are_kept(field, limit):
    constraints = {"wall_clock_s": 300.0, **({field: limit} if field != "n_workers" else {})}
    proposal = with_budget(propose(constraints=constraints), wall_clock_s=290.0, n_workers=3)
    kept, verdict = judge(proposal)
    assert getattr(kept.budget.value, field) == limit
    assert ("cost", "repaired", "over_limit") in codes(verdict)


def test_a_kernel_machine_on_many_rows_is_told_of():
    assert ("cost", "pass", "too_many_rows") in codes(judge(propose("svm", n_rows=10**6))[1])


def test_others_count_where_no_neighbour_was_timed():
    near = Neighbour(dataset=Iri("urn:near"), name="near", distance=0.1, weight=1.0)
    cost = predicted_cost(propose().replace(neighbours=(near,)), Costs(far=(200, 4, 9.0)))
    assert cost.seconds == pytest.approx(9.0 * 5 * 0.8)


def test_the_median_is_weighted():
    near = tuple(
        Neighbour(dataset=Iri(f"urn:{name}"), name=name, distance=0.1, weight=weight)
        for name, weight in (("a", 0.2), ("b", 0.2), ("c", 0.6))
    )
    costs = Costs(a=(200, 4, 1.0), b=(200, 4, 2.0), c=(200, 4, 3.0), d=(200, 4, 99.0))
    assert predicted_cost(propose().replace(neighbours=near), costs).seconds == pytest.approx(3.0 * 5 * 0.8)
    assert predicted_cost(propose(), costs).seconds == pytest.approx(2.0 * 5 * 0.8)


def test_of_unknown_sizes_nothing_is_foretold():
    assert predicted_cost(propose(n_rows=None), Costs(same=(200, 4, 1.0))) is None
    assert predicted_cost(propose(), Costs(empty=(0, 4, 1.0))) is None


def test_a_budget_within_the_limits_is_left_as_it_is():
    proposal = propose(constraints={"wall_clock_s": 600.0})
    assert within_constraints(proposal) == (proposal, ())


def test_scaled_from_too_few_rows_the_graph_has_a_say():
    table = small_table(rows=600)
    quick = [
        TestRun(
            role=role,
            label="0",
            configuration={},
            status="done",
            scores=(0.8, 0.8, 0.8),
            seconds=(0.001,) * 3,
            rows=60,
            folds=3,
        )
        for role in ("default", "warm_start", "dummy")
    ]
    store = Costs(same=(600, 4, 5.0))
    proposal = with_budget(propose(n_rows=600), n_trials=500, wall_clock_s=0.5, per_trial_s=0.5)
    found = WorthStage().judge(
        proposal, GateContext(table=table, store=store, test_runs=tuple(quick), test_run_seconds=6)
    )
    assert ("pass", "cost_uncertain") in {(str(f.outcome), f.code) for f in found.findings}
    assert found.proposal.budget.value.n_trials < 500
    assert any(f.code == "over_time" for f in found.findings)


def test_what_the_test_run_is_about_to_time_is_not_cut_before():
    slow = Costs(same=(200, 4, 15.0))
    with_fits = GateContext(table=small_table(), store=slow, test_run_seconds=6)
    asked = with_budget(n_trials=200)
    left = CostStage().judge(asked, with_fits)
    assert left.proposal.budget == asked.budget
    assert {str(f.outcome) for f in left.findings} == {"pass"}
    cut = CostStage().judge(asked, GateContext(table=small_table(), store=slow, test_run_seconds=0))
    assert cut.proposal.budget.value.n_trials == 120


class TestLimits:
    """What lies right at one."""

    def found(self, seconds, **budget):
        held = held_by(with_budget(**budget), TrialCost(seconds, "measured", 1))
        return [(str(f.outcome), f.code) for f in held[1]]

    def test_a_trial_that_just_fits_its_slack_fits(self):
        tight = {"n_trials": 1, "wall_clock_s": 100.0, "per_trial_s": 100.0}
        assert ("failed", "no_trial_fits") not in self.found(100.0 * SLACK, **tight)
        assert ("failed", "no_trial_fits") in self.found(100.1 * SLACK, **tight)

    def test_a_trial_may_take_all_of_its_own_time(self):
        assert self.found(60.0, n_trials=10, per_trial_s=60.0) == []
        assert self.found(60.1, n_trials=9, per_trial_s=60.0) == [("repaired", "per_trial_too_short")]

    @pytest.mark.parametrize(
        ("trials", "expected"), [(125, []), (126, ["pass"]), (100 * ROOM, ["pass"]), (100 * ROOM + 1, ["repaired"])]
    )
    def test_trials_up_to_the_slack_pass_and_up_to_the_room_are_told(self, trials, expected):
        assert [outcome for outcome, _ in self.found(6.0, n_trials=trials)] == expected

    @pytest.mark.parametrize(("rows", "bears"), [(2, True), (1, False), (20_000, True), (20_001, False)])
    def test_a_source_of_a_hundredth_or_a_hundred_times_the_size_still_bears(self, rows, bears):
        assert (predicted_cost(propose(), Costs(other=(rows, 4, 1.0))) is not None) is bears

    def test_as_many_rows_as_a_learner_takes_are_not_too_many(self):
        spec = next(one for one in learners() if one.max_rows is not None)
        for rows, told in ((spec.max_rows, False), (spec.max_rows + 1, True)):
            found = CostStage().judge(propose(spec.name, n_rows=rows), GateContext()).findings
            assert ("too_many_rows" in {f.code for f in found}) is told
