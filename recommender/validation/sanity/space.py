"""A space that can be searched: neither empty nor a point nor without end."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from kg.model import FloatParameter, IntParameter
from recommender.proposal import Advice, Proposal
from recommender.validation.domains import AnyParameter, size
from recommender.validation.points import random_point
from recommender.validation.stage import failed, noted
from recommender.validation.verdict import Finding

#: Decades of a logarithmic range; the widest published one (AutoGluon's weight decay, 1e-12 to 0.1) has 11.
MOST_DECADES = 14.0
#: Width of a linear range; the widest published one (rounds of boosting, 1 to 5000) is far below.
MOST_WIDTH = 1e6
#: Decades of a positive linear range from which on a logarithmic one is the likely intention.
LINEAR_DECADES = 4.0
#: Searched parameters; the widest published space (YAHPO's rbv2_super) has 38.
MOST_PARAMETERS = 50
#: Choices of one parameter.
MOST_CHOICES = 200


def check_space(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` and what is wrong with its search space."""
    return proposal, tuple(_faults(proposal))


def _faults(proposal: Proposal) -> Iterator[Finding]:
    space = proposal.search_space.value
    searched = [p for p in space.tunable if size(p) > 1]
    report = failed if proposal.advice.value is Advice.TUNE else noted
    if not space.tunable:
        yield report("search_space", "empty_space", "There is nothing to search.", allowed="at least one parameter")
    elif not searched:
        yield report("search_space", "one_point", "The space is a single point.", allowed="a range or two choices")
    elif random_point(space, np.random.default_rng(0)) is None:
        message = "What is forbidden leaves no point of the space."
        yield report("search_space.forbidden", "empty_space", message, allowed="at least two configurations")
    if len(searched) > MOST_PARAMETERS:
        message = f"{len(searched)} parameters are searched."
        yield failed("search_space", "astronomic_space", message, allowed=f"<= {MOST_PARAMETERS}")
    for parameter in searched:
        yield from _width(parameter)
    points = math.prod(size(p) for p in searched)
    if searched and points < proposal.budget.value.n_trials:
        message = f"The space has {points:g} points for {proposal.budget.value.n_trials} trials."
        yield noted("budget.n_trials", "more_trials_than_points", message, allowed=f"<= {points:g}")


def _width(parameter: AnyParameter) -> Iterator[Finding]:
    field = f"search_space.parameters.{parameter.name}"
    if parameter.kind == "categorical" and len(parameter.choices) > MOST_CHOICES:
        message = f"{len(parameter.choices)} choices."
        yield failed(field, "astronomic_space", message, allowed=f"<= {MOST_CHOICES}")
    if parameter.kind in ("int", "float"):
        yield from _range(field, parameter)


def _range(field: str, parameter: FloatParameter | IntParameter) -> Iterator[Finding]:
    decades = math.log10(parameter.high / parameter.low) if parameter.low > 0 else 0.0
    if parameter.log and decades > MOST_DECADES:
        message = f"{parameter.low:g} to {parameter.high:g} are {decades:.0f} decades."
        yield failed(field, "astronomic_space", message, allowed=f"<= {MOST_DECADES:g} decades")
    elif not parameter.log and parameter.high - parameter.low > MOST_WIDTH:
        message = f"{parameter.low:g} to {parameter.high:g} on a linear scale."
        yield failed(field, "astronomic_space", message, allowed=f"a width of {MOST_WIDTH:g}, or a log scale")
    elif not parameter.log and decades > LINEAR_DECADES:
        message = f"{decades:.0f} decades on a linear scale: nearly all points lie in the last one."
        yield noted(field, "log_scale_advised", message)
