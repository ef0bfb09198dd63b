"""Response models with a known best, for tests of what is made of them."""

from datetime import date

import numpy as np
import pytest

from kg.iris import dataset_iri, evidence_iri
from kg.model import FloatParameter, Provenance, ResponseModel, SearchSpace, Standing

SOURCE = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))


@pytest.fixture
def unit_space():
    return SearchSpace(parameters=(FloatParameter(name="x", low=0, high=1), FloatParameter(name="y", low=0, high=1)))


@pytest.fixture
def make_model(unit_space):
    """Return a function that makes a model on the unit square: regret is twice the distance to `best`, at most 2."""

    def make(key: str, best: tuple[float, float]) -> ResponseModel:
        points = np.random.default_rng(sum(map(ord, key))).uniform(0, 1, (100, 2)).round(4)
        regrets = np.minimum(2 * np.hypot(*(points - best).T), 2)
        return ResponseModel(
            iri=evidence_iri("response_model", key),
            standing=Standing.MEASURED,
            n=len(points),
            provenance=SOURCE,
            dataset=dataset_iri(key),
            learner="toy",
            metric="accuracy",
            best=0.9,
            median=0.8,
            space=unit_space,
            parameters=("x", "y"),
            support=tuple((float(x), float(y)) for x, y in points),
            regrets=tuple((regrets - regrets.min()).tolist()),
            length_scales=(0.5, 0.5),
            signal=0.6,
            noise=0.05,
            level=1.0,
            fit=0.95,
        )

    return make
