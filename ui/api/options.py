"""How a proposal can be asked for over HTTP."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from kg.errors import InputError
from kg.learners.registry import learner_named
from kg.model import TaskType, metric_named
from ui.api.settings import ApiSettings
from ui.defaults import N_WARM_STARTS, TEST_RUN_SECONDS
from ui.request import Request, request_of

#: Seconds of test runs that one proposal may take of the machine.
MOST_TEST_SECONDS = 120.0
#: Options that are no field of a request by that name.
_OWN: Final = frozenset({"with_model"})


class ProposalOptions(BaseModel):
    """What is wanted. What is not said is chosen, and the proposal says how.

    A language model cannot be named: the service would call, and pay for, whatever address a caller gives. Whoever
    runs the service may name one, which callers can let draft.
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

    with_model: bool = False
    """Whether the service's language model drafts, if it has one. What it writes meanwhile is told among the events."""
    anonymise: bool = False
    """Whether names of data set, columns and classes are withheld from that model."""

    def request(self, settings: ApiSettings) -> Request:
        """Return what the recommender is asked for.

        Args:
            settings: Of the service, which has a language model or none.

        Raises:
            UnknownNameError: There is no such learner or metric.
            InputError: A model is to draft, and the service has none.
        """
        if self.learner is not None:
            learner_named(self.learner)
        if self.metric is not None:
            metric_named(self.metric)
        wanted = request_of(**{name: getattr(self, name) for name in ProposalOptions.model_fields if name not in _OWN})
        if not self.with_model:
            return wanted
        if settings.llm is None:
            raise InputError("This service has no language model.", where="with_model", allowed="false")
        return wanted.replace(llm=settings.llm, llm_base_url=settings.llm_base_url)
