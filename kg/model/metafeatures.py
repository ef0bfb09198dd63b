"""The meta-features of a data set: OpenML's quality names, and which of them similarity is made of."""

from __future__ import annotations

import math
from typing import Any

from pydantic import model_validator

from kg.model.base import FrozenMapping

#: The eight simple qualities that similarity uses (ALGORITHMS of the leave-one-out study; OpenML's names).
SIMPLE = (
    "NumberOfInstances",
    "NumberOfFeatures",
    "NumberOfClasses",
    "MinorityClassPercentage",
    "MajorityClassPercentage",
    "PercentageOfSymbolicFeatures",
    "PercentageOfMissingValues",
    "Dimensionality",
)

#: The eleven cheap landmarkers that similarity uses (error rates of quick learners; OpenML's names).
LANDMARKERS = (
    "kNN1NErrRate",
    "NaiveBayesErrRate",
    "DecisionStumpErrRate",
    "J48.00001.ErrRate",
    "J48.0001.ErrRate",
    "J48.001.ErrRate",
    "REPTreeDepth1ErrRate",
    "REPTreeDepth2ErrRate",
    "REPTreeDepth3ErrRate",
    "RandomTreeDepth2ErrRate",
    "RandomTreeDepth3ErrRate",
)


class MetaFeatures(FrozenMapping[str, float]):
    """OpenML quality name -> value. What is unknown is absent: NaN and None are dropped on the way in."""

    @model_validator(mode="before")
    @classmethod
    def _drop_missing(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if not _is_missing(value)}

    def only(self, names: tuple[str, ...]) -> MetaFeatures:
        """Return those of `names` that are known."""
        return MetaFeatures({name: self[name] for name in names if name in self})


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))
