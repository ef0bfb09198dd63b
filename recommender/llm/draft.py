"""What a model fills in: a small, flat draft. It is only ever a wish; `recommender.llm.settling` decides what holds."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Label: TypeAlias = Annotated[str, Field(max_length=40)]
Words: TypeAlias = Annotated[str, Field(max_length=4000)]
Name: TypeAlias = Annotated[str, Field(max_length=200)]
Plain: TypeAlias = bool | int | float | Annotated[str, Field(max_length=200)] | None


class _Part(BaseModel):
    # What a model adds is kept, so that it can be told that it counts for nothing.
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class DraftParameter(_Part):
    """One hyper-parameter: a range (`low`, `high`), `choices`, or one `value` that is set and not searched."""

    name: Name = Field(description="Name of the hyper-parameter, as the tools tell it.")
    action: Literal["range", "choices", "fix"] = Field(description="Which of the fields below holds what is proposed.")
    low: float | None = Field(default=None, description="Least value, for a range.")
    high: float | None = Field(default=None, description="Greatest value, for a range.")
    choices: list[Plain] = Field(default=[], max_length=100, description="Values to choose from, for choices.")
    value: Plain = Field(default=None, description="The value, for fix.")
    citations: list[Label] = Field(default=[], max_length=50, description="Labels of the evidence, such as E3.")
    why: Words = Field(default="", description="One sentence for people. Numbers in it must stand in tool answers.")


class Draft(_Part):
    """A tuning configuration in which every value cites what the tools have shown. Leave out what you cannot cite."""

    learner: Name = Field(description="Canonical name of the learner.")
    learner_citations: list[Label] = Field(default=[], max_length=50, description="Evidence for the learner.")
    metric: Name | None = Field(default=None, description="The task's metric; it cannot be changed.")
    parameters: list[DraftParameter] = Field(default=[], max_length=100)
    warm_starts: list[Label] = Field(
        default=[], max_length=100, description="Labels of configurations to try first, in this order."
    )
    n_trials: int | None = Field(default=None, description="How many trials.")
    n_trials_citations: list[Label] = Field(default=[], max_length=50)
    fidelity_parameter: Name | None = Field(
        default=None, description="What to make smaller for screening; 'none' for nothing; left out: as composed."
    )
    fidelity_min: float | None = Field(default=None, description="Its least value.")
    fidelity_citations: list[Label] = Field(default=[], max_length=50)
    patience: int | None = Field(default=None, description="Stop after so many trials without a gain.")
    patience_citations: list[Label] = Field(default=[], max_length=50)
    rationale: Words = Field(default="", description="Three sentences for people on why this proposal.")
