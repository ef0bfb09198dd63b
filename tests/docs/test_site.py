"""The pages lead somewhere, and what is made from the code is made from all of it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import tunegraph

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "tools"))  # what builds the pages is no package


def pages_of(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    for below in entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ():
        yield from pages_of(below)


def test_every_page_of_the_menu_is_there() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert [page for page in pages_of(menu) if not (DOCS / page).is_file()] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_reference_has_every_public_name() -> None:
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    missing = [name for name in tunegraph.__all__ if not re.search(rf"^::: \S+\.{name}$", text, re.MULTILINE)]
    assert missing == []


def test_the_reference_of_the_command_line_has_every_command() -> None:
    from hooks import MARK, commands, on_page_markdown
    from typer.main import get_command

    from ui.cli import app

    lines = list(commands())
    assert {f"## `tunegraph {name}`" for name in get_command(app).commands} <= set(lines)
    assert any("`--test-run-seconds`" in line and "`30.0`" in line for line in lines)
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert MARK in page
    assert "tunegraph recommend" in on_page_markdown(page)


def test_every_decision_is_listed() -> None:
    from hooks import decisions

    assert len(list(decisions())) == len(list((DOCS / "decisions").glob("0*.md")))


def test_the_picture_of_the_ontology_is_that_of_its_terms() -> None:
    from ontology_picture import PICTURE, picture, terms

    drawn = picture(terms())
    assert drawn == PICTURE.read_text(encoding="utf-8"), "python docs/tools/ontology_picture.py draws it again"
    assert "tg:RunSummary" in drawn


def test_the_environment_variables_of_the_code_are_documented() -> None:
    code = [
        path.read_text(encoding="utf-8")
        for room in ("kg", "ingest", "recommender", "ui")
        for path in (ROOT / room).rglob("*.py")
    ]
    used = {name for text in code for name in re.findall(r'= "(TUNEGRAPH_[A-Z0-9_]+)"', text)}
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    told = set(re.findall(r"TUNEGRAPH_[A-Z0-9_]+", page))
    assert used - told - {"TUNEGRAPH_SANDBOX"} == set()  # that one marks processes of the test run
