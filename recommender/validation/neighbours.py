"""The neighbours that a proposal lists: they exist, and are as near and weigh as much as their meta-features say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from kg.model import Dataset, Iri
from recommender.proposal import Neighbour, Proposal
from recommender.validation.stage import failed
from recommender.validation.verdict import Finding


def neighbour_faults(proposal: Proposal, datasets: Mapping[Iri, Dataset]) -> Iterator[Finding]:
    """Find neighbours that the graph has not, or has otherwise, and a novelty that they do not give.

    Args:
        proposal: What lists them.
        datasets: Those of the graph.
    """
    listed = proposal.neighbours
    missing = [n.dataset for n in listed if n.dataset not in datasets]
    for iri in missing:
        yield failed("neighbours", "citation_to_nothing", f"{iri} is no data set of this graph.")
    if not listed and proposal.novelty is not None:
        yield failed("novelty", "neighbour_differs", "It lists no neighbours that it could be measured against.")
    if missing or not listed:
        return
    if renamed := [n.name for n in listed if n.name != datasets[n.dataset].name]:
        message = f"The graph has other names for {', '.join(map(repr, renamed[:5]))}."
        yield failed("neighbours", "neighbour_differs", message)
    yield from _measured_again(proposal, listed, datasets)


def _measured_again(
    proposal: Proposal, listed: Sequence[Neighbour], datasets: Mapping[Iri, Dataset]
) -> Iterator[Finding]:
    from recommender.similarity import similarity

    sources = [datasets[iri] for iri in sorted({n.dataset for n in listed})]
    found = similarity(proposal.task.meta_features, sources)
    like = {item.dataset.iri: item for item in found.neighbours}
    for field in ("weight", "distance"):
        wrong = [n.name for n in listed if not _is_near(getattr(n, field), getattr(like[n.dataset], field))]
        if wrong:
            message = f"The meta-features give {', '.join(wrong[:5])} another {field}."
            yield failed("neighbours", "neighbour_differs", message)
    if not _is_near(proposal.novelty, found.novelty):
        message = f"The meta-features give {found.novelty}, not {proposal.novelty}."
        yield failed("novelty", "neighbour_differs", message)


def _is_near(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-4, abs_tol=1e-6)
