"""Every type of the model survives JSON and RDF: same value, same types."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse, serialize

from kg import model
from kg.errors import RecordError
from kg.model.base import Value
from kg.rdf_convert import from_quads, to_quads
from kg.rdf_mapping import ITEMS as MAPPED
from tests.kg.model_strategies import ITEMS, SPECIAL, TEXTS, VALUES, of

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def exact(value: Value) -> object:
    """The value with the type of every leaf: unlike `==`, it tells True, 1 and 1.0 apart."""
    return json.dumps(value.model_dump(mode="json"), sort_keys=True)


@pytest.mark.parametrize("cls", ITEMS, ids=lambda cls: cls.__name__)
class TestEveryItem:
    @QUICK
    @given(data=st.data())
    def test_survives_json(self, cls, data):
        item = data.draw(ITEMS[cls])
        again = cls.model_validate_json(item.model_dump_json())
        assert again == item
        assert exact(again) == exact(item)

    @QUICK
    @given(data=st.data())
    def test_survives_quads_of_one_graph_without_blank_nodes_and_their_text(self, cls, data):
        item = data.draw(ITEMS[cls])
        quads = to_quads(item)
        assert len({quad.graph_name for quad in quads}) == 1
        assert not [quad for quad in quads if "BlankNode" in repr(quad)]
        text = serialize(quads, format=RdfFormat.N_QUADS)
        (again,) = from_quads(parse(text, RdfFormat.N_QUADS))
        assert again == item
        assert exact(again) == exact(item)


def test_the_strategies_cover_every_item_that_the_graph_holds():
    assert (
        {layout.cls for layout in MAPPED.values()}
        == set(ITEMS)
        == {model.Dataset, model.Run, *model.EVIDENCE_KINDS.values()}
    )


@QUICK
@given(space=SPECIAL[model.SearchSpace]())
def test_spaces_survive_json(space):
    assert exact(model.SearchSpace.model_validate_json(space.model_dump_json())) == exact(space)


@given(values=st.dictionaries(TEXTS, VALUES, max_size=6))
@settings(deadline=None)
def test_configurations_keep_the_type_of_every_value(values):
    configuration = model.Configuration(values)
    run = RUN.replace(configuration=configuration)
    (again,) = from_quads(to_quads(run))
    assert {k: (type(v), v) for k, v in again.configuration.items()} == {k: (type(v), v) for k, v in values.items()}


@pytest.mark.parametrize("thing", [model.METRICS["accuracy"], model.Cost(), 3, None])
def test_what_is_no_item_is_refused_by_name(thing):
    with pytest.raises(RecordError, match=f"{type(thing).__name__} has no place"):
        to_quads(thing)


@pytest.mark.parametrize("iri", ["no iri", "http://a b", "http://a>b", "", "http://a/\n"])
def test_what_is_no_iri_is_refused(iri):
    with pytest.raises(RecordError, match="no absolute IRI"):
        to_quads(RUN.replace(iri=iri))


def test_a_run_whose_data_set_looks_like_its_own_part_is_refused():
    with pytest.raises(RecordError, match="part of the run"):
        to_quads(RUN.replace(dataset=RUN.iri + "/setting/x"))


def test_quads_that_lack_a_needed_field_are_refused():
    quads = [quad for quad in to_quads(RUN) if "executes" not in quad.predicate.value]
    with pytest.raises(RecordError, match="executes"):
        from_quads(quads)


def test_quads_with_an_impossible_value_are_refused():
    bad = RUN.model_copy(update={"cost": model.Cost.model_construct(seconds=-1.0, memory_mb=None)})
    with pytest.raises(RecordError, match="greater than or equal to 0"):
        from_quads(to_quads(bad))


PROVENANCE = model.Provenance(
    source="test", licence="CC0-1.0", url="https://example.org", retrieved="2026-01-02", locator="row 1"
)
RUN = model.Run(
    iri="https://example.org/run/1",
    dataset="https://example.org/dataset/1",
    learner="random_forest",
    configuration=model.Configuration({"max_depth": None}),
    scores={"accuracy": 0.5},
    standing="measured",
    provenance=PROVENANCE,
)


@QUICK
@given(provenance=of(model.Provenance))
def test_provenance_survives_with_its_own_and_its_shared_part(provenance):
    (again,) = from_quads(to_quads(RUN.replace(provenance=provenance)))
    assert again.provenance == provenance
