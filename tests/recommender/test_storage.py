"""Storages are opened whole or refused in one line; calls wait for one that is away."""

import json
import time
from pathlib import Path

import optuna
import pytest
from sqlalchemy.exc import OperationalError, PendingRollbackError

from kg.errors import InputError, UnknownNameError
from recommender.storage import created_or_loaded, existing_storage, laid_out, open_storage, stored_study

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
    from recommender.storage import _PatientStorage

    return _PatientStorage(inner, patience_s)


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


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nowhere", "Could not parse SQLAlchemy URL"),
        ("magic://here", "Can't load plugin"),
        ("sqlite:////no/such/folder/study.db", "unable to open database file"),
        ("journal:////no/such/folder/study.log", "in a folder that is there"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/none", "onnection"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_line_without_its_password(url: str, words: str) -> None:
    if "psycopg" in url:
        pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    with pytest.raises(InputError, match="cannot be opened") as refused:
        open_storage(url)
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_grpc_proxy_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'tunegraph\[distributed\]'"):
        open_storage("grpc://127.0.0.1:1")


def test_one_of_those_who_open_a_study_is_told_that_it_made_it(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/s.db")
    _, made = created_or_loaded(storage, "s", direction="maximize")
    began = time.monotonic()
    study, made_again = created_or_loaded(storage, "s", direction="maximize", wait_s=0.3)
    assert (made, made_again) == (True, False)
    assert time.monotonic() - began >= 0.3  # for whoever made it might still be at it
    laid_out(study)
    began = time.monotonic()
    created_or_loaded(storage, "s", direction="maximize", wait_s=30)
    assert time.monotonic() - began < 30


class TestStorageThatIsThere:
    def test_nothing_is_made_where_there_is_none(self, tmp_path: Path) -> None:
        for place in (f"{tmp_path}/none.db", f"sqlite:///{tmp_path}/none.db", f"journal:///{tmp_path}/none.log"):
            with pytest.raises(InputError, match="no such file"):
                existing_storage(place)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_is_known_by_what_it_holds(self, tmp_path: Path) -> None:
        for url in (f"sqlite:///{tmp_path}/a", f"journal:///{tmp_path}/b"):
            optuna.create_study(storage=open_storage(url), study_name="s").add_trial(
                optuna.trial.create_trial(value=1.0)
            )
        for place in (f"{tmp_path}/a", f"{tmp_path}/b"):
            assert stored_study(place).best_value == 1.0
        (tmp_path / "c").write_text(json.dumps({"some": "thing"}))
        with pytest.raises(InputError):
            stored_study(f"{tmp_path}/c")

    def test_a_study_is_named_where_there_are_several(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/s.db"
        for name in ("one", "two"):
            optuna.create_study(storage=url, study_name=name)
        with pytest.raises(InputError, match="2 studies") as refused:
            stored_study(url)
        assert "one, two" in str(refused.value)
        with pytest.raises(UnknownNameError, match="Did you mean 'two'"):
            stored_study(url, "twoo")
        assert stored_study(url, "two").study_name == "two"
