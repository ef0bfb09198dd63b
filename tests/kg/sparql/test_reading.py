"""A query is read before it is answered: its form, and whether it may be answered at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from benchmarks.hostile_queries import hostile_queries
from kg.errors import InputError
from kg.sparql.reading import Form, RefusedQueryError, read_query


@pytest.mark.parametrize(
    ("text", "form", "has_dataset"),
    [
        ("SELECT * WHERE { ?s ?p ?o }", Form.SELECT, False),
        ("ask { ?s a <a:b> }", Form.ASK, False),
        ("CONSTRUCT { ?s ?p ?o } FROM <a:g> WHERE { ?s ?p ?o }", Form.CONSTRUCT, True),
        ("DESCRIBE <a:b>", Form.DESCRIBE, False),
        ("SELECT * FROM NAMED <a:g> WHERE { GRAPH ?g { ?s ?p ?o } }", Form.SELECT, True),
    ],
)
def test_form_and_dataset_of_a_query(text, form, has_dataset):
    query = read_query(text)

    assert (query.form, query.has_dataset) == (form, has_dataset)
    assert query.form.is_graph == (form in {Form.CONSTRUCT, Form.DESCRIBE})


@pytest.mark.parametrize("query", [q for q in hostile_queries() if q.kind == "services"], ids=lambda q: q.text[:60])
def test_no_query_that_would_ask_another_server_passes(query):
    with pytest.raises(InputError):
        read_query(query.text)


@pytest.mark.parametrize("query", [q for q in hostile_queries() if q.kind == "disguises"], ids=lambda q: q.text[:60])
def test_what_passes_holds_no_call_for_the_engine_either(query):
    # Any socket that the engine opened would fail the query: nothing listens there.
    found = Store().query(read_query(query.text).text)

    assert list(found) == []


@pytest.mark.parametrize("query", [q for q in hostile_queries() if q.kind == "updates"], ids=lambda q: q.text[:60])
def test_no_update_passes_whatever_it_looks_like(query):
    with pytest.raises(InputError):
        read_query(query.text)


@pytest.mark.parametrize("text", ["DROP ALL", "INSERT DATA { <a:s> <a:p> <a:o> }", "LOAD <a:x>"])
def test_an_update_is_told_from_what_is_no_query_at_all(text):
    with pytest.raises(RefusedQueryError, match="an update"):
        read_query(text)


@given(
    st.sampled_from(["SERVICE", "INSERT DATA", "DROP ALL", "# LOAD", "}} DELETE"]), st.sampled_from(['"', "'", '"""'])
)
def test_words_in_a_string_are_words(words, quote):
    text = f"SELECT * WHERE {{ ?s ?p {quote}{words} <a:b> {{ ?x ?y ?z }}{quote} }}"

    assert read_query(text).form is Form.SELECT


def test_a_query_may_call_a_variable_service():
    assert read_query("SELECT ?service WHERE { ?service ?p ?o }").form is Form.SELECT


def test_escapes_of_characters_are_resolved_before_anybody_parses():
    assert read_query(r"SELECT * WHERE { ?s ?p 'caf\u00e9' }").text == "SELECT * WHERE { ?s ?p 'café' }"
    assert read_query(r"SELECT * WHERE { ?s ?p 'd\u00e9cade' }").text == "SELECT * WHERE { ?s ?p 'décade' }"
    assert read_query(r"SELECT * WHERE { ?s ?p '\U0001F600' }").text == f"SELECT * WHERE {{ ?s ?p '{chr(0x1F600)}' }}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * WHERE { ?s ?p ?o # \r }", "carriage return"),
        (r"SELECT * WHERE { ?s ?p '\u005Cu0041' }", "escape within an escape"),
        (r"SELECT * WHERE { ?s ?p '\U0041' }", "too few digits"),
        (r"SELECT * WHERE { ?s ?p '\uD800' }", "names no character"),
        (r"SELECT * WHERE { ?s ?p '\UFFFFFFFF' }", "names no character"),
        ("SELECT * WHERE {", "line 1"),
        ("SELECT * WHERE { " + "{" * 9_000 + "}" * 9_000 + " }", "nested too deep"),
    ],
)
def test_what_cannot_be_read_is_told(text, message):
    with pytest.raises(InputError, match=message):
        read_query(text)


def test_lines_may_end_as_browsers_send_them():
    assert read_query("SELECT * # all\r\nWHERE { ?s ?p ?o }").form is Form.SELECT


@pytest.mark.parametrize("opening", ["{", "OPTIONAL {", "FILTER EXISTS {"])
def test_a_hundred_levels_are_not_too_deep(opening):
    assert read_query("SELECT * WHERE { " + opening * 100 + " ?s ?p ?o " + "}" * 101).form is Form.SELECT
