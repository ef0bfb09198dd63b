"""Transactions within transactions: one beginning, one end, and nothing kept where any has failed."""

import contextlib
import threading

import pytest

from kg.nesting import Nesting


@pytest.fixture
def told():
    return []


@pytest.fixture
def block(told):
    nesting = Nesting()

    def opened():
        return nesting.block(
            lambda: told.append("begin"), lambda failed, raised: told.append({"failed": failed, "raised": raised})
        )

    return opened


def test_only_the_outermost_is_begun_and_ended(block, told):
    with block(), block(), block():
        assert told == ["begin"]
    assert told == ["begin", {"failed": False, "raised": False}]


def test_one_that_failed_within_fails_all_though_its_error_was_dropped(block, told):
    with block():
        with contextlib.suppress(KeyError), block():
            raise KeyError
        with block():
            pass
    assert told[-1] == {"failed": True, "raised": False}


def test_the_next_one_is_not_held_to_it(block, told):
    with pytest.raises(KeyError), block():
        raise KeyError
    assert told[-1] == {"failed": True, "raised": True}
    with block():
        pass
    assert told[-1] == {"failed": False, "raised": False}


def test_what_cannot_be_begun_is_not_ended(told):
    nesting = Nesting()

    def refuse():
        raise OSError("locked")

    for _ in range(2):
        with pytest.raises(OSError, match="locked"), nesting.block(refuse, lambda *_: told.append("end")):
            raise AssertionError("not reached")
    assert told == []


def test_other_threads_wait(block, told):
    def write():
        with block():
            pass

    inside = threading.Thread(target=write)
    with block():
        inside.start()
        inside.join(timeout=0.05)
        assert inside.is_alive()
        assert told == ["begin"]
    inside.join(timeout=5)
    assert told == ["begin", {"failed": False, "raised": False}] * 2
