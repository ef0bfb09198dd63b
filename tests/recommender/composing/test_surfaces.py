"""Surfaces and calibrations are built once a graph, kept in memory and in a folder, and built anew when it changes."""

import numpy as np
import pytest

from kg.model import Configuration, FloatParameter, SearchSpace
from kg.rdf_store import RdfStore
from recommender.composing import surfaces as composing_surfaces
from recommender.composing.surfaces import REPLAY_TRIALS, CachedSurfaces
from tests.recommender.composing.world import N_SOURCES, SVM_SPACE, dataset, response

RESPONSES = tuple(response(i) for i in range(N_SOURCES))
DATASETS = {d.iri: d for d in map(dataset, range(N_SOURCES))}


@pytest.fixture
def store():
    return RdfStore()


def test_what_was_built_is_kept_in_memory(store):
    surfaces = CachedSurfaces(store)
    assert surfaces.surface(RESPONSES) is surfaces.surface(RESPONSES)
    assert surfaces.surface(RESPONSES) is not surfaces.surface(RESPONSES[:5])
    assert surfaces.tops(RESPONSES[0]) is surfaces.tops(RESPONSES[0])


def test_what_was_used_last_is_kept_and_no_more(store, monkeypatch):
    """A service sees a new space with each task; what it keeps must not grow with them."""
    monkeypatch.setattr(composing_surfaces, "MOST_KEPT", 3)
    surfaces, built = CachedSurfaces(store), []
    surface = surfaces.surface(RESPONSES)
    for low in (0.1, 0.2, 0.3, 0.4):
        space = SearchSpace(parameters=(FloatParameter(name="C", low=low, high=1.0),))
        surfaces.points(surface, space, lambda low=low: built.append(low) or ((), np.zeros(0, dtype=bool)))
        assert surfaces.surface(RESPONSES) is surface
    surfaces.points(surface, space, lambda: built.append("again") or ((), np.zeros(0, dtype=bool)))
    assert built == [0.1, 0.2, 0.3, 0.4]
    assert len(surfaces._kept) == 3


def test_what_follows_from_what_is_given_is_made_once_a_state_of_the_graph(store, monkeypatch):
    monkeypatch.setattr(composing_surfaces, "MOST_SMALL", 2)
    surfaces, made = CachedSurfaces(store), []

    def asked(*given):
        surfaces.once("ranges", given, lambda: made.append(given))
        return len(made)

    assert [asked("C", 0.1), asked("C", 0.1), asked("C", 0.2), asked("C", True), asked("C", 1)] == [1, 1, 2, 3, 4]
    assert (asked("C", True), asked("C", 0.1)) == (4, 5)  # two are kept: those that were used last
    store.add([dataset(0)])
    assert asked("C", 0.1) == 6


def test_the_folder_gives_the_next_process_the_same_figures(store, tmp_path):
    first, second = CachedSurfaces(store, tmp_path), CachedSurfaces(store, tmp_path)
    level, curve = first.level(RESPONSES, SVM_SPACE, DATASETS), first.portfolio_regrets(RESPONSES, DATASETS)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert second.level(RESPONSES, SVM_SPACE, DATASETS) == level
    assert np.array_equal(second.portfolio_regrets(RESPONSES, DATASETS), curve)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files


def test_figures_do_not_depend_on_where_they_were_kept(store, tmp_path):
    kept = CachedSurfaces(store, tmp_path)
    kept.traces(RESPONSES, DATASETS)
    again = CachedSurfaces(store, tmp_path).traces(RESPONSES, DATASETS)
    assert np.array_equal(again, CachedSurfaces(store).traces(RESPONSES, DATASETS))


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe"], ids=["empty", "cut short", "no text"])
def test_a_damaged_file_is_built_anew(store, tmp_path, damage):
    whole = CachedSurfaces(store, tmp_path).default_regrets(RESPONSES, Configuration({"C": 1.0, "kernel": "rbf"}))
    for path in tmp_path.iterdir():
        path.write_bytes(damage)
    again = CachedSurfaces(store, tmp_path).default_regrets(RESPONSES, Configuration({"C": 1.0, "kernel": "rbf"}))
    assert np.array_equal(whole, again)
    assert all(path.suffix == ".json" for path in tmp_path.iterdir())


def test_another_graph_reads_no_old_files(store, tmp_path):
    CachedSurfaces(store, tmp_path).traces(RESPONSES, DATASETS)
    before = {path.name for path in tmp_path.iterdir()}
    store.add([dataset(0)])
    CachedSurfaces(store, tmp_path).traces(RESPONSES, DATASETS)
    assert len({path.name for path in tmp_path.iterdir()} - before) == len(before)


def test_replays_only_get_better_and_have_a_row_a_source(store):
    for regrets in (
        CachedSurfaces(store).portfolio_regrets(RESPONSES, DATASETS),
        CachedSurfaces(store).traces(RESPONSES, DATASETS),
    ):
        assert regrets.shape == (N_SOURCES, REPLAY_TRIALS)
        assert np.all(np.diff(regrets, axis=1) <= 0)
        assert regrets.min() >= 0


def test_versions_of_one_data_set_do_not_speak_for_each_other(store):
    everybody = min(DATASETS)
    same = {iri: d.replace(same_as=(everybody,)) for iri, d in DATASETS.items()}
    assert np.isnan(CachedSurfaces(store).portfolio_regrets(RESPONSES, same)).all()


def test_a_good_default_has_less_regret_than_a_bad_one(store):
    surfaces = CachedSurfaces(store)
    good, bad = ({"C": 1.0, "gamma": g, "kernel": "rbf", "shrinking": True} for g in (0.01, 1.0))
    assert np.all(
        surfaces.default_regrets(RESPONSES, Configuration(good))
        < surfaces.default_regrets(RESPONSES, Configuration(bad))
    )
