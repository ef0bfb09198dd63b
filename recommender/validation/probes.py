"""What a test run fits, in which order: a constant prediction, the default, warm starts, corners and random points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kg.learners.registry import learner_named
from kg.model import Configuration, FidelityKind
from recommender.proposal import Fidelity, Proposal
from recommender.validation.jobs import DUMMY
from recommender.validation.points import completed, corner, cost_corner, random_point
from recommender.validation.verdict import TestRun

#: Warm starts that are fitted: the first ones are those that the user's first trials are.
WARM_STARTS = 3
#: Random points of the space, and how many of them come before the corners at which fits are dear.
RANDOM_POINTS, FIRST_POINTS = 8, 5
#: Share of a sample's rows beyond which its lower fidelity is hardly lower than its full one.
MOST_FRACTION = 0.8


@dataclass(frozen=True)
class Probe:
    """One configuration to fit, and why."""

    role: str
    label: str
    configuration: Configuration
    train_fraction: float = 1.0
    fidelity: float | None = None


def baselines() -> tuple[Probe, Probe]:
    """Return a constant prediction, and the learner as the library has it."""
    return Probe(DUMMY, "", Configuration({})), Probe("default", "", Configuration({}))


def probes(proposal: Proposal, seed: int) -> Iterator[Probe]:
    """Yield warm starts, corners and random points of the space, cheap ones first where that is known."""
    space, fixed = proposal.search_space.value, proposal.fixed.value
    spec, fidelity = learner_named(proposal.learner.value), proposal.fidelity.value
    rng = np.random.default_rng(seed)
    yield from warm_starts(proposal, 0, WARM_STARTS)
    corners = {
        "cheap": cost_corner(space, spec, cheap=True),
        "low": corner(space, 0.0),
        "high": corner(space, 1.0),
        "dear": cost_corner(space, spec, cheap=False),
    }
    seen: list[Configuration] = []
    points = [(f"{i}", random_point(space, rng)) for i in range(RANDOM_POINTS)]
    ordered = [("corner", "cheap", corners["cheap"]), ("corner", "low", corners["low"])]
    ordered += [("random", label, point) for label, point in points[:FIRST_POINTS]]
    ordered += [("corner", "high", corners["high"]), ("corner", "dear", corners["dear"])]
    ordered += [("random", label, point) for label, point in points[FIRST_POINTS:]]
    for role, label, point in ordered:
        if point is not None and point not in seen:
            seen.append(point)
            yield Probe(role, label, _at_full(completed(point.root, space, fixed), fidelity))


def warm_starts(proposal: Proposal, first: int, last: int) -> Iterator[Probe]:
    """Yield the warm starts from place `first` to before place `last`."""
    space, fixed, fidelity = proposal.search_space.value, proposal.fixed.value, proposal.fidelity.value
    for place, start in enumerate(proposal.warm_starts.value[:last]):
        if place >= first:
            yield Probe("warm_start", str(place), _at_full(completed(start.root, space, fixed), fidelity))


def low_fidelity_probe(proposal: Proposal, place: int, run: TestRun, n_rows: int) -> Probe | None:
    """Return what was fitted at full fidelity once more at the lowest; None where that is not to be had.

    A share of the rows is taken of the whole table: on a sample it is as many rows, and so a greater share.

    Args:
        proposal: The proposal.
        place: Where `run` stands among the runs; becomes the label.
        run: A run at full fidelity.
        n_rows: Rows of the whole table.
    """
    fidelity = proposal.fidelity.value
    if fidelity is None or not run.is_complete or run.role not in ("warm_start", "corner", "random"):
        return None
    if fidelity.kind is FidelityKind.FOLDS:
        return None  # the first folds are a low fidelity that has been measured already
    fraction = 1.0
    if fidelity.kind is FidelityKind.TRAINING_FRACTION:
        fraction = fidelity.min / fidelity.max * max(1.0, n_rows / run.rows)
        if fraction > MOST_FRACTION:
            return None
    return Probe("low_fidelity", str(place), _at_least(run.configuration, fidelity), fraction, fidelity.min)


def _at_full(configuration: Configuration, fidelity: Fidelity | None) -> Configuration:
    """Return `configuration` at full fidelity: where it does not set the fidelity itself, that is at its top."""
    name = _parameter(fidelity)
    if fidelity is None or name is None or name in configuration:
        return configuration
    return Configuration({**configuration.root, name: int(fidelity.max)})


def _at_least(configuration: Configuration, fidelity: Fidelity) -> Configuration:
    """Return `configuration` at the lowest fidelity."""
    name = _parameter(fidelity)
    if name is None:
        return configuration
    wanted = configuration.get(name, None)
    level = min(int(fidelity.min), wanted) if isinstance(wanted, int) else int(fidelity.min)
    return Configuration({**configuration.root, name: level})


def _parameter(fidelity: Fidelity | None) -> str | None:
    """Return the hyper-parameter that is the fidelity; None where it is none."""
    general = (FidelityKind.TRAINING_FRACTION, FidelityKind.FOLDS)
    return None if fidelity is None or fidelity.kind in general else fidelity.parameter
