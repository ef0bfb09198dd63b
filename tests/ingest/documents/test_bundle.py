"""Papers of several files: what is put together, what is left out and told, in which letters."""

import gzip
from pathlib import Path

import pytest

from ingest.documents.bundle import main_file, read_bundle
from ingest.documents.limits import DocumentError

MAIN = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"


def folder_of(path: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        file = path / name.replace("__", "/").replace("_tex", ".tex")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(path: Path) -> list[str]:
    return [block.text for block in read_bundle(path).blocks]


def test_parts_stand_where_they_are_taken_in(tmp_path):
    body = "\\input{one}\\include{two} \\input three\n\\import{parts/}{four}\n\nEnd."
    parts = {"one_tex": "First.\n\n", "two_tex": "Second.\n\n", "three_tex": "Third.\n\n", "parts__four_tex": "Fourth."}
    folder = folder_of(tmp_path, main_tex=MAIN % body, **parts)
    assert texts(folder) == ["First.", "Second.", "Third.", "Fourth.", "End."]


def test_what_is_missing_commented_out_or_outside_is_not_taken_in(tmp_path):
    folder_of(tmp_path, secret_tex="Secret.")
    body = "Text. % \\input{one}\n50\\% \\input{gone} \\input{../secret}"
    folder = folder_of(tmp_path / "paper", main_tex=MAIN % body, one_tex="First.")
    document = read_bundle(folder)
    assert document.problems == (("missing file", "gone"), ("missing file", "../secret"))
    assert not any(word in document.model_dump_json() for word in ("First.", "Secret."))


def test_a_file_that_takes_in_itself_ends(tmp_path):
    document = read_bundle(folder_of(tmp_path, main_tex=MAIN % "\\input{loop}", loop_tex="Again. \\input{loop}"))
    assert 1 < document.text.count("Again.") < 20


def test_the_encoding_that_the_main_file_declares_holds_for_its_parts(tmp_path):
    main = "\\documentclass{article}\n\\usepackage[latin1]{inputenc}\n\\begin{document}\\input{one}\\end{document}"
    document = read_bundle(folder_of(tmp_path, main_tex=main, one_tex="Für Bäume.".encode("latin-1")))
    assert [block.text for block in document.blocks] == ["Für Bäume."]
    assert document.problems == ()


def test_the_main_file_is_the_one_that_begins_a_document(tmp_path):
    folder = folder_of(tmp_path, a_tex="long " * 500, main_tex=MAIN % "x", z_tex="%\\documentclass{article}")
    assert main_file(folder) == folder / "main.tex"


@pytest.mark.parametrize("name", ["2301.04567.gz", "2301.04567.tar.gz", "paper.tex.gz", "paper.TEX.GZ"])
def test_a_single_file_in_gzip_is_read_whatever_it_is_called(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress((MAIN % "Only this.").encode()))
    assert texts(path) == ["Only this."]


def test_a_folder_without_a_document_is_refused(tmp_path):
    with pytest.raises(DocumentError, match="holds no document"):
        read_bundle(folder_of(tmp_path, notes="x"))
