"""From what was given and asked to an answer, told step by step: what a page does in the background."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.validation.loop import Validated
from ui.session import Answer, Given
from ui.views import changes

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


def judged(tunegraph: Tunegraph, before: Answer, changed: Proposal, told: str, *, progress: Progress) -> Answer:
    """Return what the gate says of a proposal that a person has changed; its values need not follow from evidence.

    Args:
        tunegraph: The recommender.
        before: The answer that was changed.
        changed: What it was changed to.
        told: The change in words.
        progress: Told what is being done.
    """
    started = time.monotonic()
    proposal, verdict = tunegraph.judge(
        changed.to_json(), table=before.table, request=before.request, progress=progress, grounded=False
    )
    shown = proposal.replace(verdict=verdict) if proposal is not None and verdict.may_be_shown else None
    costs = (
        () if before.proposal is None else changes.costs(before.proposal, shown or changed, verdict, tunegraph.store)
    )
    return replace(
        before,
        found=Validated(shown, verdict),
        seconds=time.monotonic() - started,
        changes=(*before.changes, told),
        costs=costs,
    )


def another(tunegraph: Tunegraph, before: Answer, request: Request, told: str, *, progress: Progress) -> Answer:
    """Return what is recommended where a person asks for the same otherwise, with what that costs.

    Args:
        tunegraph: The recommender.
        before: The answer before.
        request: What is asked now.
        told: What is different, in words.
        progress: Told what is being done.

    Raises:
        TunegraphError: What is asked does not fit the table.
    """
    found = recommended(tunegraph, before.given, request, progress=progress)
    costs: tuple[str, ...] = ()
    if before.proposal is not None and found.proposal is not None:
        costs = changes.costs(before.proposal, found.proposal, found.verdict, tunegraph.store)
    return replace(found, changes=(told,), costs=costs)
