"""Tools over texts: published search spaces, claims, and passages of papers and guides."""

from __future__ import annotations

from pydantic import Field

from kg.model import Claim, PublishedSpace
from recommender.composing.published import by_preference
from recommender.llm.library import Library
from recommender.llm.model import Tool
from recommender.llm.tools import Arguments, OfLearner, Paged, Row, foreign, page_of, parameter_row, tool
from recommender.text_index import Hit

#: Passages that are shown.
PASSAGES = 5


class OfClaims(Paged):
    """What claims are to be about."""

    learner: str = Field(default="", max_length=100, description="A learner, or nothing for any.")
    parameter: str = Field(default="", max_length=100, description="A hyper-parameter, or nothing for any.")
    statement: str = Field(
        default="", max_length=40, description="range, default, recommended_value, budget, fidelity, termination, ..."
    )


class Question(Arguments):
    """A question to the passages."""

    question: str = Field(max_length=500, description="Some words to find passages by.")


def text_tools(library: Library) -> tuple[Tool, ...]:
    """Return the tools over texts."""
    texts = _Texts(library)
    found = (
        ("published_spaces", "Search spaces for a learner that papers and packages lay down.", OfLearner, texts.spaces),
        ("claims", "What papers and guides state of learners and settings, with their words.", OfClaims, texts.claims),
        ("passages", "Passages of papers and guides, by words. Background only: they cannot be cited.", Question,
         texts.passages),
    )  # fmt: skip
    return tuple(tool(library, *one) for one in found)


class _Texts:
    def __init__(self, library: Library) -> None:
        self.library, self.book = library, library.book

    def spaces(self, given: OfLearner) -> Row:
        found = by_preference(self.library.found(self.library.learner(given.learner)).spaces)
        return page_of(found, given.page, self._space)

    def _space(self, space: PublishedSpace) -> Row:
        initial = space.initial if space.initial else None
        return {
            "cite": self.book.cite(space.iri, configuration=initial),
            "name": foreign(space.name, 80),
            "citation": foreign(space.citation, 120),
            "parameters": [parameter_row(parameter) for parameter in space.space.parameters],
        }

    def claims(self, given: OfClaims) -> Row:
        learner = self.library.learner(given.learner) if given.learner else None
        found = [e for e in self.library.evidence("claim", learner) if isinstance(e, Claim)]
        wanted = [
            e
            for e in found
            if given.parameter in ("", e.hyperparameter, e.parameter_name) and given.statement in ("", e.statement)
        ]
        return page_of(sorted(wanted, key=lambda e: e.iri), given.page, self._claim)

    def _claim(self, claim: Claim) -> Row:
        said = claim.model_dump(mode="json", include={"statement", "learner", "hyperparameter", "low", "high", "value"})
        row = {name: value for name, value in said.items() if value is not None}
        return {
            "cite": self.book.cite(claim.iri),
            **row,
            "quote": foreign(claim.quote),
            "document": foreign(claim.document),
        }

    def passages(self, given: Question) -> Row:
        index = self.library.index
        hits: tuple[Hit, ...] = index.search(given.question, PASSAGES) if index is not None else ()
        return {"rows": [{"document": foreign(h.passage.document, 80), "text": foreign(h.passage.text)} for h in hits]}
