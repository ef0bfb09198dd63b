"""The contract on Neo4j, and what only a server can do."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from kg import model
from kg.errors import InputError, StoreError
from kg.neo4j_connection import Limits, Login, Neo4jAddress, Neo4jConnection
from kg.neo4j_store import Neo4jStore
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.kg.neo4j_server import LIMITS, server
from tests.kg.store_contract import StoreContract

neo4j = pytest.importorskip("neo4j", reason="the Neo4j driver is not installed: pip install 'tunegraph[neo4j]'")


@pytest.fixture
def store():
    server().empty()
    with Neo4jStore(server().connection()) as store:
        yield store


class TestNeo4jStore(StoreContract):
    EVERYTHING = "MATCH (n:Resource) OPTIONAL MATCH (n)-[r]->(o) RETURN n.iri AS s, type(r) AS p, o.iri AS o"
    ACTIVITIES = "MATCH (a:prov__Activity) RETURN a.`prov__startedAtTime@dateTime` AS when"


class TestServer:
    def test_a_graph_from_the_future_is_refused_with_what_to_do(self, store):
        store.keep_note("layout", "99")
        with pytest.raises(StoreError, match="later version"):
            Neo4jStore(server().connection())
        server().empty()

    def test_no_server_is_named(self):
        with pytest.raises(StoreError, match=r"No Neo4j server answers at neo4j://127\.0\.0\.1:1/x"):
            Neo4jStore(server().connection("neo4j://127.0.0.1:1/x"))

    def test_what_the_driver_logs_of_no_server_is_on_no_screen(self):
        program = """
from kg.errors import StoreError
from kg.neo4j_store import Neo4jStore
try:
    Neo4jStore.open("neo4j://127.0.0.1:1/x")
except StoreError as error:
    print(error)
"""
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert told.stdout.startswith("No Neo4j server answers")
        assert told.stderr == ""

    def test_the_connection_to_no_server_is_closed(self, monkeypatch):
        closed = []
        monkeypatch.setattr(Neo4jConnection, "close", lambda self: closed.append(self.address.uri))
        with pytest.raises(StoreError, match="No Neo4j server answers"):
            Neo4jStore.open("bolt://127.0.0.1:1", limits=Limits(connect_s=0.5, retry_s=0.1))
        assert closed == ["bolt://127.0.0.1:1"]

    def test_a_wrong_password_is_named_and_not_shown(self):
        address = Neo4jAddress.parse(server().url)
        with pytest.raises(StoreError, match="refuses the user: set TUNEGRAPH_NEO4J_USER") as refused:
            Neo4jStore(Neo4jConnection(address, Login("root", "wrong-secret"), limits=LIMITS))
        assert "wrong-secret" not in f"{refused.value} {Login('root', 'wrong-secret')!r}"

    def test_a_database_that_is_not_there_is_named(self):
        with pytest.raises(StoreError, match="no database 'nowhere'"):
            Neo4jStore(server().connection(f"{server().url.rsplit('/', 1)[0]}/nowhere"))

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("neo4j://user:secret@host/db", "password"),
            ("http://host/db", "names no Neo4j database"),
            ("neo4j://", "names no Neo4j database"),
            ("neo4j://host:port/db", "no URL"),
            ("neo4j://host/a/b", "names no Neo4j database"),
        ],
    )
    def test_what_is_no_address_is_named(self, url, words):
        with pytest.raises(InputError, match=words) as refused:
            Neo4jAddress.parse(url)
        assert "secret" not in str(refused.value)

    def test_a_missing_driver_is_named_with_how_to_get_it(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "neo4j", None)
        with pytest.raises(InputError, match=r"pip install 'tunegraph\[neo4j\]'"):
            Neo4jStore.open("neo4j://host:7687")


class TestTogether:
    def test_a_second_store_sees_what_is_committed_and_nothing_of_an_open_block(self, store):
        with Neo4jStore(server().connection()) as reader:
            with store.transaction():
                store.add([samples.dataset()])
                assert reader.datasets() == ()
            assert reader.datasets() == (samples.dataset(),)
            store.add([samples.dataset(rows=7.0)])
            assert reader.datasets() == (samples.dataset(rows=7.0),)

    def test_writers_at_once_lose_nothing(self, store):
        def write(i):
            with Neo4jStore(server().connection()) as another:
                another.add([samples.run(i)])

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(write, range(6)))
        with RdfStore() as expected:
            expected.add(samples.run(i) for i in range(6))
            assert store.fingerprint() == expected.fingerprint()

    def test_a_block_that_the_server_cut_is_begun_again(self, store):
        with store.transaction():
            store.add([samples.run(0)])
            store._block._tx.close()
            store._block._tx = store._block._writing = None
            store.add([samples.run(1)])
            assert store.counts()["run"] == 2
        assert store.counts()["run"] == 2

    def test_a_block_whose_commit_is_cut_is_written_again(self, store, monkeypatch):
        cut = []
        with store.transaction():
            store.add([samples.run(0)])
            transaction = store._block._tx

            def commit():
                cut.append(transaction.close())
                raise neo4j.exceptions.ServiceUnavailable("gone")

            monkeypatch.setattr(transaction, "commit", commit)
        assert (len(cut), store.counts()["run"]) == (1, 1)

    def test_answers_that_are_kept_are_those_of_the_state_they_were_read_from(self, store, tmp_path):
        store.add(samples.dataset(samples.dataset_iri(f"d-{i}")) for i in range(30))
        cache = tmp_path / "cache" / "neo4j"
        with Neo4jStore(server().connection(), cache=cache) as cached:
            first = cached.datasets()
        (kept,) = cache.glob("*/*.json")
        with Neo4jStore(server().connection(), cache=cache) as cached:
            assert cached.datasets() == first
            store.add([first[0].replace(name="another")])
            assert "another" in {dataset.name for dataset in cached.datasets()}
            for i in range(4):
                store.add([first[0].replace(name=f"name {i}")])
                assert f"name {i}" in {dataset.name for dataset in cached.datasets()}
        assert len(list(cache.glob("*/*.json"))) == 5
        assert not kept.exists()


def test_nothing_of_a_graph_is_left_when_its_sources_are_gone(store):
    store.add([*samples.small_graph(), samples.run(7, source="other")])
    assert store.remove_source("bench") + store.remove_source("other") == len(samples.small_graph()) + 1
    assert list(store.ask("MATCH (n:Resource) RETURN n.iri AS iri")) == []


def test_an_item_may_become_one_of_another_kind(store):
    store.add([samples.dataset(), samples.run(0)])
    store.add([samples.run(0).replace(iri=samples.IRIS, dataset=samples.WINE)])
    assert (store.counts()["dataset"], store.counts()["run"]) == (0, 2)
    assert isinstance(store.get(samples.IRIS), model.Run)
