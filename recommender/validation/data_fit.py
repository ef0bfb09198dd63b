"""Whether the data can be split and scored as the proposal's protocol says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg.model import TaskType
from recommender.proposal import Proposal, Protocol
from recommender.validation.repairs import replace_value
from recommender.validation.stage import failed, noted, repaired
from recommender.validation.verdict import Finding

if TYPE_CHECKING:
    from kg.tables import Table


#: Factor by which a table may have grown or shrunk since its proposal was made.
MOST_GROWTH = 3.0


def protocol_for(proposal: Proposal, table: Table | None) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with a protocol that the task and the table can be scored by, with what was wrong."""
    protocol, task = proposal.protocol.value, proposal.task
    findings: list[Finding] = []
    if protocol.stratified and task.task_type is TaskType.REGRESSION:
        findings.append(repaired("protocol.stratified", "stratified_regression", "A regression has no classes; unset."))
        protocol = protocol.replace(stratified=False)
    rows = table.n_rows if table is not None else task.n_rows
    if rows is not None and protocol.folds > rows:
        message = f"{protocol.folds} folds of {rows} rows."
        findings.append(failed("protocol.folds", "too_many_folds", message, value=protocol.folds, allowed=f"<= {rows}"))
    elif table is not None:
        protocol, found = _with_table(protocol, proposal, table)
        findings += found
    if protocol != proposal.protocol.value:
        proposal = replace_value(proposal, "protocol", protocol)
    return proposal, tuple(findings)


def _with_table(protocol: Protocol, proposal: Proposal, table: Table) -> tuple[Protocol, list[Finding]]:
    if (mismatch := _mismatch(proposal, table)) is not None:
        return protocol, [mismatch]
    if table.task_type is TaskType.REGRESSION:
        return protocol, []
    findings: list[Finding] = []
    if not protocol.stratified and _loses_a_class(table.encoded_target, protocol):
        message = "Some training folds lack a class; the folds are stratified."
        findings.append(repaired("protocol.stratified", "one_class_fold", message))
        protocol = protocol.replace(stratified=True)
    counts = np.bincount(table.encoded_target)
    smallest, largest = int(counts[counts > 0].min()), int(counts.max())
    if protocol.stratified and largest < protocol.folds:
        findings.append(_over_classes(protocol, largest))
        protocol = protocol.replace(folds=max(2, largest))
    if smallest < protocol.folds and not findings:
        message = f"The rarest class has {smallest} rows for {protocol.folds} folds: some folds do not test it."
        findings.append(noted("protocol.folds", "rare_class", message, value=protocol.folds))
    return protocol, findings


def _over_classes(protocol: Protocol, largest: int) -> Finding:
    """Find more stratified folds than any class has rows, which scikit-learn refuses to make."""
    message = f"No class has more than {largest} rows, for {protocol.folds} stratified folds"
    report, ending = (failed, ".") if largest < 2 else (repaired, f"; cut to {largest}.")
    return report("protocol.folds", "too_many_folds", message + ending, value=protocol.folds, allowed=f"<= {largest}")


def _mismatch(proposal: Proposal, table: Table) -> Finding | None:
    """Find a table that is not the one that the proposal speaks of."""
    task, target = proposal.task, str(table.target.name)
    if table.task_type is not task.task_type:
        message = f"The table is for {table.task_type}: {table.reason}."
        return failed("task.task_type", "wrong_task", message, allowed=str(table.task_type))
    if task.target not in ("", target):
        message = f"The table is to predict {target!r}, the proposal {task.target!r}."
        return failed("task.target", "wrong_task", message, value=task.target, allowed=target)
    counted, told = len(table.classes), task.n_classes
    if counted and told is not None and counted != told:
        message = f"The table has {counted} classes, the proposal is for {told}."
        return failed("task.n_classes", "wrong_task", message, value=told, allowed=f"{counted}")
    if task.n_rows is not None and not 1 / MOST_GROWTH <= table.n_rows / max(task.n_rows, 1) <= MOST_GROWTH:
        message = f"The table has {table.n_rows:,} rows, the proposal is for {task.n_rows:,}."
        return failed("task.n_rows", "wrong_task", message, value=task.n_rows, allowed=f"{table.n_rows}")
    if not table.usable:
        return failed("task", "no_usable_column", "No column is left to learn from.")
    return None


def _loses_a_class(target: np.ndarray, protocol: Protocol) -> bool:
    """Say whether a training fold lacks a class: for certain without shuffling, else where a class is rare."""
    classes = np.unique(target)
    if protocol.shuffle:
        # With few rows a class may fall into one fold as a whole: likely enough below about two rows a fold.
        return bool(np.bincount(target)[classes].min() < 2 * protocol.folds)
    folds = np.array_split(np.arange(len(target)), protocol.folds)
    return any(len(np.unique(np.delete(target, fold))) < len(classes) for fold in folds)
