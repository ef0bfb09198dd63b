"""Stage 7 holds what a proposal claims against fits; here the fits are given."""

import math

import pytest

from kg.model import METRICS, Configuration, IntParameter, SearchSpace
from recommender.proposal import Budget, PredictedScore, Stagnation, TargetReached, Termination, WallClock
from recommender.validation.comparable import comparable_runs
from recommender.validation.repairs import replace_value, with_starts
from recommender.validation.spending import ROOM, SLACK
from recommender.validation.stage import GateContext
from recommender.validation.stages.worth import WorthStage
from recommender.validation.timing import EXTRAPOLATED_SLACK, growth, measured_cost
from recommender.validation.verdict import Outcome, TestRun
from recommender.validation.worth import beats_dummy
from tests.recommender.validation.gate_cases import propose, small_table

TABLE = small_table()


def run(role, scores, label="0", seconds=0.01, rows=TABLE.n_rows, status="done", configuration=None, fidelity=None):
    return TestRun(
        role=role,
        label=label,
        configuration=Configuration(configuration or {"max_depth": 3}),
        status=status,
        scores=tuple(scores),
        seconds=(seconds,) * len(scores),
        rows=rows,
        folds=3,
        comparable=rows == TABLE.n_rows,
        fidelity=fidelity,
    )


def around(mean):
    return (mean - 0.01, mean, mean + 0.011)


def usual(start=0.82, default=0.8, dummy=0.5, points=(0.81, 0.6, 0.83)):
    randoms = [run("random", around(mean), str(i)) for i, mean in enumerate(points)]
    starts = [] if start is None else [run("warm_start", around(start))]
    return [run("default", around(default)), run("dummy", around(dummy)), *starts, *randoms]


def judge(proposal, runs):
    return WorthStage().judge(proposal, GateContext(table=TABLE, test_runs=tuple(runs)))


def codes(found):
    return {(str(f.outcome), f.code) for f in found.findings}


def with_predictions(*scores):
    proposal = propose()
    prediction = proposal.prediction.value.replace(scores=tuple(PredictedScore(**s) for s in scores))
    return replace_value(proposal, "prediction", prediction)


def with_rules(*rules):
    return replace_value(propose(), "termination", Termination(rules=rules))


def test_what_is_worth_it_passes():
    found = judge(propose(), usual())
    assert found.outcome is Outcome.PASS
    assert found.measurements["best_warm_start"] > found.measurements["best_default"]


def test_without_fits_nothing_is_compared():
    assert judge(propose(), []).outcome is Outcome.SKIPPED


def test_nothing_better_than_a_constant_is_refused():
    runs = usual(start=0.49, default=0.48, points=(0.45, 0.5, 0.4))
    assert ("failed", "no_better_than_dummy") in codes(judge(propose(), runs))


def test_a_few_points_are_no_proof_of_nothing():
    runs = usual(start=0.49, default=0.48, points=(0.45, 0.5))
    assert ("pass", "no_better_than_dummy") in codes(judge(propose(), runs))


def test_on_a_small_sample_of_many_rows_a_constant_is_no_proof():
    runs = [r.replace(rows=100, comparable=False) for r in usual(start=0.49, default=0.48, points=(0.45, 0.5, 0.4))]
    assert ("pass", "no_better_than_dummy") in codes(judge(propose(), runs))


def test_the_luck_of_the_best_of_many_fits_is_told():
    noisy = [(0.52, 0.55, 0.44), (0.47, 0.58, 0.50), (0.55, 0.49, 0.50), (0.44, 0.46, 0.50)]
    fits = [run("random", scores, str(i)) for i, scores in enumerate(noisy)]
    found = codes(judge(propose(), [run("default", (0.48, 0.46, 0.53)), run("dummy", (0.5, 0.5, 0.5)), *fits]))
    assert ("pass", "may_be_luck") in found
    assert not any(code == "may_be_luck" for _, code in codes(judge(propose(), usual())))


def test_starts_that_are_worse_than_the_default_are_put_behind_it():
    proposal = propose("knn")
    default = proposal.warm_starts.value[0]
    other = Configuration(default.root | {"n_neighbors": 99})
    found = judge(with_starts(proposal, [(None, other), (0, default)]), usual(start=0.6))
    assert found.proposal.warm_starts.value == (default, other)
    assert ("repaired", "worse_than_default") in codes(found)


def test_the_point_nearest_to_the_default_stands_for_it():
    proposal = with_starts(propose("random_forest"), [(None, Configuration({"max_features": 0.9}))])
    found = judge(proposal, usual(start=0.6))
    assert ("repaired", "worse_than_default") in codes(found)
    assert found.proposal.warm_starts.value[0] == propose("random_forest").warm_starts.value[0]


def test_where_the_default_is_tried_already_much_worse_starts_are_refused():
    assert ("failed", "worse_than_default") in codes(judge(propose("random_forest"), usual(start=0.6)))


def test_starts_that_were_not_all_fitted_are_not_refused():
    more = [(i, propose("svm").warm_starts.value[0].root | {"C": 2.0 + i}) for i in range(4)]
    proposal = propose("svm")
    starts = (*proposal.warm_starts.value, *(Configuration(point) for _, point in more))
    found = judge(replace_value(proposal, "warm_starts", starts), usual(start=0.6))
    assert ("pass", "worse_than_default") in codes(found)


def test_a_small_step_back_from_such_a_default_is_noted():
    found = judge(propose("random_forest"), usual(start=0.79, default=0.815))
    assert ("pass", "worse_than_default") in codes(found)


def test_worse_within_noise_is_no_fault():
    runs = [run("default", (0.9, 0.7, 0.8)), run("dummy", around(0.5)), run("warm_start", (0.7, 0.85, 0.75))]
    assert not any(code == "worse_than_default" for _, code in codes(judge(propose(), runs)))


WIDE = SearchSpace(parameters=(IntParameter(name="max_depth", low=1, high=900_000),))


@pytest.mark.parametrize(
    ("points", "start", "space", "outcome"),
    [
        ([0.51] * 8, None, None, "failed"),
        ([0.51] * 8, 0.8, None, "pass"),
        ([0.51] * 8, 0.8, WIDE, "failed"),
        ([0.51] * 7 + [0.7], None, WIDE, None),
        ([0.51] * 5, None, WIDE, "failed"),
        ([0.51] * 4, None, WIDE, None),
        ([0.51] * 7, None, None, None),
        ([0.58] * 8, None, None, None),
        ([0.57] * 8, None, None, "failed"),
    ],
)
def test_a_space_whose_random_points_are_all_useless_is_too_wide(points, start, space, outcome):
    proposal = propose() if space is None else replace_value(propose(), "search_space", space)
    found = [
        f.outcome for f in judge(proposal, usual(start=start, points=points)).findings if f.code == "space_too_wide"
    ]
    assert found == ([] if outcome is None else [outcome])


def test_points_that_are_constant_predictions_need_no_lead_of_the_default_beyond_noise():
    dummy = run("dummy", (0.5, 0.6, 0.55))
    noisy = run("default", (0.9, 0.4, 0.6))
    points = [run("random", dummy.scores, str(i)) for i in range(8)]
    assert ("failed", "space_too_wide") in codes(judge(propose(), [noisy, dummy, *points]))
    points[3] = run("random", (0.5, 0.6, 0.56), "3")
    assert not any(code == "space_too_wide" for _, code in codes(judge(propose(), [noisy, dummy, *points])))


def test_where_nothing_is_better_than_a_constant_nothing_is_proven_of_the_space():
    dummy = run("dummy", around(0.5))
    points = [run("random", dummy.scores, str(i)) for i in range(8)]
    found = judge(propose(), [run("default", around(0.45)), dummy, *points])
    assert not any(code == "space_too_wide" for _, code in codes(found))
    found = judge(propose(), [run("default", around(0.45)), dummy, run("corner", around(0.6)), *points])
    assert ("failed", "space_too_wide") in codes(found)


def test_a_start_that_is_a_constant_prediction_needs_no_lead_of_the_default_beyond_noise():
    dummy, noisy = run("dummy", (0.5, 0.6, 0.55)), run("default", (0.9, 0.4, 0.6))
    constant = [noisy, dummy, run("warm_start", dummy.scores)]
    assert ("worse_than_default") in {code for _, code in codes(judge(propose("random_forest"), constant))}
    other = [noisy, dummy, run("warm_start", (0.5, 0.6, 0.56))]
    assert ("worse_than_default") not in {code for _, code in codes(judge(propose("random_forest"), other))}
    hopeless = [run("default", (0.4, 0.4, 0.4)), dummy, run("warm_start", dummy.scores)]
    assert ("worse_than_default") not in {code for _, code in codes(judge(propose("random_forest"), hopeless))}


@pytest.mark.parametrize("role", ["dummy", "default"])
def test_where_only_one_thing_was_fitted_nothing_is_compared(role):
    found = judge(propose(), [run(role, around(0.7))])
    assert found.outcome is Outcome.PASS
    assert ("skipped", "not_checked") in codes(found)


def test_a_prediction_that_covers_what_was_measured_stands():
    proposal = with_predictions({"k": 1, "low": 0.7, "expected": 0.8, "high": 0.9})
    found = judge(proposal, usual())
    assert found.proposal.prediction == proposal.prediction


def test_a_prediction_that_misses_is_widened_and_told():
    claims = (
        {"k": 1, "low": 0.95, "expected": 0.96, "high": 0.97},
        {"k": 10, "low": 0.96, "expected": 0.97, "high": 1},
    )
    found = judge(with_predictions(*claims), usual(start=0.82))
    assert ("repaired", "prediction_missed") in codes(found)
    first, tenth = found.proposal.prediction.value.scores
    assert first.low == pytest.approx(0.82, abs=0.01)
    assert tenth.low == 0.96, "later trials may still get there"


def test_a_first_trial_above_all_that_was_predicted_widens_every_interval():
    claims = (
        {"k": 1, "low": 0.5, "expected": 0.6, "high": 0.7},
        {"k": 10, "low": 0.55, "expected": 0.65, "high": 0.75},
    )
    found = judge(with_predictions(*claims), usual(start=0.82))
    assert all(score.high >= 0.82 for score in found.proposal.prediction.value.scores)


def test_a_sample_that_scores_below_the_prediction_refutes_nothing():
    proposal = with_predictions({"k": 1, "low": 0.95, "expected": 0.96, "high": 0.97})
    runs = [r.replace(rows=60, comparable=False) for r in usual()]
    found = judge(proposal, runs)
    assert ("pass", "prediction_missed") in codes(found)
    assert found.proposal.prediction == proposal.prediction
    without_dummy = [r for r in runs if r.role != "dummy"]
    assert ("pass", "prediction_missed") in codes(judge(proposal, without_dummy))


def test_a_target_that_the_default_reaches_fires_at_once():
    assert ("failed", "fires_at_once") in codes(judge(with_rules(TargetReached(score=0.7)), usual()))
    assert ("failed", "fires_at_once") not in codes(judge(with_rules(TargetReached(score=0.95)), usual()))


@pytest.mark.parametrize(("target", "fires"), [(0.7, True), (0.795, False)])
def test_a_target_that_is_surely_reached_on_a_sample_fires_at_once(target, fires):
    sampled = [r.replace(rows=TABLE.n_rows // 2) for r in usual()]
    assert (("failed", "fires_at_once") in codes(judge(with_rules(TargetReached(score=target)), sampled))) is fires


def test_a_clock_shorter_than_a_trial_fires_at_once():
    runs = [r.replace(seconds=(2.0,) * 3) for r in usual()]
    assert ("failed", "fires_at_once") in codes(judge(with_rules(WallClock(seconds=5.0)), runs))


def test_of_rules_that_must_agree_one_may_fire_at_once():
    proposal = propose()
    both = Termination(rules=(TargetReached(score=0.7), Stagnation(patience=20)), combine="all")
    assert ("failed", "fires_at_once") not in codes(judge(replace_value(proposal, "termination", both), usual()))


def with_budget(**changes):
    fields = {"n_trials": 50, "wall_clock_s": 600.0, "per_trial_s": 60.0, "binding": "n_trials"}
    return replace_value(propose(), "budget", Budget(**{**fields, **changes}))


def test_the_budget_is_corrected_by_the_seconds_measured():
    runs = [r.replace(seconds=(10.0,) * 3) for r in usual()]
    found = judge(with_budget(n_trials=1000), runs)
    assert ("repaired", "over_time") in codes(found)
    budget = found.proposal.budget.value
    cost = found.measurements["trial_s"]
    assert budget.n_trials == ROOM * int(budget.wall_clock_s / cost)
    assert budget.binding == "wall_clock_s"


def test_a_trial_that_would_be_cut_off_is_given_time():
    runs = [r.replace(seconds=(1.0,) * 3) for r in usual()]
    found = judge(with_budget(per_trial_s=1.0), runs)
    assert ("repaired", "per_trial_too_short") in codes(found)
    assert found.proposal.budget.value.per_trial_s > found.measurements["trial_s"]


def test_a_budget_that_cannot_hold_one_trial_is_refused():
    runs = [r.replace(seconds=(100.0,) * 3) for r in usual()]
    assert ("failed", "no_trial_fits") in codes(judge(with_budget(wall_clock_s=60.0, per_trial_s=60.0), runs))


def test_seconds_are_scaled_to_all_rows_and_folds():
    runs = [run("random", around(0.8), seconds=1.0, rows=60), run("dummy", around(0.5), rows=60)]
    evidence = comparable_runs(runs, METRICS["accuracy"], n_rows=600)
    # 60 rows in 3 folds train on 40; 600 rows in 5 folds on 480, five times.
    assert measured_cost(propose(), evidence).seconds == pytest.approx(1.0 * 480 / 40 * 5)


def test_growth_is_read_off_two_sizes():
    runs = [run("default", around(0.8), seconds=0.1, rows=100), run("timing", around(0.8), seconds=0.4, rows=200)]
    assert growth(comparable_runs(runs, METRICS["accuracy"], n_rows=600)) == pytest.approx(2.0)


def test_seconds_scaled_too_far_cut_nothing():
    runs = [r.replace(seconds=(10.0,) * 3, rows=12, comparable=False) for r in usual()]
    found = judge(with_budget(), runs)
    assert ("pass", "cost_uncertain") in codes(found)
    assert found.proposal.budget.value.n_trials == 50


def test_only_runs_of_one_size_are_compared():
    runs = [run("default", around(0.9), rows=60), *usual()]
    assert {r.rows for r in comparable_runs(runs, METRICS["accuracy"], TABLE.n_rows).runs} == {TABLE.n_rows}


def test_unfinished_runs_are_not_compared():
    runs = [*usual(), run("warm_start", (0.99,), "1", status="stopped")]
    assert judge(propose(), runs).measurements["best_warm_start"] < 0.9


@pytest.mark.parametrize(
    ("share", "low", "outcome"), [(0.6, 0.97, "repaired"), (0.6, 0.94, "pass"), (0.1, 0.97, "pass")]
)
def test_a_prediction_that_no_further_rows_can_bear_out_is_widened(share, low, outcome):
    rows = int(share * TABLE.n_rows)
    runs = [
        run("default", around(0.8), rows=rows),
        run("dummy", around(0.5), rows=rows),
        run("warm_start", around(0.8), rows=rows),
    ]
    found = judge(with_predictions({"k": 1, "low": low, "expected": 0.98, "high": 0.99}), runs)
    assert (outcome, "prediction_missed") in codes(found)


@pytest.mark.parametrize(("tolerance", "is_fault"), [(0.0, False), (0.59, False), (0.62, True)])
def test_a_tolerance_beyond_all_that_can_be_gained_is_a_slip(tolerance, is_fault):
    found = judge(with_rules(Stagnation(patience=5, tolerance=tolerance)), usual(default=0.8, dummy=0.5))
    assert (("failed", "unit_slip") in codes(found)) is is_fault


class TestLimits:
    """What lies right at one."""

    def fired(self, *rules, runs=None, combine="any"):
        proposal = replace_value(propose(), "termination", Termination(rules=rules, combine=combine))
        return {code for outcome, code in codes(judge(proposal, runs or usual())) if outcome == "failed"}

    @pytest.mark.parametrize(("rows", "outcome"), [(1_000, "failed"), (999, "pass")])
    def test_a_thousand_rows_are_no_small_sample(self, rows, outcome):
        runs = usual(start=0.49, default=0.48, points=(0.45, 0.5, 0.4))
        evidence = comparable_runs([r.replace(rows=rows) for r in runs], METRICS["accuracy"], n_rows=5_000)
        assert [str(f.outcome) for f in beats_dummy(propose(), evidence)[1]] == [outcome]

    def test_a_start_that_is_as_good_as_the_default_is_no_worse(self):
        constant = (0.5, 0.6, 0.55)
        found = judge(propose(), [run(role, constant) for role in ("default", "dummy", "warm_start")])
        assert "worse_than_default" not in {code for _, code in codes(found)}

    @pytest.mark.parametrize("interval", [(0.8, 0.9), (0.7, 0.8)])
    def test_a_prediction_that_just_touches_what_was_measured_covers_it(self, interval):
        low, high = interval
        claimed = with_predictions({"k": 1, "low": low, "expected": low, "high": high})
        found = judge(claimed, [run("default", around(0.8)), run("dummy", around(0.5)), run("warm_start", (0.8,) * 3)])
        assert not any(code == "prediction_missed" for _, code in codes(found))

    def test_half_of_the_rows_are_no_small_share(self):
        runs = [run(role, around(0.8), rows=TABLE.n_rows // 2) for role in ("default", "warm_start")]
        runs.append(run("dummy", around(0.5), rows=TABLE.n_rows // 2))
        found = judge(with_predictions({"k": 1, "low": 0.97, "expected": 0.98, "high": 0.99}), runs)
        assert ("repaired", "prediction_missed") in codes(found)

    def test_a_target_that_the_default_just_reaches_fires_at_once(self):
        runs = [run("default", (0.8,) * 3), run("dummy", around(0.5))]
        assert self.fired(TargetReached(score=0.8), runs=runs) == {"fires_at_once"}

    def test_a_clock_of_one_trial_lets_it_end(self):
        runs = [r.replace(seconds=(1.0,) * 3) for r in usual()]
        trial = measured_cost(propose(), comparable_runs(runs, METRICS["accuracy"], TABLE.n_rows)).seconds
        assert self.fired(WallClock(seconds=trial), runs=runs) == set()
        assert self.fired(WallClock(seconds=0.99 * trial), runs=runs) == {"fires_at_once"}

    def test_where_the_default_has_no_lead_no_tolerance_is_too_much_of_it(self):
        runs = [run("default", around(0.5)), run("dummy", around(0.5)), run("warm_start", around(0.9))]
        assert self.fired(Stagnation(patience=20, tolerance=0.1), runs=runs) == set()

    def test_rules_that_must_agree_stop_at_once_where_all_of_them_do(self):
        assert self.fired(TargetReached(score=0.7), TargetReached(score=0.6), combine="all") == {"fires_at_once"}

    @pytest.mark.parametrize(
        ("n_rows", "slack"), [(79, SLACK), (80, EXTRAPOLATED_SLACK), (200, EXTRAPOLATED_SLACK), (201, math.inf)]
    )
    def test_seconds_scaled_to_twice_and_to_five_times_the_rows(self, n_rows, slack):
        # 48 rows in 3 folds train on 32; 80 rows in 5 folds on 64, 200 on 160.
        runs = [run("default", around(0.8), seconds=1.0, rows=48)]
        assert measured_cost(propose(), comparable_runs(runs, METRICS["accuracy"], n_rows)).slack == slack

    @pytest.mark.parametrize(("seconds", "is_seen"), [(0.02, True), (0.019, False)])
    def test_growth_shows_where_a_fit_takes_long_enough(self, seconds, is_seen):
        sizes = (("default", seconds, 100), ("timing", 0.1, 200))
        runs = [run(role, around(0.8), seconds=s, rows=rows) for role, s, rows in sizes]
        assert (growth(comparable_runs(runs, METRICS["accuracy"], n_rows=600)) is not None) is is_seen
