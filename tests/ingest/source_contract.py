"""What every source must do, whatever it reads. A source's tests subclass `SourceContract` and give it a `make`."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from ingest.done import drop_done
from ingest.forget import forget
from ingest.report import SourceReport
from ingest.run import ingest
from ingest.sources.base import Source
from kg.errors import StoreError
from kg.model import Run
from kg.rdf_store import RdfStore
from kg.runs import RunTable
from tests.kg import samples

DAY = date(2026, 11, 21)


@dataclass(frozen=True)
class SourceCase:
    """A source with a little to read, and two ways in which that may be otherwise."""

    source: Source
    folder: Path
    """The data folder; it is the case's own and may be written to."""
    damage: Callable[[], None]
    """Spoils one record below `folder`, or adds a spoilt one; the others stay readable."""
    change: Callable[[], None]
    """Changes what one record says, or takes it out."""
    before: tuple[Source, ...] = ()
    """Sources in `folder` that are ingested first: they describe its data sets."""
    lost: int = 1
    """Runs and items that a spoilt record may take along."""


class Killed(BaseException):
    """Stands in for the end of the process: nothing catches it."""


@dataclass(frozen=True)
class Kept:
    """What a home and its graph hold."""

    quads: frozenset[tuple[str, ...]]
    fingerprint: str
    rows: pd.DataFrame
    files: frozenset[str]


class Place:
    """A case in a folder, a home, and a graph that held something else before."""

    def __init__(self, tmp: Path, make: Callable[[Path], SourceCase]) -> None:
        self.case = make(tmp / "data")
        self.home = tmp / "home"
        self.store = RdfStore()
        self.store.add(samples.small_graph())
        if self.case.before:
            ingest(self.case.before, self.case.folder, self.home, store=self.store, retrieved=DAY)
        self.first = self.kept()

    def ingest(self, **options) -> SourceReport:
        given = {"store": self.store, "retrieved": DAY, **options}
        return ingest([self.case.source], self.case.folder, self.home, **given).sources[0]

    def kept(self) -> Kept:
        rows = self.store.ask("SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }")
        files = (path for path in self.home.rglob("*") if path.is_file() and "locks" not in path.parts)
        return Kept(
            quads=frozenset(tuple(map(str, row.values())) for row in rows),
            fingerprint=self.store.fingerprint(),
            rows=RunTable(self.home).frame(source=self.case.source.name),
            files=frozenset(path.relative_to(self.home).as_posix() for path in files),
        )

    @property
    def items(self):
        return [self.store.get(iri) for iri in self.store.items_of(self.case.source.name)]

    def said(self) -> dict[str, object]:
        """What the graph holds of the source, but for which ingestion wrote it."""
        bare = {"activity": None}
        return {
            item.iri: item.model_copy(update={"provenance": item.provenance.model_copy(update=bare)})
            for item in self.items
        }

    def close(self) -> None:
        self.store.close()


class SourceContract:
    """The contract. Subclasses define the fixture ``make``, of class scope, which makes a `SourceCase` in a new folder.

    class TestMine(SourceContract):
        @pytest.fixture(scope="class")
        @classmethod
        def make(cls, shared_data):
            def make(folder):
                ...  # write a few records below folder
                return SourceCase(source=Mine(), folder=folder, damage=lambda: ..., change=lambda: ...)

            return make
    """

    @pytest.fixture
    def place(self, tmp_path: Path, make: Callable[[Path], SourceCase]) -> Iterator[Place]:
        place = Place(tmp_path, make)
        yield place
        place.close()

    @pytest.fixture(scope="class")
    @classmethod
    def straight(cls, tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], SourceCase]) -> Iterator[Place]:
        """The case, ingested without any trouble: look at it, and leave it as it is."""
        place = Place(tmp_path_factory.mktemp("straight"), make)
        place.report = place.ingest()
        yield place
        place.close()

    # --- what it says

    def test_it_says_what_it_is(self, straight):
        source = straight.case.source
        assert source.name
        assert source.title
        assert source.licence
        assert source.url.startswith(("https://", "http://", "file:", "doi:", "urn:"))

    def test_something_comes_of_it(self, straight):
        assert straight.report.problem == ""
        assert not straight.report.is_unchanged
        added = Counter({kind: counts.added for kind, counts in straight.report.items.items() if kind != "passage"})
        held = Counter(straight.store.items_of(straight.case.source.name).values())
        assert +added == held
        assert len(straight.kept().rows) == straight.report.added

    def test_every_item_says_where_it_comes_from(self, straight):
        source = straight.case.source
        for item in straight.items:
            said = item.provenance
            assert (said.source, said.retrieved) == (source.name, DAY)
            assert said.licence
            assert said.url
            assert said.locator
            assert said.activity.source == source.name
            assert said.activity.digest == source.digest(straight.case.folder)
            assert said.activity.started == datetime(2026, 11, 21, tzinfo=UTC)
            assert said.activity.software.startswith("tunegraph ")

    def test_no_item_breaks_a_shape(self, straight):
        assert straight.store.violations(straight.items) == ()

    def test_every_run_that_is_cited_is_there(self, straight):
        cited = {run for item in straight.items for run in getattr(item, "top_runs", ())}
        assert all(isinstance(straight.store.get(iri), Run) for iri in cited)

    def test_what_others_said_is_left_alone(self, straight):
        assert straight.first.quads <= straight.kept().quads

    # --- again

    def test_a_second_time_changes_nothing(self, straight):
        before = straight.kept()
        report = straight.ingest()
        assert report.is_unchanged
        assert report == straight.report.settled()
        assert_same(straight.kept(), before)

    def test_reading_the_same_again_changes_nothing_and_forgotten_it_leaves_no_trace(self, place, straight):
        place.ingest()
        before = place.kept()
        drop_done(place.home, place.case.source.name)
        assert place.ingest(retrieved=date(2027, 1, 1)).is_unchanged
        assert_same(place.kept(), before)
        forget([place.case.source.name], place.home, store=place.store)
        assert_same(place.kept(), place.first)

    def test_a_change_leaves_what_a_new_start_would_give(self, place, tmp_path, make):
        place.ingest()
        place.case.change()
        report = place.ingest()
        assert not report.is_unchanged
        fresh = Place(tmp_path / "fresh", make)
        fresh.case.change()
        fresh.ingest()
        assert place.said() == fresh.said()
        pd.testing.assert_frame_equal(place.kept().rows, fresh.kept().rows)
        assert place.first.quads <= place.kept().quads
        fresh.close()

    # --- trouble

    def test_a_bad_record_is_told_and_the_rest_is_kept(self, place, straight):
        place.case.damage()
        report = place.ingest()
        assert report.problem == ""
        assert sum(report.rejected.values()) > sum(straight.report.rejected.values())
        assert set(report.rejected) <= set(report.examples)
        before, now = straight.kept().rows["run_id"], place.kept().rows["run_id"]
        assert len(set(before) - set(now)) <= straight.case.lost
        direct = {item.iri for item in straight.items if not self._is_distilled(item)}
        assert len(direct - {item.iri for item in place.items}) <= straight.case.lost

    @staticmethod
    def _is_distilled(item) -> bool:
        """Whether it follows from runs, so that another run may change it."""
        measured = {"run_summary", "response_model", "parameter_importance", "cost_profile"}
        kinds = measured | {"fidelity_profile", "fidelity_curve"}
        return isinstance(item, Run) or getattr(item, "kind", "") in kinds

    def test_killed_between_pages_it_goes_on(self, place, straight, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr(type(place.case.source), "read", stopping(type(place.case.source).read, after=1))
            with pytest.raises(Killed):
                place.ingest()
        assert_same_content(place.kept(), place.first)
        said = []
        place.ingest(progress=said.append)
        assert_same(place.kept(), straight.kept())

    def test_an_error_in_the_middle_leaves_everything_as_it_was(self, place, straight, monkeypatch):
        """And from there it is completed, though it is killed again and again while it takes effect."""

        def full(_):
            raise StoreError("The disk is full.")

        with monkeypatch.context() as patched:
            patched.setattr(place.store, "add", full)
            with pytest.raises(StoreError):
                place.ingest()
        assert_same_content(place.kept(), place.first)
        for step in ("kg.runs.RunTable.replacing", "kg.runs.RunTable._sweep", "ingest.run.write_done"):
            with monkeypatch.context() as patched:
                patched.setattr(step, killed)
                with pytest.raises(Killed):
                    place.ingest()
        place.ingest()
        assert_same(place.kept(), straight.kept())

    # --- without, and away

    def test_a_dry_run_writes_nothing_and_says_the_same(self, place, straight):
        assert place.ingest(dry_run=True) == straight.report
        assert place.kept().files == place.first.files
        assert_same(place.kept(), place.first)

    def test_a_home_of_raw_files_loses_them_too(self, place):
        raw = place.home / "raw"
        shutil.copytree(place.case.folder, raw)
        ingest([place.case.source], raw, place.home, store=place.store, retrieved=DAY)
        forget([place.case.source.name], place.home, store=place.store)
        assert place.case.source.paths(raw) == ()
        assert place.kept().fingerprint == place.first.fingerprint


def assert_same(found: Kept, wanted: Kept) -> None:
    """Graph, run table and files are the same."""
    assert_same_content(found, wanted)
    assert found.files == wanted.files


def assert_same_content(found: Kept, wanted: Kept) -> None:
    """Graph and run table are the same."""
    assert found.quads - wanted.quads == frozenset()
    assert wanted.quads - found.quads == frozenset()
    assert found.fingerprint == wanted.fingerprint
    pd.testing.assert_frame_equal(found.rows, wanted.rows)


def stopping(read, *, after: int):
    """Return `read` that ends with the process after so many pages."""

    def pages(self, folder, *, retrieved):
        for number, page in enumerate(read(self, folder, retrieved=retrieved)):
            if number == after:
                raise Killed
            yield page
        raise Killed

    return pages


def killed(*_, **__):
    """End the process, as it were."""
    raise Killed
