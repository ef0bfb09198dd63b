"""Similarity: who counts as a neighbour of a new data set, by how much, and how far it is from all of them."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import dataset_iri
from kg.model import LANDMARKERS, SIMPLE, Dataset, MetaFeatures, Provenance
from recommender.similarity import COMPARED, neighbours, pairwise_weights, similarity

SOURCE = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))


def dataset(key: str, **meta_features: float) -> Dataset:
    return Dataset(iri=dataset_iri(key), name=key, meta_features=MetaFeatures(meta_features), provenance=SOURCE)


def rows(key: str, n: float) -> Dataset:
    return dataset(key, NumberOfInstances=n)


def test_the_nearest_comes_first_and_weights_sum_to_one():
    found = neighbours(MetaFeatures({"NumberOfInstances": 120}), [rows("a", 100), rows("b", 1e4), rows("c", 1e6)])
    assert [item.dataset.name for item in found] == ["a", "b", "c"]
    assert sum(item.weight for item in found) == pytest.approx(1)


def test_ranks_not_sizes_are_compared():
    sources = [rows("a", 1), rows("b", 2), rows("c", 3)]
    stretched = [rows("a", 1), rows("b", 2000), rows("c", 3e9)]
    target = MetaFeatures({"NumberOfInstances": 2})
    near = {item.dataset.name: item.distance for item in neighbours(target, sources)}
    far = {
        item.dataset.name: item.distance for item in neighbours(MetaFeatures({"NumberOfInstances": 2000}), stretched)
    }
    assert near == far


def test_what_is_missing_at_either_side_is_skipped_not_imputed():
    both = dataset("both", NumberOfInstances=10, NumberOfClasses=2)
    one = dataset("one", NumberOfInstances=10)
    found = {item.dataset.name: item for item in neighbours(both.meta_features, [both, one])}
    assert found["both"].compared == 2
    assert found["one"].compared == 1
    assert found["both"].distance == found["one"].distance == 0


def test_a_source_without_meta_features_gets_the_equal_weight():
    sources = [rows("a", 1), rows("b", 2), rows("c", 3), dataset("unknown")]
    found = {item.dataset.name: item for item in neighbours(MetaFeatures({"NumberOfInstances": 1}), sources)}
    assert found["unknown"].weight == pytest.approx(1 / 4)
    assert found["unknown"].distance is None
    assert found["a"].weight > 1 / 4 > found["c"].weight


def test_with_nothing_to_compare_all_weigh_the_same_and_nothing_is_said_of_novelty():
    found = similarity(MetaFeatures({}), [rows("a", 1), rows("b", 2)])
    assert [item.weight for item in found.neighbours] == [0.5, 0.5]
    assert found.novelty is None
    assert found.compared == ()


def test_some_weight_stays_on_the_farthest_source():
    sources = [rows(str(i), 10.0**i) for i in range(20)]
    found = neighbours(MetaFeatures({"NumberOfInstances": 1}), sources)
    assert found[-1].weight >= 0.3 / 20


def test_a_target_apart_from_all_sources_is_novel_and_one_among_them_is_not():
    sources = [dataset(f"s{i}", NumberOfInstances=i, NumberOfFeatures=i) for i in range(20)]
    apart = similarity(MetaFeatures({"NumberOfInstances": 0, "NumberOfFeatures": 99}), sources)
    among = similarity(MetaFeatures({"NumberOfInstances": 7, "NumberOfFeatures": 7}), sources)
    assert apart.novelty == 1
    assert among.novelty == 0


def test_weights_can_be_asked_for_some_of_the_sources():
    found = similarity(MetaFeatures({"NumberOfInstances": 1}), [rows("a", 1), rows("b", 2), rows("c", 3)])
    weights = found.weights([dataset_iri("c"), dataset_iri("a")])
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > weights[0]
    assert found.weights([dataset_iri("x"), dataset_iri("y")]).tolist() == [0.5, 0.5]


values = st.one_of(st.none(), st.floats(-1e6, 1e6))
tables = st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=8)


@given(tables, st.lists(values, min_size=3, max_size=3))
def test_weights_are_a_distribution_whatever_is_known(table, asked):
    names = COMPARED[:3]
    sources = [
        dataset(f"s{i}", **{n: v for n, v in zip(names, row, strict=True) if v is not None})
        for i, row in enumerate(table)
    ]
    found = similarity(MetaFeatures(dict(zip(names, asked, strict=True))), sources)
    weights = np.array([item.weight for item in found.neighbours])
    assert weights.sum() == pytest.approx(1)
    assert weights.min() > 0
    assert found.novelty is None or 0 <= found.novelty <= 1


def test_pairwise_weights_leave_each_source_out_of_its_own_row():
    weights = pairwise_weights([rows("a", 1), rows("b", 2), rows("c", 30), dataset("unknown")])
    assert np.diag(weights).tolist() == [0, 0, 0, 0]
    assert weights.sum(1) == pytest.approx(np.ones(4))
    assert weights[0, 1] > weights[0, 2]


def test_on_real_qualities_a_data_set_is_nearest_to_its_like(shared_data):
    qualities = json.loads((shared_data / "openml-pimp" / "task_qualities.json").read_text())
    sources = {key: dataset(key, **{n: v for n, v in q.items() if v is not None}) for key, q in qualities.items()}
    assert set(SIMPLE + LANDMARKERS) <= set(sources["6"].meta_features.keys())
    # One hundred plant species, described by the margin, shape and texture of their leaves.
    rest = [source for key, source in sources.items() if key != "9954"]
    found = similarity(sources["9954"].meta_features, rest)
    assert {item.dataset.name for item in found.neighbours[:2]} == {"9955", "9956"}
    assert found.novelty < 0.5
