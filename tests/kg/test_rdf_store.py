"""The Oxigraph store keeps the contract, in memory and on disk."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyoxigraph import Store

from kg.errors import InputError, StoreError
from kg.rdf_store import RdfStore
from kg.rdf_terms import mls
from tests.kg import samples
from tests.kg.store_contract import StoreContract


class TestInMemory(StoreContract):
    @pytest.fixture
    def store(self):
        with RdfStore() as store:
            yield store


class TestOnDisk(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        with RdfStore(tmp_path / "graph", write_timeout_s=0.2) as store:
            yield store


def folders(path):
    return sorted(folder.name for folder in path.glob("g-*") if folder.is_dir())


class TestDisk:
    def test_what_was_added_is_there_when_opened_again(self, tmp_path):
        with RdfStore(tmp_path) as store:
            store.add(samples.small_graph())
            before = store.fingerprint()
        with RdfStore(tmp_path) as store:
            assert store.fingerprint() == before
            assert store.get(samples.summary().iri) == samples.summary()

    def test_memory_and_disk_agree(self, tmp_path):
        with RdfStore() as memory, RdfStore(tmp_path) as disk:
            memory.add(samples.small_graph())
            disk.add(samples.small_graph())
            assert memory.fingerprint() == disk.fingerprint()
            assert memory.evidence() == disk.evidence()

    def test_a_reader_moves_on_when_another_store_has_written(self, tmp_path):
        with RdfStore(tmp_path) as reader, RdfStore(tmp_path) as writer:
            assert reader.datasets() == ()
            writer.add([samples.dataset()])
            assert reader.datasets() == (samples.dataset(),)

    def test_a_reader_sees_nothing_of_an_open_transaction(self, tmp_path):
        with RdfStore(tmp_path) as reader, RdfStore(tmp_path) as writer:
            with writer.transaction():
                writer.add([samples.dataset()])
                assert reader.datasets() == ()
            assert reader.datasets() == (samples.dataset(),)

    def test_other_threads_see_nothing_of_an_open_transaction(self, tmp_path):
        with RdfStore(tmp_path) as store, ThreadPoolExecutor(1) as pool:
            with store.transaction():
                store.add([samples.dataset()])
                assert pool.submit(store.datasets).result() == ()
            assert pool.submit(store.datasets).result() == (samples.dataset(),)

    def test_a_second_writer_waits_and_then_says_why_not(self, tmp_path):
        with RdfStore(tmp_path) as first, RdfStore(tmp_path, write_timeout_s=0.1) as second:
            with first.transaction():
                first.add([samples.dataset()])
                with pytest.raises(StoreError, match="Another process is writing"):
                    second.add([samples.run(0)])
            second.add([samples.run(0)])
            assert first.counts()["run"] == 1
            assert first.counts()["dataset"] == 1

    def test_writers_at_once_lose_nothing(self, tmp_path):
        def write(i):
            with RdfStore(tmp_path) as store:
                store.add([samples.run(i)])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        with RdfStore(tmp_path) as store:
            assert store.counts()["run"] == 4

    def test_what_is_still_held_of_a_transaction_does_no_harm_to_readers(self, tmp_path):
        held = []
        with RdfStore(tmp_path) as store:
            for i in range(5):
                with store.transaction():
                    store.add([samples.run(i)])
                    rows = store.ask("runs_of_learner", {"learner": "random_forest"})
                    held.append((rows, next(rows)))
            with pytest.raises(ZeroDivisionError), store.transaction():
                held.append(store.ask(f"SELECT * WHERE {{ ?s ?p {1 / 0} }}"))
            store.add([samples.run(5)])
        with RdfStore(tmp_path) as store:
            assert store.counts()["run"] == 6

    def test_old_generations_do_not_pile_up(self, tmp_path):
        with RdfStore(tmp_path) as store:
            for i in range(4):
                store.add([samples.run(i)])
            assert len(folders(tmp_path)) <= 2
            assert not list(tmp_path.glob("draft-*"))

    def test_an_answer_that_is_being_read_stays_whole_while_another_writes(self, tmp_path):
        with RdfStore(tmp_path) as reader, RdfStore(tmp_path) as writer:
            writer.add([samples.run(i) for i in range(50)])
            rows = reader.ask("runs_of_learner", {"learner": "random_forest", "metric": "accuracy"})
            first = next(rows)
            writer.remove_source("bench")
            assert first["score"] == 0.9
            assert len(list(rows)) == 49

    def test_nothing_changed_makes_no_generation(self, tmp_path):
        with RdfStore(tmp_path) as store:
            store.add([samples.dataset()])
            before = folders(tmp_path)
            store.add([samples.dataset()])
            assert folders(tmp_path) == before

    def test_answers_are_kept_for_the_next_process_and_go_with_their_generation(self, tmp_path):
        items = [samples.dataset(samples.dataset_iri(f"d-{i}")) for i in range(30)]
        with RdfStore(tmp_path) as store:
            store.add(items)
            first = store.datasets()
        (kept,) = tmp_path.glob("g-*.cache/*.json")
        with RdfStore(tmp_path) as store:
            assert store.datasets() == first
            store.add([items[0].replace(name="another")])
            assert "another" in {dataset.name for dataset in store.datasets()}
            store.add([samples.run(0)])
            assert not kept.exists()

    def test_what_was_an_answer_is_what_its_name_gives_until_it_is_another(self, tmp_path):
        with RdfStore(tmp_path / "g") as store:
            store.add(samples.small_graph())
            first = store.datasets()[0]
            assert store.get(first.iri) is store.find([first.iri])[first.iri] is first
            other = first.replace(name="renamed")
            store.add([other])
            assert store.get(first.iri) == store.find([first.iri])[first.iri] == other

    def test_kept_answers_that_are_damaged_are_read_anew(self, tmp_path):
        items = [samples.dataset(samples.dataset_iri(f"d-{i}")) for i in range(30)]
        with RdfStore(tmp_path) as store:
            store.add(items)
            first = store.datasets()
        (kept,) = tmp_path.glob("g-*.cache/*.json")
        kept.write_bytes(kept.read_bytes()[:-50])
        with RdfStore(tmp_path) as store:
            assert store.datasets() == first

    def test_what_another_version_wrote_is_said_to_be_so(self, tmp_path):
        with RdfStore(tmp_path) as store:
            store.add([samples.run(0)])
        folder = tmp_path / (tmp_path / "CURRENT").read_text().strip()
        database = Store(str(folder))
        (quad,) = database.quads_for_pattern(None, mls("executes"), None, None)
        database.remove(quad)
        database.flush()
        del database
        with RdfStore(tmp_path) as store, pytest.raises(StoreError, match="this version of Tunegraph"):
            store.get(samples.run(0).iri)

    def test_a_file_in_the_way_is_named(self, tmp_path):
        (tmp_path / "graph").write_text("not a folder")
        with pytest.raises(StoreError, match="cannot be opened"):
            RdfStore(tmp_path / "graph")

    def test_a_lock_that_cannot_be_had_is_named(self, tmp_path):
        with RdfStore(tmp_path) as store:
            (tmp_path / "WRITE").unlink()
            (tmp_path / "WRITE").mkdir()
            with pytest.raises(StoreError, match="cannot be written"):
                store.add([samples.dataset()])
        (tmp_path / "g-000000.lock").unlink()
        (tmp_path / "g-000000.lock").mkdir()
        with pytest.raises(StoreError, match="cannot be read"):
            RdfStore(tmp_path)

    def test_a_damaged_database_is_named(self, tmp_path):
        RdfStore(tmp_path).close()
        for file in (tmp_path / "g-000000").iterdir():
            file.write_bytes(b"damaged")
        with pytest.raises(StoreError, match="cannot be read"):
            RdfStore(tmp_path)


CHILD = """
import sys
from pathlib import Path
from kg.rdf_store import RdfStore
from tests.kg import samples
store = RdfStore(Path(sys.argv[1]))
print("ready", flush=True)
with store.transaction():
    store.remove_source("bench")
    for i in range(10**6):
        store.add([samples.run(i, source="child") for i in range(i * 20, i * 20 + 20)])
        print(i, flush=True)
"""


class TestKilled:
    @pytest.fixture
    def child(self, tmp_path):
        with RdfStore(tmp_path) as store:
            store.add(samples.small_graph())
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        yield process
        process.kill()
        process.wait()

    def test_a_writer_killed_half_way_leaves_the_graph_as_it_was(self, tmp_path, child):
        with RdfStore(tmp_path) as store:
            before = store.fingerprint()
        for line in child.stdout:
            if line.strip() == "3":
                break
        time.sleep(random.Random(7).random() / 20)
        child.send_signal(signal.SIGKILL)
        child.wait()
        with RdfStore(tmp_path, write_timeout_s=5) as store:
            assert store.fingerprint() == before
            assert store.get(samples.summary().iri) == samples.summary()
            store.add([samples.run(99)])
            assert store.counts()["run"] == 4
            assert len(folders(tmp_path)) <= 2


class TestAsking:
    @pytest.fixture
    def store(self):
        with RdfStore() as store:
            store.add(samples.small_graph())
            yield store

    def test_free_sparql_needs_no_prefixes_and_sees_all_sources(self, store):
        rows = store.ask("SELECT ?d WHERE { ?d quality:NumberOfInstances ?n FILTER(?n < 1000) }")
        assert list(rows) == [{"d": samples.IRIS}]

    def test_ask_construct_and_describe_answer_too(self, store):
        assert list(store.ask("ASK { ?d a mls:Dataset }")) == [{"answer": True}]
        (row,) = store.ask(
            f"CONSTRUCT {{ ?d dcterms:title ?t }} WHERE {{ ?d dcterms:title ?t FILTER(?d = <{samples.IRIS}>) }}"
        )
        assert row == {"subject": samples.IRIS, "predicate": "http://purl.org/dc/terms/title", "object": "iris"}
        assert len(list(store.ask(f"DESCRIBE <{samples.IRIS}>"))) > 5

    def test_values_come_as_plain_python_values(self, store):
        rows = store.ask("settings_of_run", {"run": samples.run(0).iri})
        values = {row["hyperparameter"].rsplit("/", 1)[-1]: row["value"] for row in rows}
        assert values == {"max_features": 0.1, "bootstrap": True, "max_depth": None, "criterion": "gini"}
        assert type(values["bootstrap"]) is bool

    def test_parameters_are_bound_not_written_in(self, store):
        hostile = "1 } DELETE WHERE { ?s ?p ?o"
        rows = list(store.ask("SELECT ?t WHERE { ?d dcterms:title ?t }", {"t": hostile}))
        assert rows == []
        rows = list(store.ask("SELECT ?d ?t WHERE { ?d dcterms:title ?t }", {"d": samples.IRIS}))
        assert rows == [{"d": samples.IRIS, "t": "iris"}]

    @pytest.mark.parametrize(
        "query",
        [
            "INSERT DATA { <http://a> <http://b> 1 }",
            "DELETE WHERE { ?s ?p ?o }",
            "DROP ALL",
            "LOAD <file:///etc/passwd>",
            "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
            "SELECT * WHERE { service silent ?x { ?s ?p ?o } }",
            "SELECT * WHERE { ?s ?p 'a' } # x\nSELECT",
            "SELECT ?x WHERE {",
            "no query at all",
        ],
    )
    def test_what_writes_asks_elsewhere_or_is_no_query_is_refused(self, store, query):
        before = store.fingerprint()
        with pytest.raises(InputError):
            list(store.ask(query))
        assert store.fingerprint() == before

    @pytest.mark.parametrize(
        "query",
        [
            "SELECT * WHERE { ?service a <http://example.org/service> }",
            "SELECT * WHERE { ?s rdfs:label 'SERVICE desk', \"it's a service\" } # SERVICE <http://x>",
            "PREFIX service: <http://x/> SELECT * WHERE { ?s a service:Service }",
        ],
    )
    def test_the_word_service_elsewhere_is_no_matter(self, store, query):
        assert list(store.ask(query)) == []

    def test_a_variable_that_is_not_projected_cannot_be_bound(self, store):
        with pytest.raises(InputError, match="projection"):
            list(store.ask("SELECT ?t WHERE { ?d dcterms:title ?t }", {"d": samples.IRIS}))

    def test_rdflib_reads_the_same_graph(self, store):
        rows = store.graph.query("SELECT ?d WHERE { ?d a <http://www.w3.org/ns/mls#Dataset> }")
        assert {str(row[0]) for row in rows} == {samples.IRIS, samples.WINE}


def test_a_store_serves_many_threads_while_one_writes(tmp_path):
    stop = threading.Event()
    with RdfStore(tmp_path) as store:
        store.add(samples.small_graph())

        def read():
            answers = 0
            while not stop.is_set() or answers == 0:
                assert store.get(samples.summary().iri) == samples.summary()
                answers += 1
            return answers

        with ThreadPoolExecutor(3) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            for i in range(10, 13):
                store.add([samples.run(i)])
            stop.set()
            assert all(reader.result() for reader in readers)


class Forgetful(RdfStore):
    """Whatever it remembers of what was read is forgotten at once, as when another thread ends a transaction."""

    @property
    def _memory(self):
        return None

    @_memory.setter
    def _memory(self, reader):
        pass


def test_a_transaction_that_ends_while_a_reader_is_made_does_no_harm():
    with Forgetful() as store:
        store.add(samples.small_graph())
        assert store.sources().keys() == {"bench"}
        assert store.get(samples.summary().iri) == samples.summary()
