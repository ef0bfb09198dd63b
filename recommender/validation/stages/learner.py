"""Stage 2: the learner is there, its parameters are legal in the installed release, and it can take the data."""

from __future__ import annotations

from kg.errors import InputError, UnknownNameError
from kg.learners.registry import is_installed, learner_named
from kg.learners.spec import LearnerSpec
from kg.model import METRICS, TaskType
from recommender.proposal import Proposal
from recommender.validation.data_fit import protocol_for
from recommender.validation.legalising import legal_space
from recommender.validation.repairs import replace_value
from recommender.validation.row_bounds import fixed_beyond_rows, trained_rows, within_rows
from recommender.validation.stage import GateContext, StageVerdict, failed, noted, repaired
from recommender.validation.starting import legal_fixed, legal_starts
from recommender.validation.verdict import Finding


class LearnerStage:
    """Holds learner, metric, space, warm starts, fixed values and protocol against the registry and the data."""

    name = "learner"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal`; parts that are illegal are cut off where something legal remains."""
        try:
            spec = learner_named(proposal.learner.value)
        except UnknownNameError as error:
            return StageVerdict(proposal, (_named("learner", "unknown_learner", error, proposal.learner.value),))
        findings: list[Finding] = []
        if spec.name != proposal.learner.value:
            findings.append(
                repaired("learner", "alias", f"Its name here is {spec.name!r}.", value=proposal.learner.value)
            )
            proposal = replace_value(proposal, "learner", spec.name)
        findings += _availability(spec, proposal.task.task_type, has_data=context.table is not None)
        findings += _metric(proposal, _classes(proposal, context))
        # The protocol comes first: how many rows a fold trains on bounds what counts rows.
        proposal, found = protocol_for(proposal, context.table)
        findings += found
        rows = context.table.n_rows if context.table is not None else proposal.task.n_rows
        proposal, found = _legalised(proposal, spec, rows)
        return StageVerdict(proposal, (*findings, *found))


def _legalised(proposal: Proposal, spec: LearnerSpec, rows: int | None) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with a legal space, fixed values and warm starts, with what was wrong."""
    task_type = proposal.task.task_type
    fixed, on_fixed = legal_fixed(proposal, spec)
    if fixed != proposal.fixed.value and all(finding.outcome == "repaired" for finding in on_fixed):
        proposal = replace_value(proposal, "fixed", fixed)
    checked = legal_space(spec, proposal.search_space.value, task_type, fixed.root)
    space, on_rows = checked.space, tuple[Finding, ...]()
    if rows is not None:
        most = trained_rows(rows, proposal.protocol.value.folds)
        space, on_rows = within_rows(spec.name, space, most)
        on_rows = (*on_rows, *fixed_beyond_rows(spec.name, fixed, most))
    if space != proposal.search_space.value:
        proposal = replace_value(proposal, "search_space", space)
    found = (*on_fixed, *checked.findings, *on_rows)
    if any(finding.outcome == "failed" for finding in found):
        # Warm starts are points of the space: where that cannot be had, nothing can be said of them.
        return proposal, found
    proposal, on_starts = legal_starts(proposal, spec)
    return proposal, (*found, *on_starts)


def _availability(spec: LearnerSpec, task_type: TaskType, *, has_data: bool) -> list[Finding]:
    if task_type not in spec.task_types:
        allowed = ", ".join(spec.task_types)
        return [failed("learner", "wrong_task", f"{spec.label} is not for {task_type}.", allowed=allowed)]
    if is_installed(spec):
        return []
    if spec.distribution is None:
        message, allowed = f"{spec.label} is known by its evidence only; there is no Python library of it here.", ""
    else:
        extra = f"tunegraph[{spec.extra}]" if spec.extra else spec.distribution
        message, allowed = f"{spec.distribution} is not installed.", f"pip install '{extra}'"
    report = failed if has_data else noted
    return [report("learner", "not_installed", message, value=spec.name, allowed=allowed)]


def _classes(proposal: Proposal, context: GateContext) -> int:
    """Return how many classes there are: the table knows, where there is one; 2 where nobody does."""
    counted = len(context.table.classes) if context.table is not None and context.table.classes else None
    return counted or proposal.task.n_classes or 2


def _metric(proposal: Proposal, classes: int) -> list[Finding]:
    name, task = proposal.metric.value, proposal.task
    metric = METRICS.get(name)
    fitting = [m.name for m in METRICS.values() if m.task_type is task.task_type]
    if metric is None:
        return [
            failed("metric", "unknown_metric", f"There is no metric {name!r}.", value=name, allowed=", ".join(fitting))
        ]
    found = []
    if metric.task_type is not task.task_type:
        message = f"{name} is for {metric.task_type}, the task is {task.task_type}."
        found.append(failed("metric", "metric_unfit", message, value=name, allowed=", ".join(fitting)))
    if metric.binary_only and classes > 2:
        message = f"{name} is for two classes; the task has {classes}."
        found.append(failed("metric", "metric_unfit", message, value=name, allowed=", ".join(fitting)))
    if name != task.metric:
        message = f"The task asks for {task.metric}."
        found.append(failed("metric", "metric_not_asked_for", message, value=name, allowed=task.metric))
    if proposal.prediction.value.metric != name:
        message, value = f"The prediction is in another metric than {name}.", proposal.prediction.value.metric
        found.append(failed("prediction.metric", "metric_mismatch", message, value=value, allowed=name))
    return found


def _named(field: str, code: str, error: InputError, value: str) -> Finding:
    return failed(field, code, error.message, value=value, allowed=error.allowed)
