"""A configuration as a scikit-learn pipeline: impute, encode and scale as the learner needs it, then the learner.

Nothing here knows Optuna: the gate builds the same pipeline in its own process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kg.columns import ColumnKind
from kg.errors import InputError
from kg.learners.registry import estimator
from kg.learners.spec import LearnerSpec
from kg.model import Configuration, TaskType
from recommender.study_parts import CalibrationFolds

#: One-hot columns a category is given at most; rarer values share one. Keeps 10,000 post codes from filling the memory.
MAX_CATEGORIES = 50


def build_pipeline(
    spec: LearnerSpec,
    task_type: TaskType,
    column_kinds: Mapping[str, ColumnKind],
    configuration: Configuration,
    *,
    seed: int = 0,
    n_threads: int = 1,
    probabilities: bool = False,
) -> Any:
    """Return an unfitted scikit-learn ``Pipeline`` of preprocessing and learner.

    Args:
        spec: The learner.
        task_type: Classification or regression.
        column_kinds: What each column of the frames to come is; text, constant and identifier columns are left out.
        configuration: Hyper-parameters, active ones only.
        seed: Seed of the learner.
        n_threads: Threads a fit may use.
        probabilities: Whether ``predict_proba`` is needed; a classifier without one is calibrated (Platt).

    Raises:
        InputError: No column is left to learn from.
        UnknownNameError: The registry does not know a hyper-parameter.
    """
    from sklearn.pipeline import Pipeline

    learner = estimator(spec, task_type, configuration.root, seed=seed, n_threads=n_threads)
    if probabilities and task_type is TaskType.CLASSIFICATION and not hasattr(learner, "predict_proba"):
        learner = _calibrated(learner)
    if spec.needs.target_encoded and task_type is TaskType.CLASSIFICATION:
        from recommender.recoding import RecodedClassifier

        learner = RecodedClassifier(learner)
    return Pipeline([("prepare", build_preprocessing(spec, column_kinds)), ("learn", learner)])


def build_preprocessing(spec: LearnerSpec, column_kinds: Mapping[str, ColumnKind]) -> Any:
    """Return the ``ColumnTransformer`` that turns a frame into the numbers that `spec` can be fitted to.

    Learners that need scaling see distances or weighted sums, so that categories become one-hot columns for them;
    trees are given ordinal codes. Learners that could take categories themselves are given codes as well, because
    none of their native encodings survives a category that is new at prediction time.

    Raises:
        InputError: No column is left to learn from.
    """
    from sklearn.compose import ColumnTransformer

    columns = {
        kind: [name for name, found in column_kinds.items() if found is kind]
        for kind in (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.DATETIME)
    }
    steps = [
        (kind.value, build(spec), columns[kind])
        for kind, build in (
            (ColumnKind.NUMERIC, _numeric),
            (ColumnKind.CATEGORICAL, _categorical),
            (ColumnKind.DATETIME, _datetime),
        )
        if columns[kind]
    ]
    if not steps:
        raise InputError(
            "No column is left to learn from: all are constant, text or identifiers.",
            where="table",
            allowed="at least one numeric, categorical or date column",
        )
    return ColumnTransformer(steps, remainder="drop", verbose_feature_names_out=False)


def days_since_1970(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return dates as days since 1970-01-01, one column each; missing dates as NaN."""
    columns = [pd.to_datetime(frame[name], utc=True) for name in frame.columns]
    start = pd.Timestamp("1970-01-01", tz="UTC")
    return np.column_stack([((c - start) / pd.Timedelta(days=1)).to_numpy(dtype=float) for c in columns])


def _numeric(spec: LearnerSpec) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    steps: list[tuple[str, Any]] = []
    if spec.needs.imputed:
        # A column may be all missing in one fold though it is not in the table.
        steps.append(("impute", SimpleImputer(strategy="median", keep_empty_features=True)))
    if spec.needs.scaled:
        steps.append(("scale", StandardScaler()))
    return Pipeline(steps) if steps else "passthrough"


def _categorical(spec: LearnerSpec) -> Any:
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    if spec.needs.scaled:
        return OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES)
    missing = -2 if spec.needs.imputed else np.nan
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=missing)


def _datetime(spec: LearnerSpec) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    to_days = FunctionTransformer(days_since_1970)
    numeric = _numeric(spec)
    return to_days if numeric == "passthrough" else make_pipeline(to_days, numeric)


def _calibrated(learner: Any) -> Any:
    from sklearn.calibration import CalibratedClassifierCV

    return CalibratedClassifierCV(learner, ensemble=False, cv=CalibrationFolds())
