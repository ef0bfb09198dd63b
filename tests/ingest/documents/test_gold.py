"""The quotes that readers took from real documents stand in what is read of them."""

import json
import re
from collections.abc import Iterator

import pytest

from ingest.documents.model import Document
from ingest.documents.parsing import parse_document


@pytest.fixture(scope="module")
def quotes(shared_data) -> list[tuple[str, str]]:
    folder = shared_data / "papers"
    files = ("gold_dev.jsonl", "negatives_dev.jsonl")
    rows = [json.loads(line) for file in files for line in (folder / file).read_text().splitlines()]
    return [(row["doc"], row["quote"]) for row in rows]


@pytest.fixture(scope="module")
def documents(shared_data, quotes) -> dict[str, Document]:
    pytest.importorskip("pypdfium2")
    return {name: parse_document(shared_data / "papers" / name, name=name) for name in {name for name, _ in quotes}}


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def missing(quotes, documents, *, pdf: bool) -> Iterator[tuple[str, str]]:
    return ((doc, quote) for doc, quote in quotes if doc.endswith(".pdf") is pdf and not documents[doc].quotes(quote))


def test_every_quote_of_a_text_stands_in_its_document(quotes, documents):
    assert list(missing(quotes, documents, pdf=False)) == []


def test_every_quote_of_a_pdf_stands_there_but_for_spaces(quotes, documents):
    lost = list(missing(quotes, documents, pdf=True))
    # Taken with another program, which puts other spaces around powers.
    assert len(lost) <= 10
    assert [quote for doc, quote in lost if bare(quote) not in bare(documents[doc].layout + documents[doc].text)] == []


def test_nearly_every_quote_is_from_one_block(quotes, documents):
    blocks = {name: [bare(block.text) for block in document.blocks] for name, document in documents.items()}
    apart = [quote for doc, quote in quotes if not any(bare(quote) in block for block in blocks[doc])]
    assert len(apart) <= 2


def test_powers_that_were_lost_are_read(documents):
    rows = {row.text: row.reading for row in documents["pmlr-v188/makarova22a.pdf"].blocks if row.page == 14}
    assert rows["n_estimators [2, 29] log"] == "n_estimators | [2, 2^9] | log"
    assert rows["gamma [10−6, 26] log"] == "gamma | [10^−6, 2^6] | log"


def test_nearly_every_block_is_verbatim(documents):
    for document in documents.values():
        lost = [block for block in document.blocks if not document.quotes(block.text)]
        assert len(lost) <= 0.02 * len(document.blocks), document.name


def test_documents_have_titles_and_sections(documents):
    assert documents["pmlr-v188/makarova22a.pdf"].title == "Automatic Termination for Hyperparameter Optimization"
    assert documents["bert/README.md"].title == "BERT"
    assert all(any(block.section for block in document.blocks) for document in documents.values())
