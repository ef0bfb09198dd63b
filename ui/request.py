"""What a person or program asks for: one frozen type, the same for the command line, Python, the page and the API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from kg.errors import InputError
from kg.model import TaskType
from kg.model.base import Value
from ui.defaults import LLM_SECONDS, N_WARM_STARTS, TEST_RUN_SECONDS


class Request(Value):
    """How to recommend. None: not said, so it is chosen and the proposal says how."""

    task_type: TaskType | None = None
    metric: str | None = None
    learner: str | None = None
    """A learner's canonical name or alias."""
    learners: tuple[str, ...] = ()
    """More of them: one of all that are named is chosen."""
    time_s: float | None = Field(default=None, gt=0)
    """Wall clock for tuning, in seconds."""
    n_trials: int | None = Field(default=None, ge=1)
    n_workers: int = Field(default=1, ge=1)
    n_warm_starts: int = Field(default=N_WARM_STARTS, ge=1, le=200)
    test_run_seconds: float = Field(default=TEST_RUN_SECONDS, gt=0)
    test_run: bool = True
    """Whether the gate fits anything; without it the verdict says what was not checked."""
    memory_mb: int = Field(default=4096, ge=256)
    """Memory of a fit of the test run, in MB."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    llm: str | None = None
    """``provider:model`` that drafts; None: the proposal is composed without one."""
    llm_base_url: str | None = None
    """Where a server speaks the provider's API."""
    llm_seconds: float = Field(default=LLM_SECONDS, gt=0)
    """That the model may take, before what the gate takes."""
    anonymise: bool = False
    """Whether names of data set, columns and classes are withheld from the language model."""


def request_of(**options: Any) -> Request:
    """Return the request that `options`, fields of `Request`, make.

    Raises:
        InputError: There is no such option, or its value is not allowed; names both.
    """
    try:
        return Request(**options)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            allowed = ", ".join(Request.model_fields)
            raise InputError(f"There is no option {name!r}.", where="options", allowed=allowed) from None
        # pydantic words it as "Input should be greater than 0".
        allowed = first["msg"].removeprefix("Input should be ").partition(", unable to")[0]
        raise InputError(f"{first['input']!r} cannot be used.", where=name, allowed=allowed) from None


def read_meta_features(path: str) -> Mapping[str, Any]:
    """Return the object in the JSON file `path`: OpenML quality name -> number.

    Raises:
        InputError: There is no such file, or it holds something else.
    """
    import json
    from pathlib import Path

    file = Path(path)
    if not file.is_file():
        raise InputError(
            "There is no such file.", where=path, allowed="a JSON file of OpenML quality names and numbers"
        )
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(
            f"This is no JSON: {error}.", where=path, allowed='such as {"NumberOfInstances": 1000}'
        ) from error
    except OSError as error:
        raise InputError(f"Cannot read: {error.strerror}.", where=path, allowed="a readable file") from error
    if not isinstance(found, dict) or not found:
        raise InputError("This is no JSON object.", where=path, allowed='such as {"NumberOfInstances": 1000}')
    for name, value in found.items():
        if not _is_quality(value):
            raise InputError(
                f"{value!r} is no finite number.", where=f"{path}: {name}", allowed="a number, or null where unknown"
            )
    return found


def _is_quality(value: object) -> bool:
    """Say whether `value` can stand for a quality: a finite number, or null or NaN where it is not known."""
    if value is None:
        return True
    # Python's own JSON writes NaN for what is missing; 1e999 is read as infinite, and is an error.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) != math.inf
