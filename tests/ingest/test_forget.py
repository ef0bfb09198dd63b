"""A source is taken out completely, whenever the process ends."""

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.forget import ForgetReport, forget, known_sources
from ingest.records import Items, Rejected, Texts
from ingest.run import ingest
from ingest.sources.base import Source
from kg.errors import InputError
from kg.iris import dataset_iri
from kg.model import Dataset, Passage
from kg.passages import PassageTable
from kg.rdf_store import RdfStore

DAY = date(2026, 11, 21)


class Killed(BaseException):
    pass


class Note(Source):
    """A text file: a data set a line, and the lines as passages."""

    title, licence, url = "A test", "CC0-1.0", "https://example.org"

    def __init__(self, name: str) -> None:
        self.name, self.files = f"note:{name}", (f"notes/{name}.txt", "notes/common.txt")

    def read(self, folder, *, retrieved):
        (path,) = folder.glob(self.files[0])
        places = [(line, self.provenance(retrieved, f"{path.name}:{i}")) for i, line in enumerate(path.open(), 1)]
        items = tuple(Dataset(iri=dataset_iri(f"{self.name}-{line}"), name=line, provenance=at) for line, at in places)
        yield Items(path.name, items, (Rejected("1", "a reason"),))
        yield Texts(
            path.name,
            tuple(Passage(iri=dataset_iri(line), document="d", text=line, provenance=at) for line, at in places),
        )


@pytest.fixture
def store():
    with RdfStore() as store:
        yield store


@pytest.fixture
def home(tmp_path, store):
    """Two notes, fetched below the home and ingested."""
    notes = tmp_path / "raw" / "notes"
    notes.mkdir(parents=True)
    for name in ("a", "b", "common"):
        (notes / f"{name}.txt").write_text(f"one of {name}\ntwo of {name}\n")
    report = ingest([Note("a"), Note("b")], tmp_path / "raw", tmp_path, store=store, retrieved=DAY)
    assert not any(source.problem for source in report.sources)
    return tmp_path


def left(home: Path) -> set[str]:
    files = (path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    return {name for name in files if not name.startswith("locks/")}


OF_B = {
    "ingested/note:b.json",
    "passages/note:b.parquet",
    "rejected/note:b.jsonl",
    "raw/notes/b.txt",
    "raw/notes/common.txt",
}


def test_all_of_it_goes_and_nothing_else(home, store):
    before = store.sources()["note:b"]
    (found,) = forget(["note:a"], home, store=store).sources
    assert found.items.root == {"dataset": 2}
    assert set(found.files) == {"passages/note:a.parquet", "rejected/note:a.jsonl", "raw/notes/a.txt"}
    assert left(home) == OF_B
    assert store.sources() == {"note:b": before}
    assert PassageTable(home).sources() == ("note:b",)


def test_the_last_one_takes_along_what_was_shared(home, store):
    forget(["note:*"], home, store=store)
    assert left(home) == set()
    assert store.sources() == {}
    assert known_sources(home, store) == ()


@pytest.mark.parametrize(
    "where", ["kg.rdf_store.RdfStore.remove_source", "ingest.forget.RunTable.replacing", "ingest.forget._delete"]
)
def test_killed_half_way_it_is_completed(home, store, monkeypatch, where):
    def killed(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, killed)
        with pytest.raises(Killed):
            forget(["note:a"], home, store=store)
    assert "note:a" in known_sources(home, store)
    forget(["note:a"], home, store=store)
    assert left(home) == OF_B
    assert list(store.sources()) == ["note:b"]


def test_killed_half_way_it_may_be_ingested_again_instead(home, store, monkeypatch):
    before = store.fingerprint()

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("ingest.forget._delete", killed)
        with pytest.raises(Killed):
            forget(["note:a"], home, store=store)
    ingest([Note("a")], home / "raw", home, store=store, retrieved=DAY)
    assert store.fingerprint() == before


def test_a_dry_run_says_the_same_and_takes_nothing(home, store):
    before, fingerprint = left(home), store.fingerprint()
    dry = forget(["note:a"], home, store=store, dry_run=True)
    assert (left(home), store.fingerprint()) == (before, fingerprint)
    assert dry.to_text().startswith("Nothing was taken out")
    assert forget(["note:a"], home, store=store) == dry.replace(dry_run=False)


def test_the_report_round_trips(home, store):
    report = forget(["note:*"], home, store=store)
    assert ForgetReport.model_validate_json(report.to_json()) == report
    assert json.loads(report.to_json())["sources"][0]["source"] == "note:a"


@pytest.mark.parametrize("names", [["note:c"], ["note:a", "paper:*"]])
def test_what_is_not_there_is_named_with_what_is_and_nothing_goes(home, store, names):
    before = left(home)
    with pytest.raises(InputError, match=r"Nothing is there of .*Allowed: note:a, note:b"):
        forget(names, home, store=store)
    assert left(home) == before


def test_files_that_the_user_put_elsewhere_stay(tmp_path, store):
    mine = tmp_path / "mine" / "notes"
    mine.mkdir(parents=True)
    (mine / "a.txt").write_text("one\n")
    ingest([Note("a")], tmp_path / "mine", tmp_path, store=store, retrieved=DAY)
    forget(["note:a"], tmp_path, store=store)
    assert left(tmp_path) == {"mine/notes/a.txt"}


def test_what_only_the_graph_has_is_forgotten_too(home, store):
    with RdfStore() as other:
        other.load(_archived(store, home / "g.xz"))
        forget(["note:b"], home / "elsewhere", store=other)
        assert list(other.sources()) == ["note:a"]


def _archived(store: RdfStore, path: Path) -> Path:
    store.dump(path)
    return path
