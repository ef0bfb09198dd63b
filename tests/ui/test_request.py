"""Requests, and files of meta-features."""

from pathlib import Path

import pytest

from kg.errors import InputError
from kg.model import TaskType
from ui.cli.requests import request_from
from ui.request import Request, read_meta_features, request_of


def test_options_make_a_request() -> None:
    made = request_of(metric="roc_auc", time_s=600, n_trials=50, seed=3)
    assert made == Request(metric="roc_auc", time_s=600.0, n_trials=50, seed=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_s": 0}, "time_s: 0 cannot be used. Allowed: greater than 0"),
        ({"time_s": float("inf")}, "time_s: inf cannot be used"),
        ({"n_trials": 0}, "n_trials: 0 cannot be used. Allowed: greater than or equal to 1"),
        ({"n_trials": "many"}, "n_trials: 'many' cannot be used. Allowed: a valid integer"),
        ({"test_run_seconds": -1}, "test_run_seconds: -1 cannot be used"),
        ({"seed": -1}, "seed: -1 cannot be used"),
        ({"budget": 3}, "There is no option 'budget'. Allowed: task_type, metric, learner, learners, time_s"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_with_what_is_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        request_of(**options)
    assert message in str(error.value)


def test_the_command_line_reads_times_and_task_types() -> None:
    made = request_from(time="1h30m", trials=20, task_type="Regression", workers=2, test_run_seconds=5.0)
    assert (made.time_s, made.n_trials, made.n_workers) == (5400, 20, 2)
    assert made.task_type is TaskType.REGRESSION


def test_what_is_known_of_a_data_set_is_read(tmp_path: Path) -> None:
    path = tmp_path / "qualities.json"
    # Python's JSON writes NaN, OpenML's null: both say that a quality is not known.
    path.write_text('{"NumberOfInstances": 1000, "NumberOfFeatures": 21, "Dimensionality": null, "x": NaN}')
    found = read_meta_features(str(path))
    assert found["NumberOfInstances"] == 1000
    assert found["Dimensionality"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"NumberOfInstances": ', "This is no JSON"),
        (b"", "This is no JSON"),
        (b"[1, 2]", "This is no JSON object"),
        (b"{}", "This is no JSON object"),
        (b'{"NumberOfInstances": "many"}', "NumberOfInstances: 'many' is no finite number"),
        (b'{"NumberOfInstances": true}', "NumberOfInstances: True is no finite number"),
        (b'{"NumberOfInstances": 1e999}', "NumberOfInstances: inf is no finite number"),
        (b'{"NumberOfInstances": [3]}', r"NumberOfInstances: \[3\] is no finite number"),
        (b'{"caf\xe9": 1}', "This is no JSON"),
        (b"[" * 100_000, "This is no JSON"),
    ],
)
def test_a_bad_file_of_meta_features_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "qualities.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_meta_features(str(path))
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no such file"):
        read_meta_features(str(tmp_path / "none.json"))
