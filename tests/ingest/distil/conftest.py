"""A run table of real runs: a few data sets of each source, small enough to distil in a few seconds."""

import gzip
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from ingest.distil import distil
from ingest.distil.batch import Batch
from ingest.distil.reading import learner_runs
from ingest.run import ingest
from ingest.sources.registry import sources
from kg.runs import RunTable

DAY = date(2026, 1, 2)
#: Table -> records that are taken from its head: those of two or three data sets, which lie together.
HEADS = {
    "openml-pimp/adaboost.arff": 1200,
    "openml-pimp/random_forest.arff": 1000,
    "yahpo-derived/lcbench_curves.csv.gz": 2800,
    "yahpo-derived/rbv2_rpart.csv.gz": 720,
}
#: The data sets that are taken from PMLB's table.
PMLB = "pmlb-knowledgebase/sklearn-benchmark5-data-knowledgebase.tsv.gz"
PMLB_DATASETS = ("sonar\t", "vowel\t", "tic-tac-toe\t")


def take(data: Path, folder: Path) -> Path:
    """Write the sources' first records to `folder`, laid out as `data` is."""
    for name, records in HEADS.items():
        lines = read_lines(data / name)
        first = next((i + 1 for i, line in enumerate(lines) if line.upper().startswith("@DATA")), 1)
        write_lines(folder / name, lines[: first + records])
    head, *rest = read_lines(data / PMLB)
    write_lines(folder / PMLB, [head, *(line for line in rest if line.startswith(PMLB_DATASETS))])
    return folder


def read_lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def write_lines(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "\n".join([*lines, ""]).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


@pytest.fixture(scope="session")
def small_data(shared_data, tmp_path_factory) -> Path:
    """A data folder with the first data sets of each run table."""
    return take(shared_data, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def runs(small_data, tmp_path_factory) -> RunTable:
    """The run table of `small_data`."""
    home = tmp_path_factory.mktemp("home")
    report = ingest(sources(["openml-pimp", "pmlb-knowledgebase", "yahpo-derived"]), small_data, home, retrieved=DAY)
    assert not [source.problem for source in report.sources if source.problem]
    return RunTable(home)


@pytest.fixture(scope="session")
def batch_of(runs) -> dict[str, Batch]:
    """Learner -> a batch of all of its runs; of PMLB's learners and the others' alike."""
    return {found.learner: found.batch(tuple(found.sizes)) for found in learner_runs(runs, (), retrieved=DAY)}


@pytest.fixture(scope="session")
def evidence(runs):
    """All that is distilled from the run table."""
    return tuple(distil(runs, (), retrieved=DAY))
