from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents.building import assembled, prefixed
from ingest.documents.model import Block, BlockKind, Document, Edit, cells_of, squeezed

WORDS = st.text("ab 1|^\n", max_size=8)
PIECES = st.lists(st.one_of(WORDS.map(lambda words: (words, words)), st.tuples(WORDS, WORDS)), max_size=8)


def block_of(pieces) -> Block:
    text, edits = assembled(pieces)
    return Block(kind=BlockKind.ROW, text=text, edits=edits)


def test_a_row_is_read_with_bars_and_carets_and_quoted_without():
    row = block_of([("gamma", "gamma"), (" ", " "), ("", "| "), ("[1, 2", "[1, 2"), ("", "^"), ("6]", "6]")])
    assert row.text == "gamma [1, 26]"
    assert row.reading == "gamma | [1, 2^6]"
    assert row.cells == ("gamma", "[1, 2^6]")
    start = row.reading.index("2^6")
    assert row.verbatim(start, start + 3) == "26"
    assert row.verbatim(0, len(row.reading)) == row.text


def test_a_quote_of_the_reading_has_words_in_the_document():
    row = block_of([("gamma", "gamma"), ("", " | "), ("[1, 2", "[1, 2"), ("", "^"), ("6]", "6]")])
    assert row.words_for("gamma  | [1, 2^6]") == "gamma[1, 26]"
    assert row.words_for("gamma[1,\n26]") == "gamma[1,\n26]"
    assert row.words_for("gamma | [1, 26]") is None
    assert row.words_for(" ") is None


def test_the_marks_before_lines_are_not_read():
    text, edits = prefixed([("# ", "The median"), ("# ", "pruner"), ("", "is best.")])
    assert text == "The median # pruner is best."
    assert Block(kind=BlockKind.PARAGRAPH, text=text, edits=edits).reading == "The median pruner is best."


@settings(deadline=None)
@given(PIECES)
def test_the_text_of_pieces_is_what_stands_there(pieces):
    block = block_of(pieces)
    assert squeezed(block.text).replace(" ", "") == squeezed("".join(verbatim for verbatim, _ in pieces)).replace(
        " ", ""
    )


@settings(deadline=None)
@given(PIECES)
def test_the_reading_of_pieces_is_what_is_meant(pieces):
    meant = "".join(shown for _, shown in pieces)
    assert squeezed(block_of(pieces).reading).replace(" ", "") == squeezed(meant).replace(" ", "")


@settings(deadline=None)
@given(PIECES, st.data())
def test_what_is_verbatim_stands_in_the_text_and_holds_what_is_kept(pieces, data):
    block = block_of(pieces)
    start = data.draw(st.integers(0, len(block.reading)))
    end = data.draw(st.integers(start, len(block.reading)))
    assert block.verbatim(start, end) in block.text
    assert block.verbatim(0, len(block.reading)) == block.text.strip() or block.edits


@settings(deadline=None)
@given(PIECES)
def test_edits_are_in_order_and_within_the_text(pieces):
    block = block_of(pieces)
    places = [place for edit in block.edits for place in (edit.start, edit.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(block.text) for place in places)


def test_cells_need_no_bars_at_the_ends():
    assert cells_of("| a | b |") == cells_of("a | b") == cells_of("|a|b|") == ("a", "b")
    assert cells_of("| | b |") == ("", "b")
    assert cells_of(r"| a\|b | c |") == (r"a\|b", "c")


def test_a_quote_stands_in_a_document_whatever_its_white_space():
    document = Document(name="x", blocks=(), text="Use  ten\ntrials.", layout="a   b")
    assert document.quotes("Use ten   trials")
    assert document.quotes("a b")
    assert not document.quotes("Use 10 trials")
    assert not document.quotes("  ")


def test_an_edit_may_replace_a_whole_row():
    row = Block(kind=BlockKind.ROW, text="| a | b | | | c |", edits=(Edit(start=0, end=17, to="| a | b c |"),))
    assert row.cells == ("a", "b c")
    assert row.verbatim(2, 3) == row.text
