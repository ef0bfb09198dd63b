import pytest

from ingest.documents.limits import DocumentError, Limits
from ingest.documents.model import BlockKind, Document
from ingest.documents.parsing import FORMATS, parse
from tests.ingest.documents.samples import lines, pdf_of, put

pytest.importorskip("pypdfium2")

PROSE = [f"line {number} of a text that fills its column from one end" for number in range(12)]


def read(*pages: bytes, limits: Limits | None = None) -> Document:
    return parse(pdf_of(*pages), FORMATS[".pdf"], name="x.pdf", limits=limits or Limits())


def blocks(document: Document, kind: BlockKind) -> list[str]:
    return [block.reading for block in document.blocks if block.kind is kind]


def test_two_columns_are_read_one_after_the_other():
    page = put(60, 740, "A Paper on Trees", 18) + put(
        60, 710, "An abstract that goes over the whole width of the page " * 2
    )
    left, right = [f"left {text}" for text in PROSE], [f"right {text}" for text in PROSE]
    document = read(page + lines(60, 690, left, size=9) + lines(320, 686, right, size=9))
    words = document.text.split()
    assert document.title == "A Paper on Trees"
    assert max(at for at, word in enumerate(words) if word == "left") < words.index("right")


def test_a_table_keeps_rows_cells_header_and_caption():
    rows = [("Parameter", "Range", "Scale"), ("depth", "[1, 15]", "linear"), ("gamma", "[0, 7.4]", "log")]
    page = lines(60, 740, PROSE) + put(60, 580, "Table 1: The search space.")
    for number, row in enumerate(rows):
        page += b"".join(put(60 + 110 * at, 564 - 13 * number, cell) for at, cell in enumerate(row))
    document = read(page)
    found = [block for block in document.blocks if block.kind is BlockKind.ROW]
    assert [block.cells for block in found] == rows
    assert found[1].text == "depth [1, 15] linear"
    assert (found[1].header, found[1].caption) == ("Parameter | Range | Scale", "Table 1: The search space.")
    assert "depth   [1, 15]   linear" in document.layout


def test_tables_side_by_side_are_told_apart():
    page = lines(60, 740, PROSE)
    for number in range(4):
        page += put(60, 560 - 12 * number, f"a{number}") + put(110, 560 - 12 * number, f"{number} to 9")
        page += put(300, 555 - 12 * number, f"b{number}") + put(350, 555 - 12 * number, f"{number} to 5")
    rows = [block.cells for block in read(page).blocks if block.kind is BlockKind.ROW]
    assert rows == [*((f"a{n}", f"{n} to 9") for n in range(4)), *((f"b{n}", f"{n} to 5") for n in range(4))]


def test_a_power_has_a_caret_and_a_footnote_has_none():
    page = lines(60, 740, PROSE)
    page += put(60, 500, "between 10") + put(107.5, 504, "-6", 7) + put(114, 500, " and 2") + put(139.3, 504, "9", 7)
    page += put(60, 440, "in all tasks") + put(107, 444, "3", 7)
    document = read(page)
    assert "between 10^-6 and 2^9" in [block.reading for block in document.blocks]
    assert "between 10-6 and 29" in [block.text for block in document.blocks]
    assert "in all tasks3" in [block.reading for block in document.blocks]


def test_a_word_parted_at_the_end_of_a_line_is_one():
    document = read(
        lines(60, 740, [*PROSE, "this text is about state-of-", "the-art learners and hyperpara-", "meters only."])
    )
    assert "hyperparameters only." in document.text
    assert "hyperpara-" in document.layout


def test_sections_are_told_by_size_and_number():
    page = (
        put(60, 740, "1 Introduction", 14)
        + lines(60, 715, PROSE)
        + put(60, 550, "1.1 Search Spaces")
        + lines(60, 530, PROSE)
    )
    document = read(page, put(60, 740, "References", 14) + put(60, 720, "Someone (2020). A paper on trees."))
    assert blocks(document, BlockKind.HEADING) == ["1 Introduction", "1.1 Search Spaces", "References"]
    sections = [(block.page, block.section) for block in document.blocks if block.kind is not BlockKind.HEADING]
    assert sections == [(1, "1 Introduction"), (1, "1 Introduction > 1.1 Search Spaces"), (2, "References")]
    assert blocks(document, BlockKind.REFERENCE) == ["Someone (2020). A paper on trees."]


def test_running_heads_and_page_numbers_are_no_text():
    pages = [put(60, 770, "Published as a paper") + lines(60, 700, PROSE) + put(300, 30, str(n)) for n in (1, 2, 3)]
    document = read(*pages)
    assert "Published" not in document.text
    assert "Published" in document.layout
    assert len(document.blocks) == 3


def test_what_cannot_be_read_is_named():
    with pytest.raises(DocumentError, match="no PDF, or broken"):
        parse(b"%PDF-1.4\nnothing", FORMATS[".pdf"], name="x.pdf")
    with pytest.raises(DocumentError, match="2 pages are too many"):
        read(put(60, 700, "a"), put(60, 700, "b"), limits=Limits(pages=1))
    with pytest.raises(DocumentError, match="pictures"):
        read(b"0 0 100 100 re f\n")


def turned(x: float, y: float, text: str, *, up: bool) -> bytes:
    """Return the drawing of a text that goes up or down the page."""
    return put(0, 0, text).replace(b"0 0 Td", b"0 %d %d 0 %d %d Tm" % (1 if up else -1, -1 if up else 1, x, y))


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("shown", [b"", b"/Rotate 90 "])
def test_a_table_on_its_side_is_read_and_a_stamp_at_the_edge_is_not(up, shown):
    rows = [("Parameter", "Range"), ("eta", "[0.01, 0.3]"), ("depth", "[1, 15]")]
    page = b"".join(
        turned(100 + 14 * at if up else 400 - 14 * at, 100 + 150 * place if up else 700 - 150 * place, cell, up=up)
        for at, row in enumerate(rows)
        for place, cell in enumerate(row)
    )
    stamped = lines(60, 740, PROSE) + turned(20, 300, "arXiv 2301.00001", up=True)
    document = parse(pdf_of(stamped, page).replace(b"/MediaBox", shown + b"/MediaBox"), FORMATS[".pdf"], name="x")
    assert [block.cells for block in document.blocks if block.page == 2] == rows
    assert "arXiv" not in document.text


def test_an_encrypted_pdf_is_refused():
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("cryptography")
    from io import BytesIO

    writer = pypdf.PdfWriter(BytesIO(pdf_of(put(60, 700, "secret"))))
    writer.encrypt("word", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(DocumentError, match="encrypted"):
        parse(out.getvalue(), FORMATS[".pdf"], name="x.pdf")
