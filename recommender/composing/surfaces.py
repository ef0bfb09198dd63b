"""Response surfaces and what is calibrated on them, built once a graph and kept: they do not depend on the task."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from kg.atomic_files import write_atomically
from kg.iris import digest
from kg.learners.registry import learner_named
from kg.model import Configuration, Dataset, Iri, ParameterValue, ResponseModel, SearchSpace, TaskType
from kg.response import Encoder, ResponseFunction
from kg.store import KnowledgeStore
from recommender.composing.narrowing import top_configurations
from recommender.composing.narrowing_level import level_reports
from recommender.composing.replay import answers_to, portfolios, traces_after, without_versions
from recommender.composing.rule import CandidatePoints
from recommender.composing.surface import ResponseSurface, build_surface, cached_surface
from recommender.similarity import pairwise_weights

Array = npt.NDArray[np.float64]
_T = TypeVar("_T")

#: Raised whenever the same graph would give other figures, so that old files are not read.
FORMAT = 3
#: Trials of a replay: as many as a budget has at most.
REPLAY_TRIALS = 100
#: Trials of a replay that come from the portfolio before others are drawn at random.
REPLAY_WARM_STARTS = 10
#: Things that are kept in memory, those used last: about seven a learner, and two of them for each task's own space. A
#: service that runs for weeks sees many tasks, and many states of its graph.
MOST_KEPT = 64
#: Small things that are kept: about ten for each task.
MOST_SMALL = 512


class CachedSurfaces:
    """Gives surfaces, replays and calibrated levels of response models; keeps them in memory, and in `folder`.

    Safe with many threads, which may build the same thing at the same time.

    Args:
        store: The graph; its fingerprint is part of every key.
        folder: Where to keep them between processes; None to keep nothing.
    """

    def __init__(self, store: KnowledgeStore, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._small: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._tops: dict[Iri, tuple[ResponseModel, tuple[Configuration, ...]]] = {}

    def surface(self, responses: Sequence[ResponseModel]) -> ResponseSurface:
        """Return the surface over `responses`, in their order."""
        key = self._key("surface", [r.iri for r in responses])

        def build() -> ResponseSurface:
            return build_surface(responses, defaults=_defaults(responses[0].learner))

        found: ResponseSurface = self._remembered(key, lambda: cached_surface(self._folder, key, build))
        return found

    def portfolio_regrets(self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]) -> Array:
        """Return the regret after 1, 2, ... picks of the others' portfolio on each source, shape (sources, trials).

        The source's own runs answer (`replay.measured_regrets`).
        """

        def build(picks: Sequence[Sequence[int] | None]) -> Array:
            return answers_to(self.surface(responses), responses, picks, REPLAY_TRIALS)

        return self._replayed("measured", responses, datasets, build)

    def traces(self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]) -> Array:
        """Return replays of `REPLAY_WARM_STARTS` picks and then random trials, shape (sources, trials)."""

        def build(picks: Sequence[Sequence[int] | None]) -> Array:
            few = [None if order is None else order[:REPLAY_WARM_STARTS] for order in picks]
            return traces_after(self.surface(responses), few, REPLAY_TRIALS)

        return self._replayed("traces", responses, datasets, build)

    def tops(self, response: ResponseModel) -> tuple[Configuration, ...]:
        """Return the best runs that `response` rests on."""
        known = self._tops.get(response.iri)
        if known is None or known[0] is not response:
            known = self._tops[response.iri] = (response, top_configurations(response))
        return known[1]

    def points(
        self, surface: ResponseSurface, space: SearchSpace, build: Callable[[], CandidatePoints]
    ) -> CandidatePoints:
        """Return the candidates of `surface` as points of `space`, built once a process."""
        key = self._key("points", surface.models, space.model_dump(mode="json"))
        found: CandidatePoints = self._remembered(key, build)
        return found

    def once(self, what: str, given: Sequence[Any], build: Callable[[], _T]) -> _T:
        """Return what `build` makes of nothing but the graph and what is `given`, made once a process.

        A proposal rests on two portfolios and some ranges, and dozens of its rules go back to them: each when it is
        composed, and again when the gate applies it.

        Args:
            what: Names it.
            given: JSON values.
            build: Makes it; what it makes is never changed.
        """
        key = self._key(what, *given)
        with self._lock:
            if key in self._small:
                self._small.move_to_end(key)
                return cast("_T", self._small[key])
        built = build()
        with self._lock:
            self._small[key] = built
            while len(self._small) > MOST_SMALL:
                self._small.popitem(last=False)
        return built

    def default_regrets(self, responses: Sequence[ResponseModel], default: Configuration) -> Array:
        """Return the regret to expect of the library's default on each source; shape (sources,)."""
        key = self._key("default", [r.iri for r in responses], default.model_dump(mode="json"))

        def expected(response: ResponseModel) -> float:
            known = {name: value for name, value in default.items() if name in response.space}
            point = Encoder(response.space).encode([known])
            return round(float(ResponseFunction.from_model(response).mean(point)[0]), 6)

        return np.array(self._remembered(key, lambda: self._json(key, lambda: [expected(r) for r in responses])))

    def level(
        self, responses: Sequence[ResponseModel], space: SearchSpace, datasets: Mapping[Iri, Dataset]
    ) -> float | None:
        """Return how far `space` may be cut: the calibrated quantile level, or None for not at all."""
        key = self._key("level", [r.iri for r in responses], space.model_dump(mode="json"))

        def build() -> float | None:
            return level_reports(responses, space, self._weights(responses, datasets))[-1].level

        found: float | None = self._remembered(key, lambda: self._json(key, build))
        return found

    def _replayed(
        self,
        kind: str,
        responses: Sequence[ResponseModel],
        datasets: Mapping[Iri, Dataset],
        build: Callable[[Sequence[Sequence[int] | None]], Array],
    ) -> Array:
        key = self._key("replay", kind, [r.iri for r in responses])

        def rounded() -> list[list[float]]:
            regrets = build(self._portfolios(responses, datasets))
            return [[round(float(value), 6) for value in row] for row in regrets]

        return np.array(self._remembered(key, lambda: self._json(key, rounded)), dtype=float)

    def _portfolios(
        self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]
    ) -> Sequence[Sequence[int] | None]:
        """Return the picks of each source's replay: what takes longest of all that is calibrated, so made once."""
        key = self._key("portfolios", [r.iri for r in responses])

        def build() -> list[list[int] | None]:
            return portfolios(self.surface(responses), self._weights(responses, datasets), REPLAY_TRIALS)

        found: Sequence[Sequence[int] | None] = self._remembered(key, build)
        return found

    def _weights(self, responses: Sequence[ResponseModel], datasets: Mapping[Iri, Dataset]) -> Array:
        sources = [datasets[response.dataset] for response in responses]
        identities = [min((source.iri, *source.same_as)) for source in sources]
        return without_versions(pairwise_weights(sources), identities)

    def _key(self, *parts: Any) -> str:
        return digest(FORMAT, self._store.fingerprint(), *parts)

    def _remembered(self, key: str, build: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        built = build()
        with self._lock:
            self._kept[key] = built
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return built

    def _json(self, key: str, build: Callable[[], Any]) -> Any:
        """Return what is kept in a file under `key`; build and keep it where there is none or it cannot be read."""
        if self._folder is None:
            return build()
        path = self._folder / f"calibration-{key}.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            built = build()
        # Who may not write here still gets answers, only not faster the next time.
        with suppress(OSError):
            write_atomically(path, json.dumps(built).encode())
        return built


def _defaults(learner: str) -> Mapping[str, ParameterValue]:
    """Return the learner's defaults as points of its space: what a source that did not vary a parameter had."""
    spec = learner_named(learner)
    found: dict[str, ParameterValue] = {}
    for task_type in TaskType:
        if task_type in spec.task_types and not found:
            found = dict(spec.default_point(task_type).items())
    return found
