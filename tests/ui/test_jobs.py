"""Work in the background: its steps, its end, and how it is cancelled."""

import threading
from collections.abc import Callable

import pytest

from kg.errors import InputError
from ui.jobs import Job


def test_the_result_and_the_steps_are_there_at_the_end() -> None:
    def work(tell: Callable[[str], None]) -> int:
        tell("one")
        tell("two")
        return 7

    job = Job(work).start()
    assert job.wait(5)
    assert job.result == 7
    assert [step.text for step in job.steps] == ["one", "two"]
    assert all(step.seconds is not None and step.seconds >= 0 for step in job.steps)


def test_the_last_step_goes_on_until_the_work_ends() -> None:
    go_on, told = threading.Event(), threading.Event()

    def work(tell: Callable[[str], None]) -> None:
        tell("waiting")
        told.set()
        go_on.wait(5)

    job = Job(work).start()
    told.wait(5)
    assert [step.seconds for step in job.steps] == [None]
    assert not job.is_done
    go_on.set()
    assert job.wait(5)


def test_cancelled_work_ends_at_its_next_step_and_leaves_nothing() -> None:
    go_on, did = threading.Event(), []

    def work(tell: Callable[[str], None]) -> str:
        tell("first")
        go_on.wait(5)
        tell("second")
        did.append("second")
        return "kept"

    job = Job(work).start()
    job.cancel()
    go_on.set()
    assert job.wait(5)
    assert (job.result, job.problem, did) == (None, None, [])
    assert job.is_cancelled


def test_what_is_wrong_with_the_input_is_kept() -> None:
    def work(_: Callable[[str], None]) -> None:
        raise InputError("No.", where="x", allowed="y")

    job = Job(work).start()
    assert job.wait(5)
    assert isinstance(job.problem, InputError)
    assert job.steps == ()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_ends_the_wait_without_result_or_problem() -> None:
    def work(_: Callable[[str], None]) -> None:
        raise ZeroDivisionError

    job = Job(work).start()
    assert job.wait(5)
    assert (job.result, job.problem, job.is_cancelled) == (None, None, False)
