"""A query is answered in a form that is taken, from the graphs that are asked, within limits."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.errors import InputError
from kg.sparql.answering import GRAPH_FORMATS, Limits, NotAcceptableError, TooLargeError, Wanted, answer_query
from kg.sparql.reading import read_query

CSV, TURTLE = "text/csv", "text/turtle"
UNLIMITED = Limits()


@pytest.fixture
def view() -> Store:
    """Ten things in graph ``a:1``, one in ``a:2``."""
    store = Store()
    store.extend([Quad(NamedNode(f"a:s{i}"), NamedNode("a:p"), Literal(i), NamedNode("a:1")) for i in range(10)])
    store.add(Quad(NamedNode("a:other"), NamedNode("a:p"), Literal(0), NamedNode("a:2")))
    return store


def ask(view, text, *, rows_type=CSV, graph_type=TURTLE, limits=UNLIMITED, **wanted):
    return answer_query(view, read_query(text), Wanted(rows_type, graph_type, **wanted), limits)


def count(view, text="SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", **wanted):
    return int(ask(view, text, **wanted).body.split()[1])


def test_all_graphs_are_asked_where_none_is_said(view):
    assert count(view) == 11


def test_the_query_says_which_graphs(view):
    assert count(view, "SELECT (COUNT(*) AS ?n) FROM <a:2> WHERE { ?s ?p ?o }") == 1


def test_the_request_overrules_the_query(view):
    text = "SELECT (COUNT(*) AS ?n) FROM <a:2> WHERE { ?s ?p ?o }"

    assert count(view, text, default_graphs=("a:1",)) == 10
    assert count(view, text, default_graphs=("a:1", "a:2")) == 11
    assert count(view, text, named_graphs=("a:1",)) == 0


def test_a_graph_that_is_not_there_is_empty(view):
    assert count(view, default_graphs=("a:nowhere",)) == 0


def test_named_graphs_are_those_that_were_said(view):
    text = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"

    assert count(view, text) == 11
    assert count(view, text, named_graphs=("a:2",)) == 1


@pytest.mark.parametrize("media_type", GRAPH_FORMATS)
def test_a_graph_comes_back_from_every_form(view, media_type):
    answer = ask(view, "CONSTRUCT WHERE { ?s ?p ?o }", graph_type=media_type)

    assert answer.rows == len(set(parse(answer.body, GRAPH_FORMATS[media_type]))) == 11


def test_rdf_xml_is_refused_where_it_has_no_name_for_a_property():
    store = Store()
    store.add(Quad(NamedNode("a:s"), NamedNode("https://example.org/0.5"), Literal(1)))

    with pytest.raises(NotAcceptableError, match=r"0\.5"):
        ask(store, "CONSTRUCT WHERE { ?s ?p ?o }", graph_type="application/rdf+xml")
    assert list(parse(ask(store, "CONSTRUCT WHERE { ?s ?p ?o }").body, RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("text", "types"),
    [("SELECT * WHERE { ?s ?p ?o }", {"rows_type": None}), ("DESCRIBE <a:s1>", {"graph_type": None})],
)
def test_a_form_that_is_not_taken_is_not_given(view, text, types):
    with pytest.raises(NotAcceptableError):
        ask(view, text, **types)


@pytest.mark.parametrize("text", ["SELECT * WHERE { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_an_answer_is_whole_or_refused(view, text):
    assert ask(view, text, limits=Limits(rows=11)).rows == 11
    with pytest.raises(TooLargeError, match="10 rows"):
        ask(view, text, limits=Limits(rows=10))
    with pytest.raises(TooLargeError, match="50 bytes"):
        ask(view, text, limits=Limits(bytes=50))


def test_a_variable_is_bound_as_a_term(view):
    text = "SELECT ?s ?o WHERE { ?s <a:p> ?o }"

    assert ask(view, text, bindings={"s": "a:s7"}).body == b"s,o\r\na:s7,7\r\n"
    with pytest.raises(InputError, match="no absolute IRI"):
        ask(view, text, bindings={"s": "a:s7> } #"})


@pytest.mark.parametrize("text", ["SELECT * WHERE { <relative> ?p ?o }", "SELECT * WHERE { ?s no:prefix ?o }"])
def test_what_the_engine_cannot_answer_is_told(view, text):
    with pytest.raises(InputError, match="cannot be answered"):
        ask(view, text)
