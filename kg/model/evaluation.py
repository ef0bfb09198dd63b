"""One measurement: a configuration of a learner, run on a data set, scored."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from kg.model.base import FrozenMapping, Iri, Value
from kg.model.provenance import Provenance, Standing
from kg.model.space import Configuration


class FidelityKind(StrEnum):
    """What is made smaller to make a run cheaper."""

    EPOCHS = "epochs"
    ESTIMATORS = "estimators"
    TRAINING_FRACTION = "training_fraction"
    FOLDS = "folds"


class FidelitySetting(Value):
    """The fidelity at which a run was made."""

    kind: FidelityKind
    value: float = Field(gt=0)
    full: float = Field(gt=0)
    """The value at full fidelity."""


class Cost(Value):
    """What a run took."""

    seconds: float | None = Field(default=None, ge=0)
    """Training time, in seconds."""
    memory_mb: float | None = Field(default=None, ge=0)
    """Memory, in megabytes, as the source measured it."""


class Run(Value):
    """A run (mls:Run): what was set, what came out, what it took, and where that is written."""

    iri: Iri
    dataset: Iri
    learner: str
    configuration: Configuration
    scores: FrozenMapping[str, float]
    """Canonical metric name -> score."""
    fidelity: FidelitySetting | None = None
    """None at full fidelity."""
    cost: Cost = Cost()
    standing: Standing
    provenance: Provenance
