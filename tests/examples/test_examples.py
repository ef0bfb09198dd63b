"""Every example runs, is short, and shows what it says it shows."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MOST_LINES = 40

Example = Callable[[str], str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Example:
    """Run an example in this process and return what it printed."""

    def printed(name: str) -> str:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return printed


def test_examples_are_short_numbered_and_say_what_they_show() -> None:
    files = sorted(EXAMPLES.glob("*.py"))
    assert [file.name[:2] for file in files] == ["01", "02", "03", "04", "05", "06"]
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= MOST_LINES, file.name
        assert re.fullmatch(r'"""[A-Z].+\."""', lines[0]), file.name


def test_every_example_is_tested() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [file.name for file in EXAMPLES.glob("*.py") if f'"{file.name}"' not in here] == []


@pytest.mark.usefixtures("at_home")
def test_a_recommendation_comes_with_its_evidence(run: Example) -> None:
    out = run("01_recommend.py")
    assert "Tune random_forest for accuracy" in out
    assert re.search(r"max_features: .*'low': [\d.]+.*\n +.*\[\d+ citations, rule narrowed_parameter\]", out)
    assert "schema: pass" in out
    assert "failed" not in out


@pytest.mark.usefixtures("at_home")
def test_a_study_runs_within_its_budget(run: Example) -> None:
    out = run("02_study.py")
    best, trials = re.search(r"Best accuracy ([\d.]+) of (\d+) trials", out).groups()
    assert float(best) > 0.85
    # What the gate fitted and the three trials before count; at most 10 in all.
    assert 3 <= int(trials) <= 10
    assert re.search(r"Stopped because: .+", out)


@pytest.mark.usefixtures("at_home")
def test_the_graph_answers_questions_and_sparql(run: Example) -> None:
    learners, ranges, large = run("03_ask_the_graph.py").split("\n\n")
    assert "random_forest" in learners
    assert "mlr3tuningspaces rbv2: 0.0001 to 1 (log)" in ranges
    assert "electricity: 45,312 rows" in large


@pytest.mark.usefixtures("at_home")
def test_a_description_is_enough(run: Example) -> None:
    out = run("04_meta_features_only.py")
    assert "learning_rate: {'log': True, 'kind': 'float'" in out
    assert "Nearest known data sets: " in out
    assert "test_run: skipped" in out


@pytest.mark.usefixtures("at_own_home")
def test_the_next_recommendation_rests_on_the_own_study(run: Example) -> None:
    out = run("05_learn_from_a_study.py")
    assert re.search(r"Learnt from study:tumours\S*: [1-9]\d* runs", out)
    for field in ("warm_starts", "search_space"):
        assert re.search(rf"{field}: \d+ citations, [1-9]\d* of them of the own study", out)


def test_many_workers_share_one_study(at_home: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'tunegraph[distributed]'")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "06_many_workers.py")],
        capture_output=True, text=True, check=True, timeout=240,
        env={**os.environ, "TUNEGRAPH_HOME": str(at_home), "PYTHONPATH": str(EXAMPLES.parent)},
    )  # fmt: skip
    first, second = map(int, re.search(r"Trials a worker: \[(\d+), (\d+)\]", done.stdout).groups())
    total = int(re.search(r"of (\d+) trials", done.stdout)[1])
    assert 1 <= first + second <= total <= 12
