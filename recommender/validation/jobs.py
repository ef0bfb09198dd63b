"""What the gate and its test process say to each other; plain values, cheap to import on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kg.model import ParameterValue

#: Name of the pickled sample and its setting in the test process's folder.
SAMPLE_FILE = "sample.pickle"
#: Name of the file that takes what the test process writes to stdout and stderr.
LOG_FILE = "log.txt"
#: The learner that stands for a constant prediction.
DUMMY = "dummy"
#: How programs other than Python say that memory has run out: the loader of shared libraries, the C and C++ libraries,
#: OpenMP, OpenBLAS.
_LACK_OF_MEMORY = (
    "failed to map segment",
    "cannot map zero-fill pages",
    "cannot allocate memory",
    "memory allocation still failed",
    "out of memory",
    "outofmemory",
    "bad_alloc",
    "memoryerror",
)


class Ending(StrEnum):
    """How a job ended."""

    DONE = "done"
    ERROR = "error"
    """The learner refused, with an exception."""
    TIMEOUT = "timeout"
    """It took longer than it was given (wall clock or processor)."""
    MEMORY = "memory"
    CRASH = "crash"
    """The process died: a signal, an exit."""
    PROCESSES = "processes"
    """It started more processes than are allowed."""
    DISK = "disk"
    """It wrote more than is allowed."""


def lacks_memory(words: str) -> bool:
    """Say whether `words`, of an exception or the last that a process wrote, tell that there was no memory left."""
    lowered = words.casefold()
    return any(phrase in lowered for phrase in _LACK_OF_MEMORY)


@dataclass(frozen=True)
class FitJob:
    """One configuration to fit and score, fold by fold."""

    learner: str
    """Canonical name, `DUMMY`, or (where the process was told so at its start) a dotted path of a test's estimator."""
    configuration: Mapping[str, ParameterValue]
    rows: int
    """Rows of the sample to use: the first of its order, or all."""
    folds: int
    limit_s: float
    """Wall clock for all folds."""
    seed: int = 0
    train_fraction: float = 1.0
    """Share of each training fold to fit on, in (0, 1]."""


@dataclass(frozen=True)
class JobResult:
    """What came of a job; the folds finished before its end are kept whatever ended it."""

    ending: Ending
    scores: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Sample:
    """The copy of some rows that the test process works on."""

    features: Any
    """A ``pandas.DataFrame``; rows in the table's own order, so that folds of all of them are the study's."""
    target: Any
    """A ``numpy`` array: class numbers from 0, or floats."""
    order: Any
    """Row numbers, such that those in any leading part of it are a stratified sample."""
    column_kinds: Mapping[str, str]
    task_type: str
    metric: str
    n_classes: int = 0
    """Classes of the whole table; 0 in regression."""
    stratified: bool = True
    shuffle: bool = True
    notes: tuple[str, ...] = field(default=())
    """What was left out, in words."""

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole table, all rows and columns."""
        return not self.notes

    @property
    def rows(self) -> int:
        """Rows that the sample has."""
        return len(self.target)
