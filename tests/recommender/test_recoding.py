"""A learner that wants 0, 1, 2, ... is given that, whatever classes a fold has."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from kg.columns import ColumnKind
from kg.learners.registry import is_installed, learner_named
from kg.model import Configuration, TaskType
from recommender.pipeline import build_pipeline

XGBOOST = learner_named("xgboost")


@pytest.mark.skipif(not is_installed(XGBOOST), reason="xgboost is not installed")
class TestRecodedClassifier:
    @pytest.fixture
    def model(self):
        kinds = {f"x{i}": ColumnKind.NUMERIC for i in range(4)}
        return build_pipeline(XGBOOST, TaskType.CLASSIFICATION, kinds, Configuration({"n_estimators": 5}))

    @pytest.fixture
    def rows(self):
        frame, target = load_iris(return_X_y=True, as_frame=True)
        frame.columns = [f"x{i}" for i in range(4)]
        return frame, target.to_numpy()

    def test_fits_rows_that_lack_the_first_class(self, model, rows):
        frame, target = rows
        kept = target > 0
        model.fit(frame[kept], target[kept])
        assert set(model.predict(frame)) == {1, 2}

    def test_probabilities_are_in_the_order_of_the_classes_seen(self, model, rows):
        frame, target = rows
        kept = target != 1
        model.fit(frame[kept], target[kept])
        assert list(model.classes_) == [0, 2]
        assert (model.classes_[model.predict_proba(frame[kept]).argmax(1)] == target[kept]).mean() > 0.95

    def test_answers_as_the_bare_learner_does_on_all_classes(self, model, rows):
        frame, target = rows
        model.fit(frame, target)
        bare = model.named_steps["learn"].learner.fit(frame, target)
        assert np.array_equal(model.predict(frame), bare.predict(frame))
