"""From what was given and asked to an answer, told step by step: what a page does in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from recommender.validation.loop import Validated
from ui.session import Answer, Given

if TYPE_CHECKING:
    from recommender.proposal import Proposal
    from ui.compose import Progress, Tunegraph
    from ui.request import Request


def recommended(tunegraph: Tunegraph, given: Given, request: Request, *, progress: Progress) -> Answer:
    """Return what is recommended.

    Raises:
        TunegraphError: The table cannot be learnt from, or what was asked does not fit it.
    """
    started = time.monotonic()
    if given.path is None:
        table, task = None, tunegraph.task_of(given.meta_features, request).replace(name=given.name)
    else:
        progress("Reading and describing the table")
        table, task = tunegraph.read(given.path, given.target, request)
    found = tunegraph.recommend(task, request, table=table, progress=progress)
    return Answer(0, given, request, task, table, found, time.monotonic() - started)


def judged(
    tunegraph: Tunegraph, before: Answer, changed: Proposal, changes: tuple[str, ...], *, progress: Progress
) -> Answer:
    """Return what the gate says of a proposal that a person has changed; its values need not follow from evidence.

    Args:
        tunegraph: The recommender.
        before: The answer that was changed.
        changed: What it was changed to.
        changes: What was changed, in words.
        progress: Told what is being done.
    """
    started = time.monotonic()
    proposal, verdict = tunegraph.judge(
        changed.to_json(), table=before.table, request=before.request, progress=progress, grounded=False
    )
    shown = proposal.replace(verdict=verdict) if proposal is not None and verdict.may_be_shown else None
    task = changed.task
    return Answer(
        0,
        before.given,
        before.request,
        task,
        before.table,
        Validated(shown, verdict),
        time.monotonic() - started,
        changes=(*before.changes, *changes),
    )
