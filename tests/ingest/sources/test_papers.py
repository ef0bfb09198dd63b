from datetime import date
from pathlib import Path

import pytest

from ingest.documents.finding import found_below
from ingest.documents.limits import DocumentError
from ingest.records import Items, Texts
from ingest.run import ingest
from ingest.sources.papers import PaperSource, keep
from kg.model import Standing
from kg.passages import PassageTable
from tests.ingest.source_contract import SourceCase, SourceContract

GUIDE = """
XGBoost Parameters
==================

* ``eta`` [default=0.3]

  - Step size shrinkage.
  - range: [0,1]

* ``max_depth`` [default=6]

  - Maximum depth of a tree.

We recommend a learning rate of 0.1 for most data sets.
"""
DAY = date(2026, 11, 21)


def kept(folder: Path, text: str = GUIDE, name: str = "docs/parameter.rst") -> tuple[PaperSource, Path]:
    """Return a guide as a source, and the file that it is read from."""
    original = folder.parent / "original" / name
    original.parent.mkdir(parents=True, exist_ok=True)
    original.write_text(text)
    (found,) = found_below(original, licence="Apache-2.0", url="https://example.org/parameter.rst")
    source = keep(found, folder)
    return source, folder / source.raw_folder / original.name


class TestPaperContract(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        def case(folder: Path) -> SourceCase:
            source, path = kept(folder)
            return SourceCase(
                source=source,
                folder=folder,
                damage=lambda: path.write_bytes(path.read_bytes() + b"\n\xff\xfe broken\n"),
                change=lambda: path.write_text(path.read_text().replace("default=6", "default=7")),
            )

        return case


def test_claims_and_passages_say_where_they_stand(tmp_path):
    source, _ = kept(tmp_path / "raw")
    items, texts = source.read(tmp_path / "raw", retrieved=DAY)
    assert isinstance(items, Items)
    assert isinstance(texts, Texts)
    claim = next(item for item in items.items if item.hyperparameter == "max_depth")
    assert (claim.document, claim.learner, claim.value) == ("parameter.rst", "xgboost", 6)
    assert claim.quote in GUIDE
    assert claim.standing is Standing.CLAIMED
    assert (claim.provenance.licence, claim.provenance.url) == ("Apache-2.0", "https://example.org/parameter.rst")
    assert {passage.provenance.source for passage in texts.passages} == {source.name} == {"paper:docs-parameter"}


def test_passages_go_to_their_table(tmp_path):
    source, _ = kept(tmp_path / "raw")
    report = ingest([source], tmp_path / "raw", tmp_path / "home", retrieved=DAY)
    assert report.sources[0].problem == ""
    found = PassageTable(tmp_path / "home").of(source.name)
    assert any("learning rate of 0.1" in passage.text for passage in found)


def test_what_cannot_be_read_is_a_problem_of_one_document(tmp_path):
    good, _ = kept(tmp_path / "raw")
    bad, path = kept(tmp_path / "raw", name="docs/bad.md")
    path.write_bytes(b"\0" * 100)
    report = ingest([bad, good], tmp_path / "raw", tmp_path / "home", retrieved=DAY)
    assert [bool(source.problem) for source in report.sources] == [True, False]
    assert "zero bytes" in report.sources[0].problem
    with pytest.raises(DocumentError):
        list(bad.read(tmp_path / "raw", retrieved=DAY))


def test_keeping_again_writes_nothing_and_a_change_is_a_change(tmp_path):
    source, path = kept(tmp_path / "raw")
    before, times = source.digest(tmp_path / "raw"), path.stat().st_mtime_ns
    kept(tmp_path / "raw")
    assert path.stat().st_mtime_ns == times
    assert source.digest(tmp_path / "raw") == before
    kept(tmp_path / "raw", GUIDE.replace("0.1", "0.2"))
    assert source.digest(tmp_path / "raw") != before


def test_the_parts_of_a_latex_paper_are_kept_with_it(tmp_path):
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "main.tex").write_text("\\documentclass{article}\\begin{document}\\input{part}\\end{document}")
    (folder / "part.tex").write_text("We recommend a learning rate of 0.1 for XGBoost.")
    (found,) = found_below(folder)
    source = keep(found, tmp_path / "raw")
    _, texts = source.read(tmp_path / "raw", retrieved=DAY)
    assert [passage.text for passage in texts.passages] == ["We recommend a learning rate of 0.1 for XGBoost."]


def test_documents_of_one_name_from_two_places_are_kept_beside_each_other(tmp_path):
    def keep_from(place: str, text: str) -> PaperSource:
        path = tmp_path / place / "docs" / "guide.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        (found,) = found_below(path)
        return keep(found, tmp_path / "raw")

    first, second = keep_from("a", "Use trees."), keep_from("b", "Use forests.")
    assert first.name == "paper:docs-guide"
    assert second.name.startswith("paper:docs-guide-")
    assert keep_from("a", "Use small trees.").name == first.name
    assert keep_from("b", "Use small forests.").name == second.name
    assert keep_from("c", "Use small trees.").name == first.name
