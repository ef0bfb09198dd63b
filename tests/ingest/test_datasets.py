"""Which data sets are one, under all their names."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.datasets import lend, link, unite, versions_of
from ingest.records import Items
from ingest.sources.catalogue import DatasetCatalogue
from kg.iris import dataset_iri, plain_name
from kg.model import LANDMARKERS, SIMPLE, Dataset, MetaFeatures, Provenance, TaskType

DAY = date(2026, 11, 21)
PROVENANCE = Provenance(source="test", licence="MIT", url="https://example.org", retrieved=DAY, locator="here")

#: Groups of unlike names that are one data set, checked by hand (names in lower case; ids where no name is known).
MERGED = {
    "agaricus-lepiota mushroom",
    "allbp allhyper allhypo allrep dis sick",
    "auto autos",
    "breast breast-w",
    "breast-cancer-wisconsin wdbc",
    "bupa liver-disorder",
    "california houses",
    "cars cars1",
    "clean1 clean2 musk",
    "cleve cleveland cleveland-nominal heart-c",
    "cmc contraceptive",
    "colic horse-colic",
    "covertype covtype",
    "crimecommunitynums crimecommunitynums2",
    "diabetes pima",
    "diamond diamonds",
    "dna splice",
    "flare solar-flare solar-flare_1 solar-flare_2",
    "gas-drift gas-drift-different-concentrations",
    "glass prnn_fglass",
    "heart-h hungarian",
    "hill-valley hill_valley_with_noise hill_valley_without_noise",
    "house house_16h house_8l",
    "house-votes-84 vote",
    "house_sales house_sales_reduced",
    "internet-advertisements openml-task-34536",
    "kr-vs-k krkopt kropt",
    "libras movement_libras",
    "lymph lymphography",
    "magic magictelescope",
    "medical_charges medical_charges_nominal",
    "miceprotein openml-task-34538",
    "micro-mass openml-task-9950",
    "mnist mnist_784",
    "molecular-biology_promoters promoters",
    "monk1 monks-problems-1",
    "monk2 monks-problems-2",
    "monk3 monks-problems-3",
    "parity5+5 parity5_plus_5",
    "poker pokerhand",
    "ring ringnorm",
    "topo_2_1 yprop_4_1",
    "waveform-21 waveform-40 waveform-5000",
    "wine-quality-red wine-quality-white wine_quality",
}


def dataset(key: str, name: str = "", **values: object) -> Dataset:
    fields = {"provenance": PROVENANCE, "task_type": TaskType.CLASSIFICATION} | values
    return Dataset(iri=dataset_iri(key), name=name or key, **fields)


def counts(rows: int, largest: int, smallest: int, *, classes: int = 2, columns: int = 10) -> MetaFeatures:
    return MetaFeatures(
        {
            "NumberOfInstances": rows,
            "NumberOfFeatures": columns,
            "NumberOfClasses": classes,
            "MajorityClassSize": largest,
            "MinorityClassSize": smallest,
        }
    )


def are_one(*datasets: Dataset) -> bool:
    linked = link(datasets)
    return versions_of(linked[0], linked) == {d.iri for d in linked}


class TestLink:
    """What makes two nodes one data set, and what does not."""

    def test_names_are_compared_without_case_and_punctuation(self) -> None:
        assert are_one(dataset("a", "tic-tac-toe"), dataset("b", "tic_tac_toe"), dataset("c", "TicTacToe"))

    def test_listed_aliases_are_one(self) -> None:
        assert are_one(dataset("a", "splice"), dataset("b", "dna"))
        assert are_one(dataset("a", "monks-problems-1"), dataset("b", "monk1"))

    def test_one_openml_id_is_one_data_set_whatever_the_names(self) -> None:
        assert are_one(dataset("openml-44", openml_id=44), dataset("x", "spam e-mail", openml_id=44))

    def test_equal_counts_of_unbalanced_classes_are_one(self) -> None:
        assert are_one(
            dataset("a", "pima", meta_features=counts(768, 500, 268)),
            dataset("b", "diabetes", meta_features=counts(768, 500, 268, columns=9)),
        )

    def test_equal_counts_of_balanced_classes_prove_nothing(self) -> None:
        assert not are_one(
            dataset("a", "GAMETES 0.1", meta_features=counts(1600, 800, 800)),
            dataset("b", "GAMETES 0.4", meta_features=counts(1600, 800, 800)),
        )

    def test_equal_counts_of_tiny_tables_prove_nothing(self) -> None:
        assert not are_one(
            dataset("a", "lupus", meta_features=counts(87, 52, 35)),
            dataset("b", "cars-87", meta_features=counts(87, 52, 35)),
        )

    def test_one_name_with_contradicting_shapes_is_two_data_sets(self) -> None:
        assert not are_one(
            dataset("a", "titanic", meta_features=counts(2201, 1490, 711, columns=4)),
            dataset("b", "titanic", meta_features=counts(1307, 809, 498, columns=8)),
        )

    def test_versions_of_one_name_are_one_though_rows_were_dropped(self) -> None:
        assert are_one(
            dataset("a", "soybean", meta_features=counts(683, 92, 8, classes=19)),
            dataset("b", "soybean", meta_features=counts(675, 92, 14, classes=18)),
        )

    def test_names_that_are_listed_as_different_stay_apart(self) -> None:
        assert not are_one(dataset("tabr-churn", "churn"), dataset("pmlb-churn", "churn"))

    def test_a_key_in_place_of_a_name_links_nothing(self) -> None:
        assert not are_one(dataset("openml-15"), dataset("openml-task-15"))

    @given(names=st.lists(st.sampled_from(["iris", "Iris", "wine", "dna", "splice", "vote", "V.O.T.E."]), max_size=8))
    def test_versions_are_an_equivalence(self, names: list[str]) -> None:
        linked = link([dataset(f"k{i}", name) for i, name in enumerate(names)])
        for one in linked:
            versions = versions_of(one, linked)
            assert one.iri in versions
            assert all(versions_of(iri, linked) == versions for iri in versions)


def test_versions_follow_links_that_only_one_side_has() -> None:
    first, second = dataset("a", same_as=(dataset_iri("b"),)), dataset("b", same_as=(dataset_iri("c"),))
    third = dataset("c")
    for start in (first, second, third):
        assert versions_of(start, (first, second, third)) == {first.iri, second.iri, third.iri}


class TestUnite:
    """Several descriptions of one node."""

    def test_what_an_earlier_description_says_stands_and_a_later_one_adds(self) -> None:
        early = dataset("openml-task-6", meta_features=MetaFeatures({"NumberOfInstances": 20000.0}))
        late = dataset("openml-task-6", "letter", meta_features=MetaFeatures({"NumberOfInstances": 1.0, "X": 2.0}))
        (united,) = unite([early, late])
        assert united.name == "letter"
        assert united.meta_features["NumberOfInstances"] == 20000
        assert united.meta_features["X"] == 2

    def test_licences_and_places_of_all_contributors_are_kept(self) -> None:
        other = PROVENANCE.replace(licence="Apache-2.0", locator="there")
        (united,) = unite([dataset("k", "one"), dataset("k", "one", provenance=other)])
        assert united.provenance.licence == "MIT AND Apache-2.0"
        assert united.provenance.locator == "here; there"

    def test_uniting_again_changes_nothing(self) -> None:
        once = unite([dataset("b", "iris"), dataset("a", "Iris"), dataset("b", "wine")])
        assert unite(once) == once
        assert [d.iri for d in once] == sorted(d.iri for d in once)


class TestLend:
    """Meta-features that a node lacks, from another node of the same table."""

    rich = counts(768, 500, 268).root | {"MajorityClassPercentage": 65.1, "kNN1NErrRate": 0.31, "CardinalityAtTwo": 7.0}

    def test_what_similarity_needs_is_lent_where_the_counts_agree(self) -> None:
        poor = MetaFeatures(counts(768, 500, 268).root | {"MajorityClassPercentage": 65.1})
        first, _ = lend(
            link(
                [
                    dataset("a", "diabetes", meta_features=poor),
                    dataset("b", "diabetes", meta_features=MetaFeatures(self.rich)),
                ]
            )
        )
        assert first.meta_features["kNN1NErrRate"] == 0.31
        assert "CardinalityAtTwo" not in first.meta_features
        assert "dataset/b" in first.provenance.locator

    def test_nothing_is_lent_where_the_counts_differ(self) -> None:
        other = MetaFeatures(counts(500, 300, 200).root | {"MajorityClassPercentage": 60.0})
        first, _ = lend(
            link(
                [
                    dataset("a", "diabetes", meta_features=other),
                    dataset("b", "diabetes", meta_features=MetaFeatures(self.rich)),
                ]
            )
        )
        assert "kNN1NErrRate" not in first.meta_features


@pytest.fixture(scope="module")
def catalogue(shared_data: Path) -> tuple[Dataset, ...]:
    (page,) = DatasetCatalogue().read(shared_data, retrieved=DAY)
    assert isinstance(page, Items)
    return tuple(item for item in page.items if isinstance(item, Dataset))


class TestRealCatalogue:
    """All data sets of the shared sources."""

    @pytest.mark.parametrize(
        "keys",
        [
            ("openml-task-49", "openml-task-145804", "pmlb-tic-tac-toe", "autosklearn-tic-tac-toe"),
            ("openml-46", "openml-task-45", "pmlb-splice", "openml-40670", "pmlb-dna", "autosklearn-dna"),
            ("openml-task-15", "pmlb-breast-w", "pmlb-breast", "autosklearn-breast-w"),
            ("openml-37", "openml-task-37", "pmlb-diabetes", "pmlb-pima"),
            ("openml-task-3954", "pmlb-magic", "tabr-classif-num-medium-MagicTelescope"),
            ("openml-task-34536", "openml-40978", "openml-task-167125"),
        ],
    )
    def test_known_versions_are_one(self, catalogue: tuple[Dataset, ...], keys: tuple[str, ...]) -> None:
        assert {dataset_iri(key) for key in keys} <= versions_of(dataset_iri(keys[0]), catalogue)

    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("tabr-churn", "pmlb-churn"),
            ("pmlb-analcatdata_aids", "pmlb-analcatdata_bankruptcy"),
            ("autosklearn-titanic", "autosklearn-regression-titanic"),
            ("pmlb-new-thyroid", "pmlb-ann-thyroid"),
            ("pmlb-GAMETES_Epistasis_2-Way_20atts_0.1H_EDM-1_1", "pmlb-GAMETES_Epistasis_2-Way_20atts_0.4H_EDM-1_1"),
        ],
    )
    def test_what_is_not_one_is_not_merged(self, catalogue: tuple[Dataset, ...], left: str, right: str) -> None:
        found = versions_of(dataset_iri(left), catalogue)
        assert dataset_iri(right) in {d.iri for d in catalogue}
        assert dataset_iri(right) not in found

    def test_every_merge_of_unlike_names_was_looked_at(self, catalogue: tuple[Dataset, ...]) -> None:
        found = {" ".join(sorted({name.lower() for name in names})) for names in merges(catalogue)}
        assert found == MERGED

    def test_every_node_has_full_provenance(self, catalogue: tuple[Dataset, ...]) -> None:
        for item in catalogue:
            assert item.provenance.source == "datasets"
            assert item.provenance.licence
            assert item.provenance.url.startswith("https://")
            assert item.provenance.version
            assert item.provenance.locator
            assert item.provenance.retrieved == DAY

    def test_tasks_of_the_forests_have_all_that_similarity_needs(self, catalogue: tuple[Dataset, ...]) -> None:
        known = {d.iri: d for d in catalogue}
        for task in (6, 11, 37, 3954, 9985):
            assert set(SIMPLE + LANDMARKERS) <= set(known[dataset_iri(f"openml-task-{task}")].meta_features)

    def test_most_sources_of_the_surrogates_have_a_shape(self, catalogue: tuple[Dataset, ...]) -> None:
        nodes = [d for d in catalogue if d.iri.rsplit("/", 1)[1].removeprefix("openml-").isdigit()]
        assert len(nodes) == 85
        assert len(have_all(nodes, SIMPLE)) == 66
        assert len(have_all(nodes, SIMPLE + LANDMARKERS)) == 46


def merges(datasets: Iterable[Dataset]) -> tuple[tuple[str, ...], ...]:
    """Return the names within each group of nodes that are one data set although their names differ."""
    known = {d.iri: d for d in datasets}
    groups = {tuple(sorted(versions_of(d, known.values()))) for d in known.values() if d.same_as}
    named = (tuple(known[iri].name or iri for iri in group if iri in known) for group in sorted(groups))
    return tuple(names for names in named if len({plain_name(name) for name in names}) > 1)


def have_all(datasets: Iterable[Dataset], names: tuple[str, ...]) -> list[Dataset]:
    return [d for d in datasets if set(names) <= set(d.meta_features)]
