"""The fits of a test run that can be compared with each other: on the same rows, in as many folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from kg.model import Metric
from recommender.proposal import Proposal
from recommender.validation.verdict import Finding, TestRun

#: A proposal as it is after a question, and what was found.
Checked = tuple[Proposal, tuple[Finding, ...]]


@dataclass(frozen=True)
class Evidence:
    """The complete runs of a test run that can be compared with each other."""

    metric: Metric
    runs: tuple[TestRun, ...]
    every: tuple[TestRun, ...]
    """All runs, comparable or not."""
    n_rows: int
    """Rows of the whole table."""

    @property
    def sign(self) -> float:
        """1 where greater scores are better, else -1."""
        return 1.0 if self.metric.greater_is_better else -1.0

    def of(self, *roles: str) -> tuple[TestRun, ...]:
        """Return the runs of some roles."""
        return tuple(run for run in self.runs if run.role in roles)

    def gain(self, run: TestRun) -> float:
        """Return the mean score of a run, turned so that greater is better."""
        return self.sign * fmean(run.scores)

    def best(self, *roles: str) -> TestRun | None:
        """Return the best run of some roles."""
        return max(self.of(*roles), key=self.gain, default=None)

    @property
    def is_whole(self) -> bool:
        """Whether the runs are on all rows."""
        return any(run.rows >= self.n_rows for run in self.runs)


def comparable_runs(runs: Sequence[TestRun], metric: Metric, n_rows: int) -> Evidence:
    """Return those of `runs` that were completed on as many rows and folds as the last ones."""
    complete = [run for run in runs if run.is_complete and run.role != "timing"]
    size = (complete[-1].rows, complete[-1].folds) if complete else None
    same = tuple(run for run in complete if (run.rows, run.folds) == size)
    return Evidence(metric, same, tuple(runs), n_rows)
