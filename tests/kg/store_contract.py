"""What every store must do, whatever it is made of. A store's tests subclass `StoreContract` and give it a `store`."""

import contextlib
from datetime import date

import pytest

from kg.errors import EvidenceError, StoreError, UnknownNameError
from kg.iris import dataset_iri, run_iri
from kg.model import MetaFeatures
from tests.kg import samples

HOSTILE = [
    'quo"te',
    "back\\slash",
    "line\nfeed",
    "tab\t",
    "> .\n<http://evil> <http://evil> ",
    "ünïcödé 😀",
    "{}?x $y",
    "' OR 1",
]


class StoreContract:
    """The contract. Subclasses define the fixture ``store``: an empty store, closed afterwards."""

    #: Every statement of the graph, and when each ingestion began (``when``), in the store's own language.
    EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
    ACTIVITIES = "SELECT ?when WHERE { ?activity a prov:Activity ; prov:startedAtTime ?when }"

    # --- what is added can be read

    def test_an_empty_store_holds_nothing(self, store):
        assert store.datasets() == store.evidence() == store.runs([]) == ()
        assert set(store.counts().values()) == {0}

    def test_every_item_comes_back_as_it_was(self, store):
        items = samples.small_graph()
        store.add(items)
        assert [store.get(item.iri) for item in items] == list(items)

    def test_data_sets_come_by_iri(self, store):
        store.add(samples.small_graph())
        assert [d.iri for d in store.datasets()] == sorted([samples.IRIS, samples.WINE])

    def test_runs_come_in_the_order_asked_for(self, store):
        store.add(samples.run(i) for i in range(3))
        wanted = [samples.run(i).iri for i in (2, 0, 1)]
        assert [run.iri for run in store.runs(wanted)] == wanted

    def test_a_run_that_is_not_there_is_named(self, store):
        store.add([samples.run(0), samples.dataset()])
        with pytest.raises(EvidenceError, match="random_forest-9"):
            store.runs([samples.run(0).iri, samples.run(9).iri])
        with pytest.raises(EvidenceError, match="no run"):
            store.runs([samples.IRIS])

    def test_what_is_not_there_is_not_had(self, store):
        store.add([samples.dataset()])
        assert store.has(samples.IRIS)
        for iri in (samples.WINE, "no iri at all", "", samples.IRIS + "/setting/x"):
            assert not store.has(iri)
            with pytest.raises(EvidenceError):
                store.get(iri)

    def test_what_is_there_of_many_is_found_at_once(self, store):
        store.add(samples.small_graph())
        items = [samples.run(0), samples.dataset()]
        wanted = [items[0].iri, "no iri at all", samples.IRIS, samples.run(9).iri, items[0].iri]
        assert store.find(wanted) == {item.iri: store.get(item.iri) for item in items}
        assert list(store.find(wanted)) == [items[0].iri, samples.IRIS]
        assert store.find([]) == {}

    def test_a_question_asked_again_is_answered_as_the_graph_is_now(self, store):
        known = {"learner": "random_forest", "dataset": samples.IRIS}
        for number in range(3):
            store.add([samples.run(number)])
            rows = list(store.ask("runs_of_learner", known))
            rows[0]["run"] = "spoilt by who asked"
            found = {row["run"] for row in store.ask("runs_of_learner", known)}
            assert found == {samples.run(i).iri for i in range(number + 1)}

    def test_counts_are_by_kind(self, store):
        store.add(samples.small_graph())
        counts = store.counts()
        assert counts["dataset"] == 2
        assert counts["run"] == 3
        assert {counts[e.kind] for e in samples.all_evidence()} == {1}

    # --- evidence by property

    def test_evidence_is_found_by_every_property(self, store):
        items = samples.all_evidence()
        store.add(items)
        assert store.evidence() == tuple(sorted(items, key=lambda e: e.iri))
        assert [e.kind for e in store.evidence("claim")] == ["claim"]
        assert {e.kind for e in store.evidence(dataset=samples.IRIS)} == {
            e.kind for e in items if hasattr(e, "dataset")
        }
        assert {e.kind for e in store.evidence(metric="accuracy")} == {e.kind for e in items if hasattr(e, "metric")}

    def test_properties_narrow_each_other(self, store):
        other = samples.evidence("parameter_importance", 2, learner="svm", importances={"C": 1.0})
        store.add([*samples.all_evidence(), other])
        assert store.evidence("parameter_importance", learner="svm", metric="accuracy", dataset=samples.IRIS) == (
            other,
        )
        assert store.evidence("parameter_importance", learner="svm", metric="roc_auc") == ()
        assert store.evidence(learner="svm", dataset=samples.WINE) == ()

    def test_an_unknown_kind_is_named_with_those_there_are(self, store):
        with pytest.raises(UnknownNameError, match="run_summary"):
            store.evidence("run_sumary")

    def test_meta_features_are_those_named(self, store):
        store.add([samples.dataset(), samples.dataset(samples.WINE, meta_features={})])
        wanted = ("J48.00001.ErrRate", "NumberOfClasses")
        assert store.meta_features(wanted) == {
            samples.IRIS: MetaFeatures({"J48.00001.ErrRate": 0.06}),
            samples.WINE: MetaFeatures({}),
        }

    # --- the same again, and something else

    def test_adding_twice_changes_nothing(self, store):
        store.add(samples.small_graph())
        before = store.fingerprint()
        store.add(samples.small_graph())
        assert store.fingerprint() == before
        assert store.counts()["run"] == 3

    def test_other_content_replaces_the_old_whole(self, store):
        store.add([samples.run(0), samples.run(1)])
        bare = samples.run(0).replace(configuration={"criterion": "gini"}, scores={"accuracy": 0.1}, fidelity=None)
        store.add([bare])
        assert store.get(bare.iri) == bare
        rows = list(store.ask("runs_of_learner", {"learner": "random_forest", "dataset": samples.IRIS}))
        assert {(row["run"], row["score"]) for row in rows if row["metric"].endswith("/accuracy")} == {
            (bare.iri, 0.1),
            (samples.run(1).iri, 0.9),
        }

    def test_an_item_may_move_to_another_source(self, store):
        store.add([samples.dataset(source="old"), samples.dataset(samples.WINE, source="old")])
        store.add([samples.dataset(source="new")])
        assert store.remove_source("old") == 1
        assert store.datasets() == (samples.dataset(source="new"),)

    def test_the_last_of_two_with_one_name_wins(self, store):
        store.add([samples.dataset(rows=1.0), samples.dataset(rows=2.0)])
        assert store.datasets() == (samples.dataset(rows=2.0),)

    # --- sources

    def test_a_source_goes_without_a_trace(self, store):
        store.add([samples.run(0), *samples.all_evidence()])
        before = store.fingerprint()
        other = [samples.dataset(source="other"), samples.run(7, source="other")]
        store.add(other)
        assert store.remove_source("other") == 2
        assert store.fingerprint() == before
        assert not store.has(other[0].iri)
        (left,) = store.ask("sources")
        assert left["source"].endswith("/bench")

    def test_a_source_that_is_not_there_is_no_error(self, store):
        assert store.remove_source("nobody") == 0

    # --- transactions

    def test_the_items_of_a_source_are_named_with_their_kinds(self, store):
        store.add([*samples.small_graph(), samples.run(7, source="other")])
        found = store.items_of("bench")
        assert list(found) == sorted(item.iri for item in samples.small_graph())
        assert found[samples.IRIS] == "dataset"
        assert found[samples.summary().iri] == "run_summary"
        assert store.items_of("other") == {samples.run(7).iri: "run"}
        assert store.items_of("nobody") == {}

    def test_single_items_go_without_a_trace(self, store):
        store.add([samples.dataset(), samples.run(0)])
        before, quads = store.fingerprint(), len(list(store.ask(self.EVERYTHING)))
        store.add([samples.run(1), samples.response_model(), samples.run(7, source="other")])
        gone = [samples.run(1).iri, samples.response_model().iri, samples.run(7).iri]
        assert store.remove([*gone, samples.run(1).iri, samples.WINE]) == 3
        assert not any(store.has(iri) for iri in gone)
        assert store.fingerprint() == before
        assert len(list(store.ask(self.EVERYTHING))) == quads

    def test_what_other_sources_refer_to_is_known(self, store):
        store.add([samples.dataset(), samples.run(0), samples.run(1), samples.run(7, source="other")])
        summary = samples.summary(top_runs=(samples.run(1).iri,))
        store.add([summary.replace(provenance=samples.provenance("other"))])
        iris = [samples.IRIS, samples.run(0).iri, samples.run(1).iri, samples.run(7).iri]
        assert store.cited(iris, beside="bench") == {samples.IRIS, samples.run(1).iri}
        assert store.cited(iris, beside="other") == {samples.IRIS}

    def test_what_breaks_a_shape_is_named_with_its_path_and_value_and_nothing_is_written(self, store):
        bad = samples.evidence("parameter_importance", 1, importances={"a": 1.5})
        (found,) = store.violations([samples.run(), bad])
        assert (found.iri, found.value) == (bad.iri, "1.5")
        assert "between 0 and 1" in found.message
        assert not store.has(samples.run().iri)

    def test_what_an_ingestion_is_stays_as_long_as_something_came_from_it(self, store):
        store.add([samples.run(0), samples.run(1)])
        store.remove([samples.run(0).iri])
        assert [row["when"] for row in store.ask(self.ACTIVITIES)] == ["2026-11-01T09:30:00Z"]
        store.remove([samples.run(1).iri])
        assert list(store.ask(self.ACTIVITIES)) == []

    def test_an_error_undoes_the_whole_block(self, store):
        def fail():
            with store.transaction():
                store.add([samples.run(1), samples.dataset(rows=7.0)])
                store.remove_source("bench")
                raise ZeroDivisionError

        store.add([samples.dataset(), samples.run(0)])
        before = store.fingerprint()
        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.fingerprint() == before
        assert store.datasets() == (samples.dataset(),)
        assert not store.has(samples.run(1).iri)

    def test_a_block_sees_its_own_additions_and_keeps_them(self, store):
        with store.transaction():
            store.add([samples.run(0)])
            with store.transaction():
                store.add([samples.run(1)])
            assert store.has(samples.run(0).iri)
        assert store.counts()["run"] == 2

    def test_a_failure_within_a_block_cannot_be_kept_by_halves(self, store):
        def fail_within():
            with store.transaction():
                store.add([samples.run(0)])
                with contextlib.suppress(ZeroDivisionError), store.transaction():
                    store.add([samples.run(1)])
                    raise ZeroDivisionError

        with pytest.raises(StoreError, match="Nothing was written"):
            fail_within()
        assert store.counts()["run"] == 0

    def test_one_bad_item_keeps_its_whole_batch_out_but_not_the_block(self, store):
        with store.transaction():
            store.add([samples.run(0)])
            with pytest.raises(ValueError, match="no absolute IRI"):
                store.add([samples.run(1), samples.dataset(iri="no iri")])
        assert store.counts()["run"] == 1

    def test_after_an_error_the_store_can_be_written_again(self, store):
        with pytest.raises(ZeroDivisionError), store.transaction():
            raise ZeroDivisionError
        store.add([samples.dataset()])
        assert store.counts()["dataset"] == 1

    # --- fingerprints

    def test_the_fingerprint_tells_content_not_history(self, store):
        empty = store.fingerprint()
        store.add([samples.run(0)])
        first = store.fingerprint()
        store.add([samples.run(1)])
        assert len({empty, first, store.fingerprint()}) == 3
        store.remove_source("bench")
        assert store.fingerprint() == empty
        store.add([samples.run(0)])
        assert store.fingerprint() == first

    # --- hostile names

    def test_fingerprints_within_a_block_are_those_at_its_end(self, store):
        store.add([samples.run(0)])
        with store.transaction():
            store.remove_source("bench")
            store.add([samples.run(1), samples.run(2, source="other")])
            within = store.sources(), store.fingerprint()
        assert within == (store.sources(), store.fingerprint())
        assert list(within[0]) == ["bench", "other"]

    def test_hostile_names_are_only_names(self, store):
        triples = {text: self.hostile(text) for text in HOSTILE}
        store.add(item for items in triples.values() for item in items)
        for text, (run, dataset, claim) in triples.items():
            assert store.get(run.iri) == run
            assert store.get(dataset.iri) == dataset
            assert store.evidence(learner=text) == (claim,)
            (row,) = store.ask("runs_of_learner", {"learner": text, "metric": "accuracy"})
            assert row["run"] == run.iri
        assert store.remove_source(HOSTILE[0]) == 3
        assert store.counts()["run"] == len(HOSTILE) - 1

    @staticmethod
    def hostile(text):
        named = {"learner": text, "dataset": dataset_iri(text), "provenance": samples.provenance(text, text)}
        fields = ("document", "quote", "learner", "hyperparameter", "algorithm_name", "parameter_name")
        words = {"statement": "range", **dict.fromkeys(fields, text)}
        return (
            samples.run(0).replace(iri=run_iri(text), configuration={text: text}, **named),
            samples.dataset(iri=dataset_iri(text), name=text, source=text),
            samples.evidence("claim", text, source=text, **words),
        )

    # --- questions

    def test_an_unknown_question_is_named_with_those_there_are(self, store):
        with pytest.raises(UnknownNameError, match="provenance_of"):
            list(store.ask("provenence_of"))

    def test_provenance_answers_in_plain_values(self, store):
        store.add([samples.dataset()])
        (row,) = store.ask("provenance_of", {"item": samples.IRIS})
        assert row["licence"] == "CC-BY-4.0"
        assert row["retrieved"] == date(2026, 11, 1)
        assert row["locator"] == "row 1"
        assert row["ingested"] == "2026-11-01T09:30:00Z"
        assert row["digest"] == "77af"
        assert row["software"].endswith("/software/tunegraph%200.1.0")

    def test_sources_are_listed_with_what_ingested_them(self, store):
        store.add([samples.dataset(), samples.run(0)])
        (row,) = store.ask("sources")
        assert (row["items"], row["ingested"], row["digest"]) == (2, "2026-11-01T09:30:00Z", "77af")

    # --- the end

    def test_a_closed_store_says_so(self, store):
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.datasets()
        with pytest.raises(StoreError, match="closed"):
            store.add([samples.dataset()])
