"""Quality: what cannot be evidence is set aside, with the rule and the figures.

Rules hold for any source. Those of `quality_rows` look at single runs; those here look at a group (one learner, data
set and metric of a source), in the light of a first look over all groups (`quality_survey`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from ingest.quality_rows import LAWS, Bounds, Cost, Duplicate, RowRule, TimeFloor
from ingest.quality_survey import UNKNOWN, DatasetFacts, LostColumns, Survey, at_full_fidelity, chance_reason
from ingest.records import SCORE_PREFIX
from kg.model import METRICS, Iri

#: Where the best run of a group is less than this above the median run, its order says nothing (metric's own unit).
NEAR_CONSTANT = {
    "accuracy": 0.002,
    "balanced_accuracy": 0.002,
    "f1": 0.002,
    "roc_auc": 0.001,
    "average_precision": 0.001,
    "brier": 0.001,
    "log_loss": 0.002,
    "r2": 0.002,
}
#: The same for metrics without a unit of their own, as a share of the median.
NEAR_CONSTANT_SHARE = 0.002
#: Distinct configurations from which on a group can be called near-constant.
VARIED = 5


@dataclass(frozen=True)
class View:
    """What group rules may look at beside the group."""

    facts: Mapping[Iri, DatasetFacts] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    lost: Mapping[str, LostColumns] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey) -> View:
        """Return what a survey found."""
        return cls(survey.facts, survey.floors(), survey.lost_columns())


@dataclass(frozen=True)
class Group:
    """The scores of one learner on one data set under one metric, and its runs at full fidelity."""

    learner: str
    dataset: Iri
    metric: str
    full: pd.DataFrame

    @property
    def scores(self) -> pd.Series:
        """The scores at full fidelity."""
        return self.full[SCORE_PREFIX + self.metric].dropna()


GroupRule: TypeAlias = Callable[[Group, View], str]
"""Returns why a group is no evidence, with figures; empty where it is."""


def lost_columns(group: Group, view: View) -> str:
    """The learner was fitted without one kind of column, which this data set has: its scores are of another table."""
    lost = view.lost.get(group.learner)
    count = lost and getattr(view.facts.get(group.dataset, UNKNOWN), lost.kind)
    if not lost or not count:
        return ""
    return (
        f"on {lost.failed} of {lost.of} data sets with {lost.kind} columns only, this learner scores as if it had no "
        f"columns; of this data set it has not seen {count} {lost.kind} ones"
    )


def chance_level(group: Group, view: View) -> str:
    """No configuration does better than a model that has learnt nothing."""
    return chance_reason(group.metric, group.scores, view.facts.get(group.dataset, UNKNOWN))


def near_constant(group: Group, view: View) -> str:
    """Configurations differ and scores do not: their order is noise."""
    del view  # nothing else is needed
    scores = group.scores
    configurations = group.full.loc[scores.index, "configuration"].nunique()
    if configurations < VARIED:
        return ""
    gains = scores if METRICS[group.metric].greater_is_better else -scores
    limit = NEAR_CONSTANT.get(group.metric, NEAR_CONSTANT_SHARE * abs(scores.median()))
    spread = gains.max() - gains.median()
    if spread >= limit:
        return ""
    return (
        f"best - median is {spread:.4g} (limit {limit:.4g}) over {configurations} configurations; "
        f"{scores.nunique()} distinct scores"
    )


#: Group rules by name, in the order in which they are asked; the first that holds gives the reason.
GROUP_RULES: dict[str, GroupRule] = {
    "lost_columns": lost_columns,
    "chance_level": chance_level,
    "near_constant": near_constant,
}


def row_rules(view: View) -> tuple[RowRule, ...]:
    """Return the rules over single runs, in the order in which they are asked."""
    return (Bounds(), Cost(), *LAWS, TimeFloor(view.floors), Duplicate())


def judge(frame: pd.DataFrame, view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split runs into scores that are evidence and scores that are set aside.

    Args:
        frame: Runs as of `ingest.normalize`: all there are of each data set and learner that it holds.
        view: What was seen of the source.

    Returns:
        Two frames with a row a score (``metric``, ``score`` and the columns of `frame` that are no scores); the
        second has ``rule`` and ``reason`` too.
    """
    return divide(frame, mark(frame, view))


@dataclass(frozen=True)
class Marks:
    """What is wrong with runs, and with groups of them."""

    rows: pd.DataFrame
    """``rule`` and ``reason`` of each run, in order; empty where nothing is wrong."""
    groups: Mapping[tuple[str, str, str], tuple[str, str]]
    """(learner, data set, metric) -> (rule, reason) of the groups that are no evidence."""

    def of(self, start: int, stop: int) -> Marks:
        """Return the marks of the runs from `start` on, up to but not including `stop`."""
        return Marks(self.rows.iloc[start:stop], self.groups)


def mark(frame: pd.DataFrame, view: View) -> Marks:
    """Say what is wrong with the runs in `frame`: all there are of each data set and learner that it holds.

    Columns of `quality_rows.NAMES_ONLY` are not needed, and any values that tell configurations apart will do.
    """
    marked = _mark_rows(frame, row_rules(view))
    return Marks(marked[["rule", "reason"]], _judge_groups(marked[marked["rule"].eq("")], view))


def divide(frame: pd.DataFrame, marks: Marks) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split runs, which `marks` are of, as `judge` does."""
    scores = to_scores(frame.assign(rule=marks.rows["rule"].to_numpy(), reason=marks.rows["reason"].to_numpy()))
    for (learner, dataset, metric), verdict in marks.groups.items():
        of_group = scores["metric"].eq(metric) & scores["dataset"].eq(dataset) & scores["learner"].eq(learner)
        scores.loc[of_group & scores["rule"].eq(""), ["rule", "reason"]] = verdict
    kept = scores["rule"].eq("")
    return scores[kept].drop(columns=["rule", "reason"]), scores[~kept]


def to_scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each score that a run has."""
    columns = [name for name in frame.columns if name.startswith(SCORE_PREFIX)]
    rest = [name for name in frame.columns if name not in columns]
    parts = [
        frame.loc[frame[column].notna(), rest].assign(
            metric=column.removeprefix(SCORE_PREFIX), score=frame[column].dropna()
        )
        for column in columns
    ]
    return pd.concat(parts, ignore_index=True) if parts else frame.assign(metric="", score=0.0)[:0]


def _mark_rows(frame: pd.DataFrame, rules: Sequence[RowRule]) -> pd.DataFrame:
    marked = frame.assign(rule="", reason="")
    for rule in rules:
        breach = rule.breaches(frame)
        reasons = pd.Series(breach.reasons, index=frame.index[breach.rows], dtype="object")
        first = reasons.index[marked.loc[reasons.index, "rule"].eq("")]
        marked.loc[first, "rule"] = breach.rule
        marked.loc[first, "reason"] = reasons[first]
    return marked


def _judge_groups(good: pd.DataFrame, view: View) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Return (learner, data set, metric) -> (rule, reason) of the groups that are no evidence."""
    metrics = [name.removeprefix(SCORE_PREFIX) for name in good.columns if name.startswith(SCORE_PREFIX)]
    verdicts: dict[tuple[str, str, str], tuple[str, str]] = {}
    for (learner, dataset), rows in good.groupby(["learner", "dataset"], sort=True):
        full = at_full_fidelity(rows)
        for metric in metrics:
            group = Group(str(learner), Iri(str(dataset)), metric, full)
            if verdict := _first_rule(group, view):
                verdicts[group.learner, group.dataset, metric] = verdict
    return verdicts


def _first_rule(group: Group, view: View) -> tuple[str, str] | None:
    if group.scores.empty:
        return None
    reasons = ((name, rule(group, view)) for name, rule in GROUP_RULES.items())
    return next(((name, reason) for name, reason in reasons if reason), None)
