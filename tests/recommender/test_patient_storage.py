"""A storage that goes away for a while is asked again, and what no waiting helps is raised."""

import time

import optuna
import pytest
from sqlalchemy.exc import OperationalError, PendingRollbackError

GONE = OperationalError("SELECT 1", {}, RuntimeError("server closed the connection"))


class Flaky:
    """A storage that answers only after so many calls, and then as `inner` does."""

    def __init__(self, inner: optuna.storages.BaseStorage, failures: int, *, after: bool = False, error=GONE) -> None:
        self.inner, self.left, self.after, self.error = inner, failures, after, error

    def __getattr__(self, name: str):
        def call(*arguments, **options):
            if self.left and name != "remove_session":
                self.left -= 1
                if self.after:
                    getattr(self.inner, name)(*arguments, **options)
                raise self.error
            return getattr(self.inner, name)(*arguments, **options)

        return call


def patient(inner: object, patience_s: float) -> optuna.storages.BaseStorage:
    from recommender.patient_storage import PatientStorage

    return PatientStorage(inner, patience_s)


def test_calls_are_tried_again_while_the_storage_is_away() -> None:
    storage = patient(Flaky(optuna.storages.InMemoryStorage(), 2), 5)
    study = optuna.create_study(storage=storage, study_name="s")
    assert [found.study_name for found in storage.get_all_studies()] == [study.study_name]


def test_a_result_whose_receipt_was_lost_is_not_told_as_an_error() -> None:
    inner = optuna.storages.InMemoryStorage()
    study = optuna.create_study(storage=inner)
    trial = study.ask()
    storage = patient(Flaky(inner, 1, after=True), 5)
    assert storage.set_trial_state_values(trial._trial_id, state=optuna.trial.TrialState.COMPLETE, values=[0.5])
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        storage.set_trial_state_values(trial._trial_id, state=optuna.trial.TrialState.COMPLETE, values=[0.7])


def test_a_transaction_that_was_cut_is_begun_again() -> None:
    cut = optuna.exceptions.StorageInternalError("An exception is raised during the commit.")
    cut.__cause__ = PendingRollbackError("Can't reconnect until invalid transaction is rolled back.")
    storage = patient(Flaky(optuna.storages.InMemoryStorage(), 1, error=cut), 5)
    assert storage.get_all_studies() == []


def test_patience_ends() -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        patient(Flaky(optuna.storages.InMemoryStorage(), 10**6), 0.3).get_all_studies()
    assert time.monotonic() - began >= 0.3


def test_errors_of_the_storage_that_no_waiting_helps_are_raised() -> None:
    with pytest.raises(KeyError):
        patient(optuna.storages.InMemoryStorage(), 60).get_trial(7)
