"""Whatever a file holds: no crash, no hang, and only errors of ours."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents.isolation import DocumentReader
from ingest.documents.limits import DocumentError, Limits
from ingest.documents.model import Document
from ingest.documents.parsing import FORMATS, parse
from tests.ingest.documents.samples import lines, pdf_of, put
from tests.ingest.documents.test_formats import FORMAT_SAMPLES

TEXTS = sorted(FORMAT_SAMPLES)
#: What formats give a meaning to.
MARKS = st.sampled_from([
    "\n", "\n\n", " ", "    ", "|", "+--+", "+==+", "== ==", "====", "::", ".. x::", ".. [1]", "`", "``", "<", ">",
    "<td>", "</table>", "<!--", "-->", "&#xfffff;", "<![CDATA[", "\\", "{", "}", "[", "](", "$", "%", "\\item",
    "\\begin{tabular}", "\\end{", "\\section{", '"', "'''", '"""', "#", "---", "***", "- ", "1. ", "\t", "\r",
    "\x0c", "\u2028", "\ufeff", "\ud7ff", "a", "Table 1:", "^{2}",
])  # fmt: skip


def check(document: Document) -> None:
    """Whatever was read keeps what a document promises."""
    assert all(block.text for block in document.blocks)
    for block in document.blocks[:50]:
        assert block.verbatim(0, len(block.reading)) in block.text


def said_of(read: Callable[[], Document], name: str) -> str:
    """Read a document and check it; return what is said where it cannot be read: our error, naming it."""
    try:
        document = read()
    except DocumentError as error:
        said, where = error.message, error.where
    else:
        check(document)
        return ""
    assert where == name
    return said


@pytest.mark.parametrize("ending", TEXTS)
@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(MARKS, max_size=60).map("".join), st.text(max_size=200)))
def test_any_text(ending, text):
    said_of(lambda: parse(text.encode("utf-8", "surrogatepass"), FORMATS[ending], name="x"), "x")


@pytest.mark.parametrize("ending", TEXTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage(ending, data):
    sample = FORMAT_SAMPLES[ending]
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, len(sample)))
    noise = data.draw(st.lists(MARKS, max_size=8).map("".join))
    damaged = sample[:start] + noise * data.draw(st.sampled_from([1, 1, 30])) + sample[end:]
    said_of(lambda: parse(damaged.encode("utf-8", "surrogatepass"), FORMATS[ending], name="x"), "x")


@pytest.mark.parametrize("ending", [*TEXTS, ".pdf"])
@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(ending, content):
    if ending == ".pdf":
        pytest.importorskip("pypdfium2")
    said_of(lambda: parse(content, FORMATS[ending], name="x"), "x")


@pytest.fixture(scope="module")
def reader():
    with DocumentReader(Limits(seconds=20)) as reader:
        yield reader


PDF = pdf_of(put(60, 740, "A Paper", 16) + lines(60, 700, [f"line {number} of it" for number in range(8)]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(PDF) - 1), st.binary(min_size=1, max_size=6)), max_size=8),
    st.integers(0, len(PDF)),
)
def test_a_damaged_pdf(reader, tmp_path, changes, end):
    pytest.importorskip("pypdfium2")
    content = bytearray(PDF)
    for at, noise in changes:
        content[at : at + len(noise)] = noise
    path = tmp_path / "x.pdf"
    path.write_bytes(bytes(content[: end if end % 3 == 0 else len(content)]))
    said_of(lambda: reader.read(path), "x.pdf")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_real_pdf(reader, tmp_path, shared_data, data):
    pytest.importorskip("pypdfium2")
    content = bytearray((shared_data / "papers" / "pmlr-v224" / "wang23b.pdf").read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=20, max_size=200)):
        content[at] ^= 0x55
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    said_of(lambda: reader.read(path), "x.pdf")


#: Texts that are slow for who reads them carelessly.
SLOW = {
    "brackets": "[" * 50_000,
    "links": "[](" * 20_000,
    "quotes": ">" * 20_000,
    "stars": "*a " * 20_000,
    "backquotes": "`" * 50_000,
    "braces": "{" * 50_000,
    "items": "\\item[" * 10_000,
    "begins": "\\begin{tabular}" * 5_000,
    "tables": "== ==\n" * 10_000,
    "grid": "+-+\n|" * 10_000,
    "comments": "<!--" * 10_000,
    "tags": "<td" * 20_000,
    "nested": "<div>" * 20_000,
    "lists": "".join("  " * depth + "- a\n" for depth in range(300)),
    "entities": "&lol;" * 20_000,
    "colons": ":a:`" * 10_000 + "\n====",
    "blank": " \n" * 50_000,
}


@pytest.mark.parametrize("what", SLOW)
def test_what_is_slow_to_read_is_read_in_time(reader, tmp_path: Path, what):
    for ending in (".md", ".rst", ".tex", ".html", ".py"):
        path = tmp_path / f"x{ending}"
        path.write_text(SLOW[what])
        said = said_of(lambda path=path: reader.read(path), path.name)
        assert not re.search("longer than|crashed", said)


def test_entities_are_not_expanded(reader, tmp_path):
    path = tmp_path / "x.html"
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    path.write_text(
        f'<!DOCTYPE html [<!ENTITY a0 "lol"><!ENTITY f SYSTEM "file:///etc/passwd">{entities}]><p>&a9; &f;</p>'
    )
    document = reader.read(path)
    assert len(document.text) < 2_000
    assert "root:" not in document.text
