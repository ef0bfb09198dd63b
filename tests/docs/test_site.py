"""The pages lead somewhere, and what is made from the code is made from all of it."""

import inspect
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import kg.model
import tunegraph
from ingest.sources.registry import SOURCES

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


def test_every_page_is_in_the_menu_once() -> None:
    menu = list(pages_of(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    # Decisions are listed on a page of their own.
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if path.parent.name != "decisions"}
    assert sorted(menu) == sorted({*pages, "decisions/README.md"})


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def named(pattern: str) -> set[str]:
    """What pages and README name in this way."""
    texts = [page.read_text(encoding="utf-8") for page in (*DOCS.rglob("*.md"), ROOT / "README.md")]
    return {name for text in texts for name in re.findall(pattern, text)}


def test_files_of_the_repository_that_pages_name_are_there() -> None:
    files = named(r"`((?:kg|ingest|recommender|ui|tests|benchmarks|docs|examples)/[\w/.-]+)`")
    assert len(files) > 40
    # What a benchmark writes is there once it has run.
    assert {
        name for name in files if not (ROOT / name).exists() and not name.startswith("benchmarks/results/")
    } == set()


def test_benchmarks_that_pages_name_are_there() -> None:
    modules = [ROOT / name.replace(".", "/") for name in named(r"python -m\s+(benchmarks[\w.]*\w)")]
    assert len(modules) > 5
    assert [m for m in modules if not m.with_suffix(".py").is_file() and not (m / "__main__.py").is_file()] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {t for t in named(r"`make ([a-z-]+)") if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()


def test_the_reference_has_every_public_name() -> None:
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    missing = [name for name in tunegraph.__all__ if not re.search(rf"^::: \S+\.{name}$", text, re.MULTILINE)]
    assert missing == []


def documented(page: str) -> set[str]:
    """The names that a page of the reference takes from the code, those of `members:` with their module before them."""
    text = (DOCS / "reference" / page).read_text(encoding="utf-8")
    found = set()
    for name, options in re.findall(r"^::: (\S+)$((?:\n {4}.*)*)", text, re.MULTILINE):
        listed = re.search(r"members:((?:\n +- \w+)+)", options)
        found |= {f"{name}.{one}" for one in re.findall(r"- (\w+)", listed[1])} if listed else {name}
    return found


def test_the_reference_has_every_source_that_ships() -> None:
    assert {place.replace(":", ".") for place in SOURCES.values()} <= documented("ingesting.md")


def test_the_reference_has_every_type_of_the_graph() -> None:
    told = documented("graph.md")
    modules = {"kg.model.evidence", "kg.model.metrics", "kg.model.space"}  # these are told in full
    assert modules <= told
    types = {name: value for name in kg.model.__all__ if inspect.isclass(value := getattr(kg.model, name))}
    missing = {n for n, t in types.items() if t.__module__ not in modules and f"kg.model.{n}" not in told}
    assert missing == {"FrozenMapping", "Value"}  # what the others are made of


def test_names_of_the_reference_are_there() -> None:
    for page in ("graph.md", "ingesting.md", "recommender.md", "python.md", "client.md", "extension-points.md"):
        for name in documented(page):
            assert pkgutil.resolve_name(name) is not None, f"{page}: {name}"


def test_a_name_is_documented_in_one_place() -> None:
    """A link to it would have two ends: the site is not built then."""
    told = [name for page in sorted((DOCS / "reference").glob("*.md")) for name in documented(page.name)]
    assert [name for name, times in Counter(told).items() if times > 1] == []


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
