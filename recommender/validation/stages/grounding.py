"""Stage 3: every citation is in the graph, bears on what it is cited for, and supports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.model import Iri
from recommender.proposal import Grounded, Grounding, Proposal
from recommender.validation.backing import Backing
from recommender.validation.leeway import Checked, amended
from recommender.validation.stage import GateContext, GroundingCheck, StageVerdict, failed, unchecked
from recommender.validation.told_scores import without_unknown_scores
from recommender.validation.told_sources import without_unknown_sources
from recommender.validation.verdict import Finding


class GroundingStage:
    """Looks every citation up, and runs the rules again that values are said to come from."""

    name = "grounding"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal` against the graph; without a graph nothing can be said."""
        cited = list(citations(proposal))
        if context.store is None:
            message = f"No graph is at hand, so {len(cited)} citations were not looked up."
            return StageVerdict(proposal, (unchecked("proposal", message),), skipped=True)
        missing = {iri for _, iri in cited} - context.store.find(iri for _, iri in cited).keys()
        findings = [
            failed(field, "citation_to_nothing", "The graph has nothing of this name.", value=iri)
            for field, iri in cited
            if iri in missing
        ]
        measurements = {"citations": len(cited), "cited": len({iri for _, iri in cited})}
        if findings:
            return StageVerdict(proposal, tuple(findings), measurements)
        check = context.check_grounding or _grounding_check()
        # Citations speak for the values as they came; a repair is for the stage that made it to defend.
        claimed = (context.drafted or proposal).replace(learner=proposal.learner)
        supported: tuple[Finding, ...] = check(claimed, context.store)
        reasons: Mapping[str, str] = {}
        if isinstance(supported, Checked):
            proposal, reasons = amended(proposal, claimed, supported.amendments), supported.reasons
        backing = Backing(cited, context.store, reasons)
        proposal, told = without_unknown_scores(proposal, backing)
        proposal, named = without_unknown_sources(proposal, backing)
        return StageVerdict(proposal, (*supported, *told, *named), measurements)


def citations(proposal: Proposal) -> Iterator[tuple[str, Iri]]:
    """Yield every citation of `proposal` with the path of the field that makes it."""
    for name in type(proposal).model_fields:
        field = getattr(proposal, name)
        if not isinstance(field, Grounded):
            continue
        yield from _of(name, field)
        for key, part in field.parts.items():
            yield from _of(f"{name}.parts.{key}", part)
    for number, neighbour in enumerate(proposal.neighbours):
        yield f"neighbours.{number}.dataset", neighbour.dataset


def _of(path: str, grounding: Grounding) -> Iterator[tuple[str, Iri]]:
    return ((f"{path}.citations", iri) for iri in grounding.citations)


def _grounding_check() -> GroundingCheck:
    from recommender.grounding import check

    return check
