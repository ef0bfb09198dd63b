"""What the parent makes of a test process: its messages, its silence, its end, and what it uses."""

import errno
import io
import json
import os
from pathlib import Path

import pytest

from recommender.validation import isolation, messages
from recommender.validation.jobs import DUMMY, Ending, FitJob, Sample
from recommender.validation.messages import Child
from recommender.validation.sandbox import Limits, Sandbox, SandboxError

READY = {"ready": True}
DONE = {"id": 1, "end": "done"}
FIGURE = b'{"id": 1, "fold": 0, "seconds": 1, "score": 1%s}\n'


class Process:
    """Says what it is told to: at its start, when it is given a job, and when it is looked at for the last time."""

    pid = 2**22 + 5

    def __init__(self, pipe, at_start=(), at_job=(), at_end=None):
        self.pipe, self.at_job, self.at_end = pipe, at_job, at_end
        self.stdin = self
        self.asked, self.returncode = io.BytesIO(), None
        self.say(*at_start)

    def say(self, *messages):
        for message in messages:
            os.write(self.pipe, message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n")

    def write(self, job):
        self.asked.write(job)
        self.say(*self.at_job)

    def flush(self):
        """Take what was written."""

    def close(self):
        """Take no more jobs."""

    def poll(self):
        is_over = self.at_end is not None and (self.asked.getvalue() or not self.at_job)
        if is_over and self.returncode is None:
            self.returncode = 7
            self.say(*self.at_end)
        return self.returncode

    def wait(self, timeout=None):
        return self.returncode


@pytest.fixture
def box(monkeypatch):
    """Return a function that makes a sandbox around a scripted process, which uses so much memory."""
    pipes = []
    use = {"processes": 0, "memory": [10.0], "own": 0.0, "written": 0.0}

    def footprint(_):
        return use["processes"], use["memory"].pop(0) if len(use["memory"]) > 1 else use["memory"][0]

    monkeypatch.setattr(isolation, "footprint", footprint)
    monkeypatch.setattr(isolation, "own_memory", lambda _: use["own"])
    monkeypatch.setattr(isolation, "written", lambda *_: use["written"])
    monkeypatch.setattr(isolation, "name_space_prefix", lambda: ())
    monkeypatch.setattr(isolation, "end_group", lambda *_: ())

    def make(at_start=(READY,), at_job=(), at_end=None, **used):
        use.update(used)

        class Scripted(Sandbox):
            def _launch(self):
                read, write = os.pipe()
                pipes.append(write)
                os.set_blocking(read, False)
                process = Process(write, at_start, at_job, at_end)
                return Child(process, read, os.open("/dev/null", os.O_RDONLY), "token")

        sample = Sample(None, [0], None, {}, "classification", "accuracy")
        return Scripted(sample, Limits(memory_mb=100, max_processes=3, disk_mb=50, startup_s=0.3))

    yield make
    for pipe in pipes:
        os.close(pipe)


def run(box, limit_s=0.3):
    with box:
        return box.run(FitJob(DUMMY, {}, rows=1, folds=1, limit_s=limit_s))


def descriptors():
    """Return the descriptors that this process has open."""
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def fold(score, job=1):
    return {"id": job, "fold": 0, "score": score, "seconds": 0.1}


class TestMessages:
    def test_of_the_job_count(self, box):
        found = run(box(at_job=[fold(0.5), fold(0.7), DONE]))
        assert (found.ending, found.scores) == (Ending.DONE, (0.5, 0.7))

    def test_of_another_job_do_not(self, box):
        found = run(box(at_job=[fold(0.9, job=0), {"id": 0, "end": "error"}, fold(0.5), DONE]))
        assert (found.ending, found.scores) == (Ending.DONE, (0.5,))

    @pytest.mark.parametrize("figures", [{"score": "high"}, {"score": None}, {"score": float("nan")}, {"seconds": "x"}])
    def test_without_figures_are_no_folds(self, box, figures):
        assert run(box(at_job=[{**fold(0.5), **figures}, DONE])).scores == ()

    def test_that_do_not_speak_of_a_fold_are_none(self, box):
        assert run(box(at_job=[{"id": 1, "score": 0.5, "seconds": 0.1}, DONE])).scores == ()

    def test_of_an_end_that_the_process_cannot_know_are_passed_over(self, box):
        assert run(box(at_job=[{"id": 1, "end": "timeout"}, DONE])).ending is Ending.DONE

    def test_that_are_none_are_passed_over(self, box):
        assert run(box(at_job=[b"[1]\nnot json\n\xff\n", DONE])).ending is Ending.DONE

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(b'{"id": 1, "end": []}\n', id="an end that is no word"),
            pytest.param(FIGURE % (b"0" * 400), id="beyond all floats"),
            pytest.param(FIGURE % (b"0" * 5000), id="beyond all integers"),
            pytest.param(b"[" * 50_000 + b"\n", id="brackets in brackets"),
            pytest.param(b'{"id": 1, "fold": 0, "seconds": -1, "score": 1}\n', id="time that runs backwards"),
            pytest.param(b'{"id": 1, "fold": 0, "seconds": 0, "score": 1}\n', id="no time at all"),
        ],
    )
    def test_that_a_fit_forges_bring_nothing_down(self, box, message):
        found = run(box(at_job=[message, DONE]))
        assert (found.ending, found.scores) == (Ending.DONE, ())

    def test_without_end_are_an_error(self, box, monkeypatch):
        monkeypatch.setattr(messages, "MAX_MESSAGE_BYTES", 100)
        found = run(box(at_job=[b"x" * 101]))
        assert (found.ending, found.detail) == (Ending.ERROR, "the test process wrote a message without end")

    def test_may_be_as_long_as_is_allowed(self, box, monkeypatch):
        monkeypatch.setattr(messages, "MAX_MESSAGE_BYTES", 100)
        assert run(box(at_job=[b"x" * 100])).ending is Ending.TIMEOUT

    def test_of_the_last_moment_are_heard(self, box):
        found = run(box(at_job=[fold(0.5)], at_end=[fold(0.6), DONE]), limit_s=5)
        assert (found.ending, found.scores) == (Ending.DONE, (0.5, 0.6))

    def test_that_do_not_come_are_waited_for_until_the_limit(self, box):
        found = run(box(at_job=[fold(0.5)]))
        assert (found.ending, found.scores) == (Ending.TIMEOUT, (0.5,))


class TestEnds:
    def test_of_a_process_are_told_with_the_folds_before_it(self, box):
        found = run(box(at_job=[fold(0.5)], at_end=()), limit_s=5)
        assert (found.ending, found.scores, found.detail) == (Ending.CRASH, (0.5,), "exit status 7")

    def test_at_the_start_are_told_as_what_they_are(self, box):
        with box(at_start=(), at_end=()) as dying, pytest.raises(SandboxError, match="crash: exit status 7"):
            dying.start()

    def test_of_patience_at_the_start_too(self, box):
        with box(at_start=()) as silent, pytest.raises(SandboxError, match="timeout: the wall clock ran out"):
            silent.start()

    @pytest.mark.parametrize("call", ["recommender.validation.sandbox.subprocess.Popen", "pathlib.Path.write_bytes"])
    def test_before_the_start_are_told_and_leave_no_descriptor(self, monkeypatch, call):
        def refuse(*_, **__):
            raise OSError(errno.ENOSPC, "No room")

        sample = Sample(None, [0], None, {}, "classification", "accuracy")
        with Sandbox(sample) as sandbox:
            isolation.name_space_prefix()
            before = descriptors()
            monkeypatch.setattr(call, refuse)
            with pytest.raises(SandboxError, match=r"No test process can be started: .*No room"):
                sandbox.start()
            assert descriptors() == before
            assert not sandbox.is_running

    def test_are_not_brought_about_by_starting_again(self, box):
        with box() as sandbox:
            sandbox.start()
            child = sandbox._child
            sandbox.start()
            assert sandbox._child is child

    def test_free_the_place_for_another_process(self, box):
        with box(at_job=(), at_end=None) as sandbox:
            assert sandbox.run(FitJob(DUMMY, {}, rows=1, folds=1, limit_s=0.1)).ending is Ending.TIMEOUT
            assert not sandbox.is_running
            sandbox.start()
            assert sandbox.is_running


class TestUse:
    def test_of_memory_is_counted_from_what_the_libraries_take(self, box):
        # 10 MB when it is ready; all that it shares with what it forked is counted once only where the limit is near.
        within = box(at_job=[fold(0.5)], memory=[10.0, 10.0, 110.0], own=999.0)
        assert run(within).ending is Ending.TIMEOUT
        shared = box(at_job=[fold(0.5)], memory=[10.0, 10.0, 500.0], own=110.0)
        assert run(shared).ending is Ending.TIMEOUT
        beyond = run(box(at_job=[fold(0.5)], memory=[10.0, 10.0, 500.0], own=111.0))
        assert (beyond.ending, beyond.scores) == (Ending.MEMORY, (0.5,))

    def test_of_memory_by_the_libraries_is_nobodys_fault(self, box):
        # Longer than one look passes before it is ready.
        slow = box(at_start=(), memory=[5000.0], own=5000.0)
        with slow, pytest.raises(SandboxError, match="timeout"):
            slow.start()

    @pytest.mark.parametrize(("processes", "ending"), [(3, Ending.TIMEOUT), (4, Ending.PROCESSES)])
    def test_of_processes_has_a_limit(self, box, processes, ending):
        assert run(box(processes=processes)).ending is ending

    def test_of_a_name_space_is_not_the_fits(self, box, monkeypatch):
        monkeypatch.setattr(isolation, "name_space_prefix", lambda: ("unshare",))
        assert run(box(processes=4)).ending is Ending.TIMEOUT
        assert run(box(processes=5)).ending is Ending.PROCESSES

    @pytest.mark.parametrize(("written", "ending"), [(50.0, Ending.TIMEOUT), (50.1, Ending.DISK)])
    def test_of_the_disk_has_a_limit(self, box, written, ending):
        assert run(box(written=written)).ending is ending
