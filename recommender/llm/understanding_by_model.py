"""What a model reads in somebody's words beside what rules read; a figure that does not stand in them is dropped."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kg.errors import ModelError, UnknownNameError
from kg.learners.registry import learner_named
from kg.model import TaskType, metric_named
from kg.model.base import FrozenMapping
from recommender.llm.language import english_numbers
from recommender.llm.model import LanguageModel
from recommender.llm.prompts import prompt
from recommender.llm.quantities import Kind, quantities
from recommender.llm.stated import Reading, Said
from recommender.llm.tools import short

#: Name of the prompt, with its version.
UNDERSTAND = "understand.2"
#: Relative precision to which a figure of a model is that of the words.
PRECISION = 1e-3
#: Field -> the kinds of quantity that it may be; what is not here is no figure.
_KINDS: dict[str, tuple[Kind, ...]] = {
    "n_rows": ("count",),
    "n_columns": ("count",),
    "n_classes": ("count",),
    "n_trials": ("count",),
    "n_workers": ("count",),
    "minority_share": ("share",),
    "missing_share": ("share",),
    "wall_clock_s": ("seconds",),
    "memory_mb": ("megabytes",),
}
#: Field -> what a number in a quote may be times, where its unit is in a language that rules do not read.
_UNITS: dict[str, tuple[float, ...]] = {
    "wall_clock_s": (1, 60, 3_600, 86_400, 604_800),
    "memory_mb": (1, 1_024),
    "minority_share": (1, 0.01),
    "missing_share": (1, 0.01),
}
_WHOLE = {"n_rows", "n_columns", "n_classes", "n_trials", "n_workers"}
Field_ = Literal[
    "n_rows", "n_columns", "n_classes", "n_trials", "n_workers", "minority_share", "missing_share", "wall_clock_s",
    "memory_mb", "task_type", "metric", "learner", "unwanted_learner", "interpretable",
]  # fmt: skip


class Read(BaseModel):
    """One thing that the words say."""

    model_config = ConfigDict(frozen=True)

    field: Field_
    value: float | Annotated[str, Field(max_length=100)] | bool = Field(
        description="A figure: counts as such, shares from 0 to 1, seconds, megabytes. Else a name."
    )
    quote: str = Field(max_length=300, description="The words that say it, exactly as they stand in the text.")


class WhatWasRead(BaseModel):
    """What somebody's words say of a task. Nothing that they do not say."""

    model_config = ConfigDict(frozen=True)

    read: list[Read] = Field(default=[], max_length=40)


def added(reading: Reading, words: str, model: LanguageModel, *, language: str = "") -> Reading:
    """Return a reading with what a model reads beside it; what rules read stands.

    Args:
        reading: By rules.
        words: What was said.
        model: Its answers are held to the words; where it fails, that is told.
        language: Of the words; '' for English. Of another one, numbers are held to the words, and units are not.
    """
    try:
        answer = model.structured(prompt(UNDERSTAND), words, WhatWasRead)
    except ModelError as error:
        told = f"{model.name} did not help to read this ({str(error).rstrip('.')})."
        return reading.replace(notes=(*reading.notes, told))
    said, notes = dict(reading.said), list(reading.notes)
    for one in answer.read:
        found = _held(one, words, model.name, language)
        name = {"learner": "learners", "unwanted_learner": "unwanted"}.get(one.field, one.field)
        if isinstance(found, str):
            notes.append(f"{model.name} read {one.field} = {short(str(one.value), 40)}: dropped, because {found}.")
        elif name not in said:
            said[name] = found
        elif name in ("learners", "unwanted") and name not in reading.said:
            both = (*said[name].value, *found.value)  # type: ignore[misc]  # both are names of learners
            said[name] = Said(value=tuple(dict.fromkeys(both)), quote=f"{said[name].quote}, {found.quote}")
        elif said[name].value != found.value and name not in ("learners", "unwanted"):
            notes.append(f"{model.name} read {name} in '{found.quote}'; '{said[name].quote}' counts.")
    return Reading(said=FrozenMapping[str, Said](said), notes=tuple(notes))


def _held(one: Read, words: str, name: str, language: str) -> Said | str:
    """Return what a model read as it is kept, or why it is not."""
    quote, text = " ".join(one.quote.split()), " ".join(words.split())
    if not quote or quote.lower() not in text.lower():
        return "its quote does not stand in the words"
    value = _figure(one, quote, text, language) if one.field in _KINDS else _name(one)
    if value is None:
        return "that figure does not stand in its quote" if one.field in _KINDS else "that is no name known here"
    return Said(value=value, quote=quote, why=f"Read by {name} in '{quote}': {one.field} = {short(str(one.value), 40)}")


def _figure(one: Read, quote: str, words: str, language: str) -> float | int | None:
    """Return a figure where the quote says it, whole: the ``3`` of ``3 %`` is no count."""
    if isinstance(one.value, str | bool):
        return None
    wanted = float(one.value)
    places = [match.span() for match in re.finditer(re.escape(quote.lower()), words.lower())]
    numbers = quantities(english_numbers(words, language))
    found = [q for q in numbers if any(start <= q.start and q.end <= end for start, end in places)]
    said = [q.value for q in found if q.kind in _KINDS[one.field]]
    if language:
        said += [q.value * unit for q in found if q.kind == "count" for unit in _UNITS.get(one.field, ())]
    if one.field == "minority_share":
        said += [1 - share for share in said]
    if not any(abs(wanted - value) <= PRECISION * abs(value) for value in said):
        return None
    if one.field == "minority_share" and not 0 < wanted <= 0.5:
        return min(wanted, 1 - wanted) or None
    return round(wanted) if one.field in _WHOLE else wanted


def _name(one: Read) -> Any:
    text = str(one.value)
    try:
        match one.field:
            case "task_type":
                return str(TaskType(text.lower()))
            case "metric":
                return metric_named(text).name
            case "interpretable":
                return True if text.lower() in ("true", "1", "1.0", "yes") else None
            case _:
                return (learner_named(text).name,)
    except (UnknownNameError, ValueError):
        return None
