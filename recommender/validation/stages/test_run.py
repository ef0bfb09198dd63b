"""Stage 6: default, warm starts, corners and random points are fitted and scored, in a process apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from kg.model import METRICS
from recommender.proposal import Proposal
from recommender.validation.jobs import Ending
from recommender.validation.probes import WARM_STARTS, Probe, baselines, low_fidelity_probe, probes, warm_starts
from recommender.validation.probing import FAULTS, STOPPED, Session
from recommender.validation.repairs import with_starts
from recommender.validation.sample import take_sample
from recommender.validation.sandbox import Sandbox, SandboxError
from recommender.validation.stage import (
    GateContext,
    Measurement,
    StageVerdict,
    failed,
    noted,
    repaired,
    unchecked,
)
from recommender.validation.verdict import Finding, Outcome, TestRun

#: Endings that would take the user's own process with them.
FATAL = frozenset({str(Ending.MEMORY), str(Ending.CRASH), str(Ending.PROCESSES), str(Ending.DISK)})
#: What an ending is called as a fault.
CODES = {
    str(Ending.ERROR): "fit_fails",
    str(Ending.TIMEOUT): "trial_too_slow",
    str(Ending.MEMORY): "out_of_memory",
    str(Ending.CRASH): "crash",
    str(Ending.PROCESSES): "too_many_processes",
    str(Ending.DISK): "disk_filled",
}


class TestRunStage:
    """Fits what the study would fit, on a sample, under limits; whatever a fit does becomes a finding."""

    __test__ = False  # the name is the field's, not pytest's
    name = "test_run"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal` by what its fits do."""
        if context.table is None:
            return _skipped(proposal, "There is no table, only its description, so nothing was fitted.")
        if context.test_run_seconds <= 0:
            return _skipped(proposal, "No test run was wanted, so nothing was fitted.")
        if context.seconds_left <= 0:
            return _skipped(proposal, "The time for test runs was over, so nothing was fitted.")
        sample = take_sample(context.table, proposal.task.metric, proposal.protocol.value, seed=context.seed)
        context.progress("starting the test process")
        with Sandbox(sample, context.limits) as sandbox:
            try:
                sandbox.start(min(context.limits.startup_s, context.seconds_left))
                session = Session(sandbox, sample, proposal, context)
            except SandboxError as error:
                return _skipped(proposal, f"{error} Nothing was fitted.")
            planned = _fit(session, proposal, context)
            network = "none" if sandbox.is_offline else "refused to Python, not to native code"
        found = _verdict(proposal, session, planned, sample.notes)
        return replace(found, measurements={**found.measurements, "network": network})


def _fit(session: Session, proposal: Proposal, context: GateContext) -> int:
    """Fit what is to be fitted; return how many configurations there would have been."""
    dummy, default = baselines()
    context.progress("fitting the default")
    first = session.measure(default)
    if first.status in FAULTS:
        return 1
    if session.settle_size(first):
        _measure_all(session, context, [default])
    elif first.is_complete:
        session.time_on_more_rows(first)
    _measure_all(session, context, [dummy])
    planned = list(probes(proposal, context.seed))
    _measure_all(session, context, planned, proposal)
    if _starts_lag(session.runs, proposal):
        further = list(warm_starts(proposal, WARM_STARTS, 2 * WARM_STARTS))
        _measure_all(session, context, further, proposal)
        planned += further
    return 2 + len(planned)


def _measure_all(
    session: Session, context: GateContext, planned: Sequence[Probe], proposal: Proposal | None = None
) -> None:
    """Fit `planned` in order while there is time; of a `proposal` with a fidelity each at once at the lowest, too."""
    for number, probe in enumerate(planned):
        if not session.has_time or _is_certain(session.runs):
            return
        context.progress(f"fitting {number + 1} of {len(planned)}")
        try:
            run = session.measure(probe)
            n_rows = context.table.n_rows if context.table is not None else run.rows
            low = low_fidelity_probe(proposal, len(session.runs) - 1, run, n_rows) if proposal is not None else None
            if low is not None and session.has_time:
                session.measure(low)
        except SandboxError:  # no time for another process: what was fitted so far is what there is
            return


def _starts_lag(runs: Sequence[TestRun], proposal: Proposal) -> bool:
    """Say whether no warm start so far is as good as the default, so that more of them should be seen."""
    gains = {
        role: [
            METRICS[proposal.metric.value].gain(fmean(run.scores))
            for run in runs
            if run.role == role and run.is_complete
        ]
        for role in ("default", "warm_start")
    }
    return bool(gains["default"] and gains["warm_start"]) and max(gains["warm_start"]) < gains["default"][-1]


def _is_certain(runs: Sequence[TestRun]) -> bool:
    """Say whether the space has been shown to be unfit: two of its points would have ended the user's process."""
    return sum(run.status in FATAL and run.role in ("corner", "random") for run in runs) >= 2


def _verdict(proposal: Proposal, session: Session, planned: int, notes: Sequence[str]) -> StageVerdict:
    runs = session.runs
    findings = [*_on_default(runs), *_on_space(runs)]
    proposal, on_starts = _without_failing(proposal, runs)
    findings += on_starts
    done = [run for run in runs if run.status != STOPPED and run.role not in ("timing", "low_fidelity")]
    tried = {(run.role, run.label) for run in done}
    if len(tried) < planned and not any(f.outcome is Outcome.FAILED for f in findings):
        message = (
            f"{planned - len(tried)} of {planned} configurations were not fitted to the end, for lack of time or rows."
        )
        findings.append(unchecked("search_space", message))
    measurements: dict[str, Measurement] = {
        "rows": session.size.rows,
        "folds": session.size.folds,
        "configurations": len(tried),
        "fits": sum(len(run.scores) for run in runs),
        "fit_seconds": float(sum(sum(run.seconds) for run in runs)),
        "failed": sum(run.status in FAULTS for run in runs),
        "sample": "; ".join(notes) or "the whole table",
    }
    # Nothing that came to its end is nothing that was checked; a fault that was found stands all the same.
    return StageVerdict(proposal, tuple(findings), measurements, tuple(runs), skipped=not done)


def _on_default(runs: Sequence[TestRun]) -> Iterable[Finding]:
    default = [run for run in runs if run.role == "default"]
    for run in default:
        if run.status in FAULTS:
            yield failed("learner", CODES[run.status], f"The learner's default: {run.detail}.")
            return
    if not any(run.is_complete for run in default):
        yield unchecked("learner", "The learner's default was not fitted to the end: the time was over.")


def _on_space(runs: Sequence[TestRun]) -> Iterable[Finding]:
    """Find faults of the space itself: points that end the process, or so many that fail that trials are wasted."""
    points = [run for run in runs if run.role in ("corner", "random")]
    bad = [run for run in points if run.status in FAULTS]
    fatal = [run for run in bad if run.status in FATAL]
    for run in fatal[:3]:
        yield failed("search_space", CODES[run.status], f"{_words(run)}: {run.detail}.")
    rest = [run for run in bad if run not in fatal]
    report = failed if len(rest) >= 2 and 2 * len(rest) > len(points) else noted
    for run in rest[:3]:
        share = f"{len(rest)} of {len(points)} points"
        yield report("search_space", CODES[run.status], f"{_words(run)}: {run.detail} ({share}).")


def _without_failing(proposal: Proposal, runs: Sequence[TestRun]) -> tuple[Proposal, list[Finding]]:
    """Return `proposal` without the warm starts whose fit failed."""
    tried = {int(run.label): run for run in runs if run.role == "warm_start"}
    bad = {number: run for number, run in tried.items() if run.status in FAULTS}
    if not bad:
        return proposal, []
    kept = [(i, start) for i, start in enumerate(proposal.warm_starts.value) if i not in bad]
    findings = [
        repaired(f"warm_starts.{i}", CODES[run.status], f"{run.detail}; the warm start is left out.")
        for i, run in bad.items()
    ]
    if len(bad) == len(tried):
        words = f"All {len(tried)} warm starts that were fitted failed."
        findings.append(failed("warm_starts", "no_warm_start_left", words))
    return with_starts(proposal, kept), findings


def _words(run: TestRun) -> str:
    settings = ", ".join(f"{name}={value!r}" for name, value in run.configuration.items())
    return f"{run.role} {run.label} ({settings[:200]})"


def _skipped(proposal: Proposal, message: str) -> StageVerdict:
    return StageVerdict(proposal, (unchecked("proposal", message),), skipped=True)
