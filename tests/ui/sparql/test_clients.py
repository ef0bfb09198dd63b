"""Any SPARQL client works: SPARQLWrapper and rdflib's SPARQLStore, over HTTP on this machine."""

import socket
import threading
from collections.abc import Iterator

import pytest
import rdflib
import uvicorn
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.iris import BASE

XGBOOST = f"{BASE}learner/xgboost"
MLS = "http://www.w3.org/ns/mls#"


pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")


@pytest.fixture(scope="module")
def address(endpoint_app) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(endpoint_app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/sparql"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def wrapper(endpoint, address) -> SPARQLWrapper:
    return SPARQLWrapper(address)


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("how", [None, POSTDIRECTLY])
def test_sparqlwrapper_selects(wrapper, method, how):
    wrapper.setMethod(method)
    if how and method == POST:
        wrapper.setRequestMethod(how)
    wrapper.setQuery(f"SELECT ?label WHERE {{ <{XGBOOST}> rdfs:label ?label }}")
    wrapper.setReturnFormat(JSON)

    assert [row["label"]["value"] for row in wrapper.query().convert()["results"]["bindings"]] == ["XGBoost"]


@pytest.mark.parametrize("form", [XML, CSV])
def test_sparqlwrapper_reads_other_forms(wrapper, form):
    wrapper.setQuery(f"SELECT ?label WHERE {{ <{XGBOOST}> rdfs:label ?label }}")
    wrapper.setReturnFormat(form)

    found = wrapper.query().convert()
    assert "XGBoost" in (found.toxml() if form == XML else found.decode())


@pytest.mark.parametrize("form", [TURTLE, N3, JSONLD, XML])
def test_sparqlwrapper_reads_graphs(wrapper, form):
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{XGBOOST}> rdfs:label ?label }}")
    wrapper.setReturnFormat(form)

    found = wrapper.query().convert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert len(graph) == 1


def test_sparqlwrapper_is_told_of_errors(wrapper):
    wrapper.setQuery("SELECT nonsense")
    with pytest.raises(QueryBadFormed):
        wrapper.query()


def test_rdflib_reads_the_graph_as_if_it_were_its_own(endpoint, address):
    graph = rdflib.Graph(store=SPARQLStore(address))
    learner = rdflib.URIRef(XGBOOST)

    assert graph.value(learner, rdflib.RDFS.label) == rdflib.Literal("XGBoost")
    assert (learner, rdflib.RDF.type, rdflib.URIRef("http://www.w3.org/ns/mls#Implementation")) in graph
    rows = graph.query("SELECT ?s WHERE { ?s rdfs:label 'XGBoost' ; a mls:Implementation }", initNs={"mls": MLS})
    assert [str(row.s) for row in rows] == [XGBOOST]
    assert graph.query(f"ASK {{ <{XGBOOST}> ?p ?o }}").askAnswer is True
    assert len(graph.query(f"CONSTRUCT WHERE {{ <{XGBOOST}> rdfs:label ?o }}").graph) == 1
