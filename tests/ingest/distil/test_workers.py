"""Work is shared out to processes, and comes back in order."""

import os
import time
from datetime import date

import pytest

from ingest.distil import distil
from ingest.distil.workers import Workers, usable_cores
from kg.errors import RecordError, StoreError


def slow_first(i: int) -> tuple[int, int]:
    time.sleep(0.2 if i == 0 else 0.0)
    return i, os.getpid()


def fail(what: str) -> None:
    if what == "die":
        os._exit(3)
    raise RecordError(f"no such record {what!r}")


def test_results_come_in_the_order_of_the_arguments_from_processes_that_are_not_this_one():
    with Workers(2) as workers:
        found = list(workers.map(slow_first, ((i,) for i in range(7))))
    assert [i for i, _ in found] == list(range(7))
    assert os.getpid() not in {process for _, process in found}
    assert len({process for _, process in found}) == 2


def test_what_a_library_prints_there_is_no_answer():
    with Workers(1) as workers:
        assert list(workers.map(print, [("not", "pickled")])) == [None]


@pytest.mark.parametrize(("what", "said"), [("x", "no such record 'x'"), ("die", "died with exit code")])
def test_an_error_and_a_death_are_told(what, said):
    with Workers(1) as workers, pytest.raises(StoreError, match=said):
        list(workers.map(fail, [(what,)]))


def test_there_is_at_least_one_core():
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def test_several_processes_give_the_same_evidence_in_the_same_order(runs):
    said = []
    day, only = date(2026, 1, 2), ["openml-pimp"]
    shared = tuple(distil(runs, (), retrieved=day, sources=only, workers=2, progress=said.append))
    assert shared == tuple(distil(runs, (), retrieved=day, sources=only, workers=1))
    assert said[0] == "Looking over the scores of 2 learners, in 2 processes"
    assert said[1:] == [
        "Distilling 1,200 scores of adaboost from openml-pimp",
        "Distilling 1,000 scores of random_forest from openml-pimp",
    ]
