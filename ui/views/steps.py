"""What is being done, in words for who waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ui.jobs import Step

#: What a stage of the gate looks at.
STAGES: Final = {
    "schema": "is it a complete proposal",
    "learner": "does the installed learner take these values",
    "grounding": "does every value follow from its evidence",
    "sanity": "can it be meant so",
    "cost": "does it fit the time",
    "test_run": "does it run on your data",
    "worth": "is it worth it",
}
_STAGE: Final = "checking: "


def step_text(step: Step) -> str:
    """Return a step with its time: ``Checking cost: does it fit the time (0.2 s)``."""
    name = step.text.removeprefix(_STAGE)
    if step.text.startswith(_STAGE) and name in STAGES:
        text = f"Checking {name.replace('_', ' ')}: {STAGES[name]}"
    else:
        text = step.text[:1].upper() + step.text[1:]
    return f"{text} (…)" if step.seconds is None else f"{text} ({step.seconds:.1f} s)"


def told_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps as they are shown: fits that follow each other are one step, the last of them."""
    told: list[Step] = []
    for step in steps:
        if told and _is_fit(step) and _is_fit(told[-1]):
            before = told.pop()
            took = None if step.seconds is None else step.at + step.seconds - before.at
            told.append(Step(step.text, before.at, took))
        else:
            told.append(step)
    return tuple(told)


def _is_fit(step: Step) -> bool:
    return step.text.startswith("fitting ") and step.text[len("fitting ") :][:1].isdigit()
