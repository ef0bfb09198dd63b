"""From the run table to evidence: what many runs amount to, small enough for the graph.

run table --(data set, learner, metric)--> RunSummary, ResponseModel, ParameterImportance,
                                           FidelityProfile, CostProfile, and the runs that they cite
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date

from ingest.distil.batch import Batch
from ingest.distil.cost import cost_profiles
from ingest.distil.fidelity import fidelity_profiles
from ingest.distil.importance import importances
from ingest.distil.reading import learner_runs
from ingest.distil.responses import length_scales, response_models
from ingest.distil.summaries import cited_runs, run_summaries
from kg.model import Dataset, Evidence, Run
from kg.response.encoding import Array
from kg.runs import RunTable

__all__ = ["distil"]


def distil(
    runs: RunTable,
    datasets: Iterable[Dataset],
    *,
    retrieved: date,
    progress: Callable[[str], None] | None = None,
    sources: Collection[str] | None = None,
) -> Iterator[Run | Evidence]:
    """Yield the evidence that `runs` hold, and every run that it cites, each once.

    The same runs give the same evidence, in the same order, to the last digit.

    Args:
        runs: The run table.
        datasets: The data sets of the graph, for their names.
        retrieved: The day to put into the provenance.
        progress: Called with what is being done.
        sources: Names of the sources whose runs are distilled; all by default. A name without runs gives nothing.
    """
    for chosen in learner_runs(runs, datasets, retrieved=retrieved, sources=sources):
        if progress:
            scores = sum(chosen.sizes.values())
            progress(f"Distilling {scores:,} scores of {chosen.learner} from {chosen.source}")
        lengths = length_scales(chosen)
        for part in chosen.parts():
            yield from _of_batch(chosen.batch(part), lengths)


def _of_batch(batch: Batch, lengths: Mapping[str, Array]) -> Iterator[Run | Evidence]:
    cited: set[str] = set()
    for summary in run_summaries(batch):
        cited.update(run.rsplit("/", 1)[-1] for run in summary.top_runs)
        yield summary
    yield from cited_runs(batch, cited)
    models = list(response_models(batch, lengths))
    yield from models
    yield from importances(batch, models)
    yield from fidelity_profiles(batch)
    yield from cost_profiles(batch)
