"""The user's own studies: private, so that all of this needs a key."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from ingest.forget import known_sources
from ingest.sources.optuna_studies import Study
from ingest.sources.optuna_studies.fetch import keep
from ingest.sources.optuna_studies.snapshot import FOLDER, read_snapshot
from kg.model.provenance import OWN_SOURCE
from recommender.report.model import Figures
from ui.api.access import Needs
from ui.api.keys import Scope
from ui.api.media import JSON_ONLY
from ui.api.problems import ApiError, documented
from ui.api.services import Here

router = APIRouter(prefix="/v1/studies", tags=["studies"], responses=documented(401, 403, 422, 429, 503))

_reads, _writes = Depends(Needs(Scope.READ)), Depends(Needs(Scope.WRITE))
#: One study changes the graph at a time; others wait here rather than for the lock of the store.
_writing = threading.Lock()


class Form(StrEnum):
    """The form of a report."""

    JSON = "json"
    HTML = "html"
    MARKDOWN = "md"


class StudyView(BaseModel):
    """A study that is kept in the home."""

    slug: str = Field(examples=["loans-1a2b3c4d"])
    """Names it here."""
    name: str = Field(examples=["loans"])
    directions: list[str]
    trials: int
    complete: int
    begun: datetime | None
    """As the storage has it: local time without a zone."""
    best: float | None
    """Best score of a study with one objective."""
    in_graph: bool
    """Whether the next proposals can rest on it."""


class Learnt(BaseModel):
    """What became of a study that was added."""

    slug: str
    source: str = Field(examples=["study:loans-1a2b3c4d"])
    runs: int
    """Trials that are runs in the run table now."""
    problem: str = ""
    """Why nothing could be learnt; empty where something was."""


Slug = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", examples=["loans-1a2b3c4d"])]


def _path(slug: Slug, services: Here) -> FilePath:
    path = services.whole.settings.home / "raw" / FOLDER / f"{slug}.json"
    if not path.is_file():
        raise ApiError(404, f"There is no study {slug!r}.", where="slug")
    return path


NamedPath = Annotated[FilePath, Depends(_path)]


@router.get("", dependencies=[_reads])
def list_studies(services: Here) -> list[StudyView]:
    """List the studies that are kept in the home, by name. Needs scope read."""
    paths = sorted((services.whole.settings.home / "raw" / FOLDER).glob("[!.]*.json"))
    known = services.whole.store.sources()
    return [_view(path, known) for path in paths]


@router.get("/{slug}", dependencies=[_reads], responses=documented(404))
def get_study(path: NamedPath, services: Here) -> StudyView:
    """Return what is known of a study. Needs scope read."""
    return _view(path, services.whole.store.sources())


@router.get(
    "/{slug}/report",
    dependencies=[_reads],
    response_model=Figures,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}},
                                 "text/markdown": {"schema": {"type": "string"}}}}, **documented(404)},
)  # fmt: skip
def get_report(
    path: NamedPath, form: Annotated[Form, Query(description="JSON holds the figures alone.")] = Form.JSON
) -> Response:
    """Say what a study searched and found, which evidence held, why it stopped, what it cost. Needs scope read."""
    from recommender.report import figures_of, to_html, to_markdown
    from recommender.report.restored import restored

    figures = figures_of(restored(read_snapshot(path).model_dump(mode="json")))
    match form:
        case Form.HTML:
            return HTMLResponse(to_html(figures), headers={"Content-Security-Policy": _POLICY})
        case Form.MARKDOWN:
            return PlainTextResponse(to_markdown(figures), media_type="text/markdown")
        case _:
            return JSONResponse(figures.model_dump(mode="json"))


@router.post("", status_code=201, dependencies=[_writes, JSON_ONLY], responses=documented(400, 409, 413, 415, 503))
def add_study(study: Study, services: Here) -> Learnt:
    """Keep a study, as ``tunegraph ingest study`` takes it out of a storage, and let proposals rest on it.

    Needs scope write. A study that is there already gets its new trials.
    """
    raw = services.whole.settings.home / "raw"
    with _writing:
        source = keep(study, raw, given=study.given)
        report = services.whole.ingest([source], raw).sources[0]
    return Learnt(
        slug=study.slug, source=source.name, runs=report.added + report.updated + report.unchanged,
        problem=report.problem,
    )  # fmt: skip


@router.delete("/{slug}", status_code=204, dependencies=[_writes], responses=documented(404, 503))
def remove_study(slug: Slug, path: NamedPath, services: Here) -> None:
    """Take a study out completely: graph, evidence, runs, and what was kept of it. Needs scope write."""
    with _writing:
        if f"{OWN_SOURCE}{slug}" in known_sources(services.whole.settings.home, services.whole.store):
            services.whole.forget([f"{OWN_SOURCE}{slug}"])
        path.unlink(missing_ok=True)


#: A report is one page with its style and pictures inside.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def _view(path: FilePath, known: Mapping[str, str]) -> StudyView:
    study = read_snapshot(path)
    complete = [trial for trial in study.trials if trial.state == "COMPLETE"]
    scores = [trial.values[0] for trial in complete if len(study.directions) == 1 and trial.values]
    found = [score for score in scores if score is not None]
    best = max if study.directions[:1] == ("maximize",) else min
    return StudyView(
        slug=path.stem,
        name=study.name,
        directions=list(study.directions),
        trials=len(study.trials),
        complete=len(complete),
        begun=min((trial.started for trial in study.trials if trial.started), default=None),
        best=best(found, default=None),
        in_graph=f"{OWN_SOURCE}{path.stem}" in known,
    )
