"""What each source says of data sets."""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.records import Items, Page, Rejected
from ingest.sources.autosklearn import AutoSklearn
from ingest.sources.base import Source
from ingest.sources.openml_defaults import OpenmlDefaults
from ingest.sources.openml_ids import OpenmlIds, known_ids
from ingest.sources.openml_names import OpenmlNames
from ingest.sources.openml_qualities import OpenmlQualities
from ingest.sources.pmlb_metafeatures import PmlbMetafeatures
from ingest.sources.tabr_studies import TabrDatasets
from ingest.sources.tabzilla import TabZillaNames
from kg.errors import InputError
from kg.iris import dataset_iri
from kg.model import Dataset, TaskType

DAY = date(2026, 11, 21)
SOURCES = (
    OpenmlQualities,
    OpenmlDefaults,
    OpenmlIds,
    OpenmlNames,
    PmlbMetafeatures,
    AutoSklearn,
    TabZillaNames,
    TabrDatasets,
)


@lru_cache
def read(source: type[Source], folder: Path) -> tuple[dict[str, Dataset], list[Rejected]]:
    pages: list[Page] = list(source().read(folder, retrieved=DAY))
    items = [item for page in pages if isinstance(page, Items) for item in page.items if isinstance(item, Dataset)]
    return {item.iri: item for item in items}, [rejected for page in pages for rejected in page.rejected]


@pytest.mark.parametrize(("source", "n"), list(zip(SOURCES, (78, 77, None, 74, 144, None, 132, 56), strict=True)))
def test_every_data_set_is_read_with_its_provenance(source: type[Source], n: int | None, shared_data: Path) -> None:
    found, _ = read(source, shared_data)
    assert n is None or len(found) == n
    for item in found.values():
        assert item.provenance.source == source.name
        assert item.provenance.licence == source.licence
        assert item.provenance.version == source.version
        assert item.provenance.retrieved == DAY
        assert item.provenance.locator


@pytest.mark.parametrize("source", [s for s in SOURCES if s is not OpenmlIds])
def test_reading_twice_gives_the_same(source: type[Source], shared_data: Path) -> None:
    assert list(source().read(shared_data, retrieved=DAY)) == list(source().read(shared_data, retrieved=DAY))


@pytest.mark.parametrize("source", [s for s in SOURCES if s is not OpenmlIds])
def test_an_empty_folder_gives_nothing(source: type[Source], tmp_path: Path) -> None:
    assert list(source().read(tmp_path, retrieved=DAY)) == []


def test_moments_of_openml_pimp_are_set_aside_and_those_of_openml_defaults_are_the_tables(shared_data: Path) -> None:
    pimp, rejected = read(OpenmlQualities, shared_data)
    defaults, _ = read(OpenmlDefaults, shared_data)
    pendigits = dataset_iri("openml-task-32")
    assert "MeanMeansOfNumericAtts" not in pimp[pendigits].meta_features
    assert {r.reason for r in rejected} == {"moment of another table"}
    # The table itself, in raw-datasets: mean of means 50.711, mean deviation 29.774.
    assert defaults[pendigits].meta_features["MeanMeansOfNumericAtts"] == pytest.approx(50.711, abs=0.001)
    assert defaults[pendigits].meta_features["MeanStdDevOfNumericAtts"] == pytest.approx(29.774, abs=0.001)


def test_a_file_that_holds_something_else_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "openml-pimp" / "task_qualities.json"
    path.parent.mkdir()
    path.write_text("[]")
    with pytest.raises(InputError, match=r"task_qualities\.json.*task id"):
        list(OpenmlQualities().read(tmp_path, retrieved=DAY))


def test_number_of_classes_in_words_is_taken_only_where_the_class_sizes_bear_it_out(shared_data: Path) -> None:
    found, rejected = read(OpenmlNames, shared_data)
    collins, monks = found[dataset_iri("openml-task-3567")], found[dataset_iri("openml-task-3493")]
    assert collins.name == "collins"
    assert collins.meta_features["NumberOfInstances"] == 500
    assert "NumberOfClasses" not in collins.meta_features  # 15, though the text says 2
    assert monks.meta_features["NumberOfClasses"] == 2
    assert [r.reason for r in rejected] == ["no task id"]  # "openml-cc18", a suite


def test_pmlb_class_sizes_are_those_that_openml_counts(shared_data: Path) -> None:
    found, _ = read(PmlbMetafeatures, shared_data)
    openml, _ = read(OpenmlQualities, shared_data)
    names = ("NumberOfInstances", "NumberOfFeatures", "NumberOfClasses", "MajorityClassSize", "MinorityClassSize")
    for pmlb, task in (("pmlb-diabetes", 37), ("pmlb-letter", 6), ("pmlb-pendigits", 32), ("pmlb-balance-scale", 11)):
        ours, theirs = found[dataset_iri(pmlb)].meta_features, openml[dataset_iri(f"openml-task-{task}")].meta_features
        assert ours.only(names) == theirs.only(names)


def test_rows_of_autosklearn_are_openmls_or_one_more(shared_data: Path) -> None:
    found, _ = read(AutoSklearn, shared_data)
    openml, _ = read(OpenmlQualities, shared_data)
    names, _ = read(OpenmlNames, shared_data)
    compared = 0
    for iri, named in names.items():
        ours = found.get(dataset_iri(f"autosklearn-{named.name}"))
        if ours is not None and iri in openml:
            excess = ours.meta_features["NumberOfInstances"] - openml[iri].meta_features["NumberOfInstances"]
            if named.name != "collins":  # auto-sklearn has the version of 1,000 rows
                assert excess in {0, 1}
                compared += 1
    assert compared >= 25


def test_autosklearn_describes_regression_tables_without_classes(shared_data: Path) -> None:
    found, _ = read(AutoSklearn, shared_data)
    boston = found[dataset_iri("autosklearn-regression-boston")]
    assert boston.task_type == TaskType.REGRESSION
    assert boston.meta_features["NumberOfClasses"] == 0
    assert boston.meta_features["NumberOfFeatures"] == 14
    assert "MajorityClassPercentage" not in boston.meta_features


def test_every_id_of_the_run_tables_has_a_node(shared_data: Path) -> None:
    found, _ = read(OpenmlIds, shared_data)
    assert found[dataset_iri("openml-6")].openml_id == 6
    assert found[dataset_iri("openml-task-189909")].openml_task_id == 189909


def test_shipped_ids_agree_with_the_qualities_of_the_same_task(shared_data: Path) -> None:
    tasks = json.loads((shared_data / "openml-pimp/task_qualities.json").read_text())
    table = known_ids()
    assert table["data_id"].is_unique
    assert (table["numeric"] + table["symbolic"] == table["features"]).all()
    compared = [(row, tasks[str(row["task_id"])]) for row in table.to_dict("records") if str(row["task_id"]) in tasks]
    assert len(compared) >= 30
    for row, qualities in compared:
        assert row["instances"] == qualities["NumberOfInstances"]
        assert row["classes"] == qualities["NumberOfClasses"]
        assert row["majority"] == qualities["MajorityClassSize"]
        assert row["minority"] == qualities["MinorityClassSize"]
        assert abs(row["features"] - qualities["NumberOfFeatures"]) <= 1
