import os
import signal
import tarfile
from pathlib import Path

import pytest

from ingest.documents.isolation import DocumentReader
from ingest.documents.limits import DocumentError, Limits


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.md"
    path.write_text("# Trees\n\nUse 10 trials.\n")
    return path


def test_a_document_is_read_in_another_process(paper):
    with DocumentReader() as reader:
        document = reader.read(paper)
    assert (document.name, document.title) == ("paper.md", "Trees")
    assert document.quotes("Use 10 trials.")


def test_one_process_reads_many_and_goes_on_after_a_bad_one(paper, tmp_path):
    bad = tmp_path / "bad.ipynb"
    bad.write_text("[")
    with DocumentReader() as reader:
        first = reader.read(paper)
        with pytest.raises(DocumentError, match=r"bad\.ipynb: It is no notebook"):
            reader.read(bad)
        with pytest.raises(DocumentError, match=r"'\.doc' is no format"):
            reader.read(tmp_path / "x.doc")
        with pytest.raises(DocumentError, match="cannot be read"):
            reader.read(tmp_path / "none.md")
        assert reader.read(paper) == first


def test_a_reader_that_dies_is_told_and_started_again(paper):
    with DocumentReader() as reader:
        reader.read(paper)
        os.kill(reader._process.pid, signal.SIGKILL)
        reader._process.wait()
        assert reader.read(paper).title == "Trees"


def test_what_hangs_is_given_up(tmp_path):
    fifo = tmp_path / "endless.md"
    os.mkfifo(fifo)
    with DocumentReader(Limits(seconds=0.5)) as reader, pytest.raises(DocumentError, match=r"longer than 0\.5 seconds"):
        reader.read(fifo)


def test_what_needs_too_much_memory_is_given_up(tmp_path):
    path = tmp_path / "great.md"
    path.write_text("* a\n" * 1_000_000)
    limits = Limits(memory_bytes=250 * 1024**2, seconds=60)
    with DocumentReader(limits) as reader, pytest.raises(DocumentError, match=r"memory|crashed|longer"):
        reader.read(path)


def test_secrets_of_the_environment_are_not_passed_on(paper, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with DocumentReader() as reader:
        reader.read(paper)
        environment = Path(f"/proc/{reader._process.pid}/environ").read_bytes()
    assert b"secret" not in environment


def test_the_sources_of_a_paper_are_put_together(tmp_path):
    folder = tmp_path / "src"
    (folder / "parts").mkdir(parents=True)
    (folder / "main.tex").write_text(
        "\\documentclass{article}\\begin{document}\n\\input{parts/one}\n%\\input{parts/two}\n"
        "\\input{../secret}\n\\include{absent}\n\\end{document}"
    )
    (folder / "parts" / "one.tex").write_text("\\section{One}\nUse 10 trials.\n\\input{parts/one}")
    (folder / "parts" / "two.tex").write_text("hidden")
    (tmp_path / "secret.tex").write_text("classified")
    archive = tmp_path / "2301.00001.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname=".")
    with DocumentReader() as reader:
        documents = [reader.read(path, name="paper") for path in (archive, folder, folder / "main.tex")]
    for document in documents:
        assert document.quotes("Use 10 trials.")
        assert not document.quotes("classified")
        assert not document.quotes("hidden")
        assert set(document.problems) == {("missing file", "../secret"), ("missing file", "absent")}
        assert {block.section for block in document.blocks if "10 trials" in block.text} == {"One"}
