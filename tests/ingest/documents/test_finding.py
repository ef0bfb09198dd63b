from pathlib import Path

import pytest

from ingest.documents import licences
from ingest.documents.finding import found_below, slug, slug_of
from ingest.documents.licences import licence_named
from kg.errors import InputError

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name, text in {
        "one/README.md": "# One\n\nUse 10 trials.",
        "one/LICENSE": MIT,
        "two/faq.rst": "FAQ\n===\n\nUse 20 trials.",
        "two/bad.ipynb": "{",
        "two/data.csv": "a,b",
        "two/.hidden/x.md": "# Hidden",
        "paper/main.tex": "\\documentclass{article}\\begin{document}\\input{part}\\end{document}",
        "paper/part.tex": "Use 30 trials.",
        "LICENSE.txt": "Apache License\n   Version 2.0, January 2004",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "link.md").symlink_to("/etc/hostname")
    return root


def test_documents_are_found_with_their_licence(folder):
    found = {document.name: document.licence for document in found_below(folder)}
    assert found == {
        "one/README.md": "MIT",
        "paper/main.tex": "Apache-2.0",
        "two/bad.ipynb": "Apache-2.0",
        "two/faq.rst": "Apache-2.0",
    }


def test_what_is_said_of_them_is_taken(folder):
    found = found_below(folder, licence="CC0-1.0", url="https://example.org/docs/")
    assert {document.licence for document in found} == {"CC0-1.0"}
    assert found[0].url == "https://example.org/docs/one/README.md"


def test_names_are_short_and_told_apart(folder):
    assert [document.slug for document in found_below(folder)] == ["one-readme", "paper-main", "two-bad", "two-faq"]
    (folder / "more" / "one").mkdir(parents=True)
    (folder / "more" / "one" / "README.md").write_text("# Another")
    slugs = [document.slug for document in found_below(folder)]
    assert len(set(slugs)) == len(slugs) == 5
    assert slug("Ünïcode & Co. " * 30).count("-") < 80


def test_a_file_alone_has_its_own_name(folder):
    (found,) = found_below(folder / "one" / "README.md")
    assert (found.name, found.slug, found.licence) == ("README.md", "one-readme", "MIT")


def test_what_is_not_there_is_told(folder, tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        found_below(tmp_path / "none")
    with pytest.raises(InputError, match=r"'\.csv' is no format"):
        found_below(folder / "two" / "data.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no document"):
        found_below(tmp_path / "empty")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MIT, "MIT"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial 4.0", "CC-BY-NC-4.0"),
        ("http://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("All rights reserved.", ""),
    ],
)
def test_licences_are_told_by_their_words(text, name):
    assert licence_named(text) == name


def test_the_short_name_of_an_archive_keeps_the_points_of_an_id(tmp_path):
    assert slug_of(tmp_path / "x" / "2301.04567.tar.gz") == "x-2301-04567"
    assert slug_of(tmp_path / "x" / "2301.04567.pdf") == "x-2301-04567"


def test_each_folder_is_looked_through_for_a_licence_once(tmp_path, monkeypatch):
    for number in range(20):
        path = tmp_path / f"{number % 2}" / f"{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("text")
    (tmp_path / "LICENSE").write_text("MIT License")
    looked: list[Path] = []
    of_folder = licences._of_folder
    monkeypatch.setattr(licences, "_of_folder", lambda folder: looked.append(folder) or of_folder(folder))
    assert {found.licence for found in found_below(tmp_path)} == {"MIT"}
    assert sorted(looked) == [tmp_path, tmp_path / "0", tmp_path / "1"]
