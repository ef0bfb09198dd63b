"""What a rule is: a named, deterministic function from cited evidence, the task and plain arguments to a value.

The composer gets every value by applying a rule; grounding applies the same rule to the citations and arguments that
stand in the proposal, and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from kg.model import Configuration, Dataset, Evidence, Iri, SearchSpace
from kg.model.base import Value
from recommender.proposal import Derivation, Grounded, Grounding
from recommender.task import TuningTask

if TYPE_CHECKING:
    from kg.model import ResponseModel
    from recommender.composing.surface import ResponseSurface

_E = TypeVar("_E", bound=Value)
_T = TypeVar("_T")
Array: TypeAlias = npt.NDArray[np.float64]
#: Each candidate as a point of a space (None where it cannot be had), and whether the space holds it.
CandidatePoints: TypeAlias = tuple[tuple[Configuration | None, ...], npt.NDArray[np.bool_]]

_EMPTY = SearchSpace(parameters=())

#: Pieces of evidence at which the number of sources no longer limits the confidence. The leave-one-out study found
#: fewer than about ten sources clearly worse.
ENOUGH_SOURCES = 10


class Surfaces(Protocol):
    """Gives what is built of response models once and then kept (`surfaces.CachedSurfaces`)."""

    def surface(self, responses: Sequence[ResponseModel]) -> ResponseSurface:
        """Return the surface over `responses`, in their order."""

    def portfolio_regrets(self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]) -> Array:
        """Return the regret after 1, 2, ... picks on each source, the source left out; shape (sources, trials)."""

    def tops(self, response: ResponseModel) -> tuple[Configuration, ...]:
        """Return the best runs that `response` rests on (`narrowing.top_configurations`)."""

    def points(
        self, surface: ResponseSurface, space: SearchSpace, build: Callable[[], CandidatePoints]
    ) -> CandidatePoints:
        """Return the candidates of `surface` as points of `space`, built once."""

    def once(self, what: str, given: Sequence[Any], build: Callable[[], _T]) -> _T:
        """Return what `build` makes of nothing but the graph and what is `given`, as JSON values, made once."""

    def level(
        self, responses: Sequence[ResponseModel], space: SearchSpace, datasets: Mapping[Iri, Dataset]
    ) -> float | None:
        """Return how far `space` may be cut: the calibrated quantile level, or None for not at all."""

    def default_regrets(self, responses: Sequence[ResponseModel], default: Configuration) -> Array:
        """Return the regret to expect of the library's default on each source; shape (sources,)."""

    def traces(self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]) -> Array:
        """Return replays of a few picks and then random trials on each source; shape (sources, trials)."""


@dataclass(frozen=True)
class RuleInputs:
    """All that a rule may look at."""

    task: TuningTask
    learner: str
    cited: tuple[Evidence, ...]
    weights: Mapping[Iri, float]
    """Data set -> its share in the evidence, as in the proposal's `neighbours`."""
    datasets: Mapping[Iri, Dataset]
    """The data sets of the graph."""
    surfaces: Surfaces
    space: SearchSpace = _EMPTY
    """The proposed search space, for rules that depend on it."""

    def of(self, kind: type[_E]) -> tuple[_E, ...]:
        """Return the cited evidence of one kind, in the order cited."""
        return tuple(e for e in self.cited if isinstance(e, kind))

    def weight(self, dataset: Iri) -> float:
        """Return the weight of a data set; the mean weight where it is no source."""
        mean = sum(self.weights.values()) / len(self.weights) if self.weights else 1.0
        return self.weights.get(dataset, mean)


@dataclass(frozen=True)
class Derived:
    """What a rule gives: the value and, for people, why."""

    value: Any
    reason: str


Rule: TypeAlias = Callable[[RuleInputs, Mapping[str, Any]], Derived]


def confidence_of(cited: Sequence[Evidence], weights: Mapping[Iri, float]) -> float:
    """Return the confidence that cited evidence lends: its weighted mean, lower below `ENOUGH_SOURCES` pieces.

    Published spaces count each for themselves: one well-kept space is as good as ten of them.
    """
    if not cited:
        return 0.0
    mean_weight = sum(weights.values()) / len(weights) if weights else 1.0
    pairs = [(weights.get(getattr(e, "dataset", Iri("")), mean_weight), e.confidence) for e in cited]
    total = sum(weight for weight, _ in pairs)
    mean = sum(weight * c for weight, c in pairs) / total if total else 0.0
    measured = [e for e in cited if hasattr(e, "dataset")]
    return mean * (min(1.0, len(measured) / ENOUGH_SOURCES) if measured else 1.0)


def ground(
    rules: Mapping[str, Rule], name: str, inputs: RuleInputs, arguments: Mapping[str, Any] | None = None
) -> Grounded[Any]:
    """Apply the rule `name` and return its value with citations, derivation, reason and confidence."""
    arguments = dict(arguments or {})
    derived = rules[name](inputs, arguments)
    return Grounded[Any](
        value=derived.value,
        citations=tuple(e.iri for e in inputs.cited),
        derivation=Derivation(rule=name, arguments=arguments),
        rationale=derived.reason,
        confidence=confidence_of(inputs.cited, inputs.weights),
    )


def grounding_of(grounded: Grounding) -> Grounding:
    """Return why a value is so, without the value."""
    return Grounding(
        citations=grounded.citations,
        derivation=grounded.derivation,
        rationale=grounded.rationale,
        confidence=grounded.confidence,
    )
