"""A process apart makes fits, is ended when their time is over, and is replaced."""

import os
import pickle
import signal
import threading

import pytest

from recommender.fitting.apart import TimeOverError, end_all, fitting
from recommender.fitting.folds import Fit, FitError, FoldFits, Setup

from .test_growing import setup_of

ENDLESS = Fit({"n_estimators": 10_000_000}, 0)
SMALL = Fit({"n_estimators": 3}, 0)


@pytest.fixture(scope="module")
def setup():
    yield setup_of("random_forest")
    end_all()


def test_it_gives_the_scores_that_this_process_gives(setup):
    with fitting(setup) as fits:
        assert fits.scored(SMALL, within=30).score == FoldFits(setup).scored(SMALL).score


def test_a_fit_is_ended_when_its_time_is_over_and_the_next_one_works(setup):
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
        pid = fits._process.pid
        with pytest.raises(TimeOverError, match=r"ended after 0\.3 s"):
            fits.scored(ENDLESS, within=0.3)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert fits.scored(SMALL, within=30).score > 0


def test_processor_seconds_are_counted_also_of_fits_that_were_ended(setup):
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
        before = fits.cpu_s()
        assert before > 0
        with pytest.raises(TimeOverError):
            fits.scored(ENDLESS, within=0.5)
        assert fits.cpu_s() > before
        fits.scored(SMALL, within=30)
        assert fits.cpu_s() > before


def test_no_fit_is_begun_when_no_time_is_left(setup):
    with fitting(setup) as fits, pytest.raises(TimeOverError, match="no time is left"):
        fits.scored(SMALL, within=0)


def test_a_start_does_not_outlast_the_study(setup):
    with fitting(setup) as fits:
        fits.close()
        with pytest.raises(TimeOverError, match="not ready in time"):
            fits.start(within=0.0)
        assert fits.scored(SMALL, within=30).score > 0


def test_a_process_that_dies_is_a_failed_fit_and_is_replaced(setup):
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
        before = fits.cpu_s()
        killer = threading.Timer(0.5, os.killpg, (fits._process.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(FitError, match="died"):
            fits.scored(ENDLESS, within=30)
        assert fits.cpu_s() >= before  # what was known of it is not lost
        assert fits.scored(SMALL, within=30).score > 0


def test_a_process_that_died_while_nothing_was_asked_of_it_fails_no_fit(setup):
    end_all()  # so that the one which dies is lent again
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
        process, before = fits._process, fits.cpu_s()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    with fitting(setup) as fits:
        assert fits.scored(SMALL, within=30).score > 0
        assert fits._process.pid != process.pid
        assert fits.cpu_s() >= before


def test_the_same_process_goes_on_with_another_study(setup):
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
        pid = fits._process.pid
    other = setup_of("knn")
    with fitting(other) as fits:
        assert (
            fits.scored(Fit({"n_neighbors": 5}, 0), within=30).score
            == FoldFits(other).scored(Fit({"n_neighbors": 5}, 0)).score
        )
        assert fits._process.pid == pid


def test_two_at_once_have_a_process_each(setup):
    with fitting(setup) as one, fitting(setup) as two:
        assert one is not two


def test_a_fit_that_was_left_under_way_does_not_answer_for_the_next_one(setup):
    with fitting(setup) as fits:
        fits.scored(SMALL, within=30)
    with fitting(setup) as fits:
        fits._connection.send(ENDLESS)
        fits.busy = True
    with fitting(setup) as fits:
        assert fits.scored(SMALL, within=30).score == FoldFits(setup).scored(SMALL).score


def test_a_setup_can_be_sent(setup):
    assert isinstance(pickle.loads(pickle.dumps(setup)), Setup)
