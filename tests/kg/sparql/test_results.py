"""Answers are written so that any reader of the standard's forms gets the same terms back."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, parse_query_results

from kg.errors import InputError
from kg.sparql.results import ROW_WRITERS, csv_rows, truth_text, xml_rows

_READERS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
#: Every character but halves of one, and those that XML cannot hold.
_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"))
_TERM = st.one_of(
    st.none(),
    st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True).map(lambda s: NamedNode(f"https://example.org/{s}")),
    st.from_regex(r"b[0-9]{1,3}", fullmatch=True).map(BlankNode),
    _TEXT.map(Literal),
    st.builds(Literal, _TEXT, language=st.sampled_from(["en", "de-ch"])),
    st.integers().map(Literal),
    st.builds(Literal, _TEXT, datatype=st.just(NamedNode("https://example.org/type"))),
)


@pytest.mark.parametrize("media_type", _READERS)
@example([(None, Literal(" ")), (Literal("\u00a0 \u2003"), Literal(" a "))])
@given(st.lists(st.tuples(_TERM, _TERM), max_size=4))
def test_every_term_comes_back(media_type, rows):
    written = "".join(ROW_WRITERS[media_type](["a", "b"], rows)).encode()

    read = parse_query_results(written, _READERS[media_type])

    assert [variable.value for variable in read.variables] == ["a", "b"]
    assert [tuple(row) for row in read] == rows


def test_control_characters_come_back_where_the_form_can_hold_them():
    rows = [(Literal('a\tb\nc\rd"e\\f'),)]
    for media_type, reader in _READERS.items():
        written = "".join(ROW_WRITERS[media_type](["a"], rows)).encode()
        assert [tuple(row) for row in parse_query_results(written, reader)] == rows


def test_xml_says_so_where_it_cannot_hold_a_character():
    with pytest.raises(InputError, match="which XML cannot"):
        "".join(xml_rows(["a"], [(Literal("\x01"),)]))


def test_csv_is_what_spreadsheets_read():
    rows = [(Literal('say "hi", you'), None), (NamedNode("a:b"), Literal(3))]

    assert "".join(csv_rows(["a", "b"], rows)) == 'a,b\r\n"say ""hi"", you",\r\na:b,3\r\n'


@pytest.mark.parametrize("media_type", [name for name, reader in _READERS.items() if reader != QueryResultsFormat.TSV])
def test_truth_comes_back(media_type):
    assert bool(parse_query_results(truth_text(True, media_type).encode(), _READERS[media_type])) is True
    assert bool(parse_query_results(io.BytesIO(truth_text(False, media_type).encode()), _READERS[media_type])) is False
