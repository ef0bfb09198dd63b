"""From the run table to evidence: what many runs amount to, small enough for the graph.

run table --(data set, learner, metric)--> RunSummary, ResponseModel, ParameterImportance,
                                           FidelityProfile, FidelityCurve, CostProfile, and the runs that they cite

Questions to many runs go to the engine of the run table (`kg.engines`); models are fitted here, or by processes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from ingest.distil.batch import Batch
from ingest.distil.cost import cost_profiles
from ingest.distil.curves import fidelity_curves
from ingest.distil.fidelity import fidelity_profiles
from ingest.distil.figures import Figures, figures_of
from ingest.distil.importance import importances
from ingest.distil.reading import LearnerRuns, learner_runs
from ingest.distil.responses import length_scales, modelled_datasets, response_models
from ingest.distil.summaries import cited_runs, run_summaries
from ingest.distil.workers import Workers, usable_cores
from kg.engines import RunEngine
from kg.model import Dataset, Evidence, Iri, Run
from kg.response.encoding import Array
from kg.runs import RunTable

__all__ = ["distil"]

#: Scores from which on several processes share the work (each takes 2 s to start), and how many at most.
SHARED_FROM, MOST_WORKERS = 300_000, 4


def distil(
    runs: RunTable,
    datasets: Iterable[Dataset],
    *,
    retrieved: date,
    progress: Callable[[str], None] | None = None,
    sources: Collection[str] | None = None,
    workers: int | None = None,
) -> Iterator[Run | Evidence]:
    """Yield the evidence that `runs` hold, and every run that it cites, each once.

    The same runs give the same evidence, in the same order, to the last digit.

    Args:
        runs: The run table.
        datasets: The data sets of the graph, for their names.
        retrieved: The day to put into the provenance.
        progress: Called with what is being done.
        sources: Names of the sources whose runs are distilled; all by default. A name without runs gives nothing.
        workers: Processes that share the work; by default one (this one), and from `SHARED_FROM` scores on as many as
            there are cores, up to `MOST_WORKERS`. Arithmetic is the same in all of them: no digit depends on it. Where
            the engine of `runs` is a cluster, its executors do the work instead.
    """
    say = progress or (lambda _: None)
    found = tuple(learner_runs(runs, datasets, retrieved=retrieved, sources=sources))
    if runs.engine.is_cluster:
        yield from _on_cluster(found, runs.engine, say)
        return
    n = workers or (min(MOST_WORKERS, usable_cores()) if sum(one.scores for one in found) > SHARED_FROM else 1)
    if n > 1:
        yield from _shared(found, n, say)
        return
    for one in found:
        say(f"Distilling {one.scores:,} scores of {one.learner} from {one.source}")
        lengths = length_scales(one)
        for part in one.parts():
            yield from _of_batch(one.batch(part), lengths)


def _shared(found: Sequence[LearnerRuns], n: int, say: Callable[[str], None]) -> Iterator[Run | Evidence]:
    """Yield the same, in the same order, by `n` processes."""
    with Workers(n) as workers:
        say(f"Looking over the scores of {len(found)} learners, in {n} processes")
        surveyed = tuple(workers.map(_surveyed, ((one,) for one in found)))
        tasks = [(one, part, lengths) for one, lengths in surveyed for part in one.parts()]
        for (one, part, _), items in zip(tasks, workers.map(_distilled, tasks), strict=True):
            if part[0] == next(iter(one.sizes)):
                say(f"Distilling {one.scores:,} scores of {one.learner} from {one.source}")
            yield from items


def _on_cluster(
    found: Sequence[LearnerRuns], engine: RunEngine, say: Callable[[str], None]
) -> Iterator[Run | Evidence]:
    """Yield the same, in the same order: the engine is asked about all runs of a learner, executors fit the models."""
    say(f"Looking over the scores of {len(found)} learners, by {engine.name}")
    asked = [(one, modelled_datasets(one) if one.scope.encoder.dims else {}) for one in found]
    scales = tuple(engine.map(length_scales, asked))
    for one, lengths in zip(found, scales, strict=True):
        say(f"Distilling {one.scores:,} scores of {one.learner} from {one.source}, by {engine.name}")
        with engine.lent(one.rows(tuple(one.sizes))) as scores:
            figures = figures_of(scores, one.scope.space, engine)
        tasks = [(one, part, lengths, figures.of(part)) for part in one.parts()]
        for items in engine.map(_distilled, tasks):
            yield from items


def _surveyed(runs: LearnerRuns) -> tuple[LearnerRuns, dict[str, Array]]:
    return runs, length_scales(runs)


def _distilled(
    runs: LearnerRuns, part: tuple[Iri, ...], lengths: Mapping[str, Array], figures: Figures | None = None
) -> list[Run | Evidence]:
    return list(_of_batch(runs.batch(part), lengths, figures))


def _of_batch(batch: Batch, lengths: Mapping[str, Array], figures: Figures | None = None) -> Iterator[Run | Evidence]:
    cited: set[str] = set()
    for summary in run_summaries(batch, figures):
        cited.update(run.rsplit("/", 1)[-1] for run in summary.top_runs)
        yield summary
    yield from cited_runs(batch, cited)
    models = list(response_models(batch, lengths))
    yield from models
    yield from importances(batch, models)
    yield from fidelity_profiles(batch)
    yield from fidelity_curves(batch)
    yield from cost_profiles(batch)
