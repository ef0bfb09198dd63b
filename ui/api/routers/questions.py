"""The named questions of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from kg.errors import UnknownNameError
from kg.questions import Question, questions
from ui.api.freshness import NOT_MODIFIED, Fresh
from ui.api.media import JSON_ONLY
from ui.api.paging import MOST, page_at
from ui.api.problems import ApiError, documented
from ui.api.services import Seen
from ui.questioning import canonical_parameters

router = APIRouter(prefix="/v1/questions", tags=["questions"], responses=documented(401, 403, 422, 429, 503))

#: Rows of one answer that can be paged through.
MOST_ROWS = 50_000


class ParameterView(BaseModel):
    """What a question has to be told."""

    name: str = Field(examples=["learner"])
    kind: Literal["iri", "learner", "metric", "source", "term", "text", "integer", "number"]
    optional: bool
    text: str


class QuestionView(BaseModel):
    """A named question."""

    name: str = Field(examples=["what_matters"])
    text: str
    """What it answers."""
    parameters: list[ParameterView]
    query: str
    """In SPARQL."""


class QuestionBody(BaseModel):
    """What a question is told, and which page of the answer is wanted."""

    model_config = {"extra": "forbid"}

    parameters: dict[str, str | int | float | None] = Field({}, examples=[{"learner": "random_forest"}])
    limit: int = Field(100, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=1000)


class Answer(BaseModel):
    """Rows that answer a question."""

    rows: list[dict[str, bool | int | float | str | None]]
    """Variable of the query -> value; IRIs as text."""
    total: int
    next: str | None = None
    """The cursor of the next page; null where this is the last one."""


QuestionName = Annotated[str, Path(max_length=100, examples=["what_matters"])]


@router.get("", dependencies=[Fresh], responses=NOT_MODIFIED)
def list_questions() -> list[QuestionView]:
    """List the questions."""
    return [_view(question) for question in questions().values()]


@router.get("/{name}", dependencies=[Fresh], responses={**documented(404), **NOT_MODIFIED})
def get_question(name: QuestionName) -> QuestionView:
    """Return a question with what it has to be told."""
    return _view(_named(name))


@router.post("/{name}", dependencies=[JSON_ONLY], responses=documented(400, 404, 410, 413, 415))
def ask_question(name: QuestionName, body: QuestionBody, seen: Seen) -> Answer:
    """Answer a question. Nothing is changed by it; it is a POST for the sake of its parameters."""
    given = canonical_parameters(_named(name), body.parameters)
    state = seen.store.fingerprint()
    rows: list[Mapping[str, Any]] = list(islice(seen.store.ask(name, given), MOST_ROWS))
    found, following = page_at(rows, state, cursor=body.cursor, limit=body.limit)
    return Answer(rows=[{key: _plain(value) for key, value in row.items()} for row in found], total=len(rows),
                  next=following)  # fmt: skip


def _named(name: str) -> Question:
    if name not in questions():
        error = UnknownNameError("question", name, questions())
        raise ApiError(404, error.message, where="name", allowed=error.allowed)
    return questions()[name]


def _view(question: Question) -> QuestionView:
    parameters = [
        ParameterView(name=one.name, kind=one.kind, optional=one.optional, text=one.text) for one in question.parameters
    ]
    return QuestionView(name=question.name, text=question.text, parameters=parameters, query=question.query)


def _plain(value: Any) -> bool | int | float | str | None:
    return value if value is None or isinstance(value, bool | int | float) else str(value)
