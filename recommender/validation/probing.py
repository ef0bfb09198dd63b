"""On how many rows a test run fits, how long each fit may take, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kg.learners.registry import learner_named
from kg.model import FidelityKind
from recommender.proposal import Proposal
from recommender.validation.jobs import DUMMY, Ending, FitJob, JobResult, Sample
from recommender.validation.probes import Probe
from recommender.validation.row_bounds import needs_more_rows, trained_rows
from recommender.validation.sandbox import Sandbox
from recommender.validation.stage import GateContext
from recommender.validation.verdict import TestRun

#: Rows of the first fit, which shows what a fit takes.
PILOT_ROWS = 500
#: Samples that are tried for size after the pilot, largest first: rows, folds.
SIZES = ((5_000, 3), (2_000, 3), (1_000, 3), (500, 3))
#: Default-sized fits that the rest of the plan is reckoned as: other configurations cost more than the default.
PLANNED_FITS = 25
#: Share of the time left that the plan may be reckoned to take.
PLANNED_SHARE = 0.7
#: Share of the time left that one configuration may take: the default's own, any other's.
DEFAULT_SHARE, PROBE_SHARE = 0.5, 0.2
#: Multiple of the default's seconds that any other may take in any case: the last ones should come to an end, too.
PROBE_MULTIPLE = 4.0
#: Share of the time left for a fit on more rows that shows how seconds grow with them, and by how many times more.
TIMING_SHARE, TIMING_FACTOR = 0.25, 4
#: Least seconds that a configuration is given, and below which none is begun.
LEAST_SECONDS = 0.25
#: Multiple of a trial's own limit from which on a fit is not even begun, once one of the kind has not come to its end.
FORESEEN_MULTIPLE = 3.0
#: Status of a run that was ended for lack of test-run time or rows, not by the proposal's own limit.
STOPPED = "stopped"

#: Roles in which the library's default is fitted.
DEFAULT_ROLES = ("default", "timing")

#: Status in which a fit shows a fault of the configuration.
FAULTS = frozenset({str(e) for e in Ending} - {str(Ending.DONE)})


@dataclass(frozen=True)
class Size:
    """How large a test run's fits are."""

    rows: int
    folds: int
    comparable: bool = False
    """Whether rows and folds are those of the study."""


class Session:
    """Fits probes one after the other until the time is over, and keeps what came out.

    Args:
        sandbox: Where to fit.
        sample: Its data.
        proposal: What is judged.
        context: Seconds left.
    """

    def __init__(self, sandbox: Sandbox, sample: Sample, proposal: Proposal, context: GateContext) -> None:
        self.runs: list[TestRun] = []
        self._sandbox, self._sample, self._proposal, self._context = sandbox, sample, proposal, context
        protocol = proposal.protocol.value
        whole = sample.is_whole
        size = Size(sample.rows, protocol.folds, comparable=protocol.repeats == 1)
        self._study_size = size if whole else None
        self.size = self._pilot_size()
        self._is_slow_known = False

    @property
    def has_time(self) -> bool:
        """Whether there is time for another fit, with a new process where the last one had to be ended."""
        start = 0.0 if self._sandbox.is_running else self._sandbox.startup_seconds
        return self._context.seconds_left > start + LEAST_SECONDS

    def measure(self, probe: Probe) -> TestRun:
        """Fit `probe`, keep and return what came of it.

        Raises:
            SandboxError: A new process was needed and did not start in time.
        """
        limit, is_own = self._limit(probe)
        foreseen = self._foreseen(probe)
        if foreseen is not None and self._is_slow_known:
            words = f"about {foreseen:.3g} s are foreseen, by what the default took; {self._own_limit:g} s are allowed"
            self.runs.append(self._kept(probe, JobResult(Ending.TIMEOUT, detail=words), is_own=True))
            return self.runs[-1]
        if needs_more_rows(self._proposal.learner.value, probe.configuration, self._trained_rows):
            detail = f"it counts more rows than the {self._trained_rows} that a fold of the sample trains on"
            self.runs.append(self._kept(probe, JobResult(Ending.TIMEOUT, detail=detail), is_own=False))
            return self.runs[-1]
        self._sandbox.start(max(LEAST_SECONDS, self._context.seconds_left))
        job = FitJob(
            learner=DUMMY if probe.role == DUMMY else self._proposal.learner.value,
            configuration=dict(probe.configuration.items()),
            rows=self.size.rows,
            folds=self.size.folds,
            limit_s=limit,
            seed=self._proposal.task.seed,
            train_fraction=probe.train_fraction,
        )
        run = self._kept(probe, self._sandbox.run(job), is_own=is_own)
        self._is_slow_known |= foreseen is not None and not run.is_complete
        self.runs.append(run)
        return run

    def _foreseen(self, probe: Probe) -> float | None:
        """Return the seconds that `probe` should take, where they are far beyond a trial's limit; else None.

        Ensembles take seconds in proportion to their members; nothing is foreseen of other learners.
        """
        spec, task_type = learner_named(self._proposal.learner.value), self._proposal.task.task_type
        own = spec.fidelity
        done = [r for r in self.runs if r.role in DEFAULT_ROLES and r.is_complete and r.rows <= self.size.rows]
        if own is None or own.kind is not FidelityKind.ESTIMATORS or not done or probe.role == DUMMY:
            return None
        members, usual = probe.configuration.get(own.parameter, None), spec[own.parameter].default_for(task_type)
        if not isinstance(members, int | float) or not isinstance(usual, int | float) or usual <= 0:
            return None
        seconds = sum(done[-1].seconds) * members / usual
        return seconds if seconds > FORESEEN_MULTIPLE * self._own_limit else None

    @property
    def _trained_rows(self) -> int:
        return trained_rows(self.size.rows, self.size.folds)

    @property
    def _own_limit(self) -> float:
        return self._proposal.budget.value.per_trial_s

    def settle_size(self, default: TestRun) -> bool:
        """Choose rows and folds for all that follows from what the default took; say whether they changed."""
        if not default.is_complete or self._context.fit_size is not None:
            return False
        per_row = max(float(np.mean(default.seconds)), 1e-4) / default.rows
        before, left = self.size, PLANNED_SHARE * self._context.seconds_left
        for size in self._sizes():
            if PLANNED_FITS * size.folds * size.rows * per_row <= left:
                self.size = size
                break
        return self.size != before

    def time_on_more_rows(self, default: TestRun) -> None:
        """Fit the default once on more rows, where that is affordable: so it is seen how seconds grow with rows."""
        rows = min(TIMING_FACTOR * default.rows, self._sample.rows)
        expected = sum(default.seconds) * rows / default.rows
        if rows < 2 * default.rows or expected > TIMING_SHARE * self._context.seconds_left:
            return
        before, self.size = self.size, Size(rows, default.folds)
        self.measure(Probe("timing", "", default.configuration))
        self.size = before

    def _sizes(self) -> Iterator[Size]:
        if self._study_size is not None:
            yield self._study_size
        yield from (Size(rows, folds) for rows, folds in SIZES if rows <= self._sample.rows)

    def _pilot_size(self) -> Size:
        if self._context.fit_size is not None:
            rows, folds = self._context.fit_size
            study = self._study_size
            return study if study is not None and (study.rows, study.folds) == (rows, folds) else Size(rows, folds)
        if self._study_size is not None and self._sample.rows <= PILOT_ROWS:
            return self._study_size
        return Size(min(PILOT_ROWS, self._sample.rows), 3)

    def _limit(self, probe: Probe) -> tuple[float, bool]:
        """Return the seconds for a probe, and whether it is the proposal's own limit of a trial."""
        left = self._context.seconds_left
        share = max(LEAST_SECONDS, left * (DEFAULT_SHARE if probe.role in DEFAULT_ROLES else PROBE_SHARE))
        done = [sum(run.seconds) for run in self.runs if run.role in DEFAULT_ROLES and run.is_complete]
        share = min(left, max(share, PROBE_MULTIPLE * done[-1] if done else 0.0))
        own = self._own_limit
        return (own, True) if own <= share else (share, False)

    def _kept(self, probe: Probe, result: JobResult, *, is_own: bool) -> TestRun:
        status = STOPPED if result.ending is Ending.TIMEOUT and not is_own else str(result.ending)
        return TestRun(
            role=probe.role,
            label=probe.label,
            configuration=probe.configuration,
            status=status,
            detail=result.detail[:300],
            scores=result.scores,
            seconds=tuple(float(f"{seconds:.6g}") for seconds in result.seconds),
            rows=self.size.rows,
            folds=self.size.folds,
            comparable=self.size.comparable and probe.fidelity is None,
            fidelity=probe.fidelity,
        )
