"""Tools that ask the graph. None of them changes anything, and none takes a query as text."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kg.errors import InputError
from kg.iris import plain_name
from kg.model import Dataset, Run
from kg.questions import questions
from recommender.llm.tools import foreign
from ui.mcp.answers import (
    Item,
    Passages,
    PassageSaid,
    QuestionParameterSaid,
    Questions,
    QuestionSaid,
    Rows,
    page_of,
    shortened,
)
from ui.questioning import canonical_parameters

if TYPE_CHECKING:
    from recommender.text_index import TextIndex
    from ui.compose import Tunegraph

Page = Annotated[int, Field(ge=1, le=10_000, description="From 1; an answer says which is next.")]
Iri = Annotated[str, Field(max_length=500, description="An IRI, as answers give them.")]
Name = Annotated[str, Field(max_length=200)]


class GraphTools:
    """Asks one graph.

    Args:
        tunegraph: Whose graph it is.
    """

    def __init__(self, tunegraph: Tunegraph) -> None:
        self._tunegraph = tunegraph

    def list_questions(self) -> Questions:
        """List the named questions that the graph answers, with what each has to be told."""
        return Questions(
            questions=[
                QuestionSaid(
                    name=question.name,
                    answers=question.text,
                    parameters=[
                        QuestionParameterSaid(name=p.name, kind=p.kind, required=not p.optional, means=p.text)
                        for p in question.parameters
                    ],
                )
                for question in questions().values()
            ]
        )

    def ask_graph(
        self,
        question: Annotated[str, Field(max_length=100, description="Its name, of `list_questions`.")],
        parameters: Annotated[dict[str, str | int | float] | None, Field(description="By name.")] = None,
        page: Page = 1,
    ) -> Rows:
        """Ask a named question, such as what_matters of a learner: rows, a page at a time."""
        if question not in questions():
            # `ask` would take other text for a query.
            raise InputError(f"There is no question {question!r}.", where="question", allowed=", ".join(questions()))
        given = canonical_parameters(questions()[question], parameters or {})
        return page_of(self._tunegraph.store.ask(question, given), page, dict)

    def find_datasets(
        self,
        words: Annotated[str, Field(max_length=200, description="Part of a name; empty: all.")] = "",
        page: Page = 1,
    ) -> Rows:
        """Find data sets that there is evidence on, by name: IRI, name, rows, columns, classes."""
        wanted = plain_name(words)
        found = [d for d in self._tunegraph.store.datasets() if wanted in plain_name(d.name)]
        return page_of(found, page, _dataset_cells)

    def find_evidence(
        self,
        kind: Annotated[Name | None, Field(description="run_summary, parameter_importance, claim, ...")] = None,
        learner: Annotated[Name | None, Field(description="Such as random_forest.")] = None,
        metric: Annotated[Name | None, Field(description="Such as accuracy.")] = None,
        dataset: Iri | None = None,
        page: Page = 1,
    ) -> Rows:
        """Find evidence by kind, learner, metric and data set: IRI, what it is about, standing, sample size, source."""
        from kg.learners.registry import learner_named
        from kg.model import metric_named

        found = self._tunegraph.store.evidence(
            kind,
            learner=None if learner is None else learner_named(learner).name,
            metric=None if metric is None else metric_named(metric).name,
            dataset=None if dataset is None else _iri(dataset),
        )
        return page_of(found, page, _evidence_cells)

    def look_up(self, iri: Iri) -> Item:
        """Return one data set, run or piece of evidence: what it says, and where it comes from."""
        item = self._tunegraph.store.get(_iri(iri))
        kind = "dataset" if isinstance(item, Dataset) else "run" if isinstance(item, Run) else item.kind
        return Item(iri=item.iri, kind=kind, content=shortened(item.model_dump(mode="json")))

    def search_passages(
        self,
        question: Annotated[str, Field(min_length=1, max_length=1000, description="A question, or some words of it.")],
        limit: Annotated[int, Field(ge=1, le=20)] = 5,
    ) -> Passages:
        """Find what papers and guides say on a question, in their words, with document and page."""
        hits = self._texts.search(question, limit)
        return Passages(passages=[_passage(hit.passage) for hit in hits])

    @cached_property
    def _texts(self) -> TextIndex:
        return self._tunegraph.text_index


def _iri(text: str) -> Any:
    from kg.model import Iri as ModelIri

    return ModelIri(text)


def _passage(passage: Any) -> PassageSaid:
    return PassageSaid(
        document=foreign(passage.document),
        title=foreign(passage.title or ""),
        section=foreign(passage.section or ""),
        page=passage.page,
        text=foreign(passage.text, 3_000),
        licence=passage.provenance.licence,
    )


def _dataset_cells(dataset: Dataset) -> dict[str, Any]:
    known = dataset.meta_features
    return {
        "iri": dataset.iri,
        "name": dataset.name,
        "rows": known.get("NumberOfInstances"),
        "columns": known.get("NumberOfFeatures"),
        "classes": known.get("NumberOfClasses"),
    }


def _evidence_cells(evidence: Any) -> dict[str, Any]:
    about = {name: getattr(evidence, name, None) for name in ("learner", "dataset", "metric", "hyperparameter")}
    return {
        "iri": evidence.iri,
        "kind": evidence.kind,
        **{name: value for name, value in about.items() if value is not None},
        "standing": str(evidence.standing.value),
        "sample_size": evidence.n,
        "source": evidence.provenance.source,
    }
