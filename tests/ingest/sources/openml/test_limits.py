"""Politeness and patience, on a clock that is turned by hand."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.openml.faults import FetchStopped, RefusedError, TransientError
from ingest.sources.openml.limits import Limits, RateLimit, Retrying


@dataclass
class Clock:
    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def failing(error: TransientError) -> NoReturn:
    raise error


@given(st.lists(st.floats(0, 3), min_size=1, max_size=30), st.floats(0.5, 10))
def test_no_two_turns_are_closer_than_the_rate_allows(pauses: list[float], per_second: float) -> None:
    clock, turns = Clock(), []
    limit = RateLimit(per_second, clock, clock.sleep)
    for pause in pauses:
        clock.now += pause
        limit.wait()
        turns.append(clock.now)
    assert all(after - before >= 1 / per_second - 1e-9 for before, after in pairwise(turns))


@given(st.integers(0, 2**32), st.integers(2, 8))
def test_waits_double_with_jitter_and_stay_below_the_longest(seed: int, attempts: int) -> None:
    clock, limits = Clock(), Limits(attempts=attempts, backoff_s=1.0, longest_backoff_s=10.0)
    retrying = Retrying(limits, None, clock, clock.sleep, seed=seed)
    with pytest.raises(TransientError):
        retrying.call(lambda: failing(TransientError("server error")))
    assert len(clock.waits) == attempts - 1
    for number, wait in enumerate(clock.waits):
        assert min(2.0**number, 10.0) / 2 <= wait <= min(2.0**number, 10.0)


def test_a_server_that_asks_for_too_long_is_taken_to_refuse() -> None:
    clock = Clock()
    retrying = Retrying(Limits(longest_retry_after_s=60), None, clock, clock.sleep)
    with pytest.raises(RefusedError, match="the server asks to wait for 3600 s"):
        retrying.call(lambda: failing(TransientError("rate limited", retry_after_s=3600)))
    assert not clock.waits


def test_nothing_is_waited_for_beyond_the_deadline() -> None:
    clock = Clock()
    retrying = Retrying(Limits(backoff_s=8.0), 5.0, clock, clock.sleep, seed=0)
    with pytest.raises(FetchStopped, match="time budget"):
        retrying.call(lambda: failing(TransientError("server error")))
    assert sum(clock.waits) <= 5.0
