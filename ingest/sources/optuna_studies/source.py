"""A finished study as evidence: its data set, a summary, and its trials as runs.

A trial that is complete is a run. So is one that was pruned, and what a trial reported on its way, at the lower
fidelity it had reached, where it is known what the steps are. A failed trial is no run: how long it took to fail says
nothing of how long a fit takes. It is rejected with its reason, and so is what is still running.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ingest.records import SCORE_PREFIX, Items, Page, RawRuns, Rejected
from ingest.sources.base import Source
from ingest.sources.optuna_studies.meaning import Meaning
from ingest.sources.optuna_studies.snapshot import FOLDER, Study, Trial, read_snapshot
from ingest.sources.optuna_studies.space import StudySpace, searched
from kg.errors import RecordError
from kg.iris import dataset_iri, evidence_iri
from kg.learners.registry import canonical_configuration, learner_named
from kg.model import Configuration, Dataset, FidelityKind, ParameterValue, Standing, StudySummary
from kg.model.provenance import OWN_SOURCE

#: Trials a page.
PAGE_TRIALS = 5_000
#: User attributes that Tunegraph's objective gives a trial (`recommender.objective`).
CONFIGURATION, FOLD_SCORES, REASON = "tunegraph:configuration", "tunegraph:fold_scores", "tunegraph:reason"


class StudySource(Source):
    """One study, read from its snapshot.

    Args:
        slug: The snapshot's name below ``studies/``, without ``.json`` (see `snapshot.Study.slug`).
    """

    title = "Own Optuna study"
    licence = "not published"
    standing = Standing.MEASURED

    def __init__(self, slug: str) -> None:
        self.name = f"{OWN_SOURCE}{slug}"
        self.url = f"urn:tunegraph:study:{slug}"
        self.files = (f"{FOLDER}/{slug}.json",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data set and the summaries, then the trials.

        Raises:
            InputError: The file is no snapshot, or it is not known what the study is about; says which option tells.
        """
        for path in self.paths(folder):
            yield from _Reading(self, Meaning(read_snapshot(path)), self.files[0], retrieved).pages()


@dataclass(frozen=True)
class _Run:
    """What a trial scored at one fidelity."""

    trial: Trial
    learner: str
    configuration: Mapping[str, ParameterValue]
    score: float
    seconds: float = math.nan
    level: float = math.nan
    """NaN at full fidelity."""


@dataclass(frozen=True)
class _Reading:
    source: StudySource
    meaning: Meaning
    file: str
    retrieved: date

    @property
    def study(self) -> Study:
        return self.meaning.study

    def pages(self) -> Iterator[Page]:
        _ = self.meaning.objective, self.meaning.data
        of_trial = {trial.number: self.meaning.learner_of(trial) for trial in self.study.trials}
        learners = sorted({name for name in of_trial.values() if name})
        aside = (self.meaning.choice,) if self.meaning.choice else ()
        spaces = {
            name: searched(
                [t for t in self.study.trials if of_trial[t.number] == name], name, aside=aside, among=learners
            )
            for name in learners
        }
        summaries = [self._summary(name, space, of_trial) for name, space in spaces.items()]
        yield Items(self.file, (self._dataset(), *(summary for summary in summaries if summary)))
        for start in range(0, len(self.study.trials), PAGE_TRIALS):
            yield self._page(self.study.trials[start : start + PAGE_TRIALS], spaces)

    def _dataset(self) -> Dataset:
        data = self.meaning.data
        return Dataset(
            iri=dataset_iri(self.meaning.dataset_key),
            name=data.name,
            task_type=self.meaning.task_type,
            meta_features=data.meta_features,
            provenance=self.source.provenance(self.retrieved, self.file),
        )

    def _summary(self, learner: str, space: StudySpace, of_trial: Mapping[int, str | None]) -> StudySummary | None:
        trials = [trial for trial in self.study.trials if of_trial[trial.number] == learner]
        scored = list(self._mapped(trials, learner, space))
        if not scored:
            return None
        metric = self.meaning.objective.metric
        best, trial, configuration = max(scored, key=lambda one: (metric.gain(one[0]), -one[1].number))
        return StudySummary(
            iri=evidence_iri("study_summary", self.source.name, learner),
            standing=self.source.standing,
            n=len(scored),
            provenance=self.source.provenance(self.retrieved, f"{self.file}: trials of {learner}"),
            dataset=dataset_iri(self.meaning.dataset_key),
            learner=learner,
            metric=metric.name,
            task_type=self.meaning.task_type,
            space=space.space,
            sampler=str(self.meaning.proposed("sampler", "value", "name") or "not recorded"),
            n_trials=len([t for t in trials if t.state in ("COMPLETE", "PRUNED", "FAIL")]),
            time_limit_s=_positive(self.meaning.proposed("budget", "value", "wall_clock_s")),
            wall_clock_s=seconds_in_use(trials),
            best=best,
            best_trial=trial.number,
            best_configuration=configuration,
        )

    def _mapped(
        self, trials: Sequence[Trial], learner: str, space: StudySpace
    ) -> Iterator[tuple[float, Trial, Configuration]]:
        """Yield the score and configuration of each trial that has both."""
        for trial in trials:
            score = self._score(trial)
            try:
                if score is not None:
                    yield score, trial, self._configuration(trial, learner, space)
            except RecordError:
                continue  # rejected with its reason where it is read as a run

    def _score(self, trial: Trial) -> float | None:
        value = trial.values[0] if trial.state == "COMPLETE" and trial.values else None
        return None if value is None else self.meaning.objective.score(value)

    def _configuration(self, trial: Trial, learner: str, space: StudySpace) -> Configuration:
        """Return the trial's configuration under canonical names, with what was fixed where Tunegraph noted it.

        Raises:
            RecordError: A value cannot be read, or is not legal.
        """
        spec = learner_named(learner)
        noted = trial.user_attrs.get(CONFIGURATION)
        raw = dict(noted) if isinstance(noted, dict) else space.configuration(trial, spec)
        return canonical_configuration(spec, "", raw, task_type=self.meaning.task_type)

    def _page(self, trials: Sequence[Trial], spaces: Mapping[str, StudySpace]) -> RawRuns:
        runs: list[_Run] = []
        rejected: list[Rejected] = []
        for trial in trials:
            try:
                runs += self._runs(trial, spaces)
            except RecordError as error:
                reason, _, detail = str(error).partition(": ")
                rejected.append(Rejected(f"{self.file}#trial:{trial.number}", reason, detail))
        unmapped = {f"{learner} {name}": n for learner, s in spaces.items() for name, n in s.unmapped.items()}
        first = bool(trials) and trials[0].number == self.study.trials[0].number
        return RawRuns(
            file=f"{self.file}#trial",
            frame=self._frame(runs),
            configurations=tuple(run.configuration for run in runs),
            rejected=tuple(rejected),
            unmapped=unmapped if first else {},
        )

    def _frame(self, runs: Sequence[_Run]) -> pd.DataFrame:
        steps = self.meaning.steps
        levels = [run.level for run in runs]
        return pd.DataFrame(
            {
                "row": [run.trial.number for run in runs],
                "dataset": [self.meaning.dataset_key for _ in runs],
                "learner": [run.learner for run in runs],
                "configuration": range(len(runs)),
                SCORE_PREFIX + self.meaning.objective.metric.name: [run.score for run in runs],
                "seconds": [run.seconds for run in runs],
                "fidelity_kind": [steps.kind.value if steps and not math.isnan(level) else None for level in levels],
                "fidelity_value": levels,
                "fidelity_full": [steps.full if steps and not math.isnan(level) else math.nan for level in levels],
            }
        ).astype({"fidelity_kind": "object"})

    def _runs(self, trial: Trial, spaces: Mapping[str, StudySpace]) -> Iterator[_Run]:
        """Yield what a trial scored, at each fidelity that it reached.

        Raises:
            RecordError: It is no run; says why.
        """
        _check_finished(trial)
        learner = self.meaning.learner_of(trial)
        if learner is None:
            raise RecordError("trial without learner: no choice of one among its parameters")
        configuration = self._configuration(trial, learner, spaces[learner])
        levels = dict(self._levels(trial))
        if trial.state == "PRUNED" and not levels:
            raise RecordError("pruned trial: it is not known what its steps are, or it reported nothing")
        for level, value in levels.items():
            yield _Run(trial, learner, configuration, self.meaning.objective.score(value), level=level)
        score = self._score(trial)
        if score is not None:
            yield _Run(trial, learner, configuration, score, self._seconds(trial))
        elif trial.state == "COMPLETE":
            raise RecordError("trial without score: its value is no finite number")

    def _seconds(self, trial: Trial) -> float:
        """Return what one fit took; NaN where that is not known, as where cheaper fits are in the trial's time too."""
        steps = self.meaning.steps
        if trial.seconds is None or trial.seconds <= 0 or (steps and steps.kind is not FidelityKind.FOLDS):
            return math.nan
        return trial.seconds / (self.meaning.n_fits or 1)

    def _levels(self, trial: Trial) -> Iterator[tuple[float, float]]:
        """Yield (fidelity, value) of what was reported below full fidelity."""
        steps, folds = self.meaning.steps, trial.user_attrs.get(FOLD_SCORES)
        if steps is None:
            return
        if steps.kind is FidelityKind.FOLDS and isinstance(folds, list):
            # Under Wilcoxon's test the reports are single folds; the means are what other trials report.
            known = [float(score) for score in folds if isinstance(score, int | float)]
            # One fold, two, four, ...: with each fold, a study of fifteen would be fifteen times as large.
            levels = {*(2**i for i in range(len(known).bit_length())), len(known) if trial.state == "PRUNED" else 1}
            reported: dict[float, float | None] = {k: math.fsum(known[:k]) / k for k in sorted(levels) if known}
        else:
            reported = {step / steps.scale: value for step, value in trial.intermediate.items()}
        for level, value in reported.items():
            if value is not None and 0 < level < steps.full:
                yield level, value


def seconds_in_use(trials: Sequence[Trial]) -> float | None:
    """Return the seconds during which at least one of `trials` was running; None where that is not known.

    Pauses between sessions of a study do not count, and trials side by side count once.
    """
    spans = sorted((t.started, t.completed) for t in trials if t.started is not None and t.completed is not None)
    if not spans:
        return None
    total, (begun, ended) = 0.0, spans[0]
    for start, end in spans[1:]:
        if start > ended:
            total += (ended - begun).total_seconds()
            begun = start
        ended = max(ended, end)
    return total + (ended - begun).total_seconds()


def _check_finished(trial: Trial) -> None:
    if trial.state == "FAIL":
        why = trial.user_attrs.get(REASON) or trial.system_attrs.get("fail_reason") or "no reason is recorded"
        raise RecordError(f"failed trial: {why}")
    if trial.state in ("RUNNING", "WAITING"):
        raise RecordError(f"unfinished trial: {trial.state.lower()}")


def _positive(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
