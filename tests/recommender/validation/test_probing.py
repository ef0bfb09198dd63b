"""What is fitted, how large and for how long: decided here with a sandbox that only pretends to fit."""

import time
from dataclasses import replace

import pytest

from kg.model import Configuration
from recommender.validation.jobs import DUMMY, Ending, JobResult
from recommender.validation.probes import Probe, baselines
from recommender.validation.probing import STOPPED, Session
from recommender.validation.repairs import replace_value
from recommender.validation.sample import take_sample
from recommender.validation.stage import GateContext
from tests.recommender.validation.gate_cases import propose, small_table

DEFAULT = baselines()[1]


class Pretender:
    """Takes the seconds of a fold that it is told, without taking them, and keeps its jobs."""

    def __init__(self, seconds=0.01, per_member=0.0):
        self.seconds, self.per_member, self.jobs = seconds, per_member, []
        self.is_running, self.startup_seconds = True, 1.0

    def start(self, limit_s=None):
        self.is_running = True

    def run(self, job):
        self.jobs.append(job)
        fold = self.seconds * job.rows / 100 + self.per_member * job.configuration.get("n_estimators", 100)
        if fold * job.folds > job.limit_s:
            return JobResult(Ending.TIMEOUT, detail="the wall clock ran out")
        return JobResult(Ending.DONE, (0.8,) * job.folds, (fold,) * job.folds)


def session(proposal=None, *, rows=120, sandbox=None, seconds=10.0, table=None):
    proposal = proposal or propose("random_forest")
    table = table or small_table(rows=rows)
    context = GateContext(table=table, test_run_seconds=seconds, deadline=time.monotonic() + seconds)
    sample = take_sample(table, proposal.metric.value, proposal.protocol.value, seed=0)
    return Session(sandbox or Pretender(), sample, proposal, context)


def point(n_estimators):
    return Probe("random", "0", Configuration({"n_estimators": n_estimators}))


def with_limit(seconds, learner="random_forest"):
    proposal = propose(learner)
    return replace_value(proposal, "budget", proposal.budget.value.replace(per_trial_s=seconds))


class TestSize:
    def test_a_small_table_is_fitted_as_the_study_will(self):
        run = session().measure(DEFAULT)
        assert (run.rows, run.folds, run.comparable) == (120, 5, True)

    def test_repeats_are_not_the_studys_folds(self):
        proposal = propose("random_forest")
        repeated = replace_value(proposal, "protocol", proposal.protocol.value.replace(repeats=3))
        assert not session(repeated).measure(DEFAULT).comparable

    def test_a_large_one_begins_with_a_pilot(self):
        run = session(rows=3000).measure(DEFAULT)
        assert (run.rows, run.folds, run.comparable) == (500, 3, False)

    @pytest.mark.parametrize(
        ("seconds", "rows", "folds"), [(0.0001, 3000, 5), (0.005, 1000, 3), (0.003, 2000, 3), (0.3, 500, 3)]
    )
    def test_what_the_default_takes_decides(self, seconds, rows, folds):
        held = session(rows=3000, sandbox=Pretender(seconds))
        changed = held.settle_size(held.measure(DEFAULT))
        assert (held.size.rows, held.size.folds) == (rows, folds)
        assert changed == (rows != 500)

    def test_a_default_that_came_to_no_end_decides_nothing(self):
        held = session(rows=3000, sandbox=Pretender(100.0))
        assert held.settle_size(held.measure(DEFAULT)) is False

    def test_what_must_be_compared_keeps_to_the_size(self):
        table = small_table(rows=3000)
        proposal = propose("random_forest")
        sample = take_sample(table, "accuracy", proposal.protocol.value, seed=0)
        for size, comparable in (((2000, 3), False), ((3000, 5), True)):
            context = GateContext(table=table, deadline=time.monotonic() + 10, fit_size=size)
            held = Session(Pretender(0.0001), sample, proposal, context)
            run = held.measure(DEFAULT)
            assert (run.rows, run.folds) == size
            assert run.comparable is comparable
            assert held.settle_size(run) is False

    def test_fewer_columns_are_another_table(self, monkeypatch):
        monkeypatch.setattr("recommender.validation.sample.MOST_COLUMNS", 2)
        assert not session().measure(DEFAULT).comparable


class TestTiming:
    def test_seconds_are_seen_to_grow(self):
        held = session(rows=3000, sandbox=Pretender(0.01))
        held.time_on_more_rows(held.measure(DEFAULT))
        assert [(run.role, run.rows) for run in held.runs] == [("default", 500), ("timing", 2000)]
        assert held.size.rows == 500

    @pytest.mark.parametrize(("rows", "seconds"), [(600, 0.01), (3000, 0.2)])
    def test_but_not_where_there_are_few_more_or_it_takes_too_long(self, rows, seconds):
        held = session(rows=rows, sandbox=Pretender(seconds))
        held.time_on_more_rows(held.measure(DEFAULT))
        assert [run.role for run in held.runs] == ["default"]


class TestLimits:
    def test_the_trials_own_limit_is_its_fault(self):
        held = session(with_limit(0.5), sandbox=Pretender(per_member=0.01))
        assert held.measure(DEFAULT).status == str(Ending.TIMEOUT)

    def test_the_test_runs_limit_is_not(self):
        held = session(with_limit(500.0), sandbox=Pretender(per_member=0.1))
        assert held.measure(DEFAULT).status == STOPPED

    def test_what_is_left_is_the_limit_of_all(self):
        held = session(with_limit(500.0), seconds=2.0)
        held.measure(DEFAULT)
        assert held._sandbox.jobs[0].limit_s <= 1.0
        held.measure(point(100))
        assert held._sandbox.jobs[1].limit_s <= 0.4

    def test_several_times_the_default_may_be_taken_in_any_case(self):
        held = session(with_limit(500.0), sandbox=Pretender(per_member=0.001), seconds=2.0)
        held.measure(DEFAULT)
        held.measure(point(100))
        assert held._sandbox.jobs[1].limit_s > 1.0

    def test_a_new_process_takes_time_too(self):
        held = session(seconds=1.1)
        assert held.has_time
        held._sandbox.is_running = False
        assert not held.has_time

    def test_a_constant_prediction_needs_no_learner(self):
        held = session()
        held.measure(baselines()[0])
        assert held._sandbox.jobs[0].learner == DUMMY


class TestForesight:
    def test_after_one_has_failed_to_end_its_like_are_not_begun(self):
        held = session(with_limit(0.9), sandbox=Pretender(per_member=0.0001))
        held.measure(DEFAULT)
        assert held.measure(point(100_000)).detail == "the wall clock ran out"
        later = held.measure(point(50_000))
        assert later.status == str(Ending.TIMEOUT)
        assert "foreseen" in later.detail
        assert len(held._sandbox.jobs) == 2

    def test_what_should_end_is_fitted_all_the_same(self):
        held = session(with_limit(0.9), sandbox=Pretender(per_member=0.0001))
        held.measure(DEFAULT)
        held.measure(point(100_000))
        assert held.measure(point(500)).is_complete

    def test_one_that_ended_in_spite_of_it_is_no_warning(self):
        held = session(with_limit(0.9), sandbox=Pretender(per_member=0.0))
        held.measure(DEFAULT)
        for members in (100_000, 50_000):
            assert held.measure(point(members)).is_complete

    @pytest.mark.parametrize("learner", ["svm", "mlp"])
    def test_nothing_is_foreseen_of_learners_without_members(self, learner):
        held = session(with_limit(0.9, learner))
        held.measure(DEFAULT)
        assert held._foreseen(Probe("random", "0", Configuration({"max_iter": 10**6}))) is None

    def test_nor_without_a_default_to_go_by_nor_of_a_constant_prediction(self):
        held = session(with_limit(0.01))
        assert held._foreseen(point(10**6)) is None
        held.measure(DEFAULT)
        assert held._foreseen(replace(point(10**6), role=DUMMY)) is None
        assert held._foreseen(Probe("random", "0", Configuration({"max_depth": 3}))) is None


def test_what_counts_more_rows_than_the_sample_has_is_not_held_against_it():
    held = session(propose("knn", n_rows=3000), rows=3000)
    held.measure(DEFAULT)
    many = Probe("random", "0", Configuration({"n_neighbors": 334}))
    assert held.measure(many).status == STOPPED
    assert "333" in held.runs[-1].detail
    few = replace(many, configuration=Configuration({"n_neighbors": 333}))
    assert held.measure(few).is_complete
