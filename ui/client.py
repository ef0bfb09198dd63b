"""A client of the REST API (``tunegraph serve``): the same types over HTTP.

    with Client("http://127.0.0.1:8000", key=...) as client:
        [dataset.name for dataset in client.datasets(min_rows=1000)]
        pending = client.propose("loans.csv", target="default", time_s=600)
        for event in pending.events():
            print(event.text)
        proposal = pending.result().proposal

Lists are fetched page by page while they are read. A problem that the service tells is a `ServiceError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

from kg.errors import InputError, TunegraphError
from kg.model import Claim, Dataset, Evidence, Run

if TYPE_CHECKING:
    import httpx

    from recommender.report.model import Figures
    from recommender.text_index import Hit
    from ui.api.jobs import Event, JobView
    from ui.api.problems import Problem
    from ui.api.routers.datasets import NeighbourView
    from ui.api.routers.items import ProvenanceView, SourceView
    from ui.api.routers.learners import HyperParameterView, ImportanceView, LearnerView
    from ui.api.routers.papers import PaperView
    from ui.api.routers.proposals import Answer
    from ui.api.routers.questions import QuestionView
    from ui.api.routers.studies import Learnt, StudyView

T = TypeVar("T")

#: Items of a page that is fetched.
_PAGE = 200


class ServiceError(TunegraphError):
    """The service says what went wrong.

    Args:
        problem: As it told it.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")


class Client:
    """A client of one service; it may be used by several threads.

    Args:
        url: Where the service is.
        key: An API key; without one, the service answers its own machine only, if at all.
        timeout_s: Seconds to wait for an answer.

    Raises:
        InputError: httpx is not installed.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", *, key: str | None = None, timeout_s: float = 30.0) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise InputError(
                f"{error.name} is not installed.", where="client", allowed="pip install 'tunegraph[api]'"
            ) from error
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def datasets(self, **wanted: Any) -> Iterator[Dataset]:
        """Yield data sets by IRI; `wanted`: ``name``, ``task_type``, ``min_rows``, ``max_rows``."""
        return self._listed(Dataset, "/v1/datasets", wanted)

    def dataset(self, key: str) -> Dataset:
        """Return a data set by the end of its IRI."""
        return self._one(Dataset, f"/v1/datasets/{_quoted(key)}")

    def neighbours(self, key: str, *, limit: int = 10) -> list[NeighbourView]:
        """Return the data sets that are most like one, by the end of its IRI."""
        from ui.api.routers.datasets import NeighbourView

        return self._one(list[NeighbourView], f"/v1/datasets/{_quoted(key)}/neighbours", limit=limit)

    def learners(self) -> list[LearnerView]:
        """Return all learners by name."""
        from ui.api.routers.learners import LearnerView

        return self._one(list[LearnerView], "/v1/learners")

    def learner(self, name: str) -> LearnerView:
        """Return a learner by name or alias."""
        from ui.api.routers.learners import LearnerView

        return self._one(LearnerView, f"/v1/learners/{_quoted(name)}")

    def hyperparameters(self, learner: str) -> list[HyperParameterView]:
        """Return a learner's hyper-parameters."""
        from ui.api.routers.learners import HyperParameterView

        return self._one(list[HyperParameterView], f"/v1/learners/{_quoted(learner)}/hyperparameters")

    def importances(self, learner: str, *, metric: str | None = None) -> list[ImportanceView]:
        """Return which of a learner's hyper-parameters matter."""
        from ui.api.routers.learners import ImportanceView

        return self._one(list[ImportanceView], f"/v1/learners/{_quoted(learner)}/importances", metric=metric)

    def evidence(self, **wanted: Any) -> Iterator[Evidence]:
        """Yield evidence by IRI; `wanted`: ``kind``, ``learner``, ``metric``, ``dataset``."""
        return self._listed(Evidence, "/v1/evidence", wanted)

    def claims(self, **wanted: Any) -> Iterator[Claim]:
        """Yield claims by IRI; `wanted`: ``learner``, ``hyperparameter``, ``statement``, ``document``."""
        return self._listed(Claim, "/v1/claims", wanted)

    def runs(self, **wanted: Any) -> Iterator[Run]:
        """Yield runs by IRI; `wanted`: ``learner``, ``metric``, ``dataset``."""
        return self._listed(Run, "/v1/runs", wanted)

    def papers(self, **wanted: Any) -> Iterator[PaperView]:
        """Yield documents by name; `wanted`: ``learner``."""
        from ui.api.routers.papers import PaperView

        return self._listed(PaperView, "/v1/papers", wanted)

    def passages(self, question: str, *, limit: int = 5) -> list[Hit]:
        """Return what papers and guides say on a question, best first."""
        from recommender.text_index import Hit

        return self._one(list[Hit], "/v1/passages", q=question, limit=limit)

    def item(self, iri: str) -> Dataset | Run | Evidence:
        """Return what an IRI names."""
        kinds: Any = Dataset | Run | Evidence
        found: Dataset | Run | Evidence = self._one(kinds, "/v1/items", iri=iri)
        return found

    def provenance(self, iri: str) -> ProvenanceView:
        """Return where what an IRI names comes from."""
        from ui.api.routers.items import ProvenanceView

        return self._one(ProvenanceView, "/v1/provenance", iri=iri)

    def sources(self) -> list[SourceView]:
        """Return where the graph's knowledge comes from."""
        from ui.api.routers.items import SourceView

        return self._one(list[SourceView], "/v1/sources")

    def questions(self) -> list[QuestionView]:
        """Return the named questions."""
        from ui.api.routers.questions import QuestionView

        return self._one(list[QuestionView], "/v1/questions")

    def ask(self, question: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows that answer a named question."""
        path, cursor = f"/v1/questions/{_quoted(question)}", None
        while True:
            body = {"parameters": parameters, "limit": _PAGE, "cursor": cursor}
            page = self._sent("POST", path, json=body).json()
            yield from page["rows"]
            if (cursor := page["next"]) is None:
                return

    def propose(
        self,
        table: Path | str | None = None,
        *,
        target: str | None = None,
        meta_features: Mapping[str, float] | None = None,
        **options: Any,
    ) -> Pending:
        """Ask for a tuning configuration, and return at once.

        Args:
            table: File of a table; it is uploaded, and deleted there as soon as the proposal is finished.
            target: The column to predict.
            meta_features: Instead of a table: OpenML's names of qualities and values.
            options: ``learner``, ``metric``, ``time_s``, ``n_trials``, ``test_run``, ... as the API documents them.
        """
        from ui.api.jobs import JobView

        if (table is None) == (meta_features is None):
            raise InputError("Either a table or meta-features make a proposal.", where="table, meta_features")
        if table is None:
            answer = self._sent("POST", "/v1/proposals", json={"meta_features": dict(meta_features or {}), **options})
        else:
            said = {"target": target, **options}
            fields = {name: _form_text(value) for name, value in said.items() if value is not None}
            with Path(table).open("rb") as file:
                files = {"file": (Path(table).name, file)}
                answer = self._sent("POST", "/v1/proposals/upload", data=fields, files=files)
        return Pending(self, JobView.model_validate_json(answer.content).id)

    def studies(self) -> list[StudyView]:
        """Return the user's own studies; needs a key of scope read."""
        from ui.api.routers.studies import StudyView

        return self._one(list[StudyView], "/v1/studies")

    def report(self, slug: str) -> Figures:
        """Return the figures of a study's report; needs a key of scope read."""
        from recommender.report.model import Figures

        return self._one(Figures, f"/v1/studies/{_quoted(slug)}/report")

    def add_study(self, snapshot: str | bytes) -> Learnt:
        """Let proposals rest on a study, the JSON of a snapshot; needs a key of scope write."""
        from ui.api.routers.studies import Learnt

        sent = self._sent("POST", "/v1/studies", content=snapshot, headers={"Content-Type": "application/json"})
        return Learnt.model_validate_json(sent.content)

    def remove_study(self, slug: str) -> None:
        """Take a study out completely; needs a key of scope write."""
        self._sent("DELETE", f"/v1/studies/{_quoted(slug)}")

    def _one(self, kind: type[T], path: str, /, **query: Any) -> T:
        from pydantic import TypeAdapter

        params = {name: value for name, value in query.items() if value is not None}
        return TypeAdapter(kind).validate_json(self._sent("GET", path, params=params).content)

    def _listed(self, kind: Any, path: str, wanted: Mapping[str, Any]) -> Iterator[Any]:
        from ui.api.paging import Page

        cursor: str | None = None
        pages: Any = Page[kind]
        while True:
            page = self._one(pages, path, **{"limit": _PAGE, **wanted}, cursor=cursor)
            yield from page.items
            if (cursor := page.next) is None:
                return

    def _sent(self, method: str, path: str, **content: Any) -> httpx.Response:
        response = self._http.request(method, path, **content)
        if response.is_error:
            raise ServiceError(_problem(response))
        return response


@dataclass(frozen=True)
class Pending:
    """A proposal that was asked for."""

    client: Client
    id: str

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/v1/proposals/{self.id}"

    def status(self) -> JobView:
        """Return how far it is."""
        from ui.api.jobs import JobView

        return self.client._one(JobView, self.path)

    def events(self) -> Iterator[Event]:
        """Yield what happens to it while it happens, until it is finished."""
        from ui.api.jobs import Event

        with self.client._http.stream("GET", f"{self.path}/events", timeout=None) as response:
            if response.is_error:
                response.read()
                raise ServiceError(_problem(response))
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield Event.model_validate_json(line.removeprefix("data: "))

    def cancel(self) -> JobView:
        """End the work on it."""
        from ui.api.jobs import JobView

        return JobView.model_validate_json(self.client._sent("DELETE", self.path).content)

    def result(self) -> Answer:
        """Wait until it is finished, and return what came of it.

        Raises:
            ServiceError: It failed or was cancelled.
        """
        from ui.api.routers.proposals import Answer

        for _ in self.events():
            pass
        return self.client._one(Answer, f"{self.path}/result")


def _problem(response: httpx.Response) -> Problem:
    from pydantic import ValidationError

    from ui.api.problems import Problem, problem_of

    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:  # something between here and the service has answered
        return problem_of(response.status_code, response.text[:200])


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _form_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
