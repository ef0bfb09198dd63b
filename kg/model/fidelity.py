"""What runs at a lower fidelity tell of a full one: how they rank configurations, and how their scores differ."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from kg.model.base import Value


class FidelityLevel(Value):
    """What is seen of the full fidelity at a lower one."""

    value: float
    rank_correlation: float = Field(ge=-1, le=1)
    """Spearman, over configurations, with the score at full fidelity."""
    top_quarter_correlation: float | None = Field(default=None, ge=-1, le=1)
    """The same within the quarter that is best at full fidelity."""
    cost_ratio: float = Field(ge=0)
    """Seconds at this level over seconds at full fidelity (median over configurations)."""


class FidelityPoint(Value):
    """How configurations score at a lower fidelity, each against its own score at the full one.

    A change is the score at this level less the score at full fidelity, in the metric's own unit and direction.
    """

    value: float
    """The level."""
    score: float
    """Median score at this level, over configurations."""
    change: float
    """Median of the change, over configurations."""
    best_low_change: float
    """Tenth percentile of the change within the quarter of configurations that is best at full fidelity."""
    best_change: float
    """Median within that quarter."""
    best_high_change: float
    """Ninetieth percentile within that quarter."""
    configurations: int = Field(ge=1)
    """That were run at this level and at full fidelity."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        changes = (self.best_low_change, self.best_change, self.best_high_change)
        if sorted(changes) != list(changes):
            raise ValueError(f"level {self.value:g}: the percentiles {changes} do not ascend")
        return self
