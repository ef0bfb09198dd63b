"""A fit can do whatever it likes: it ends in time, leaves nothing behind, and becomes a result."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from recommender.validation import isolation
from recommender.validation.jobs import DUMMY, Ending, FitJob, Sample
from recommender.validation.sandbox import Limits, Sandbox, SandboxError

HOSTILE = "tests.recommender.validation.hostile"
#: Seconds after its limit in which a job must be over; the rest of the tests' machine is busy, too.
GRACE = 2.0
NAMES = ("endless", "deaf", "greedy", "huge", "bomb", "daemon", "quitter", "segfault", "chatty", "liar")
HOARDERS = ("hoarder", "shredder")
OTHERS = ("starved", "caller", "native_caller", "snoop", "descriptors")
ALLOWED = tuple(f"{HOSTILE}:{name}" for name in (*NAMES, *HOARDERS, *OTHERS))


def sample(rows=60):
    rng = np.random.default_rng(0)
    return Sample(
        features=pd.DataFrame(rng.normal(size=(rows, 3)), columns=list("abc")),
        target=np.arange(rows) % 2,
        order=np.arange(rows),
        column_kinds=dict.fromkeys("abc", "numeric"),
        task_type="classification",
        metric="accuracy",
        n_classes=2,
    )


def job(name, limit_s=1.0, **changes):
    learner = name if name in (DUMMY, "decision_tree") else f"{HOSTILE}:{name}"
    return FitJob(**{"learner": learner, "configuration": {}, "rows": 60, "folds": 3, "limit_s": limit_s, **changes})


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(sample(), Limits(memory_mb=1000, max_processes=8), allowed=ALLOWED) as sandbox:
        yield sandbox


def run(sandbox, name, limit_s=1.0):
    """Run a job in a process that is up; return its result, and check that it was over in time and left nothing."""
    sandbox.start()
    token = sandbox._child.token
    assert isolation.marked_processes(token), "the mark can be seen while the process lives"
    started = time.monotonic()
    result = sandbox.run(job(name, limit_s))
    assert time.monotonic() - started < limit_s + GRACE
    assert sandbox.is_running or isolation.marked_processes(token) == []
    return result


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("endless", Ending.TIMEOUT),
        ("deaf", Ending.TIMEOUT),
        ("bomb", Ending.PROCESSES),
        ("quitter", Ending.CRASH),
        ("segfault", Ending.CRASH),
        ("huge", Ending.MEMORY),
        ("starved", Ending.MEMORY),
    ],
)
def test_a_runaway_fit_ends_within_its_limit_and_is_named(sandbox, name, ending):
    assert run(sandbox, name).ending is ending


def test_a_fit_that_takes_memory_without_end_is_stopped(sandbox):
    assert run(sandbox, "greedy", limit_s=15).ending is Ending.MEMORY


@pytest.mark.parametrize("name", HOARDERS)
def test_a_fit_that_fills_the_disk_is_stopped(name):
    with Sandbox(sample(), Limits(disk_mb=120), allowed=ALLOWED) as box:
        result = run(box, name, limit_s=20)
        assert result.ending is Ending.DISK
        assert "MB written, 120 MB allowed" in result.detail
        assert box.run(job(DUMMY, 10.0)).ending is Ending.DONE, "the next process starts with an empty folder"


def test_a_daemon_does_not_outlive_its_sandbox():
    before = {process.pid for process in psutil.process_iter()}
    with Sandbox(sample(), Limits(memory_mb=1000), allowed=ALLOWED) as sandbox:
        sandbox.start()
        token = sandbox._child.token
        sandbox.run(job("daemon", 5.0))
    assert isolation.marked_processes(token) == []
    assert [p for p in psutil.process_iter() if p.pid not in before and p.ppid() == os.getpid()] == []


def test_without_name_spaces_the_other_nets_hold(monkeypatch):
    monkeypatch.setattr(isolation, "name_space_prefix", lambda: ())
    with Sandbox(sample(), Limits(memory_mb=1000), allowed=ALLOWED) as sandbox:
        sandbox.start()
        token = sandbox._child.token
        assert sandbox.run(job("bomb", 1.0)).ending is Ending.PROCESSES
    assert isolation.marked_processes(token) == []


@pytest.fixture(scope="module")
def bare():
    """A sandbox without name spaces: what is to be had in most containers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "name_space_prefix", lambda: ())
        with Sandbox(sample(), Limits(memory_mb=1000, max_processes=8), allowed=ALLOWED) as sandbox:
            yield sandbox


@pytest.mark.parametrize(
    ("name", "ending"),
    [("deaf", Ending.TIMEOUT), ("quitter", Ending.CRASH), ("segfault", Ending.CRASH), ("huge", Ending.MEMORY)],
)
def test_without_name_spaces_a_runaway_ends_all_the_same(bare, name, ending):
    assert run(bare, name).ending is ending


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel filter is Linux's")
@pytest.mark.parametrize("which", ["sandbox", "bare"])
def test_native_code_opens_no_socket(request, which):
    box = request.getfixturevalue(which)
    assert box.run(job("native_caller", 10.0)).detail == "ValueError: no socket"
    assert box.is_offline


def test_without_name_spaces_a_daemon_is_found_by_its_mark(monkeypatch):
    monkeypatch.setattr(isolation, "name_space_prefix", lambda: ())
    with Sandbox(sample(), Limits(memory_mb=1000), allowed=ALLOWED) as sandbox:
        sandbox.start()
        token = sandbox._child.token
        sandbox.run(job("daemon", 5.0))
        assert len(isolation.marked_processes(token)) >= 2, "the daemon has left its parent"
    assert isolation.marked_processes(token) == []


def test_after_a_runaway_the_next_job_runs(sandbox):
    run(sandbox, "quitter")
    result = sandbox.run(job(DUMMY, 5.0))
    assert result.ending is Ending.DONE
    assert len(result.scores) == len(result.seconds) == 3


def test_the_folds_before_the_end_are_kept(sandbox):
    result = sandbox.run(job("decision_tree", 5.0))
    assert result.ending is Ending.DONE
    assert all(0 <= score <= 1 for score in result.scores)


def test_a_fit_may_write_though_the_one_before_it_in_the_same_process_filled_the_log(sandbox):
    assert run(sandbox, "chatty", limit_s=10).ending is Ending.ERROR
    assert sandbox.is_running
    assert run(sandbox, "starved").ending is Ending.MEMORY


@pytest.mark.parametrize(("name", "words"), [("caller", "no network"), ("chatty", "File too large")])
def test_what_is_not_allowed_fails_the_fit(sandbox, name, words):
    result = sandbox.run(job(name, 10.0))
    assert result.ending is Ending.ERROR
    assert words in result.detail


def test_the_child_inherits_no_secret_and_no_descriptor(monkeypatch):
    monkeypatch.setenv("MY_API_KEY", "secret")
    secret = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        with Sandbox(sample(), allowed=ALLOWED) as fresh:
            variables, descriptors = (fresh.run(job(name, 5.0)).detail for name in ("snoop", "descriptors"))
    finally:
        os.close(secret)
    assert "OMP_NUM_THREADS" in variables
    assert "MY_API_KEY" not in variables
    assert "HOME" in variables
    # stdin, stdout, stderr, the messages, the lifeline, and the folder that is being listed
    assert len(descriptors.removeprefix("ValueError: ").split()) == 6


def test_forged_messages_are_not_believed(sandbox):
    result = sandbox.run(job("liar", 5.0))
    assert result.ending in (Ending.DONE, Ending.ERROR)
    assert all(0 <= score <= 1 for score in result.scores)


def test_estimators_come_from_the_registry_and_what_is_allowed_only(sandbox):
    result = sandbox.run(job("harmless", 5.0))
    assert result.ending is Ending.ERROR
    assert "no learner of the registry" in result.detail


def test_what_the_learner_refuses_is_an_error_in_words(sandbox):
    result = sandbox.run(job("decision_tree", 5.0, configuration={"max_depth": -1}))
    assert result.ending is Ending.ERROR
    assert "max_depth" in result.detail


def test_a_process_that_cannot_start_in_time_is_said_so():
    with Sandbox(sample()) as sandbox, pytest.raises(SandboxError, match="did not start"):
        sandbox.start(0.01)


def test_nothing_is_left_on_disk():
    with Sandbox(sample()) as sandbox:
        sandbox.start()
        folder = sandbox._path.parent
        assert folder.is_dir()
    assert not folder.exists()


def test_a_child_without_its_parent_ends():
    with Sandbox(sample(), allowed=ALLOWED) as sandbox:
        sandbox.start()
        child, token = sandbox._child, sandbox._child.token
        os.close(child.lifeline)
        child.process.wait(timeout=10)
        assert isolation.marked_processes(token) == []
        child.lifeline = os.open("/dev/null", os.O_RDONLY)


def test_the_same_job_has_the_same_scores(sandbox):
    first, second = (sandbox.run(job("decision_tree", 5.0, seed=3)) for _ in range(2))
    assert first.scores == second.scores


def test_the_process_starts_wherever_the_user_is(tmp_path, monkeypatch):
    root = Path(isolation.__file__).resolve().parents[2]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["", *(entry for entry in sys.path if entry and Path(entry).resolve() != root)])
    with Sandbox(sample()) as sandbox:
        assert sandbox.run(job(DUMMY, 5.0)).ending is Ending.DONE
