"""The page of all benchmarks says what the results do, and every question has a command that is there."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.index import BEGIN, END, PAGE, table, unknown_results, with_table
from benchmarks.questions import BENCHMARKS, Benchmark
from benchmarks.recording import RESULTS

ROOT = PAGE.parents[1]


def test_the_page_is_made_of_the_results_that_are_there():
    page = PAGE.read_text("utf-8")
    assert page == with_table(page, table(RESULTS)), "run python -m benchmarks.index"


def test_every_file_of_results_belongs_to_a_question():
    assert unknown_results(RESULTS) == []


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda one: one.name)
def test_the_command_of_a_question_is_there(benchmark):
    kind, name = re.fullmatch(r"(make|python -m) ([\w.-]+).*", benchmark.command).groups()
    if kind == "make":
        assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    else:
        path = ROOT.joinpath(*name.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_every_make_target_of_a_benchmark_is_named_on_the_page():
    targets = set(re.findall(r"^(bench-[\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    page = PAGE.read_text("utf-8")
    assert {target for target in targets - {"bench-index"} if f"make {target}" not in page} == set()


def test_links_of_the_page_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text("utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


@pytest.fixture
def made():
    return Benchmark("made", "Is it so?", "make bench-made", ("made-*.json", "made.md"), lambda folder: None)


def test_what_was_not_run_is_said_so(tmp_path, made):
    assert "| Is it so? | `make bench-made` | Not run yet." in table(tmp_path, [made])


def test_a_row_tells_day_and_cores_of_the_newest_result(tmp_path, made):
    for day, cores in (("2026-01-02", 4), ("2026-03-04", 8)):
        (tmp_path / f"made-{day}.json").write_text(json.dumps({"date": day, "cores": cores}))
    (tmp_path / "made.md").write_text("# Made")
    row = table(tmp_path, [made]).splitlines()[-1]
    assert row.endswith("[made.md](results/made.md) | 2026-03-04, 8 cores |")


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda one: one.name)
def test_a_headline_of_no_results_is_none(tmp_path, benchmark):
    assert benchmark.headline(tmp_path) is None


def test_headlines_are_ratios_of_what_was_measured(tmp_path):
    rows = [
        {"protocol": "study, nearest unseen run", "method": method, "k": [1, 10], "mean": mean}
        for method, mean in (("TPE", [1.0, 0.2]), ("transfer sampler", [0.5, 0.05]))
    ]
    (tmp_path / "sampler-rpart.json").write_text(json.dumps({"suite": "rpart", "results": rows}))
    (sampler,) = (one for one in BENCHMARKS if one.name == "sampler")
    assert sampler.headline(tmp_path) == "Regret after 10 trials over TPE's: rpart 0.25."


def test_the_table_goes_between_the_marks_and_nowhere_else():
    assert with_table(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n", "new") == f"Before.\n{BEGIN}\nnew\n{END}\nAfter.\n"
    with pytest.raises(ValueError, match="has no"):
        with_table("no marks", "new")


def test_a_file_that_nobody_writes_is_noticed(tmp_path, made):
    for name in ("made-2026-01-02.json", "made.md", "stray.md"):
        (tmp_path / name).write_text("{}")
    assert unknown_results(Path(tmp_path), [made]) == ["stray.md"]
