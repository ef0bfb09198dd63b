"""What changes in the graph when a source says something else than before, and what may not enter it."""

from datetime import UTC, date, datetime

import pytest

from ingest.graph import graph_changes, sound
from ingest.report import ItemCounts
from kg.rdf_store import RdfStore
from tests.kg import samples


@pytest.fixture
def store():
    with RdfStore() as store:
        store.add(samples.small_graph())
        yield store


def later(item):
    """The same, as another ingestion on another day would say it."""
    said = item.provenance
    activity = said.activity.replace(started=datetime(2027, 1, 1, tzinfo=UTC), software="tunegraph 9")
    return item.replace(provenance=said.replace(retrieved=date(2027, 1, 1), activity=activity))


def test_what_says_the_same_on_another_day_stays_as_it_was(store):
    before = store.fingerprint()
    changes = graph_changes(store, "bench", map(later, samples.small_graph()))
    assert (changes.add, changes.remove) == ((), ())
    assert sum(counts.unchanged for counts in changes.counts.values()) == len(samples.small_graph())
    changes.apply(store)
    assert store.fingerprint() == before


def test_what_is_new_changed_and_gone_is_counted_and_done(store):
    kept = [item for item in samples.small_graph() if item.iri != samples.response_model().iri]
    changed = [item.replace(best=0.99) if item.iri == samples.summary().iri else item for item in kept]
    changes = graph_changes(store, "bench", [*changed, samples.run(8)])
    assert changes.counts["run"] == ItemCounts(added=1, unchanged=3)
    assert changes.counts["run_summary"] == ItemCounts(updated=1)
    assert changes.counts["response_model"] == ItemCounts(removed=1)
    changes.apply(store)
    assert store.get(samples.summary().iri).best == 0.99
    assert store.has(samples.run(8).iri)
    assert not store.has(samples.response_model().iri)


def test_what_another_source_refers_to_stays_though_it_is_said_no_more(store):
    theirs = samples.summary(top_runs=(samples.run(2).iri,)).replace(iri=samples.IRIS + "x")
    store.add([theirs.replace(provenance=samples.provenance("other"))])
    changes = graph_changes(store, "bench", [samples.dataset()])
    assert changes.counts["run"] == ItemCounts(removed=2, cited=1)
    changes.apply(store)
    assert store.has(samples.run(2).iri)
    assert not store.has(samples.run(1).iri)


def test_what_another_source_has_said_first_is_its_own(store):
    mine = samples.dataset(rows=7.0, source="mine")
    changes = graph_changes(store, "mine", [mine])
    assert (changes.add, changes.elsewhere) == ((), (samples.IRIS,))
    assert changes.counts["dataset"] == ItemCounts(elsewhere=1)
    assert store.get(samples.IRIS) == samples.dataset()


def test_without_a_graph_there_is_nothing_to_do():
    changes = graph_changes(None, "bench", samples.small_graph())
    assert (changes.add, changes.remove) == ((), ())
    assert changes.counts["run"] == ItemCounts(unchanged=3)


def test_the_sound_pass_and_the_rest_is_rejected_with_its_reason(store):
    bad = samples.evidence("parameter_importance", 1, importances={"a": 1.5})
    kept, (rejected,) = sound(store, [samples.dataset(), bad])
    assert kept == [samples.dataset()]
    assert rejected.reason == "Importances are shares between 0 and 1."
    assert "1.5" in rejected.detail
    assert bad.iri in rejected.detail


def test_where_a_run_of_the_sample_is_bad_all_are_looked_at(store):
    runs = [samples.run(i) for i in range(60)]
    runs[3], runs[59] = runs[3].replace(scores={}), runs[59].replace(scores={})
    kept, rejected = sound(store, runs)
    assert len(kept) == 58
    assert {record.reason for record in rejected} == {"A run has at least one score."}


def test_what_cites_a_rejected_run_is_rejected_with_it(store):
    runs = [samples.run(1), samples.run(2).replace(scores={})]
    kept, rejected = sound(store, [*runs, samples.summary()])
    assert kept == [samples.run(1)]
    assert [record.reason for record in rejected] == ["A run has at least one score.", "cites a rejected run"]
