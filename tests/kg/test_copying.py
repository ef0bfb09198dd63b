"""A graph moves between stores, either way, and nothing is lost."""

import pytest

from kg.copying import copy_graph
from kg.errors import InputError, StoreError
from kg.neo4j_store import Neo4jStore
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.kg.neo4j_server import server

ITEMS = (*samples.small_graph(), samples.run(7, source="other"))


@pytest.fixture
def there():
    server().empty()
    with Neo4jStore(server().connection()) as store:
        yield store


@pytest.fixture
def here():
    with RdfStore() as store:
        yield store


def test_a_graph_goes_to_neo4j_and_back(here, there, tmp_path):
    here.add(ITEMS)
    first = copy_graph(here, there)
    assert dict(first.copied.items()) == {"bench": len(ITEMS) - 1, "other": 1}
    assert (first.compared, first.fingerprint) == (len(ITEMS), here.fingerprint())
    with RdfStore(tmp_path) as back:
        second = copy_graph(there, back)
        assert back.fingerprint() == here.fingerprint()
        assert [back.get(item.iri) for item in ITEMS] == list(ITEMS)
    assert second.counts == first.counts


def test_what_is_there_already_is_skipped(here):
    here.add(ITEMS)
    with RdfStore() as target:
        target.add(item for item in ITEMS if item.provenance.source == "bench")
        report = copy_graph(here, target)
        assert (dict(report.copied.items()), report.unchanged) == ({"other": 1}, ("bench",))
        assert len(copy_graph(here, target).copied) == 0


def test_a_source_becomes_what_it_is_in_the_other_graph_and_nothing_else(here):
    here.add(ITEMS)
    with RdfStore() as target:
        target.add([samples.run(0, 0.5), samples.run(99), samples.run(7, source="bench")])
        copy_graph(here, target)
        assert not target.has(samples.run(99).iri)
        assert target.get(samples.run(7).iri) == samples.run(7, source="other")


def test_what_only_the_target_has_is_kept_unless_asked(here):
    here.add([samples.run(0)])
    with RdfStore() as target:
        target.add([samples.run(7, source="mine")])
        with pytest.raises(InputError, match=r"mine.*--replace"):
            copy_graph(here, target)
        assert target.has(samples.run(7).iri)
        report = copy_graph(here, target, replace=True)
        assert dict(report.removed.items()) == {"mine": 1}
        assert target.fingerprint() == here.fingerprint()


class Failing(RdfStore):
    """Takes `left` batches, then no more."""

    left = 1

    def add(self, items):
        if self.left == 0:
            raise StoreError("no space left")
        self.left -= 1
        super().add(items)


def test_an_interrupted_copy_leaves_whole_sources_and_is_completed_by_another(here):
    here.add(ITEMS)
    with Failing() as target:
        with pytest.raises(StoreError, match="no space"):
            copy_graph(here, target)
        assert target.sources() == {"bench": here.sources()["bench"]}
        target.left = 9
        assert dict(copy_graph(here, target).copied.items()) == {"other": 1}


def test_a_store_that_keeps_something_else_is_found_out(here):
    class Lossy(RdfStore):
        def runs(self, iris):
            return tuple(run.replace(standing="surrogate") for run in super().runs(iris))

    here.add(ITEMS)
    with Lossy() as target, pytest.raises(StoreError, match="another item"):
        copy_graph(here, target)


def test_a_source_that_is_taken_out_meanwhile_is_found_out(here):
    class TakenOut(RdfStore):
        def datasets(self):
            self.remove_source("other")
            return super().datasets()

    with TakenOut() as source, RdfStore() as target:
        source.add(ITEMS)
        with pytest.raises(StoreError, match="changed while it was copied"):
            copy_graph(source, target)
