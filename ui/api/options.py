"""How a proposal can be asked for over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, Field

from kg.learners.registry import learner_named
from kg.model import TaskType, metric_named
from ui.defaults import N_WARM_STARTS, TEST_RUN_SECONDS
from ui.request import Request, request_of

#: Seconds of test runs that one proposal may take of the machine.
MOST_TEST_SECONDS = 120.0


class ProposalOptions(BaseModel):
    """What is wanted. What is not said is chosen, and the proposal says how.

    A language model cannot be named: the service would call, and pay for, whatever address a caller gives.
    """

    task_type: TaskType | None = None
    metric: str | None = Field(None, max_length=100, examples=["roc_auc"])
    """Name or alias."""
    learner: str | None = Field(None, max_length=100, examples=["random_forest"])
    """Name or alias."""
    time_s: float | None = Field(None, gt=0, le=1e9, examples=[600])
    """Wall clock for tuning, in seconds."""
    n_trials: int | None = Field(None, ge=1, le=100_000, examples=[100])
    n_workers: int = Field(1, ge=1, le=1000)
    n_warm_starts: int = Field(N_WARM_STARTS, ge=1, le=200)
    test_run: bool = True
    """Whether anything is fitted before the answer; without it, the verdict says what was not checked."""
    test_run_seconds: float = Field(TEST_RUN_SECONDS, gt=0, le=MOST_TEST_SECONDS)
    """That the test runs may take."""
    seed: int = Field(0, ge=0, le=2**32 - 1)

    def request(self) -> Request:
        """Return what the recommender is asked for.

        Raises:
            UnknownNameError: There is no such learner or metric.
        """
        if self.learner is not None:
            learner_named(self.learner)
        if self.metric is not None:
            metric_named(self.metric)
        return request_of(**{name: getattr(self, name) for name in ProposalOptions.model_fields})
