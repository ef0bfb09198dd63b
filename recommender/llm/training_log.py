"""The predicted training log: scores after k trials and what cheaper runs tell, from evidence; then what was measured.

log = predicted_log(proposal, store)
for line in told(log):             # the same figures in words; recommender.llm.telling lets a model word them
    ...

What was predicted is what the evidence said before any test run: a prediction that the gate widened afterwards is
compared as it was. Levels of a fidelity are told by how they rank configurations and what they cost, and by the scores
to expect there, where evidence holds scores at lower fidelity.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from kg.model import FidelityProfile, Iri, metric_named
from kg.store import KnowledgeStore
from recommender.composing.along import carried, is_carried, weighted_quantile
from recommender.llm.log_entries import Compared, LevelEntry, ScoreEntry, TrainingLog, TrialEntry, told
from recommender.proposal import PredictedCurve, PredictedScore, Prediction, Proposal
from recommender.spending_curve import spending_of
from recommender.validation.comparable import comparable_runs
from recommender.validation.ranking import fidelity_correlation
from recommender.validation.repairs import REPAIRED
from recommender.validation.verdict import TestRun

__all__ = ["TrainingLog", "predicted_log", "told"]

#: Quantiles over data sets between which a level's rank correlation is told to lie.
RANGE = (0.1, 0.9)
#: Data sets that a level must have been measured on.
LEAST_PROFILES = 3


def predicted_log(proposal: Proposal, store: KnowledgeStore) -> TrainingLog:
    """Return the training log that the evidence foretells, compared with the test run of the proposal's verdict.

    Args:
        proposal: What is to be tuned; its verdict holds the test run.
        store: The graph, for the fidelity profiles.
    """
    before = _as_predicted(proposal)
    profiles = _profiles(proposal, store)
    parameter = profiles[0].parameter if profiles else ""
    levels = tuple(_levels(profiles, {n.dataset: n.weight for n in proposal.neighbours}))
    reasons = [] if before.scores else [f"No score is predicted: {proposal.prediction.rationale}"]
    if not levels:
        reasons.append("No measurement says what cheaper runs of this learner tell.")
    if before.curve is None:
        reasons.append(_no_curve(proposal, store))
    compared = (
        *_compared_scores(proposal, before),
        *_compared_ranks(proposal, levels, parameter),
        *_compared_along(proposal, before.curve),
    )
    if not compared:
        reasons.append("Nothing that is predicted was measured by a test run.")
    elif not all(one.is_whole for one in compared):
        reasons.append("The test run fitted a sample: less data scores worse.")
    return TrainingLog(
        learner=proposal.learner.value,
        metric=proposal.metric.value,
        level=before.level,
        trials=tuple(_trials(proposal, before.scores)),
        parameter=parameter if levels else "",
        levels=levels,
        along=tuple(_along(before.curve)),
        compared=compared,
        reasons=tuple(reasons),
        citations=(*proposal.prediction.citations, *(p.iri for p in profiles if levels)),
    )


def _as_predicted(proposal: Proposal) -> Prediction:
    """Return the prediction as it was before the gate widened it to what it measured."""
    derivation = proposal.prediction.derivation
    if derivation is None or derivation.rule != REPAIRED:
        return proposal.prediction.value
    value: Any = derivation.arguments["value"]
    return Prediction.model_validate_json(json.dumps(value, default=dict))


def _trials(proposal: Proposal, scores: Iterable[PredictedScore]) -> Iterable[TrialEntry]:
    for one in spending_of(scores, proposal):
        yield TrialEntry(seconds=one.seconds, **dict(one.score))


def _along(curve: PredictedCurve | None) -> Iterable[ScoreEntry]:
    if curve is not None:
        for level in curve.levels:
            yield ScoreEntry(parameter=curve.parameter, k=curve.k, share=level.value / curve.full, **dict(level))


def _no_curve(proposal: Proposal, store: KnowledgeStore) -> str:
    """Return in words why no score is predicted along the fidelity."""
    learner, metric = proposal.learner.value, proposal.metric.value
    if not is_carried(metric_named(metric)):
        return f"No score at lower fidelity is predicted: {metric} has no bounds, and no score is carried over in it."
    n = len(store.evidence("fidelity_curve", learner=learner, metric=metric))
    known = f"only {n} data sets" if n else "no data set"
    return f"No score at lower fidelity is predicted: evidence holds such scores of {learner} in {metric} on {known}."


def _profiles(proposal: Proposal, store: KnowledgeStore) -> tuple[FidelityProfile, ...]:
    """Return the profiles that the choice of fidelity cites, or else those of the learner, all of one parameter."""
    cited = [store.get(iri) for iri in proposal.fidelity.citations if store.has(iri)]
    found: list[FidelityProfile] = [item for item in cited if isinstance(item, FidelityProfile)]
    if not found:
        known = store.evidence("fidelity_profile", learner=proposal.learner.value)
        found = [item for item in known if isinstance(item, FidelityProfile)]
    if not found:
        return ()
    chosen = proposal.fidelity.value.parameter if proposal.fidelity.value is not None else found[0].parameter
    return tuple(item for item in found if item.parameter == chosen)


def _levels(profiles: Sequence[FidelityProfile], weights: dict[Iri, float]) -> Iterable[LevelEntry]:
    collected: dict[tuple[float, float], list[tuple[float, float, float]]] = defaultdict(list)
    mean = fmean(weights.values()) if weights else 1.0
    for profile in profiles:
        for level in profile.levels:
            row = (weights.get(profile.dataset, mean), level.rank_correlation, level.cost_ratio)
            collected[level.value, profile.full].append(row)
    for (value, full), rows in sorted(collected.items()):
        if len(rows) < LEAST_PROFILES or value >= full:
            continue
        shares, ranks, costs = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        low, middle, high = (weighted_quantile(ranks, shares, q) for q in (RANGE[0], 0.5, RANGE[1]))
        yield LevelEntry(
            value=value,
            share=value / full,
            cost_share=weighted_quantile(costs, shares, 0.5),
            low=low,
            rank_correlation=middle,
            high=high,
            datasets=len(rows),
        )


def _compared_scores(proposal: Proposal, before: Prediction) -> Iterable[Compared]:
    """Yield what was predicted beside the best score of the first warm starts, as far as these were fitted."""
    metric = metric_named(proposal.metric.value)
    tried = _tried(proposal)
    scores = [metric.gain(fmean(run.scores)) for run in tried]
    for one in before.scores:
        if one.k > len(tried):
            continue
        measured = metric.gain(max(scores[: one.k]))
        what = f"after {one.k} trial{'s' if one.k > 1 else ''}"
        yield _comparison(proposal, what, (one.low, one.expected, one.high), measured, tried[0].rows)


def _compared_ranks(proposal: Proposal, levels: Sequence[LevelEntry], parameter: str) -> Iterable[Compared]:
    fidelity, verdict = proposal.fidelity.value, proposal.verdict
    level = next((one for one in levels if fidelity is not None and one.value == fidelity.min), None)
    if verdict is None or level is None or proposal.task.n_rows is None:
        return
    metric = metric_named(proposal.metric.value)
    evidence = comparable_runs(verdict.test_runs, metric, proposal.task.n_rows)
    found = fidelity_correlation(proposal, evidence)
    if found is not None:
        expected = (level.low, level.rank_correlation, level.high)
        what = f"rank correlation at {parameter} = {level.value:g}"
        yield _comparison(proposal, what, expected, found.rho, evidence.runs[-1].rows)


def _compared_along(proposal: Proposal, curve: PredictedCurve | None) -> Iterable[Compared]:
    """Yield what the best warm start that was fitted at both scored at the lowest fidelity, given its score in full."""
    fidelity, verdict = proposal.fidelity.value, proposal.verdict
    if curve is None or fidelity is None or verdict is None or fidelity.parameter != curve.parameter:
        return
    level = next((one for one in curve.levels if one.value == fidelity.min), None)
    metric, every = metric_named(proposal.metric.value), verdict.test_runs
    low = [run for run in every if run.role == "low_fidelity" and run.is_complete]
    pairs = [(run, every[int(run.label)]) for run in low]
    pairs = [(run, full) for run, full in pairs if full.is_complete and full.role == "warm_start"]
    if level is None or not pairs:
        return
    run, full = max(pairs, key=lambda pair: metric.gain(fmean(pair[1].scores)))
    what = f"{metric.name} at {curve.parameter} = {level.value:g}, given {fmean(full.scores):.4g} in full"
    expected = carried(curve, level, fmean(full.scores), metric)
    yield _comparison(proposal, what, (min(expected), expected[1], max(expected)), fmean(run.scores), full.rows)


def _comparison(
    proposal: Proposal, what: str, predicted: tuple[float, float, float], measured: float, rows: int
) -> Compared:
    low, expected, high = predicted
    return Compared(
        what=what,
        low=low,
        expected=expected,
        high=high,
        measured=measured,
        difference=measured - expected,
        is_inside=low <= measured <= high,
        rows=rows,
        is_whole=proposal.task.n_rows is not None and rows >= proposal.task.n_rows,
    )


def _tried(proposal: Proposal) -> list[TestRun]:
    """Return the fits of the first warm starts, in the order in which a study tries them, up to one that is missing."""
    runs = proposal.verdict.test_runs if proposal.verdict is not None else ()
    complete = [run for run in runs if run.is_complete and run.role in ("warm_start", "default")]
    size = (complete[-1].rows, complete[-1].folds) if complete else None
    usable = [run for run in complete if (run.rows, run.folds) == size]
    found: list[TestRun] = []
    for start in proposal.warm_starts.value:
        run = next((r for r in usable if all(r.configuration.get(n) == v for n, v in start.items())), None)
        if run is None:
            break
        found.append(run)
    return found
