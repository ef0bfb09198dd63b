"""The map of similar data sets, and why they are near."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kg.model import Dataset
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal
from ui.views.likeness import MOST_ON_MAP, compared, places, scaled, why_alike


@settings(max_examples=30)
@given(arrays(float, st.tuples(st.integers(2, 8), st.just(2)), elements=st.floats(-5, 5)))
def test_points_of_a_plane_keep_their_distances(points: np.ndarray) -> None:
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    drawn = scaled(distances)
    assert np.allclose(np.linalg.norm(drawn[:, None] - drawn[None], axis=-1), distances, atol=1e-5)


def test_the_table_comes_first_and_then_the_nearest(proposal: Proposal, starter_store: RdfStore) -> None:
    found = places(proposal, starter_store)
    assert found[0].iri is None
    near = [n for n in proposal.neighbours if n.distance is not None][:MOST_ON_MAP]
    assert [place.iri for place in found[1:]] == [n.dataset for n in near]
    assert np.isfinite([[place.x, place.y] for place in found]).all()


def test_the_comparison_gives_the_distance_of_the_proposal(proposal: Proposal, starter_store: RdfStore) -> None:
    nearest = next(n for n in proposal.neighbours if n.distance is not None)
    dataset = starter_store.get(nearest.dataset)
    assert isinstance(dataset, Dataset)
    rows = compared(proposal, dataset, starter_store)
    assert nearest.distance is not None
    assert np.isclose(np.sqrt(np.mean([row.gap**2 for row in rows])), nearest.distance, atol=1e-6)


def test_why_names_what_is_most_and_least_alike(proposal: Proposal, starter_store: RdfStore) -> None:
    dataset = starter_store.get(proposal.neighbours[0].dataset)
    assert isinstance(dataset, Dataset)
    rows = compared(proposal, dataset, starter_store)
    assert [row.gap for row in rows] == sorted(row.gap for row in rows)
    said = why_alike(rows)
    assert said.startswith("Most alike in ")
    assert f"{rows[-1].gap:.0%} of the known data sets lie between" in said


def test_nothing_to_compare_is_said() -> None:
    assert why_alike(()) == "Nothing of the two could be compared."
