"""The shapes pass what is whole and name what is not; the ontology explains every term in use."""

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from kg import model
from kg.iris import TERMS
from kg.rdf_convert import to_quads
from kg.rdf_mapping import ITEMS
from kg.rdf_shapes import validate
from kg.rdf_store import RdfStore
from kg.rdf_terms import RDF, RDFS
from tests.kg import samples


def ontology():
    store = Store()
    store.load(resources.files("kg.ontology").joinpath("tunegraph.ttl").read_bytes(), RdfFormat.TURTLE)
    return store


def test_one_of_every_kind_is_whole():
    assert validate(samples.small_graph()) == ()


def bare_provenance(**changes):
    return model.Provenance(source="s", licence="", url="nowhere", retrieved=date(2026, 1, 1), **changes)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (samples.run().replace(provenance=samples.provenance(locator="")), "where in the source"),
        (samples.run().replace(provenance=bare_provenance()), "licence"),
        (samples.run().replace(provenance=bare_provenance()), "address"),
        (samples.run().replace(scores={}), "at least one score"),
        (samples.run().replace(standing="claimed"), "measured, or a surrogate"),
        (samples.dataset().replace(name=""), "one name"),
        (samples.dataset(rows=0.0), "at least one row"),
        (samples.summary(top_runs=()), "cites its best runs"),
        (samples.evidence("parameter_importance", 1, importances={"a": 1.5}), "between 0 and 1"),
        (samples.evidence("parameter_importance", 1, importances={}), "between 0 and 1"),
        (samples.all_evidence()[6].replace(citation=""), "names its publication"),
        (samples.all_evidence()[7].replace(quote=""), "has its words"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_whole_is_named(item, words):
    assert any(words in violation.message for violation in validate([item]))


def test_swapped_bounds_that_slipped_past_the_types_are_named():
    low = model.FloatParameter.model_construct(name="x", low=2.0, high=1.0)
    space = model.SearchSpace.model_construct(parameters=(low,), conditions=(), forbidden=())
    (found,) = validate([samples.response_model().model_copy(update={"space": space})])
    assert "not above its high" in found.message


def test_an_item_that_cannot_be_said_in_rdf_is_a_violation_and_the_rest_goes_on():
    found = validate([samples.run().replace(iri="no iri"), samples.run().replace(scores={})])
    assert [violation.iri for violation in found] == [samples.run().iri, "no iri"]


def test_every_term_that_is_written_is_explained():
    quads = [quad for item in samples.small_graph() for quad in to_quads(item)]
    written = {term.value for quad in quads for term in (quad.predicate, quad.object) if hasattr(term, "value")}
    declared = {quad.subject.value for quad in ontology() if "BlankNode" not in repr(quad.subject)}
    ours = {term for term in written if term.startswith(TERMS)}
    assert len(ours) > 50
    assert ours - declared == set()
    assert {cls for cls in ITEMS if cls.startswith(TERMS)} - declared == set()


@pytest.mark.parametrize("folder", ["kg.queries", "kg.ontology"])
def test_every_term_in_queries_and_shapes_is_explained(folder):
    declared = {quad.subject.value for quad in ontology() if "BlankNode" not in repr(quad.subject)}
    files = [file for file in resources.files(folder).iterdir() if file.name.endswith((".rq", ".ttl"))]
    assert files
    for file in files:
        names = re.findall(r"\btg:(\w+)", file.read_text("utf-8"))
        named = {TERMS + name for name in names if not name.endswith("Shape")}
        assert named - declared == set(), file.name


def test_every_term_has_a_label_and_a_comment():
    said = {}
    for quad in ontology():
        said.setdefault(quad.subject.value, set()).add(quad.predicate.value)
    ours = {term: predicates for term, predicates in said.items() if term.startswith(TERMS)}
    needed = {RDFS + "label", RDFS + "comment", RDF + "type"}
    assert {term for term, found in ours.items() if not needed <= found} == set()


def test_the_reference_page_lists_every_term():
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "ontology.md").read_text("utf-8")
    ours = {quad.subject.value for quad in ontology() if quad.subject.value.startswith(TERMS)}
    assert [term for term in sorted(ours) if f"`tg:{term[len(TERMS) :]}`" not in page] == []


def test_the_vocabulary_makes_learners_and_metrics_findable_and_belongs_to_no_source():
    with RdfStore() as store:
        store.add([samples.dataset()])
        before = store.fingerprint()
        store.keep_vocabulary()
        store.keep_vocabulary()
        assert store.fingerprint() == before
        assert list(store.sources()) == ["bench"]
        rows = store.ask(
            "SELECT ?l WHERE { ?l a mls:Implementation ; mls:hasHyperParameter/rdfs:label 'max_features' }"
        )
        assert any(row["l"].endswith("/learner/random_forest") for row in rows)
        store.remove_source("bench")
        assert list(store.ask("ASK { ?m a mls:EvaluationMeasure ; tg:greaterIsBetter true }")) == [{"answer": True}]
