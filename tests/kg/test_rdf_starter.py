"""Archives hold the whole graph in the same bytes; the user's graph is made from the starter and kept up with it."""

import lzma
import os
import subprocess
import sys

import pytest

from kg.errors import StoreError
from kg.file_lock import FileLock
from kg.home import HOME_VARIABLE, graph_path, home_folder
from kg.rdf_starter import install_starter, open_store
from kg.rdf_store import RdfStore
from tests.kg import samples


def archive_of(path, items):
    with RdfStore() as store:
        store.add(items)
        store.dump(path)
    return path


@pytest.fixture
def starter(tmp_path):
    return archive_of(tmp_path / "starter.nq.xz", samples.small_graph())


class TestArchives:
    def test_the_same_content_gives_the_same_bytes(self, tmp_path, starter):
        items = samples.small_graph()
        with RdfStore(tmp_path / "graph") as store:
            for item in reversed(items):
                store.add([item.replace(provenance=samples.provenance("other"))])
                store.add([item])
            store.keep_note("secret", "stays here")
            store.dump(tmp_path / "again.xz")
        assert (tmp_path / "again.xz").read_bytes() == starter.read_bytes()

    @pytest.mark.parametrize("where", [None, "graph"])
    def test_a_loaded_graph_is_the_same_graph(self, tmp_path, starter, where):
        with RdfStore(where and tmp_path / where) as store, RdfStore() as original:
            original.add(samples.small_graph())
            store.load(starter)
            assert store.fingerprint() == original.fingerprint()
            assert store.evidence() == original.evidence()
            store.add(samples.small_graph())
            assert store.fingerprint() == original.fingerprint()

    def test_loading_replaces_the_sources_that_it_brings(self, starter):
        with RdfStore() as store:
            store.add([samples.run(9), samples.run(8, source="mine")])
            store.load(starter)
            assert not store.has(samples.run(9).iri)
            assert store.has(samples.run(8, source="mine").iri)
            assert store.counts()["run"] == 4

    @pytest.mark.parametrize("content", [b"", b"no archive", lzma.compress(b"<a> <b>"), lzma.compress(b"x" * 99)[:-20]])
    def test_a_damaged_archive_is_named_and_changes_nothing(self, tmp_path, content):
        (tmp_path / "bad.xz").write_bytes(content)
        with RdfStore() as store:
            if content:
                with pytest.raises(StoreError, match=r"bad\.xz is no archive|damaged"):
                    store.load(tmp_path / "bad.xz")
            else:
                with pytest.raises(StoreError):
                    store.load(tmp_path / "bad.xz")
            assert set(store.counts().values()) == {0}


FIRST_USE = """
import sys
from pathlib import Path
from kg.rdf_starter import open_store
print(open_store(Path(sys.argv[1]), starter=Path(sys.argv[2])).fingerprint())
"""


class TestOpening:
    def test_the_first_use_brings_the_starter_and_the_second_changes_nothing(self, tmp_path, starter):
        told = []
        with open_store(tmp_path, starter=starter, progress=told.append) as store:
            assert len(told) == 1
            first = store.fingerprint()
            assert store.get(samples.summary().iri) == samples.summary()
        current = (graph_path(tmp_path) / "CURRENT").read_text()
        with open_store(tmp_path, starter=starter, progress=told.append) as store:
            assert len(told) == 1
            assert store.fingerprint() == first
        assert (graph_path(tmp_path) / "CURRENT").read_text() == current

    def test_first_uses_at_once_give_one_whole_graph(self, tmp_path, starter):
        command = [sys.executable, "-c", FIRST_USE, str(tmp_path), str(starter)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) for _ in range(3)]
        answers = [process.communicate()[0] for process in started]
        with RdfStore() as original:
            original.add(samples.small_graph())
            assert [answer.strip() for answer in answers] == [original.fingerprint()] * 3

    def test_another_starter_replaces_what_the_old_one_brought(self, tmp_path, starter):
        open_store(tmp_path, starter=starter).close()
        newer = archive_of(tmp_path / "newer.xz", [samples.dataset(rows=7.0), samples.run(1, source="new")])
        with open_store(tmp_path, starter=newer) as store:
            assert store.get(samples.IRIS) == samples.dataset(rows=7.0)
            assert store.counts()["run"] == 1
            assert store.evidence() == ()

    def test_what_the_user_ingested_stays(self, tmp_path, starter):
        with open_store(tmp_path, starter=starter) as store:
            store.add([samples.run(5), samples.run(6, source="mine")])
        newer = archive_of(
            tmp_path / "newer.xz",
            [samples.dataset(rows=7.0), samples.run(6, 0.1, source="new"), samples.run(7, source="new")],
        )
        with RdfStore(graph_path(tmp_path)) as store:
            assert install_starter(store, newer) == ("bench", "mine")
            assert store.get(samples.IRIS) == samples.dataset()
            assert store.get(samples.run(6).iri) == samples.run(6, source="mine")
            assert store.has(samples.run(7).iri)

    def test_what_the_user_took_out_stays_out(self, tmp_path):
        items = [samples.dataset(), samples.run(1, source="a"), samples.run(2, source="b")]
        with open_store(tmp_path, starter=archive_of(tmp_path / "first.xz", items)) as store:
            store.remove_source("a")
        for i in (3, 4):
            newer = archive_of(tmp_path / f"{i}.xz", [*items, samples.run(i, source="b")])
            with open_store(tmp_path, starter=newer) as store:
                assert list(store.sources()) == ["b", "bench"]
                assert store.has(samples.run(i).iri)

    def test_a_starter_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(StoreError, match="starter graph cannot be read"):
            open_store(tmp_path, starter=tmp_path / "gone.nq.xz")
        lock = FileLock(graph_path(tmp_path) / "g-000000.lock")
        assert lock.acquire(), "the graph that was not opened is still held"
        lock.release()

    def test_a_starter_that_is_no_archive_leaves_the_graph_as_it_was(self, tmp_path, starter):
        open_store(tmp_path, starter=starter).close()
        starter.write_bytes(b"damaged")
        with pytest.raises(StoreError, match="no archive"):
            open_store(tmp_path, starter=starter)
        with RdfStore(graph_path(tmp_path)) as store:
            assert store.counts()["run"] == 3


class TestHome:
    def test_the_variable_names_the_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "x"))
        assert home_folder() == tmp_path / "x"
        assert home_folder(str(tmp_path)) == tmp_path

    def test_without_it_the_platform_says_where(self, monkeypatch):
        monkeypatch.delenv(HOME_VARIABLE, raising=False)
        assert home_folder().name == "tunegraph"
        assert home_folder().is_absolute()
