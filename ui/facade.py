"""What a Python program calls: a recommendation, or a study that is ready to run, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import EvidenceError
from ui.compose import Progress, Settings, Tunegraph, silent
from ui.request import request_of

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from ingest.report import IngestReport
    from recommender.proposal import Proposal


def recommend(
    data: str | Path | pd.DataFrame,
    target: str | None = None,
    *,
    home: Path | None = None,
    progress: Progress = silent,
    **options: Any,
) -> Proposal:
    """Return a validated proposal for a table.

    Args:
        data: A path (CSV, TSV, Parquet, ARFF) or a DataFrame.
        target: The column to predict. Default: one called target, class, label or y, else the last.
        home: Where the graph lives. Default: ``TUNEGRAPH_HOME`` or the platform's data folder.
        progress: Called with a short text at each step.
        options: Fields of `Request`: ``metric``, ``learner``, ``time_s``, ``n_trials``, ``test_run_seconds``, ...

    Raises:
        TableError: The table cannot be read or learnt from.
        InputError: An option does not fit.
        EvidenceError: Nothing sound was found; holds the verdict.
    """
    return _recommended(Tunegraph(Settings.from_environment(home), progress=progress), data, target, progress, options)


def _recommended(
    tunegraph: Tunegraph,
    data: str | Path | pd.DataFrame,
    target: str | None,
    progress: Progress,
    options: Mapping[str, Any],
) -> Proposal:
    request = request_of(**options)
    table, task = tunegraph.read(data, target, request)
    found = tunegraph.recommend(task, request, table=table, progress=progress)
    if found.proposal is None:
        raise EvidenceError(f"Nothing that was proposed passed the checks: {found.verdict.model_dump_json()}")
    return found.proposal


def autoconfigure(
    data: str | Path | pd.DataFrame,
    target: str | None = None,
    *,
    storage: str | None = None,
    study_name: str | None = None,
    home: Path | None = None,
    **options: Any,
) -> optuna.Study:
    """Return an `optuna.Study` with sampler, pruner and warm starts, from a validated proposal.

    The proposal is in the study's user attribute ``tunegraph:proposal``; `objective_for` reads it there.

    Args:
        data: A path or a DataFrame.
        target: The column to predict. Default: one called target, class, label or y, else the last.
        storage: Optuna storage URL. Default: in memory.
        study_name: Name of the study in the storage.
        home: Where the graph lives.
        options: Fields of `Request`, and ``progress`` as for `recommend`.

    Raises:
        TableError: The table cannot be read or learnt from.
        InputError: An option does not fit, or the storage cannot be opened or holds another study of that name.
        EvidenceError: Nothing sound was found; holds the verdict.
    """
    progress = options.pop("progress", silent)
    tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
    proposal = _recommended(tunegraph, data, target, progress, options)
    return tunegraph.study(proposal, storage=storage, study_name=study_name, seed=proposal.task.seed)


def objective_for(
    data: str | Path | pd.DataFrame, target: str | None, configured: optuna.Study | Proposal
) -> Callable[[optuna.Trial], float]:
    """Return the objective that scores a trial as the proposal lays down: pipeline, folds, metric.

    Args:
        data: The table that the proposal is for.
        target: The column to predict. Default: one called target, class, label or y, else the last.
        configured: The study of `autoconfigure`, or a proposal.
    """
    from recommender import objective
    from recommender.proposal import Proposal
    from recommender.studies import proposal_of

    proposal = configured if isinstance(configured, Proposal) else proposal_of(configured)
    return objective.objective_for(data, target, proposal)


def learn_from(
    study: optuna.Study,
    *,
    data: str | Path | pd.DataFrame | None = None,
    target: str | None = None,
    home: Path | None = None,
    **said: Any,
) -> IngestReport:
    """Make a finished study evidence for the next recommendations; nothing leaves the machine.

    Args:
        study: Of `autoconfigure`, or any other with one objective.
        data: The table that was tuned on, where the study does not say: one of `autoconfigure` does.
        target: The column of `data` to predict.
        home: Where the graph lives.
        said: ``learner`` and ``metric``, where the study does not say, and ``progress`` as for `recommend`.

    Raises:
        InputError: Learner or metric are not known.
        TableError: The table cannot be read.
        EvidenceError: The study says nothing that could be learnt; says why.
    """
    from ingest.sources.optuna_studies import Given, described

    progress = said.pop("progress", silent)
    given = Given(data=None if data is None else described(data, target), **said)
    tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
    report = tunegraph.learn_from(study, given=given, progress=progress)
    if problems := [source.problem for source in report.sources if source.problem]:
        raise EvidenceError(f"Nothing was learnt from the study {study.study_name!r}: {'; '.join(problems)}")
    return report
