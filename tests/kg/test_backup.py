"""A backup brings back what was there, or changes nothing."""

import io
import json
import tarfile

import pandas as pd
import pytest

from kg.backup import write_backup
from kg.backup_archive import MANIFEST, read_manifest
from kg.errors import InputError, StoreError
from kg.home import graph_path
from kg.neo4j_store import Neo4jStore
from kg.rdf_store import RdfStore
from kg.restore import UNDER_WAY, is_under_way, restore_backup
from kg.runs import RunTable
from tests.kg import samples
from tests.kg.neo4j_server import server

RUNS = pd.DataFrame(
    {
        "run_id": ["a", "b"],
        "source": "bench",
        "learner": "svm",
        "metric": "accuracy",
        "dataset": "d",
        "score": [0.5, 0.6],
    }
)


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    RunTable(home).append(RUNS, samples.provenance())
    (home / "ingested").mkdir()
    (home / "ingested" / "bench.json").write_text("{}")
    (home / "raw").mkdir()
    (home / "raw" / "big.zip").write_bytes(b"fetched")
    with RdfStore(graph_path(home)) as store:
        store.add(samples.small_graph())
        store.keep_note("starter", '{"digest": "x"}')
    return home


@pytest.fixture
def backup(home, tmp_path):
    path = tmp_path / "backup.tar"
    with RdfStore(graph_path(home)) as store:
        write_backup(home, store, path)
    return path


def files_of(home):
    found = (path for name in ("runs", "ingested") for path in (home / name).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in found}


def altered(path, change):
    """Rewrite an archive member by member; `change` gives (name, content), or None to leave one out."""
    with tarfile.open(path) as archive:
        members = [(member.name, archive.extractfile(member).read()) for member in archive]
    with tarfile.open(path, "w") as archive:
        for name, content in filter(None, (change(*member) for member in members)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_a_new_home_becomes_what_the_old_one_was(home, backup, tmp_path):
    other = tmp_path / "other"
    with RdfStore(graph_path(other)) as store:
        manifest = restore_backup(backup, other, store)
        assert store.fingerprint() == manifest.fingerprint
        assert [store.get(item.iri) for item in samples.small_graph()] == list(samples.small_graph())
        assert store.note("starter") == '{"digest": "x"}'
    assert files_of(other) == files_of(home)
    assert not (other / "raw").exists()
    assert len(RunTable(other).frame()) == 2
    assert is_under_way(other) is None


def test_what_is_there_is_not_overwritten_unless_asked(home, backup):
    with RdfStore(graph_path(home)) as store:
        store.add([samples.run(7, source="later")])
        (home / "ingested" / "later.json").write_text("{}")
        before = store.fingerprint(), files_of(home)
        with pytest.raises(InputError, match=r"something already: runs, ingested, graph.*--force"):
            restore_backup(backup, home, store)
        assert (store.fingerprint(), files_of(home)) == before
        restore_backup(backup, home, store, force=True)
        assert list(store.sources()) == ["bench"]
    assert not (home / "ingested" / "later.json").exists()
    assert (home / "raw" / "big.zip").read_bytes() == b"fetched"


def test_a_backup_is_not_overwritten_unless_asked(home, backup):
    with RdfStore(graph_path(home)) as store:
        with pytest.raises(InputError, match="--force"):
            write_backup(home, store, backup)
        assert write_backup(home, store, backup, force=True).counts["run"] == 3


def test_an_error_on_the_way_puts_back_what_was_there(home, backup):
    class Full(RdfStore):
        def keep_vocabulary(self):
            raise StoreError("no space left")

    with Full(graph_path(home)) as store:
        store.add([samples.run(7, source="later")])
        (home / "ingested" / "later.json").write_text("{}")
        before = store.fingerprint(), files_of(home)
        with pytest.raises(StoreError, match="no space"):
            restore_backup(backup, home, store, force=True)
        assert (store.fingerprint(), files_of(home)) == before
    assert not list(home.glob(".restore-*"))
    assert is_under_way(home) is None


def test_a_disk_that_refuses_is_named_and_puts_back_what_was_there(home, backup, monkeypatch):
    before = files_of(home)

    def refused(path, content):
        raise OSError("read-only file system")

    monkeypatch.setattr("kg.restore.write_atomically", refused)
    with RdfStore(graph_path(home)) as store, pytest.raises(StoreError, match=r"cannot be restored.*read-only"):
        restore_backup(backup, home, store, force=True)
    assert files_of(home) == before


def flip(name, content):
    return (name, content[:-1] + b"!") if name.endswith(".parquet") else (name, content)


def drop(name, content):
    return None if name.endswith(".parquet") else (name, content)


def escape(name, content):
    return ("files/runs/../../evil", content) if name.endswith(".parquet") else (name, content)


def lie(name, content):
    if name != MANIFEST:
        return name, content
    return name, json.dumps({**json.loads(content), "fingerprint": "0" * 16}).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [(flip, "not what was backed up"), (drop, "are missing"), (escape, "no place"), (lie, "not the one")],
)
def test_a_damaged_backup_changes_nothing(backup, tmp_path, change, words):
    altered(backup, change)
    other = tmp_path / "other"
    with RdfStore(graph_path(other)) as store:
        with pytest.raises(StoreError, match=words):
            restore_backup(backup, other, store)
        assert store.sources() == {}
    assert {path.name for path in other.iterdir()} == {"graph"}


def test_a_truncated_backup_is_damaged(backup, tmp_path):
    backup.write_bytes(backup.read_bytes()[:-9_000])
    with RdfStore() as store, pytest.raises(StoreError, match="damaged"):
        restore_backup(backup, tmp_path / "other", store)


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\x1f\x8b" + b"x" * 600])
def test_what_is_no_backup_is_named(tmp_path, content):
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(InputError, match="tunegraph backup wrote"):
        read_manifest(tmp_path / "x.tar")
    with pytest.raises(InputError, match="no such file"):
        read_manifest(tmp_path / "y.tar")


def test_a_backup_from_the_future_is_refused_with_what_to_do(backup, tmp_path):
    def later(name, content):
        return (
            (name, json.dumps({**json.loads(content), "format": 99}).encode()) if name == MANIFEST else (name, content)
        )

    altered(backup, later)
    with RdfStore() as store, pytest.raises(StoreError, match="pip install --upgrade"):
        restore_backup(backup, tmp_path / "other", store)


def test_a_restore_that_was_killed_is_known_and_done_again(home, backup):
    (home / UNDER_WAY).write_text(f"{backup}\n")
    assert is_under_way(home) == str(backup)
    with RdfStore(graph_path(home)) as store:
        restore_backup(backup, home, store, force=True)
    assert is_under_way(home) is None


def test_a_graph_in_neo4j_is_backed_up_and_restored_too(home, tmp_path):
    server().empty()
    path = tmp_path / "neo4j.tar"
    with Neo4jStore(server().connection()) as store:
        store.add(samples.small_graph())
        before = store.fingerprint()
        write_backup(home, store, path)
        store.add([samples.run(7, source="later")])
        restore_backup(path, home, store, force=True)
        assert store.fingerprint() == before
