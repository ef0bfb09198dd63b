"""NOTICE names every source that the package takes facts from, with its licence, place and version."""

from pathlib import Path

import pytest

from ingest.sources._space_file import read_space_file
from ingest.sources.catalogue import CONTRIBUTORS
from ingest.sources.published_spaces import PublishedSpaces
from ingest.sources.reference_results import ReferenceResults, read_fact_file
from ingest.sources.registry import sources
from ingest.sources.shipped_papers import shipped_papers

NOTICE = Path(__file__).resolve().parents[2] / "NOTICE"
# Their provenance is that of each item.
OF_MANY = {"datasets", "published-spaces", "reference-results"}


@pytest.fixture(scope="module")
def entries() -> list[str]:
    return NOTICE.read_text("utf-8").split("\n\n")


def has_entry(entries: list[str], *facts: str) -> bool:
    return any(all(fact in entry for fact in facts) for entry in entries)


@pytest.mark.parametrize("source", [s for s in (*sources(), *(c() for c in CONTRIBUTORS)) if s.name not in OF_MANY])
def test_every_source_is_named(source, entries: list[str]) -> None:
    licence = source.licence.split(";")[0].split(" (")[0]
    assert has_entry(entries, source.url, source.version, licence)


@pytest.mark.parametrize("path", PublishedSpaces().paths(Path()), ids=lambda path: path.stem)
def test_every_published_space_is_named(path: Path, entries: list[str]) -> None:
    space = read_space_file(path)
    assert has_entry(entries, space.url, space.version, space.licence.split(" (")[0])


@pytest.mark.parametrize("path", ReferenceResults().paths(Path()), ids=lambda path: path.stem)
def test_every_publication_of_reference_figures_is_named(path: Path, entries: list[str]) -> None:
    facts = read_fact_file(path)
    assert has_entry(entries, facts.url, facts.version, facts.licence.split(" (")[0])


@pytest.mark.parametrize("paper", shipped_papers(), ids=lambda paper: paper.document)
def test_every_document_that_is_quoted_is_named(paper, entries: list[str]) -> None:
    notice = " ".join(" ".join(entries).split())
    assert paper.title in notice
    assert has_entry(entries, paper.repository, paper.version, paper.licence)
