"""The embedded copy of a graph on a server has all but the user's own studies, and keeps up."""

import pytest

from kg.model.provenance import OWN_SOURCE
from kg.public_mirror import PublicMirror
from kg.rdf_store import RdfStore
from tests.kg import samples

PRIVATE = samples.run(7, source=f"{OWN_SOURCE}loans")


@pytest.fixture
def whole():
    with RdfStore() as store:
        store.add([*samples.small_graph(), PRIVATE])
        yield store


def test_it_has_all_but_what_is_private(whole, tmp_path):
    public = PublicMirror(whole, tmp_path).current()
    assert public.sources() == {"bench": whole.sources()["bench"]}
    assert not public.has(PRIVATE.iri)
    assert [public.get(item.iri) for item in samples.small_graph()] == list(samples.small_graph())


def test_it_keeps_up(whole, tmp_path):
    mirror = PublicMirror(whole, tmp_path)
    mirror.current()
    whole.add([samples.run(0, 0.5), samples.run(8, source="later")])
    whole.remove([samples.run(1).iri])
    assert mirror.current().get(samples.run(0).iri) == samples.run(0, 0.5)
    assert not mirror.current().has(samples.run(1).iri)
    whole.remove_source("later")
    assert list(mirror.current().sources()) == ["bench"]


def test_what_becomes_private_goes(whole, tmp_path):
    mirror = PublicMirror(whole, tmp_path)
    mirror.current()
    whole.add([samples.run(0, source=f"{OWN_SOURCE}loans")])
    assert not mirror.current().has(samples.run(0).iri)
