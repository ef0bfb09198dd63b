"""Ingestion as a whole: complete, once, and unharmed by an interruption."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forget import forget
from ingest.records import Items, Page
from ingest.report import IngestReport, ItemCounts, SourceReport
from ingest.run import ingest
from ingest.sources.base import Source, checked_name, instance_name
from ingest.sources.registry import SOURCES, source_named, sources
from kg.errors import UnknownNameError
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures
from kg.rdf_store import RdfStore
from kg.runs import RunTable

DAY = date(2026, 11, 21)
REPOSITORY = Path(__file__).resolve().parents[2]

#: Ingests with pages of 40 records, and says so after each.
CHILD = """
import sys
from datetime import date
from pathlib import Path
from ingest.sources import _pages
from ingest.sources.registry import source_named
from ingest.run import ingest
_pages.PAGE_ROWS = 40
say = lambda text: print(text, flush=True)
ingest([source_named("openml-pimp")], Path(sys.argv[1]), Path(sys.argv[2]), retrieved=date(2026, 11, 21), progress=say)
say("done")
"""


#: Ingests into a graph on disk, and is killed by itself when it calls what the third argument names.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from unittest import mock
from ingest.run import ingest
from ingest.sources.registry import source_named
from kg.rdf_store import RdfStore
folder, home = Path(sys.argv[1]), Path(sys.argv[2])
with RdfStore(home / "graph") as store, mock.patch(sys.argv[3], lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)):
    ingest([source_named("openml-pimp")], folder, home, store=store, retrieved=date(2026, 11, 21))
"""


def pimp(folder: Path, home: Path, **options) -> SourceReport:
    return ingest([source_named("openml-pimp")], folder, home, retrieved=DAY, **options).sources[0]


def content(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def test_every_run_becomes_a_row(tmp_path, write_adaboost, adaboost_rows):
    report = pimp(write_adaboost(adaboost_rows(90)), tmp_path / "home")
    assert (report.added, report.rejected.root, report.quarantined.root) == (90, {}, {})
    frame = RunTable(tmp_path / "home").frame(learner="adaboost", metric="accuracy")
    assert len(frame) == 90
    assert set(frame["dataset"].str.rpartition("/")[2]) == {"openml-task-1", "openml-task-2", "openml-task-3"}


def test_a_row_has_canonical_names_values_and_its_place(tmp_path, write_adaboost):
    folder = write_adaboost(["SAMME.R,0.5,3,100,mean,0.8,7", "SAMME,0.1,1,50,median,0.9,7"])
    pimp(folder, tmp_path / "home")
    first = RunTable(tmp_path / "home").frame().sort_values("locator").iloc[0]
    assert first["locator"] == "openml-pimp/adaboost.arff:13"
    assert first["score"] == 0.8
    settings = {name: json.loads(first[name]) for name in first.index if name.startswith("hp.")}
    assert settings == {
        "hp.algorithm": "SAMME.R",
        "hp.estimator__max_depth": 3,
        "hp.learning_rate": 0.5,
        "hp.n_estimators": 100,
    }


def test_running_it_twice_changes_nothing(tmp_path, write_adaboost, adaboost_rows):
    folder, home = write_adaboost(adaboost_rows(60)), tmp_path / "home"
    pimp(folder, home)
    before = content(home)
    report = pimp(folder, home)
    assert report.is_unchanged
    assert report.unchanged == 60
    assert content(home) == before


def test_a_changed_source_is_told_row_by_row(tmp_path, write_adaboost, adaboost_rows):
    rows, home = adaboost_rows(60), tmp_path / "home"
    pimp(write_adaboost(rows), home)
    fields = rows[10].split(",")
    changed = [*rows[:10], ",".join([*fields[:5], "0.5", fields[6]]), *rows[11:59], "SAMME,0.2,2,60,mean,0.7,9"]
    report = pimp(write_adaboost(changed), home)
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 58)
    assert len(RunTable(home).frame()) == 60


def test_a_dry_run_writes_nothing_and_says_what_would_be(tmp_path, write_adaboost, adaboost_rows):
    folder, home = write_adaboost(adaboost_rows(60)), tmp_path / "home"
    report = pimp(folder, home, dry_run=True)
    assert report.added == 60
    assert not home.exists()


def test_bad_records_are_kept_with_their_reason_and_the_rest_goes_on(tmp_path, write_adaboost, adaboost_rows):
    bad = [
        "SAMME,0.5,3,100,mean,0.8",
        "SAMME,-1,3,100,mean,0.8,1",
        "SAMME,0.5,3,100,mean,?,1",
        "X,0.5,3,100,mean,0.8,1",
    ]
    report = pimp(write_adaboost([*bad, *adaboost_rows(30)]), tmp_path / "home")
    assert report.added == 30
    assert dict(report.rejected.items()) == {
        "ragged row": 1,
        "illegal value of learning_rate": 1,
        "no score": 1,
        "illegal value 'X' of algorithm": 1,
    }
    kept = [json.loads(line) for line in (tmp_path / "home/rejected/openml-pimp.jsonl").read_text().splitlines()]
    assert {record["locator"] for record in kept} == {f"openml-pimp/adaboost.arff:{13 + at}" for at in range(4)}


@pytest.mark.parametrize("after", [1, 6, 11])
def test_killed_half_way_it_goes_on_and_nothing_is_lost_or_doubled(tmp_path, write_adaboost, adaboost_rows, after):
    folder, home = write_adaboost(adaboost_rows(400, tasks=8)), tmp_path / "home"
    command = [sys.executable, "-c", CHILD, str(folder), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as child:
        seen = [child.stdout.readline() for _ in range(after)]
        os.kill(child.pid, signal.SIGKILL)
    assert all(seen)
    assert len(RunTable(home).frame()) in (0, 400)
    finished = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert finished.stdout.count("runs more") <= 10 - (after - 1)
    frame = RunTable(home).frame()
    assert (len(frame), frame["run_id"].nunique()) == (400, 400)
    assert not list((home / "staging").glob("*/page-*"))


@pytest.fixture(scope="module")
def begun(tmp_path_factory, adaboost_file, adaboost_rows):
    """A home with 100 runs. To be copied, not to be written to."""
    home = tmp_path_factory.mktemp("begun")
    with RdfStore(home / "graph") as store:
        pimp(adaboost_file(tmp_path_factory.mktemp("first"), adaboost_rows(120)[:100]), home, store=store)
    return home


@pytest.fixture(scope="module")
def straight(tmp_path_factory, adaboost_file, adaboost_rows, begun):
    """The same home after 20 runs more, ingested without any trouble."""
    home = tmp_path_factory.mktemp("straight")
    shutil.copytree(begun, home, dirs_exist_ok=True)
    with RdfStore(home / "graph") as store:
        pimp(adaboost_file(tmp_path_factory.mktemp("all"), adaboost_rows(120)), home, store=store)
    return home


@pytest.mark.parametrize("where", ["kg.rdf_store.RdfStore.add", "kg.runs.RunTable._sweep", "ingest.run.write_done"])
def test_killed_while_it_takes_effect_the_next_one_completes_it(
    tmp_path, write_adaboost, adaboost_rows, begun, straight, where
):
    homes = [straight, shutil.copytree(begun, tmp_path / "killed")]
    folder = write_adaboost(adaboost_rows(120))
    command = [sys.executable, "-c", KILLED, str(folder), str(homes[1]), where]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    with RdfStore(homes[1] / "graph") as store:
        pimp(folder, homes[1], store=store)
    kept = [{name: text for name, text in content(home).items() if not name.startswith("graph/")} for home in homes]
    with RdfStore(homes[0] / "graph") as one, RdfStore(homes[1] / "graph") as other:
        assert one.fingerprint() == other.fingerprint()
        assert one.counts()["run_summary"] == 3
    assert [name for name in kept[0] if "ingested" not in name] == [name for name in kept[1] if "ingested" not in name]
    assert RunTable(homes[0]).frame().equals(RunTable(homes[1]).frame())


def test_killed_while_it_takes_effect_it_can_go_back_to_what_was(tmp_path, write_adaboost, adaboost_rows, begun):
    rows, home = adaboost_rows(120), shutil.copytree(begun, tmp_path / "home")
    with RdfStore(home / "graph") as store:
        before = store.fingerprint(), RunTable(home).frame()
    command = [sys.executable, "-c", KILLED, str(write_adaboost(rows)), str(home), "kg.rdf_store.RdfStore.add"]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    assert len(RunTable(home).frame()) == 120
    with RdfStore(home / "graph") as store:
        assert store.fingerprint() == before[0]
        pimp(write_adaboost(rows[:100]), home, store=store)
        assert store.fingerprint() == before[0]
    assert RunTable(home).frame().equals(before[1])


def test_an_interrupted_ingestion_gives_the_same_bytes(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(60))

    def stop(text: str) -> None:
        if "judging" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pimp(folder, tmp_path / "a", progress=stop)
    pimp(folder, tmp_path / "a")
    pimp(folder, tmp_path / "b")
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_source_that_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(30))
    (folder / "sklearn-bot").mkdir()
    (folder / "sklearn-bot" / "svc.arff").write_text("no table")
    report = ingest(sources(["sklearn-bot", "openml-pimp", "yahpo-derived"]), folder, tmp_path / "home")
    problems = {source.source: source.problem for source in report.sources}
    assert "@data" in problems["sklearn-bot"]
    assert "yahpo-derived/*.csv.gz" in problems["yahpo-derived"]
    assert problems["openml-pimp"] == ""
    assert not report.is_unchanged


def test_the_report_round_trips_and_reads_well(tmp_path, write_adaboost, adaboost_rows):
    rows = [row.replace(row.split(",")[5], "0.75") for row in adaboost_rows(30, tasks=1)]
    report = ingest([source_named("openml-pimp")], write_adaboost(rows), tmp_path / "home")
    assert IngestReport.model_validate_json(report.to_json()) == report
    assert "set aside: 30 near_constant" in report.to_text()
    assert "1 distinct scores" in report.to_text()


def test_sources_come_by_name_in_the_order_of_ingestion():
    names = [source.name for source in sources(["yahpo-derived", "openml-pimp"])]
    assert names == ["openml-pimp", "yahpo-derived"]
    with pytest.raises(UnknownNameError, match="openml-pimp"):
        source_named("openml-pimpf")


def test_every_source_says_where_it_comes_from():
    for source in sources():
        assert source.name in SOURCES
        assert source.title
        assert source.licence
        assert source.url.startswith("https://")


@pytest.mark.shared
def test_the_invalid_support_vector_machines_are_found_out(tmp_path, shared_data):
    report = ingest(sources(["datasets", "sklearn-bot"]), shared_data, tmp_path, retrieved=DAY).sources[1]
    assert report.quarantined["lost_columns"] > 20_000
    kept = RunTable(tmp_path).groups()
    assert len(kept) > 0
    aside = RunTable(tmp_path).frame(area="quarantine", columns=("dataset", "rule"))
    # letter: 16 numeric columns, none of them seen; kr-vs-kp: nominal columns only.
    assert set(aside[aside["dataset"].str.endswith("openml-task-6")]["rule"]) == {"lost_columns"}
    assert kept["dataset"].str.endswith("openml-task-3492").any()


def test_items_go_to_the_graph_once(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(30))
    source = Described()
    store = RdfStore()
    reports = [ingest([source], folder, tmp_path, store=store, retrieved=DAY).sources[0] for _ in range(2)]
    assert [(report.is_unchanged, report.items["dataset"]) for report in reports] == [
        (False, ItemCounts(added=1)),
        (True, ItemCounts(unchanged=1)),
    ]
    assert [dataset.iri for dataset in store.datasets()] == [Described.dataset]
    assert not ingest([source], folder, tmp_path, store=RdfStore(), retrieved=DAY).is_unchanged


def test_runs_are_judged_by_what_a_source_before_says_of_their_data_set(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(30, tasks=1))
    given = [Described(), source_named("openml-pimp")]
    first = ingest(given, folder, tmp_path, retrieved=DAY).sources[1]
    assert first.quarantined.root == {"chance_level": 30}
    assert ingest(given, folder, tmp_path, retrieved=DAY).sources[1].is_unchanged
    assert ingest(given[1:], folder, tmp_path, retrieved=DAY).is_unchanged
    assert ingest(given[1:], folder, tmp_path / "other", retrieved=DAY).sources[0].quarantined.root == {}


def test_a_second_source_leaves_a_data_set_as_the_first_described_it(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(30))
    with RdfStore() as store:
        first, second = Described(), Described()
        second.name = "second"
        reports = ingest([first, second], folder, tmp_path, store=store, retrieved=DAY).sources
        assert [report.items["dataset"] for report in reports] == [ItemCounts(added=1), ItemCounts(elsewhere=1)]
        assert store.get(Described.dataset).provenance.source == "described"
        assert ingest([second], folder, tmp_path, store=store, retrieved=DAY).is_unchanged
        forget(["described"], tmp_path, store=store)
        # Nobody describes it any more, so it is the second one's to describe.
        again = ingest([second], folder, tmp_path, store=store, retrieved=DAY).sources[0]
        assert again.items["dataset"] == ItemCounts(added=1)


def test_a_dry_run_of_two_sources_says_what_both_would_do(tmp_path, write_adaboost, adaboost_rows):
    folder = write_adaboost(adaboost_rows(30))
    with RdfStore() as store:
        second = Described()
        second.name = "second"
        dry, done = (
            ingest([Described(), second], folder, tmp_path, store=store, retrieved=DAY, dry_run=dry_run).sources
            for dry_run in (True, False)
        )
        assert dry == done


def test_an_item_that_breaks_a_shape_is_rejected_with_its_path_and_value(tmp_path, write_adaboost, adaboost_rows):
    class Half(Described):
        def read(self, folder, *, retrieved):
            (page,) = super().read(folder, retrieved=retrieved)
            bad = page.items[0].replace(iri=dataset_iri("bad"), meta_features=MetaFeatures({"NumberOfFeatures": 0.0}))
            yield Items("f", (*page.items, bad))

    with RdfStore() as store:
        for dry_run in (True, False):
            folder = write_adaboost(adaboost_rows(30))
            report = ingest([Half()], folder, tmp_path, store=store, retrieved=DAY, dry_run=dry_run).sources[0]
            assert report.rejected.root == {"A data set has at least one column.": 1}
            assert "NumberOfFeatures is '0.0'" in report.examples["A data set has at least one column."]
            assert report.items["dataset"] == ItemCounts(added=1)
        assert [dataset.iri for dataset in store.datasets()] == [Described.dataset]


def test_only_what_has_changed_is_distilled_again(tmp_path, write_adaboost, adaboost_rows):
    one, two = source_named("openml-pimp"), source_named("openml-pimp")
    two.name, two.files = "two", ("two/*.arff",)
    folder = write_adaboost(adaboost_rows(30))
    (folder / "two").mkdir()
    (folder / "two" / "adaboost.arff").write_bytes((folder / "openml-pimp" / "adaboost.arff").read_bytes())
    with RdfStore() as store:
        ingest([one, two], folder, tmp_path, store=store, retrieved=DAY)
        before = store.sources()
        write_adaboost(adaboost_rows(40))
        said = []
        ingest([one, two], folder, tmp_path, store=store, retrieved=DAY, progress=said.append)
        assert [text for text in said if "istilling" in text and text.endswith("two")] == []
        assert "two: unchanged" in said
        assert store.sources()["two"] == before["two"]
        assert store.sources()["openml-pimp"] != before["openml-pimp"]


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a" * 200, "a\nb", "a\\b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, write_adaboost, adaboost_rows, name):
    source = Described()
    source.name = name
    report = ingest([source], write_adaboost(adaboost_rows(30)), tmp_path / "home").sources[0]
    assert "is no name of a source" in report.problem
    assert not (tmp_path / "home").exists()


@given(st.text())
def test_an_instance_is_named_so_that_it_is_found_again_and_leads_nowhere(text):
    assert checked_name(instance_name("paper", text)) == instance_name("paper", text)


class Described(Source):
    """Says of the first task that its majority class has 95 %: more than any run reaches."""

    name, title, licence, url = "described", "A test", "CC0-1.0", "https://example.org"
    files = ("openml-pimp/*.arff",)
    dataset = dataset_iri("openml-task-1")

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        qualities = MetaFeatures({"NumberOfInstances": 100, "MajorityClassSize": 95, "NumberOfClasses": 2})
        provenance = self.provenance(retrieved, "f:1")
        item = Dataset(iri=self.dataset, name="d", meta_features=qualities, provenance=provenance)
        yield Items("f", (item,))
