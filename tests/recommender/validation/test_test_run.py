"""Stage 6 on real fits of small tables."""

import time

import pytest

from kg.model import Configuration, FloatParameter, IntParameter, SearchSpace, TaskType
from kg.tables import prepare_table, read_table
from recommender.proposal import Fidelity
from recommender.validation.gate import Gate
from recommender.validation.probes import probes
from recommender.validation.repairs import replace_value
from recommender.validation.sandbox import Limits
from recommender.validation.stage import GateContext
from recommender.validation.stages.test_run import TestRunStage
from recommender.validation.verdict import Outcome
from tests.recommender.validation.gate_cases import propose, small_table


def judge(proposal, table, seconds=30.0, **context):
    """Run stage 6 alone."""
    deadline = time.monotonic() + seconds
    return TestRunStage().judge(proposal, GateContext(table=table, deadline=deadline, **context))


def codes(found):
    return {(str(f.outcome), f.code) for f in found.findings}


@pytest.fixture(scope="module")
def found(request):
    return judge(propose(), small_table())


def test_default_warm_starts_corners_and_random_points_are_fitted(found):
    assert found.outcome is Outcome.PASS, found.findings
    roles = {run.role for run in found.test_runs if run.is_complete}
    assert roles == {"dummy", "default", "warm_start", "corner", "random"}
    assert found.measurements["failed"] == 0


def test_every_fit_keeps_its_folds_and_seconds(found):
    for run in found.test_runs:
        assert len(run.scores) == len(run.seconds) == run.folds
        assert all(0 <= score <= 1 for score in run.scores)
        assert all(seconds > 0 for seconds in run.seconds)


def test_on_a_small_table_the_runs_are_those_of_the_study(found):
    assert all(run.comparable for run in found.test_runs)
    assert {(run.rows, run.folds) for run in found.test_runs} == {(120, propose().protocol.value.folds)}


def test_a_table_sorted_by_class_is_fitted_all_the_same():
    table = small_table(rows=1500)
    table = prepare_table(table.features.assign(goal=table.target).sort_values("goal"), "goal")
    verdict = judge(propose("sgd"), table, seconds=8)
    assert verdict.outcome is Outcome.PASS, verdict.findings
    assert verdict.test_runs[0].is_complete


def test_what_is_fitted_lies_in_the_space():
    proposal = propose("svm")
    space = proposal.search_space.value
    for probe in probes(proposal, seed=1):
        assert space.contains(probe.configuration.root), probe


def test_the_same_seed_probes_the_same_points():
    assert list(probes(propose(), 3)) == list(probes(propose(), 3))
    assert list(probes(propose(), 3)) != list(probes(propose(), 4))


def test_without_a_table_nothing_is_fitted_and_it_says_so():
    assert judge(propose(), None).outcome is Outcome.SKIPPED


def test_without_time_nothing_is_fitted_and_it_says_so(table):
    verdict = judge(propose(), table, seconds=-1)
    assert verdict.outcome is Outcome.SKIPPED
    assert "time" in verdict.findings[0].message


def test_a_little_time_is_kept_to_and_what_was_not_checked_is_said(table):
    started = time.monotonic()
    verdict = judge(propose("random_forest"), table, seconds=3)
    assert time.monotonic() - started < 5
    assert ("skipped", "not_checked") in codes(verdict)


def spoilt_space(**ranges):
    """Return a sound proposal whose space has been replaced past the stages that would refuse it."""
    parameters = tuple(
        IntParameter(name=name, low=low, high=high)
        if isinstance(low, int)
        else FloatParameter(name=name, low=low, high=high)
        for name, (low, high) in ranges.items()
    )
    proposal = replace_value(propose(), "search_space", SearchSpace(parameters=parameters))
    return replace_value(proposal, "warm_starts", ())


def test_a_space_most_of_whose_points_fail_is_refused(table):
    verdict = judge(spoilt_space(max_depth=(-50, 1)), table)
    assert ("failed", "fit_fails") in codes(verdict)


def test_a_space_with_a_bad_corner_is_told_of(table):
    verdict = judge(spoilt_space(ccp_alpha=(-0.0001, 1.0)), table)
    assert ("pass", "fit_fails") in codes(verdict)
    assert verdict.outcome is Outcome.PASS


def test_a_warm_start_that_fails_is_left_out(table):
    good, bad = propose().warm_starts.value[0], Configuration({"max_depth": -3})
    verdict = judge(replace_value(propose(), "warm_starts", (bad, good)), table)
    assert ("repaired", "fit_fails") in codes(verdict)
    assert verdict.proposal.warm_starts.value == (good,)


def test_warm_starts_that_all_fail_refuse_the_proposal(table):
    bad = (Configuration({"max_depth": -3}), Configuration({"max_depth": -4}))
    assert ("failed", "no_warm_start_left") in codes(judge(replace_value(propose(), "warm_starts", bad), table))


def test_a_learner_that_needs_more_memory_than_there_is_is_refused():
    verdict = judge(propose("random_forest"), small_table(rows=2000), limits=Limits(memory_mb=1))
    assert verdict.outcome is Outcome.FAILED
    assert ("failed", "out_of_memory") in codes(verdict)


def test_a_trial_slower_than_its_own_limit_is_a_fault(table):
    proposal = propose("random_forest")
    proposal = replace_value(proposal, "budget", proposal.budget.value.replace(per_trial_s=0.05))
    assert ("failed", "trial_too_slow") in codes(judge(proposal, table))


def test_a_fidelity_is_measured_on_both_ends(table):
    fidelity = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.2, max=1.0)
    verdict = judge(replace_value(propose(), "fidelity", fidelity), table)
    low = [run for run in verdict.test_runs if run.role == "low_fidelity"]
    assert len(low) >= 5
    full = [verdict.test_runs[int(run.label)] for run in low]
    assert [run.configuration for run in low] == [run.configuration for run in full]
    assert any(run.scores != other.scores for run, other in zip(low, full, strict=True))


@pytest.mark.parametrize("name", ["labor.arff", "soybean.arff", "elusage.tsv.gz"])
def test_real_tables_with_missing_and_nominal_values_go_through_the_whole_gate(shared_data, name):
    file = next((shared_data / "raw-datasets").glob(f"*{name}"))
    table = read_table(file)
    metric = "roc_auc" if table.task_type is TaskType.CLASSIFICATION else "rmse"
    changes = {"n_rows": table.n_rows, "n_columns": len(table.usable), "n_classes": len(table.classes) or None}
    proposal = propose(task_type=table.task_type, metric=metric, meta_features={}, **changes)
    _, verdict = Gate().judge(proposal, GateContext(table=table, test_run_seconds=15))
    assert {stage.name: stage.outcome for stage in verdict.stages}["test_run"] is Outcome.PASS, verdict.findings
    assert any(run.is_complete for run in verdict.test_runs if run.role == "random")
