"""What the tutorial and the how-tos tell to run runs, and prints what they say it prints."""

import shutil
from pathlib import Path

import pytest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore
from tests.docs.blocks import RUN, Runner, blocks, commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
#: Pages whose commands write to the graph.
WRITING = {"own-studies.md", "add-a-source.md", "papers.md"}


def runnable(page: Path) -> bool:
    return any(block.language in RUN and not block.not_run for block in blocks(page.read_text(encoding="utf-8")))


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder but for the table of the examples, and the current one."""
    shutil.copy(ROOT / "examples" / "data" / "breast_cancer.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=lambda page: page.stem)
def test_a_page_does_what_it_says(
    page: Path, folder: Path, starter_store: RdfStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = starter_store.path.parent
    if page.name in WRITING:
        home = folder / "home"
        shutil.copytree(starter_store.path.parent / "graph", home / "graph")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    runner = Runner(folder)
    for block in blocks(page.read_text(encoding="utf-8")):
        runner.run(block)


def test_blocks_that_are_not_run_are_few_and_say_why() -> None:
    said = [block.not_run for page in PAGES for block in blocks(page.read_text(encoding="utf-8")) if block.not_run]
    run = [b for page in PAGES for b in blocks(page.read_text(encoding="utf-8")) if b.language in RUN and not b.not_run]
    assert all(len(why.split()) >= 3 for why in said)
    assert len(run) > len(said)


def test_a_console_block_is_read_as_commands_and_what_they_print() -> None:
    text = "$ tunegraph query list\nsources\n    Where ...\n$ tunegraph query \\\n    sources --json\n"
    assert list(commands(text)) == [
        ("tunegraph query list", "sources\n    Where ...\n"),
        ("tunegraph query      sources --json", ""),
    ]


def test_an_output_that_is_not_printed_is_found(tmp_path: Path) -> None:
    page = '```python\nprint(1 + 1)\n```\n\n```text title="output"\n3\n```\n'
    runner = Runner(tmp_path)
    adds, shows = blocks(page)
    runner.run(adds)
    with pytest.raises(AssertionError, match="'3' is not in"):
        runner.run(shows)
