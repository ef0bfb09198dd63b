"""Small real tables, and learners kept small enough to be fitted hundreds of times."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from kg.learners.building import assemble
from kg.learners.spec import LearnerSpec
from kg.model import ParameterValue, TaskType

Table = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


@pytest.fixture(scope="session")
def tables() -> dict[TaskType, Table]:
    """120 rows and 6 scaled columns of a real table for each task type; the regression target is above 0."""
    from sklearn.datasets import load_breast_cancer, load_diabetes
    from sklearn.preprocessing import scale

    found = {}
    for task_type, load in ((TaskType.CLASSIFICATION, load_breast_cancer), (TaskType.REGRESSION, load_diabetes)):
        features, target = load(return_X_y=True)
        found[task_type] = (scale(features[:120, :6]), target[:120])
    return found


@pytest.fixture
def fitted(tables: dict[TaskType, Table]) -> Iterator[Callable[..., Any]]:
    """Fit a learner with a configuration that nobody has checked, cheaply; return its scores of the training rows."""

    def fit(spec: LearnerSpec, task_type: TaskType, configuration: Mapping[str, ParameterValue]) -> Any:
        cheap = {spec.fidelity.parameter: 4} if spec.fidelity else {}
        features, target = tables[task_type]
        model = assemble(spec, task_type, {**cheap, **configuration}, seed=0).fit(features, target)
        return model.predict_proba(features) if hasattr(model, "predict_proba") else model.predict(features)

    from threadpoolctl import threadpool_limits

    # One thread: with several, the histogram learners wait for one another far longer than they work.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield fit
