"""What a fetch would ask for, without fetching it: a dry run asks the server for its suite, and for nothing else."""

from __future__ import annotations

from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.journal import check_server
from ingest.sources.openml.limits import Retrying
from ingest.sources.openml.mirror import ListKey, Mirror
from ingest.sources.openml.request import FetchRequest
from kg.model.base import FrozenMapping, Value


class FetchPlan(Value):
    """What is there, and what would be asked for. How many evaluations there are OpenML does not say beforehand."""

    server: str
    n_tasks: int
    """Tasks that are wanted."""
    n_new_tasks: int
    """Those of them that are not there yet."""
    n_lists: int
    """Lists of evaluations that would be asked for (more), where the tasks are of classification."""
    n_new_lists: int
    """Those of them of which nothing is there yet."""
    there: FrozenMapping[str, int] = FrozenMapping({})
    """Kind of file -> how many there are."""

    def to_text(self) -> str:
        """Return the plan for people."""
        there = ", ".join(f"{n:,} {kind}" for kind, n in self.there.items() if n) or "nothing yet"
        return (
            f"would fetch from {self.server}: {self.n_new_tasks:,} of {self.n_tasks:,} tasks with their data sets, and"
            f" what is new in {self.n_lists:,} lists of evaluations, {self.n_new_lists:,} of them for the first time\n"
            f"  there: {there}"
        )


def plan(request: FetchRequest, client: OpenmlClient, mirror: Mirror) -> FetchPlan:
    """Say what `fetch` would ask for; write nothing.

    Raises:
        InputError: The mirror is of another server; or neither a suite nor a task is asked for.
        FetchError: The suite cannot be had.
    """
    request.check()
    is_known = check_server(mirror, client.server) is not None
    tasks = dict.fromkeys(request.tasks)
    if (named := request.suite) is not None:
        suite = mirror.suite(named) if is_known and not request.refresh else None
        if suite is None:
            suite = Retrying(client.limits).call(lambda: client.suite(named))
        tasks |= dict.fromkeys(suite["tasks"])
    new = [task for task in tasks if request.refresh or not mirror.has("tasks", task)]
    lists = [
        ListKey(task, function, flow)
        for task in tasks
        for flow in request.flows or (None,)
        for function in request.functions_of(mirror.task_type(task) or "Classification")
    ]
    return FetchPlan(
        server=client.server,
        n_tasks=len(tasks),
        n_new_tasks=len(new),
        n_lists=len(lists),
        n_new_lists=sum(not mirror.pages(key, 1) for key in lists),
        there=mirror.count(),
    )
