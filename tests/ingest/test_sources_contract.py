"""The sources of the registry keep the contract, on small cuts of the real tables."""

import gzip
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.sources.base import Source
from ingest.sources.published_spaces import PublishedSpaces
from ingest.sources.registry import source_named
from tests.ingest.source_contract import SourceCase, SourceContract


@lru_cache(maxsize=16)
def lines_of_shared(path: Path) -> tuple[str, ...]:
    return tuple(lines_of(path))


def lines_of(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def table(
    folder: Path, name: str, wanted: Callable[[str], bool], *, rows: int, bad: str
) -> Callable[[Path], SourceCase]:
    """Return what cuts the first `rows` records that are `wanted` out of a real table; `bad` is one that is spoilt."""

    def make(target: Path) -> SourceCase:
        lines, path = lines_of_shared(folder / name), target / name
        first = next((i + 1 for i, line in enumerate(lines) if line.upper().startswith("@DATA")), 1)
        kept = [line for line in lines[first:] if wanted(line)][:rows]
        assert len(kept) == rows
        write(path, [*lines[:first], *kept])
        return SourceCase(
            source=source_named(name.partition("/")[0]),
            folder=target,
            damage=lambda: write(path, [*lines_of(path), bad]),
            change=lambda: write(path, lines_of(path)[:-1]),
        )

    return make


@pytest.fixture(scope="module", autouse=True)
def small_pages():
    """Pages of 10 records: a small cut has several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ingest.sources._pages.PAGE_ROWS", 10)
        yield


@pytest.mark.shared
class TestOpenmlPimp(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        return table(shared_data, "openml-pimp/adaboost.arff", lambda _: True, rows=40, bad="SAMME,0.5,3,100")


@pytest.mark.shared
class TestSklearnBot(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        name = "sklearn-bot/svc__predictive_accuracy.arff"
        return table(shared_data, name, lambda line: line.endswith((",3492", ",2079")), rows=30, bad="mean,0.9")


@pytest.mark.shared
class TestPmlbKnowledgebase(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        name = "pmlb-knowledgebase/sklearn-benchmark5-data-knowledgebase.tsv.gz"
        bad = "sonar\tDecisionTreeClassifier\t__import__('os')\t0.5\t0.5\t0.5\tx"
        return table(shared_data, name, lambda line: line.startswith("sonar\tDecisionTree"), rows=30, bad=bad)


@pytest.mark.shared
class TestYahpo(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        return table(shared_data, "yahpo-derived/rbv2_rpart.csv.gz", lambda _: True, rows=30, bad="1,2,3")


@pytest.mark.shared
class TestTabZilla(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        name = "tabzilla/tuned_aggregated_results_with_default_hparams.csv"
        return table(shared_data, name, lambda _: True, rows=50, bad="1,CatBoost")


@pytest.mark.shared
class TestDatasets(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        name = "pmlb-knowledgebase/pmlb_classification_metafeatures.csv.gz"
        cut = table(shared_data, name, lambda _: True, rows=30, bad="sonar,1")

        def make(folder):
            return replace(cut(folder), source=source_named("datasets"))

        return make


@pytest.mark.shared
class TestTabrStudies(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data):
        whole = shared_data / "tabr-optuna-studies" / "exp"
        reports = sorted(whole.rglob("report.json"))[::60]

        def make(folder):
            copies = [folder / path.relative_to(shared_data) for path in reports]
            for path, copy in zip(reports, copies, strict=True):
                copy.parent.mkdir(parents=True)
                shutil.copyfile(path, copy)
            return SourceCase(
                source=source_named("tabr-optuna-studies"),
                folder=folder,
                damage=lambda: copies[0].write_text("{}"),
                change=copies[-1].unlink,
                lost=2,  # the study, and the score of its best configuration
            )

        return make


class LocalSpaces(PublishedSpaces):
    """The published spaces, from a folder of one's own."""

    paths = Source.paths
    digest = Source.digest


class TestPublishedSpaces(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        shipped = PublishedSpaces().paths(Path())[:3]

        def make(folder):
            spaces = folder / "ingest" / "data" / "spaces"
            spaces.mkdir(parents=True)
            for path in shipped:
                shutil.copyfile(path, spaces / path.name)
            flaml = spaces / "flaml.yaml"
            return SourceCase(
                source=LocalSpaces(),
                folder=folder,
                damage=lambda: flaml.write_text(flaml.read_text().replace("min(32768, n)", "open(n)", 1)),
                change=(spaces / "autogluon.yaml").unlink,
            )

        return make
