"""What stage 6 fits and what it says, with a sandbox that answers at once as it is told."""

import time

import pytest

from kg.model import METRICS, Configuration
from recommender.validation.jobs import DUMMY, Ending, JobResult
from recommender.validation.repairs import replace_value
from recommender.validation.stage import GateContext
from recommender.validation.stages import test_run as stage
from recommender.validation.stages.worth import WorthStage
from recommender.validation.verdict import Outcome
from tests.recommender.validation.gate_cases import propose, small_table

DONE = JobResult(Ending.DONE, (0.8,) * 5, (0.01,) * 5)


@pytest.fixture
def judged(monkeypatch):
    """Return a function that judges with `answer(job)` in the place of fits, and the jobs that were asked."""

    def judge(answer, proposal=None, rows=120, seconds=20.0, context_seconds=30.0):
        jobs = []

        class Answers:
            is_running, startup_seconds, is_offline = True, 0.0, False

            def __init__(self, *_):
                pass

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def start(self, limit_s=None):
                pass

            def run(self, job):
                jobs.append(job)
                result = answer(job)
                folds = job.folds
                done = result.ending is Ending.DONE
                scores = (result.scores * folds)[:folds] if done else ()
                return JobResult(result.ending, scores, (result.seconds[:1] or (0.01,)) * len(scores), result.detail)

        monkeypatch.setattr(stage, "Sandbox", Answers)
        table = small_table(rows=rows)
        context = GateContext(table=table, deadline=time.monotonic() + seconds, test_run_seconds=context_seconds)
        return stage.TestRunStage().judge(proposal or propose("random_forest", n_rows=rows), context), jobs

    return judge


def codes(found):
    return {(str(f.outcome), f.code) for f in found.findings}


def failing(ending, *, only):
    return lambda job: JobResult(ending, detail="it died") if only(job) else DONE


def is_point(job):
    return job.learner != DUMMY and "max_features" in job.configuration


def test_a_sound_proposal_is_fitted_as_planned(judged):
    found, jobs = judged(lambda _: DONE)
    assert found.outcome is Outcome.PASS
    assert found.findings == ()
    assert jobs[0].configuration == {}
    assert jobs[1].learner == DUMMY
    assert found.measurements["configurations"] == len(jobs)
    assert found.measurements["network"] == "refused to Python, not to native code"


def test_a_default_that_fails_ends_it(judged):
    found, jobs = judged(lambda _: JobResult(Ending.ERROR, detail="no"))
    assert ("failed", "fit_fails") in codes(found)
    assert len(jobs) == 1


def test_a_default_that_comes_to_no_end_is_said_so(judged):
    found, jobs = judged(failing(Ending.TIMEOUT, only=lambda job: not job.configuration and job.learner != DUMMY))
    messages = [f.message for f in found.findings if f.code == "not_checked"]
    assert any("default was not fitted to the end" in message for message in messages)
    assert len(jobs) > 2


def test_a_quick_default_is_fitted_again_on_all_rows(judged):
    found, jobs = judged(lambda _: JobResult(Ending.DONE, (0.8,), (0.0001,)), rows=900)
    assert [(job.rows, job.folds) for job in jobs[:3]] == [(500, 3), (900, 5), (900, 5)]
    assert found.test_runs[-1].comparable


def test_a_slow_one_shows_how_seconds_grow(judged):
    found, jobs = judged(lambda _: JobResult(Ending.DONE, (0.8,), (0.3,)), rows=3000, seconds=40.0)
    assert [run.role for run in found.test_runs[:2]] == ["default", "timing"]
    assert jobs[1].rows == 2000
    assert {job.rows for job in jobs[2:]} == {500}


def starts(n):
    return tuple(
        Configuration({**propose("random_forest").warm_starts.value[0], "min_samples_leaf": 1 + i}) for i in range(n)
    )


def with_starts(n):
    return replace_value(propose("random_forest", n_rows=120), "warm_starts", starts(n))


def test_further_starts_are_fitted_where_the_first_lag(judged):
    lag = lambda job: JobResult(Ending.DONE, (0.7 if is_point(job) else 0.8,), (0.01,))  # noqa: E731
    found, _ = judged(lag, with_starts(8))
    assert sum(run.role == "warm_start" for run in found.test_runs) == 6
    found, _ = judged(lambda _: DONE, with_starts(8))
    assert sum(run.role == "warm_start" for run in found.test_runs) == 3


def test_two_points_that_end_the_process_are_certainty(judged):
    found, jobs = judged(
        failing(Ending.CRASH, only=lambda job: is_point(job) and job.configuration["min_samples_leaf"] != 1)
    )
    fatal = [run for run in found.test_runs if run.status == "crash"]
    assert len(fatal) == 2
    assert jobs[-1].configuration == fatal[-1].configuration.root
    assert [f.code for f in found.findings if f.outcome is Outcome.FAILED] == ["crash", "crash"]


def test_a_few_points_that_fail_are_told_and_most_are_a_fault(judged):
    found, _ = judged(failing(Ending.ERROR, only=lambda job: job.configuration.get("criterion") == "entropy"))
    share = [f for f in found.findings if f.code == "fit_fails"]
    assert share
    found, _ = judged(failing(Ending.ERROR, only=is_point))
    assert ("failed", "fit_fails") in codes(found)
    assert ("failed", "no_warm_start_left") in codes(found)


def test_what_was_not_fitted_for_lack_of_time_is_said(judged):
    def slow(job):
        time.sleep(0.12)
        return DONE

    found, jobs = judged(slow, seconds=0.8)
    assert any("for lack of time or rows" in f.message for f in found.findings)
    assert len(jobs) < 8


def test_a_stage_in_which_nothing_came_to_its_end_was_not_held(judged):
    found, jobs = judged(failing(Ending.TIMEOUT, only=lambda job: True))
    assert jobs
    assert found.outcome is Outcome.SKIPPED
    assert any("default was not fitted to the end" in f.message for f in found.findings)


@pytest.mark.parametrize(("seconds", "wanted"), [(20.0, 0.0), (0.0, 30.0)])
def test_without_time_nothing_is_fitted(judged, seconds, wanted):
    found, jobs = judged(lambda _: DONE, seconds=seconds, context_seconds=wanted)
    assert found.skipped
    assert jobs == []


def test_the_measurements_of_worth_are_those_of_the_runs(judged):
    found, _ = judged(lambda _: DONE)
    worth = WorthStage().judge(propose("random_forest"), GateContext(table=small_table(), test_runs=found.test_runs))
    assert worth.measurements["best_default"] == pytest.approx(0.8)
    assert "fidelity_rank" not in worth.measurements
    assert METRICS["accuracy"].greater_is_better
