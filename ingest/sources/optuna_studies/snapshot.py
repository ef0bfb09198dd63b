"""A study as it was at one moment, as plain values: what is kept of it, and all that is read of it later.

    <home>/raw/studies/<slug>.json        one file a study; it is replaced as a whole

Nothing is judged here: what cannot be used is kept all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import JsonValue, ValidationError

from kg.atomic_files import write_atomically
from kg.errors import InputError
from kg.iris import digest
from kg.model import MetaFeatures, ParameterValue, TaskType
from kg.model.base import FrozenMapping, Value

#: Folder of the snapshots below the folder of raw files.
FOLDER = "studies"
#: States in which a trial does not change any more.
FINISHED = ("COMPLETE", "PRUNED", "FAIL")
#: Characters of a study's name that its slug keeps at most.
SLUG_LENGTH = 60

State: TypeAlias = Literal["RUNNING", "WAITING", "COMPLETE", "PRUNED", "FAIL"]


class Distribution(Value):
    """What a parameter was drawn from."""

    kind: Literal["float", "int", "categorical"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    choices: tuple[ParameterValue, ...] = ()


class Trial(Value):
    """One trial."""

    number: int
    state: State
    params: FrozenMapping[str, ParameterValue] = FrozenMapping({})
    distributions: FrozenMapping[str, Distribution] = FrozenMapping({})
    values: tuple[float | None, ...] = ()
    """One for each objective; None where it is no finite number. Empty where there are none."""
    intermediate: FrozenMapping[int, float | None] = FrozenMapping({})
    """Step -> reported value."""
    user_attrs: FrozenMapping[str, JsonValue] = FrozenMapping({})
    system_attrs: FrozenMapping[str, JsonValue] = FrozenMapping({})
    started: datetime | None = None
    """As the storage has it: local time without a zone."""
    completed: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """What the trial took; None where it is not known."""
        if self.started is None or self.completed is None:
            return None
        return (self.completed - self.started).total_seconds()


#: Name of a table that has none: a frame, say.
NAMELESS = "own data"


class GivenData(Value):
    """A table, described."""

    name: str
    task_type: TaskType | None = None
    meta_features: MetaFeatures


class Given(Value):
    """What a person says of a study, because the study does not say it."""

    learner: str | None = None
    metric: str | None = None
    """The metric's name: ``neg_<name>`` where it was returned negated, ``1-<name>`` where what is missing to 1 was."""
    data: GivenData | None = None

    def over(self, earlier: Given) -> Given:
        """Return what is said now, and where nothing is, what was said before."""
        return Given(
            learner=self.learner or earlier.learner,
            metric=self.metric or earlier.metric,
            data=self.data or earlier.data,
        )


class Study(Value):
    """One study."""

    name: str
    directions: tuple[Literal["minimize", "maximize", "not_set"], ...]
    user_attrs: FrozenMapping[str, JsonValue] = FrozenMapping({})
    system_attrs: FrozenMapping[str, JsonValue] = FrozenMapping({})
    left_out: tuple[str, ...] = ()
    """Names of attributes that are no JSON, or too long to keep."""
    trials: tuple[Trial, ...] = ()
    """By number."""
    given: Given = Given()

    @property
    def slug(self) -> str:
        """The study's name, fit for a file, and eight digits that tell studies of one name apart.

        The digits come from the moment at which the first trial began, so that they stay when the storage is moved, or
        the study goes on; trials begin one after the other, and no two studies begin theirs in one microsecond.
        """
        begun = min((trial.started for trial in self.trials if trial.started is not None), default=None)
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name).strip("-.")[:SLUG_LENGTH] or "study"
        return f"{plain}-{digest(self.name, begun.isoformat() if begun else '')[:8]}"


def read_snapshot(path: Path) -> Study:
    """Return the study in the file `path`.

    Raises:
        InputError: The file holds something else.
    """
    try:
        return Study.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(
            f"not a snapshot of a study: {first['msg']}", where=str(path), allowed="what tunegraph ingest study wrote"
        ) from error


def write_snapshot(study: Study, raw: Path) -> Path:
    """Write `study` below the folder of raw files, unless it is there already just so, and return its file."""
    path = raw / FOLDER / f"{study.slug}.json"
    content = study.model_dump_json(exclude_defaults=True).encode()
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content)
    return path


def earlier(study: Study, raw: Path) -> Study | None:
    """Return the snapshot that was taken of `study` before; None where there is none that can be read."""
    path = raw / FOLDER / f"{study.slug}.json"
    try:
        return read_snapshot(path) if path.is_file() else None
    except InputError:
        return None


def finished(trials: Iterable[Trial]) -> dict[int, Trial]:
    """Return the trials that do not change any more, by number."""
    return {trial.number: trial for trial in trials if trial.state in FINISHED}
