"""The tool that shows the proposal composed by rules alone, with what each of its values rests on."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from recommender.llm.library import Library
from recommender.llm.model import Tool
from recommender.llm.tools import Arguments, Row, configuration_row, parameter_row, short, tool
from recommender.proposal import Grounded, Grounding, Proposal
from recommender.validation.spans import span_of

#: Citations that are shown of one value.
MOST_CITED = 3


class Composed(Arguments):
    """What is to be composed."""

    learner: str = Field(default="", max_length=100, description="A learner, or nothing for the best one.")


def composed_tool(library: Library) -> Tool:
    """Return the tool over what is composed by rules alone."""
    text = "What is proposed by rules alone, with citations; change what you have better evidence for."
    return tool(library, "composed_draft", text, Composed, _Rules(library).composed)


class _Rules:
    def __init__(self, library: Library) -> None:
        self.library, self.book = library, library.book

    def composed(self, given: Composed) -> Row:
        if not given.learner:
            return self._proposal(self.library.composed())
        from recommender.llm.settling_learner import settled_learner

        name = self.library.learner(given.learner)
        candidates = self.library.composer.candidates(self.library.task)
        if name not in candidates:
            return {"error": f"{name} is not to be had for this task.", "candidates": list(candidates)}
        return self._proposal(self.library.composed(settled_learner(self.library, name)))

    def _proposal(self, proposal: Proposal) -> Row:
        budget, fidelity, space = proposal.budget, proposal.fidelity.value, proposal.search_space
        parameters = [
            {**parameter_row(p), "cite": self._cited_on(p.name, space.parts.get(p.name, space))}
            for p in space.value.parameters
        ]
        return {
            "learner": proposal.learner.value,
            "why": self._why(proposal.learner.rationale),
            "learner_cite": self._cited_for(proposal.learner),
            "parameters": parameters,
            "fixed": configuration_row(proposal.fixed.value),
            "warm_starts": list(self._starts(proposal)),
            "n_trials": budget.value.n_trials,
            "n_trials_cite": self._cited(budget),
            "why_trials": self._why(budget.rationale),
            "fidelity": None if fidelity is None else fidelity.model_dump(mode="json"),
            "why_fidelity": self._why(proposal.fidelity.rationale),
            "stop": [rule.model_dump(mode="json") for rule in proposal.termination.value.rules],
        }

    def _starts(self, proposal: Proposal) -> Iterator[Row]:
        starts = proposal.warm_starts
        for place, start in enumerate(starts.value):
            citations = starts.parts[str(place)].citations if str(place) in starts.parts else starts.citations
            if citations:
                label = self.book.cite(*citations[:MOST_CITED], configuration=start)
                yield {"cite": label, "configuration": configuration_row(start)}

    def _cited(self, grounding: Grounding) -> list[str]:
        return [self.book.cite(iri) for iri in grounding.citations[:MOST_CITED]]

    def _cited_on(self, parameter: str, grounding: Grounding) -> list[str]:
        """Return labels of what is cited and says something of a hyper-parameter; all where nothing does.

        Not every published space that a search space is joined of has each of its parameters.
        """
        items = ((iri, self.library.get(iri)) for iri in grounding.citations)
        telling = [iri for iri, item in items if item is not None and span_of(item, parameter) is not None]
        return [self.book.cite(iri) for iri in (telling or grounding.citations)[:MOST_CITED]]

    def _cited_for(self, learner: Grounded[str]) -> list[str]:
        """Return labels of what is cited for a learner and is about it, not about those that it is compared with."""
        items = ((iri, self.library.get(iri)) for iri in learner.citations)
        about = [iri for iri, item in items if getattr(item, "learner", None) == learner.value]
        return [self.book.cite(iri) for iri in about[:MOST_CITED]]

    def _why(self, rationale: str) -> str:
        return short(self.library.told(rationale))
