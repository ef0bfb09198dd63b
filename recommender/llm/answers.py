"""From what a model writes to a typed answer: JSON as asked for, or JSON somewhere in its prose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kg.errors import ModelError

T = TypeVar("T", bound=BaseModel)

#: Characters of an answer that are looked at.
MOST_CHARACTERS = 1_000_000
#: Braces at which an object is looked for: each may cost a pass over the rest.
MOST_BRACES = 50


def parsed(text: str, schema: type[T]) -> T:
    """Return the first JSON object in `text` that is a `schema`: the whole, a fenced block, or within prose.

    Raises:
        ModelError: There is none; says what is wrong with the best candidate.
    """
    reason = "it holds no JSON object"
    for found in _objects(text[:MOST_CHARACTERS]):
        try:
            return schema.model_validate(found)
        except ValidationError as error:
            reason = faults_of(error)
    raise ModelError(f"The answer is no {schema.__name__}: {reason}.")


def faults_of(error: ValidationError) -> str:
    """Return what is wrong, field by field, in a line; nothing of the answer but its field names."""
    shown = [f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}" for e in error.errors()[:5]]
    more = error.error_count() - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _objects(text: str) -> Iterator[Any]:
    """Yield the JSON objects in `text`, outermost only."""
    decoder = json.JSONDecoder()
    position = text.find("{")
    for _ in range(MOST_BRACES):
        if position < 0:
            return
        try:
            found, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            position = text.find("{", position + 1)
        else:
            yield found
            position = text.find("{", end)
