"""From what was given and asked to an answer, told step by step: what a page does in the background."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.errors import InputError
from recommender.llm.stated import Reading
from recommender.validation.loop import Validated
from ui.conversation import Conversation, Spoken, request_for
from ui.session import Answer, Given, Told
from ui.views import changes

if TYPE_CHECKING:
    from recommender.llm.streaming import Heard
    from recommender.proposal import Proposal
    from ui.compose import Progress, Tunegraph
    from ui.request import Request


def recommended(
    tunegraph: Tunegraph, given: Given, request: Request, *, progress: Progress, heard: Heard | None = None
) -> Answer:
    """Return what is recommended.

    Args:
        tunegraph: The recommender.
        given: What it is for.
        request: How.
        progress: Told what is being done.
        heard: Is given what a language model writes while it drafts: talk that nothing has checked yet.

    Raises:
        TunegraphError: The table cannot be learnt from, or what was asked does not fit it.
    """
    started = time.monotonic()
    if given.path is None:
        table, task = None, tunegraph.task_of(given.meta_features, request).replace(name=given.name)
    else:
        progress("Reading and describing the table")
        table, task = tunegraph.read(given.path, given.target, request)
    found = tunegraph.recommend(task, request, table=table, progress=progress, heard=heard)
    return Answer(0, given, request, task, table, found, time.monotonic() - started)


def understood(
    tunegraph: Tunegraph, given: Given, request: Request, *, progress: Progress, heard: Heard | None = None
) -> Answer:
    """Return what is recommended for a task that is said in words; arguments as for `recommended`.

    Raises:
        InputError: Too little is known for a proposal, or what was said cannot be.
    """
    started = time.monotonic()
    talk = Conversation(tunegraph, request, heard=heard)
    reply = talk.say(given.words, progress=progress)
    if reply.proposal is None or reply.proposal.verdict is None:
        questions = reply.understanding.questions if reply.understanding else ()
        raise InputError(" ".join(reply.lines), where="words", allowed=" ".join(questions))
    found = Validated(reply.proposal, reply.proposal.verdict)
    asked = request if reply.understanding is None else request_for(reply.understanding, request)
    seconds = time.monotonic() - started
    return Answer(0, given, asked, reply.proposal.task, None, found, seconds, reading=talk.spoken.reading)


def spoken(
    tunegraph: Tunegraph,
    before: Answer,
    words: str,
    model: Request,
    *,
    progress: Progress,
    heard: Heard | None = None,
) -> Answer | Told:
    """Return what comes of words about an answer: another answer, or the answer to a question.

    Args:
        tunegraph: The recommender.
        before: The answer that is talked about.
        words: What is said.
        model: Names the language model that helps.
        progress: Told what is being done.
        heard: Is given what that model writes while it drafts.

    Raises:
        InputError: Nothing was understood, or what was said cannot be.
    """
    started = time.monotonic()
    request = before.request.replace(llm=model.llm, llm_base_url=model.llm_base_url)
    talk = Conversation(
        tunegraph,
        request,
        before.given.path,
        before.given.target,
        Spoken(reading=before.reading or Reading(), proposal=before.proposal),
        heard=heard,
    )
    progress("Reading what you say")
    reply = talk.say(words, progress=progress)
    proposal = reply.proposal
    if proposal is None or proposal.verdict is None:
        return Told(reply.lines)
    costs = (
        () if before.proposal is None else changes.costs(before.proposal, proposal, proposal.verdict, tunegraph.store)
    )
    return replace(
        before,
        task=proposal.task,
        found=Validated(proposal, proposal.verdict),
        seconds=time.monotonic() - started,
        changes=(*before.changes, *(reply.changes or (words,))),
        costs=costs,
        reading=talk.spoken.reading,
    )


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
    return replace(found, changes=(told,), costs=costs, reading=before.reading)
