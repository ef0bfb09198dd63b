"""Response models of other data sets with a known best, and what a study carries of them."""

from datetime import date

import numpy as np
import pytest

from kg.iris import dataset_iri, evidence_iri
from kg.model import (
    FloatParameter,
    IntParameter,
    Provenance,
    ResponseModel,
    SearchSpace,
    Standing,
    TaskType,
)
from kg.response import Encoder
from recommender.transfer.resampling import Setting, transfer_sources

SOURCE = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))
TREE = SearchSpace(
    parameters=(
        IntParameter(name="max_depth", low=1, high=32, log=True),
        FloatParameter(name="min_samples_leaf", low=0.001, high=0.2, log=True),
    )
)


def model_at(key: str, best: tuple[float, float], space: SearchSpace = TREE) -> ResponseModel:
    """Return a model whose regret grows with the distance to `best` (of the unit square)."""
    generator = np.random.default_rng(sum(map(ord, key)))
    rows = [(round(32 ** generator.random()), 0.001 * 200 ** round(generator.random(), 4)) for _ in range(100)]
    x = Encoder(space).encode_rows(("max_depth", "min_samples_leaf"), rows)
    regrets = np.minimum(2.5 * np.hypot(*(x - best).T), 2.0)
    return ResponseModel(
        iri=evidence_iri("response_model", key),
        standing=Standing.MEASURED,
        n=len(rows),
        provenance=SOURCE,
        dataset=dataset_iri(key),
        learner="decision_tree",
        metric="accuracy",
        best=0.9,
        median=0.8,
        space=space,
        parameters=("max_depth", "min_samples_leaf"),
        support=tuple(rows),
        regrets=tuple((regrets - regrets.min()).tolist()),
        length_scales=(0.5, 0.5),
        signal=0.6,
        noise=0.05,
        level=1.0,
        fit=0.95,
    )


@pytest.fixture(scope="session")
def models():
    """Twelve data sets whose best lies about (.7, .3)."""
    generator = np.random.default_rng(3)
    places = np.array([0.7, 0.3]) + 0.08 * generator.standard_normal((12, 2))
    return tuple(model_at(f"source-{i}", tuple(place)) for i, place in enumerate(places))


@pytest.fixture
def tree_space():
    return TREE


@pytest.fixture(scope="session")
def sources(models):
    """What a study of decision trees carries of `models`."""
    return transfer_sources(models, Setting(TREE, "accuracy", TaskType.CLASSIFICATION))
