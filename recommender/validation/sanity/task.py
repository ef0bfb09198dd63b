"""A task that agrees with itself: its counts are those of its meta-features, and its seed is one."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.proposal import Proposal
from recommender.task import TuningTask
from recommender.validation.stage import failed
from recommender.validation.verdict import Finding

#: Seeds that every generator of random numbers takes.
MOST_SEED = 2**32 - 1


def check_task(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` and where its task contradicts itself."""
    return proposal, (*_seed(proposal.task), *_counts(proposal.task))


def _seed(task: TuningTask) -> Iterator[Finding]:
    if not 0 <= task.seed <= MOST_SEED:
        message = "No generator of random numbers takes this seed."
        yield failed("task.seed", "out_of_bounds", message, value=task.seed, allowed=f"0 to {MOST_SEED}")


def _counts(task: TuningTask) -> Iterator[Finding]:
    """Find counts that differ from OpenML's qualities; `NumberOfFeatures` counts the target, too."""
    for name, count, quality, more in (
        ("n_rows", task.n_rows, "NumberOfInstances", 0),
        ("n_columns", task.n_columns, "NumberOfFeatures", 1),
        ("n_classes", task.n_classes, "NumberOfClasses", 0),
    ):
        told = task.meta_features.get(quality)
        if count is not None and told and round(told) != count + more:
            message = f"{name} is {count:,}, the meta-feature {quality} {told:,g}."
            yield failed(f"task.{name}", "contradiction", message, value=count, allowed=f"{round(told) - more}")
