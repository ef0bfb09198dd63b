"""Tuning configurations: asked for, watched, cancelled, fetched.

POST /v1/proposals            202, with the place of the proposal in `Location`
GET  /v1/proposals/ID/events  server-sent events until it is finished
GET  /v1/proposals/ID/result  the proposal, with evidence and verdict
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Response, UploadFile
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from kg.errors import StoreError
from kg.model import FrozenMapping
from recommender.proposal import Proposal
from recommender.validation.verdict import Verdict
from ui.api.jobs import Event, Job, JobView, State
from ui.api.media import FORM_ONLY, JSON_ONLY
from ui.api.options import ProposalOptions
from ui.api.problems import ApiError, documented
from ui.api.services import Asking, Here
from ui.api.uploads import kept
from ui.api.worker import Work

router = APIRouter(prefix="/v1/proposals", tags=["proposals"], responses=documented(401, 403, 422, 429))

#: Seconds between two looks at a proposal that is watched, and after which a silent connection is kept open by a word.
_LOOK_S, _SILENT_S = 0.2, 15.0


class Described(ProposalOptions):
    """A table that is not shown, only described."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{
        "meta_features": {"NumberOfInstances": 1000, "NumberOfFeatures": 21, "NumberOfClasses": 2},
        "learner": "random_forest", "time_s": 600,
    }]})  # fmt: skip

    meta_features: dict[str, float | None] = Field(max_length=500)
    """OpenML's names of qualities -> value; NumberOfInstances or NumberOfFeatures must be there."""


class Uploaded(ProposalOptions):
    """A table that is uploaded."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    """CSV, TSV, Parquet or ARFF, the text forms also as .gz; told by the name of the file."""
    target: str | None = Field(None, max_length=500)
    """The column to predict; one called target, class, label or y, else the last."""


class Answer(BaseModel):
    """What came of a proposal."""

    proposal: Proposal | None
    """With evidence, and the verdict of the gate; null where nothing sound was found."""
    verdict: Verdict
    """Of the proposal, or of the last one that was refused."""


def _job(
    proposal_id: Annotated[str, PathParameter(max_length=100, examples=["p_3f6c1b0a9d2e4f58"])],
    services: Here,
    caller: Asking,
) -> Job:
    return services.jobs.get(proposal_id, caller.name)


NamedJob = Annotated[Job, Depends(_job)]


@router.post("", status_code=202, dependencies=[JSON_ONLY], responses=documented(400, 413, 415, 503))
def ask_for_proposal(body: Described, services: Here, caller: Asking, response: Response) -> JobView:
    """Ask for a tuning configuration for a table that is only described."""
    request = body.request(services.settings)
    services.whole.task_of(body.meta_features, request)  # what makes no sense is refused at once
    work = Work(sees_private=caller.sees_private, request=request, meta_features=FrozenMapping(body.meta_features))
    return _submitted(services, caller, response, work)


@router.post("/upload", status_code=202, dependencies=[FORM_ONLY], responses=documented(400, 413, 415, 503))
def upload_table(body: Annotated[Uploaded, Form()], services: Here, caller: Asking, response: Response) -> JobView:
    """Ask for a tuning configuration for a table. The table is deleted as soon as the proposal is finished."""
    request = body.request(services.settings)
    folder = kept(body.file)
    path = next(Path(folder.name).iterdir())
    work = Work(sees_private=caller.sees_private, request=request, path=str(path), target=body.target)
    try:
        return _submitted(services, caller, response, work, folder)
    except (ApiError, StoreError):
        folder.cleanup()
        raise


@router.get("")
def list_proposals(services: Here, caller: Asking) -> list[JobView]:
    """List the proposals that the caller asked for, newest first."""
    return [job.view() for job in services.jobs.of(caller.name)]


@router.get("/{proposal_id}", responses=documented(404))
def get_proposal(job: NamedJob) -> JobView:
    """Say how far a proposal is."""
    return job.view()


@router.delete("/{proposal_id}", responses=documented(404))
def cancel_proposal(job: NamedJob, services: Here) -> JobView:
    """Cancel a proposal: its process is ended, its table deleted. A finished one stays as it is."""
    services.jobs.cancel(job)
    return job.view()


@router.get("/{proposal_id}/result", response_model=Answer, responses=documented(404, 409))
def get_result(job: NamedJob) -> Response:
    """Return the proposal, once it is done."""
    if job.state is not State.DONE or job.answer is None:
        why = job.problem.detail if job.problem else "There is no result."
        raise ApiError(409, f"The proposal is {job.state.value}. {why}", allowed="a proposal that is done")
    # The process has validated it; doing so again would only take time.
    return JSONResponse(dict(job.answer))


@router.get(
    "/{proposal_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events. `data` is an Event as JSON, `id` its number, `event` its state."
            " Where `checked` is false, it is what a language model writes.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(404),
    },
)
async def watch_proposal(
    job: NamedJob,
    last_event_id: Annotated[int, Header(ge=0, description="Go on after this event.")] = 0,
) -> StreamingResponse:
    """Tell what happens to a proposal while it happens, and end when it is finished."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(job, last_event_id), media_type="text/event-stream", headers=headers)


async def _told(job: Job, number: int) -> AsyncIterator[str]:
    silent = 0.0
    while True:
        for event in job.events(number):
            number, silent = event.number, 0.0
            yield _frame(event)
            if event.state.is_final:
                return
        if job.state.is_final and number >= len(job.events()):
            return
        await asyncio.sleep(_LOOK_S)
        silent += _LOOK_S
        if silent >= _SILENT_S:
            silent = 0.0
            yield ": still at it\n\n"


def _frame(event: Event) -> str:
    return f"id: {event.number}\nevent: {event.state.value}\ndata: {json.dumps(event.model_dump(mode='json'))}\n\n"


def _submitted(services: Here, caller: Asking, response: Response, work: Work, *folder: Any) -> JobView:
    job = services.jobs.submit(caller.name, work, *folder)
    response.headers["Location"] = f"/v1/proposals/{job.id}"
    return job.view()
