"""The words of a report, by template, of its figures alone (`recommender.report.numbers.unsupported` checks that)."""

from __future__ import annotations

from recommender.report.model import Figures
from recommender.report.numbers import code, shown


def summary(figures: Figures) -> str:
    """Return what was found, in a few sentences."""
    metric = code(figures.metric) if figures.metric else "score"
    tuned = f"{code(figures.learner)} was tuned" if figures.learner else "A study was run"
    parts = [f"{tuned}: {_trials(figures)}."]
    if figures.best_score is None or figures.best_trial is None or figures.first_score is None:
        return f"{parts[0]} None of them succeeded."
    parts.append(f"The best {metric} is {shown(figures.best_score)}, of trial {figures.best_trial}.")
    if figures.median_score is not None:
        first, median = shown(figures.first_score), shown(figures.median_score)
        parts.append(f"The first trial had {first}, and half of all have {median} or better.")
    return " ".join(parts)


def searched(figures: Figures) -> str:
    """Return what was searched, and what mattered."""
    if figures.not_analysed:
        return f"Nothing is said on the importance of parameters: {figures.not_analysed}."
    told = [p for p in figures.parameters if p.importance_percent is not None]
    if not told or figures.fit is None:
        return "No parameter that was active in all trials took a second value, so that none can be compared."
    most = told[0]
    words = f"{code(most.name)} explains {shown(most.importance_percent or 0.0)} % of the variance of the scores, "
    words += f"more than any of the {len(figures.parameters)} parameters that were searched."
    if len(told) == 1:
        words = f"{code(most.name)} alone was active in all trials, so that it cannot be compared with others."
    return f"{words} {_trust(figures)}"


def interactions(figures: Figures) -> str:
    """Return which parameters depend on each other."""
    if not figures.interactions:
        return ""
    pair = figures.interactions[0]
    words = f"{code(pair.first)} and {code(pair.second)} depend on each other most: "
    return words + f"{shown(pair.percent)} % of what they do together is neither's alone."


def held(figures: Figures) -> str:
    """Return how much of what the evidence had said held."""
    tally = figures.tally
    if not tally:
        return "The study was not made from a proposal, so that there is no evidence to hold it against."
    return (
        f"Of {len(figures.checks)} things that the evidence had said, {tally['held']} held, "
        f"{tally['did not hold']} did not, and of {tally['cannot be told']} it cannot be told."
    )


def stopped(figures: Figures) -> str:
    """Return why the study stopped."""
    if not figures.stop_reason:
        return "The study does not say why it stopped: it may still run, or was interrupted."
    return f"The study stopped because: {figures.stop_reason}."


def cost(figures: Figures) -> str:
    """Return what it cost, and what was assumed."""
    spent = figures.spent
    words = f"The trials took {shown(spent.trial_seconds)} s in all"
    if figures.best_trial is not None:
        words += f", {shown(spent.seconds_after_best)} s of them after the best one"
    return (
        f"{words}. From the first to the last, {shown(spent.wall_clock_s)} s went by. They took "
        f"{shown(spent.cpu_seconds)} processor seconds ({_measured(figures)}), about {shown(spent.energy_wh)} Wh "
        f"at {shown(spent.watts_per_core)} W a core and a power usage effectiveness of "
        f"{shown(spent.pue)}. Memory, storage and what was fitted before the study are not counted."
    )


def _measured(figures: Figures) -> str:
    spent = figures.spent
    cores = f"with {spent.cores} busy {'core' if spent.cores == 1 else 'cores'} a trial"
    if not spent.n_measured:
        return cores
    if spent.n_measured == figures.n_trials:
        return "measured"
    return f"measured in {spent.n_measured} of {figures.n_trials} trials, the others {cores}"


#: What the estimate rests on.
ENERGY_SOURCE = (
    "Method and defaults: Lannelongue, Grealey and Inouye (2021), Green Algorithms, Advanced Science 8, 2100707. "
    "Energy is an estimate; no power was measured."
)


def _trials(figures: Figures) -> str:
    return (
        f"{figures.n_trials} trials, {figures.n_complete} complete, {figures.n_pruned} pruned and "
        f"{figures.n_failed} failed"
    )


def _trust(figures: Figures) -> str:
    if figures.fit is None:
        return ""
    share = shown(figures.fit.r2_percent)
    much = "little" if figures.fit.r2_percent < 30 else "much"
    return f"The model behind the pictures explains {share} % of the variance of trials that it has not seen: {much}."
