"""Small sources for tests of ingestion, written as the real ones are."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = """% {"flow_id": 6970}
@RELATION openml-meta-flow-6970

@ATTRIBUTE adaboostclassifier__algorithm {SAMME, SAMME.R}
@ATTRIBUTE adaboostclassifier__learning_rate NUMERIC
@ATTRIBUTE adaboostclassifier__base_estimator__max_depth NUMERIC
@ATTRIBUTE adaboostclassifier__n_estimators NUMERIC
@ATTRIBUTE columntransformer__numeric__imputer__strategy {median, mean, most_frequent}
@ATTRIBUTE predictive_accuracy NUMERIC
@ATTRIBUTE task_id NUMERIC

@DATA
"""


def _rows(n: int, *, tasks: int = 3) -> list[str]:
    draw = random.Random(0)
    return [
        f"SAMME,{draw.uniform(0.01, 2):.6f},{draw.randint(1, 10)},{draw.randint(50, 500)},mean,"
        f"{draw.uniform(0.6, 0.95):.6f},{at * tasks // n + 1}"
        for at in range(n)
    ]


@pytest.fixture(scope="session")
def adaboost_rows() -> Callable[..., list[str]]:
    """Makes `n` runs of AdaBoost on `tasks` tasks, as lines of openml-pimp's table; always the same."""
    return _rows


def _write(folder: Path, rows: list[str]) -> Path:
    (folder / "openml-pimp").mkdir(parents=True, exist_ok=True)
    (folder / "openml-pimp" / "adaboost.arff").write_text(HEADER + "\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="session")
def adaboost_file() -> Callable[[Path, list[str]], Path]:
    """Writes lines as ``openml-pimp/adaboost.arff`` below a data folder, and returns that folder."""
    return _write


@pytest.fixture
def write_adaboost(tmp_path: Path) -> Callable[[list[str]], Path]:
    """The same below the folder ``data`` of the test's own."""
    return lambda rows: _write(tmp_path / "data", rows)
