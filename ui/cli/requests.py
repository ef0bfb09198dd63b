"""From options as typed to a `Request`."""

from __future__ import annotations

from typing import Any

from kg.errors import InputError
from kg.model import TaskType
from ui.defaults import LLM_SECONDS, N_WARM_STARTS, TEST_RUN_SECONDS
from ui.options import positive, seconds
from ui.request import Request


def request_from(
    *, time: str | None = None, trials: int | None = None, task_type: str | None = None, **options: Any
) -> Request:
    """Return the request that the options make.

    Raises:
        InputError: An option is out of range; names the option and what is allowed.
    """
    workers, warm_starts = options.pop("workers", 1), options.pop("warm_starts", N_WARM_STARTS)
    test_run_seconds = positive(options.pop("test_run_seconds", TEST_RUN_SECONDS), option="--test-run-seconds")
    return Request(
        task_type=_task_type(task_type),
        time_s=None if time is None else seconds(time, option="--time"),
        n_trials=None if trials is None else _within(trials, 1, 100_000, "--trials"),
        n_workers=_within(workers, 1, 1_000, "--workers"),
        n_warm_starts=_within(warm_starts, 1, 200, "--warm-starts"),
        test_run_seconds=test_run_seconds,
        llm_seconds=positive(options.pop("llm_seconds", LLM_SECONDS), option="--llm-seconds"),
        seed=_within(options.pop("seed", 0), 0, 2**32 - 1, "--seed"),
        **options,
    )


def _within(number: int, low: int, high: int, option: str) -> int:
    if not low <= number <= high:
        raise InputError(f"{number} is out of range.", where=option, allowed=f"{low} to {high}")
    return number


def _task_type(text: str | None) -> TaskType | None:
    if text is None:
        return None
    try:
        return TaskType(text.lower())
    except ValueError:
        allowed = ", ".join(TaskType)
        raise InputError(f"There is no task type {text!r}.", where="--task-type", allowed=allowed) from None
