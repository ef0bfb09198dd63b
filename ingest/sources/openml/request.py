"""What to fetch from OpenML."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from kg.errors import InputError
from kg.model.base import FrozenMapping, Value

#: The functions that are asked for by default. The first that a task has says which runs there are.
CLASSIFICATION = ("predictive_accuracy", "area_under_roc_curve")
REGRESSION = ("root_mean_squared_error", "mean_absolute_error")
TIMES = ("usercpu_time_millis", "usercpu_time_millis_training", "usercpu_time_millis_testing")


class FetchRequest(Value):
    """What to fetch: a suite, tasks, or both."""

    suite: int | str | None = None
    """A benchmark suite, by id or alias."""
    tasks: tuple[int, ...] = ()
    """Tasks beside those of the suite."""
    flows: tuple[int, ...] = ()
    """Only runs of these; of all where none is named."""
    functions: tuple[str, ...] = ()
    """Evaluation functions; by default those of the task's type, and run times."""
    since: date | None = None
    """Only what was uploaded on this day or later, by the server's clock. OpenML has no such filter: as its lists come
    by run, the first such row is searched for, and what stands before it is not asked for. Some older rows may come
    along; a list that turns out not to come by run is read whole."""
    max_runs: int | None = Field(default=None, ge=1)
    """Runs to fetch at most, spread evenly over the tasks; None for all."""
    time_budget_s: float | None = Field(default=None, gt=0)
    """Seconds after which nothing more is asked for; None for no limit."""
    page_size: int = Field(default=5_000, ge=1, lt=10_000)
    """Evaluations that are asked for at once. OpenML gives at most 10,000."""
    refresh: bool = False
    """Whether to ask again for the suite, the tasks with their data sets and, from the start, the lists."""

    def check(self) -> None:
        """Refuse a request that means nothing.

        Raises:
            InputError: There is neither a suite nor a task, or what should be an id or a function is none.
        """
        if self.suite is None and not self.tasks:
            raise InputError("Nothing is asked for.", where="openml", allowed="--suite or --task")
        for option, ids in (("--task", self.tasks), ("--flow", self.flows)):
            for number in ids:
                if number < 1:
                    raise InputError(f"{number} is no id.", where=option, allowed="whole numbers above zero")

    def identity(self) -> FrozenMapping[str, str]:
        """Return what tells this request from another, its limits aside."""
        content = self.model_dump(mode="json", exclude={"max_runs", "time_budget_s", "page_size"})
        return FrozenMapping[str, str]({name: str(value) for name, value in content.items()})

    def functions_of(self, task_type: str) -> tuple[str, ...]:
        """Return the functions to ask of a task of OpenML's `task_type`, which is empty where it is not known."""
        if self.functions:
            return self.functions
        if not task_type:
            return (*CLASSIFICATION, *REGRESSION, *TIMES)
        return (*(REGRESSION if "Regression" in task_type else CLASSIFICATION), *TIMES)
