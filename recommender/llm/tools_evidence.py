"""Tools over what was measured: similar data sets, learners compared, runs, profiles, studies, budgets."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from kg.model import (
    CostProfile,
    Dataset,
    FidelityCurve,
    FidelityProfile,
    Iri,
    MetaFeatures,
    ParameterQuantiles,
    PublishedBudget,
    Run,
    RunSummary,
    StudySummary,
    SystemResult,
)
from recommender.llm.bands import bands_like
from recommender.llm.library import Library
from recommender.llm.model import Tool
from recommender.llm.tools import (
    OfLearner,
    Paged,
    Row,
    configuration_row,
    foreign,
    page_of,
    rounded,
    tool,
)
from recommender.retrieval import learner_results
from recommender.similarity import SimilarDataset, similarity

#: Meta-features by which a data set is shown.
SHOWN = ("NumberOfInstances", "NumberOfFeatures", "NumberOfClasses", "MinorityClassPercentage")
#: What a published budget may say, with its unit in the name.
_BUDGET_FIGURES = (
    "trials_low", "trials_high", "trials_per_parameter", "time_limit_s", "per_trial_s", "n_folds", "n_cores",
    "memory_mb",
)  # fmt: skip
#: Importances that are shown of one hyper-parameter.
MOST_SHOWN = 3


class OfParameter(OfLearner):
    """A tool about a hyper-parameter."""

    parameter: str = Field(default="", max_length=100, description="A hyper-parameter, or nothing for all.")


def evidence_tools(library: Library) -> tuple[Tool, ...]:
    """Return the tools over what was measured."""
    measured = _Measured(library)
    found = (
        ("similar_datasets", "Known data sets that are like the task's, nearest first, and how they differ.", Paged,
         measured.similar),
        ("compare_learners", "Tuned learners on the nearest data sets: their scores.", Paged, measured.learners),
        ("evidence", "What runs of a learner say, nearest data sets first: scores, and where the best decile of "
         "configurations lies; with a hyper-parameter, how much it matters.", OfParameter, measured.summaries),
        ("top_configurations", "The best runs of a learner on the nearest data sets. Cite one to try it first.",
         OfLearner, measured.runs),
        ("cost_and_fidelity", "What training a learner takes, how cheaper runs rank configurations, and how "
         "their scores differ from full ones.", OfLearner,
         measured.profiles),
        ("past_studies", "Finished studies of a learner, the user's own first: trials, and what was best.", OfLearner,
         measured.studies),
        ("published_budgets", "How many trials, or how long, papers and packages say to spend.", Paged,
         measured.budgets),
    )  # fmt: skip
    return tuple(tool(library, *one) for one in found)


class _Measured:
    def __init__(self, library: Library) -> None:
        self.library, self.book = library, library.book

    def similar(self, given: Paged) -> Row:
        usable = [d for d in self.library.store.datasets() if d.task_type in (None, self.library.task.task_type)]
        known = [d for d in usable if d.iri not in self.library.held_out]
        found = similarity(self.library.task.meta_features, known)
        return {
            "task": self._features(self.library.task.meta_features),
            **page_of(found.neighbours, given.page, self._neighbour),
        }

    def _neighbour(self, item: SimilarDataset) -> Row:
        row: Row = {"cite": self.book.cite(item.dataset.iri), "name": foreign(item.dataset.name, 60)}
        if self.library.bands is None:  # a distance of 0 would tell what the bands do not
            row["distance"] = None if item.distance is None else rounded(item.distance)
        return {**row, **self._features(item.dataset.meta_features)}

    def _features(self, known: MetaFeatures) -> Row:
        if self.library.bands is not None:
            return dict(bands_like(known, self.library.bands))
        return {name: rounded(float(known[name])) for name in SHOWN if name in known}

    def learners(self, given: Paged) -> Row:
        metric, candidates = self.library.task.metric, self.library.composer.candidates(self.library.task)
        results = learner_results(self.library.store, metric, held_out=self.library.held_out)
        usable = [r for r in results if r.learner in candidates]
        datasets = {d.iri: d for d in self.library.store.datasets()}
        near = similarity(self.library.task.meta_features, _of(datasets, usable)).neighbours
        place = {item.dataset.iri: i for i, item in enumerate(near)}
        ranked = sorted((r for r in usable if r.dataset in place), key=lambda r: (place[r.dataset], r.learner or ""))
        return {"candidates": list(candidates), **page_of(ranked, given.page, self._result)}

    def _result(self, result: SystemResult) -> Row:
        return {
            "cite": self.book.cite(result.iri),
            "learner": result.learner,
            "dataset": self._name(result.dataset),
            result.metric: rounded(result.score),
            "budget": foreign(result.constraint, 60),
        }

    def summaries(self, given: OfParameter) -> Row:
        learner = self.library.learner(given.learner)
        items = self._nearest(learner)
        row = {"learner": learner, **page_of(items, given.page, lambda s: self._summary(s, given.parameter))}
        if given.parameter:
            row["importance"] = self._importance(learner, given.parameter)
        return row

    def _nearest(self, learner: str) -> list[RunSummary]:
        found = self.library.found(learner)
        summaries = {summary.dataset: summary for summary in found.summaries}
        return [summaries[n.dataset] for n in found.neighbours if n.dataset in summaries]

    def _summary(self, summary: RunSummary, parameter: str) -> Row:
        top = [q for q in summary.quantiles if parameter in ("", q.parameter)]
        return {
            "cite": self.book.cite(summary.iri),
            "dataset": self._name(summary.dataset),
            "runs": summary.n,
            "metric": summary.metric,
            "best": rounded(summary.best),
            "median": rounded(summary.median),
            "default": rounded(summary.default),
            "best_after_trials": {str(k): rounded(score) for k, score in summary.random_search},
            "best_decile": {q.parameter: _decile(q) for q in top},
        }

    def _importance(self, learner: str, parameter: str) -> list[Row]:
        found = self.library.found(learner)
        near = {n.dataset: i for i, n in enumerate(found.neighbours)}
        said = [e for e in found.importances if e.dataset in near and parameter in e.importances]
        return [
            {
                "cite": self.book.cite(e.iri),
                "dataset": self._name(e.dataset),
                "share": rounded(e.importances[parameter]),
            }
            for e in sorted(said, key=lambda e: near[e.dataset])[:MOST_SHOWN]
        ]

    def runs(self, given: OfLearner) -> Row:
        learner = self.library.learner(given.learner)
        summaries = self._nearest(learner)
        pairs = [(s, iri) for s in summaries for iri in s.top_runs[:2]]
        responses = {r.dataset: r.iri for r in self.library.found(learner).responses}
        return page_of(pairs, given.page, lambda pair: self._run(pair[0], pair[1], responses))

    def _run(self, summary: RunSummary, iri: Iri, responses: dict[Iri, Iri]) -> Row:
        run = self.library.store.runs([iri])[0]
        evidence = (summary.iri, responses[summary.dataset], iri)
        return {
            "cite": self.book.cite(*evidence, configuration=run.configuration),
            "dataset": self._name(summary.dataset),
            "configuration": configuration_row(run.configuration),
            **_scores(run),
        }

    def profiles(self, given: OfLearner) -> Row:
        learner = self.library.learner(given.learner)
        near = {n.dataset: i for i, n in enumerate(self.library.found(learner).neighbours)}
        kinds = ("fidelity_profile", "fidelity_curve", "cost_profile")
        found = [e for kind in kinds for e in self.library.evidence(kind, learner)]
        profiles = [e for e in found if isinstance(e, FidelityProfile | FidelityCurve | CostProfile)]
        ranked = sorted(profiles, key=lambda e: (near.get(e.dataset, len(near)), e.kind, e.iri))
        return page_of(ranked, given.page, self._profile)

    def _profile(self, profile: FidelityProfile | FidelityCurve | CostProfile) -> Row:
        row: Row = {"cite": self.book.cite(profile.iri), "dataset": self._name(profile.dataset)}
        if isinstance(profile, CostProfile):
            return {**row, "seconds": [rounded(s) for s in profile.seconds], "memory_mb": rounded(profile.memory_mb)}
        if isinstance(profile, FidelityCurve):
            return {**row, **_curve(profile)}
        levels = [
            {
                "value": level.value,
                "rank_correlation": rounded(level.rank_correlation),
                "cost": rounded(level.cost_ratio),
            }
            for level in profile.levels
        ]
        return {**row, "parameter": profile.parameter, "full": profile.full, "levels": levels}

    def studies(self, given: OfLearner) -> Row:
        learner = self.library.learner(given.learner)
        found = [e for e in self.library.evidence("study_summary", learner) if isinstance(e, StudySummary)]
        usable = [e for e in found if e.task_type == self.library.task.task_type]
        return page_of(sorted(usable, key=lambda e: (not e.provenance.is_own, e.iri)), given.page, self._study)

    def _study(self, study: StudySummary) -> Row:
        return {
            "cite": self.book.cite(study.iri, configuration=study.best_configuration),
            "own": study.provenance.is_own,
            "dataset": self._name(study.dataset),
            "metric": study.metric,
            "n_trials": study.n_trials,
            "best": rounded(study.best),
            "best_trial": study.best_trial,
            "best_configuration": configuration_row(study.best_configuration),
        }

    def budgets(self, given: Paged) -> Row:
        found = [e for e in self.library.evidence("published_budget") if isinstance(e, PublishedBudget)]
        return page_of(sorted(found, key=lambda e: (e.trials_low is None, e.name)), given.page, self._budget)

    def _budget(self, budget: PublishedBudget) -> Row:
        figures = {name: rounded(value) for name, value in budget if name in _BUDGET_FIGURES and value is not None}
        said = {"name": foreign(budget.name, 80), **figures, "citation": foreign(budget.citation, 120)}
        return {"cite": self.book.cite(budget.iri), **said, "notes": [foreign(note, 160) for note in budget.notes[:2]]}

    def _name(self, dataset: Iri) -> str:
        return foreign(self.library.dataset_name(dataset), 60)


def _of(datasets: dict[Iri, Dataset], results: Sequence[SystemResult]) -> list[Dataset]:
    return [datasets[iri] for iri in sorted({r.dataset for r in results}) if iri in datasets]


def _curve(curve: FidelityCurve) -> Row:
    points = [
        {"value": point.value, "median": rounded(point.score), "best_differ_by": rounded(point.best_change)}
        for point in curve.points
    ]
    return {"metric": curve.metric, "parameter": curve.parameter, "full": curve.full, "levels": points}


def _decile(quantiles: ParameterQuantiles) -> Row:
    if not quantiles.values:
        return {choice: rounded(share) for choice, share in quantiles.shares.items()}
    middle = quantiles.values[len(quantiles.values) // 2]
    return {"low": min(quantiles.values), "median": middle, "high": max(quantiles.values)}


def _scores(run: Run) -> Row:
    return {metric: rounded(score) for metric, score in run.scores.items()}
