"""Lets a learner that wants its classes as 0, 1, 2, ... see them so, whatever classes the rows of a fold have.

An exported study holds a copy of the class, so it uses scikit-learn and numpy alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class RecodedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Gives a classifier the classes as 0, 1, 2, ... whatever classes the rows have, and turns its answers back.

    XGBoost refuses other labels, and a fold may lack a rare class.
    """

    def __init__(self, learner: Any) -> None:
        self.learner = learner

    def fit(self, features: Any, target: Any) -> RecodedClassifier:
        """Fit the learner to the rows."""
        self.classes_, codes = np.unique(np.asarray(target), return_inverse=True)
        self.learner.fit(features, codes)
        return self

    def predict(self, features: Any, **options: Any) -> Any:
        """Return the class of each row; options are those of the learner."""
        return self.classes_[np.asarray(self.learner.predict(features, **options)).ravel().astype(int)]

    def predict_proba(self, features: Any, **options: Any) -> Any:
        """Return the probability of each class, in the order of `classes_`; options are those of the learner."""
        return self.learner.predict_proba(features, **options)
