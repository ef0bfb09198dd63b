"""Storages are opened whole or refused in one line."""

import json
import time
from pathlib import Path

import optuna
import pytest

from kg.errors import InputError, UnknownNameError
from recommender.storage import created_or_loaded, existing_storage, laid_out, open_storage, stored_study


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
