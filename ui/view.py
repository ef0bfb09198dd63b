"""How a proposal is told: pure functions from values to lines of text, used by every screen.

sections_of(proposal) -> (Section("Search space", lines=(Line("max_features", "0.08 to 0.71", "..."), ...)), ...)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import Iri, Parameter, ParameterValue, metric_named
from recommender.proposal import Advice, Fidelity, Grounding, Neighbour, Proposal, Rule
from recommender.spending_curve import spending_curve
from recommender.validation.verdict import Outcome, StageResult, Verdict


@dataclass(frozen=True)
class Line:
    """One answer: what it is about, what it says, why, and on what evidence."""

    name: str
    value: str
    why: str = ""
    citations: tuple[Iri, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a proposal: its heading, its lines, and what holds for the lines that do not say otherwise."""

    title: str
    lines: tuple[Line, ...]
    why: str = ""
    citations: tuple[Iri, ...] = ()


def number(value: float) -> str:
    """Return `value` with four significant digits: ``0.3``, ``1500``, ``2.5e-05``."""
    if abs(value) < 1e6 and value == int(value):
        return str(int(value))
    return f"{value:.4g}"


def counted(n: int, noun: str) -> str:
    """Return how many there are: ``1 trial``, ``12 trials``, ``1,200 run summaries``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n:,} {noun if n == 1 else plural}"


def value_text(value: ParameterValue) -> str:
    """Return a hyper-parameter's value as Python would write it, numbers with four digits.

    A whole float keeps its point: to a library, ``max_features=1.0`` is all features and ``max_features=1`` is one.
    """
    if isinstance(value, float):
        text = number(value)
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    return repr(value) if isinstance(value, str) else str(value)


def duration(seconds: float) -> str:
    """Return `seconds` for people: ``45 s``, ``10 min``, ``1 h 30 min``."""
    if seconds < 60:
        return f"{number(seconds)} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def range_text(parameter: Parameter) -> str:
    """Return what a parameter may be: ``0.01 to 0.5 (log)``, ``'gini' | 'entropy'``, ``= 100``."""
    if parameter.kind == "constant":
        return f"= {value_text(parameter.value)}"
    if parameter.kind == "categorical":
        return " | ".join(value_text(choice) for choice in parameter.choices)
    scale = " (log)" if parameter.log else ""
    return f"{number(parameter.low)} to {number(parameter.high)}{scale}"


def configuration_text(items: Iterable[tuple[str, ParameterValue]]) -> str:
    """Return ``name=value`` pairs in one line."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in items) or "library defaults"


def fidelity_text(fidelity: Fidelity | None) -> str:
    """Return the fidelity in words."""
    if fidelity is None:
        return "none: every trial runs in full"
    return f"{fidelity.parameter} from {number(fidelity.min)} to {number(fidelity.max)}, eta {fidelity.eta}"


def rule_text(rule: Rule) -> str:
    """Return a termination rule in words."""
    match rule.kind:
        case "stagnation":
            return f"{rule.patience} trials without a gain"
        case "target_reached":
            return f"score {number(rule.score)} reached"
        case "expected_improvement":
            told = f"next to nothing expected of {rule.trials} trial{'s on end' if rule.trials > 1 else ''}"
            return f"{told} and no gain in {rule.patience}" if rule.patience else told
        case "regret_bound" | "minimum_regret":
            return _PROCESS_RULES[rule.kind]
        case "max_trials":
            return f"{rule.n_trials} trials done"
        case _:
            return f"{duration(rule.seconds)} {'passed' if rule.kind == 'wall_clock' else 'of fits spent'}"


_PROCESS_RULES = {
    "regret_bound": "no more to gain than folds can tell apart",
    "minimum_regret": "trials no longer change what is expected",
}


def headline(proposal: Proposal) -> str:
    """Return the proposal in one sentence."""
    if proposal.advice.value is Advice.DO_NOT_TUNE:
        return f"Do not tune: take {proposal.learner.value} as it is. {proposal.advice.rationale}"
    if proposal.advice.value is Advice.ABSTAIN:
        return f"No recommendation. {proposal.advice.rationale}"
    budget = proposal.budget.value
    return (
        f"Tune {proposal.learner.value} for {proposal.metric.value}: "
        f"{counted(len(proposal.search_space.value.tunable), 'hyper-parameter')}, "
        f"{counted(len(proposal.warm_starts.value), 'warm start')}, at most {counted(budget.n_trials, 'trial')} "
        f"or {duration(budget.wall_clock_s)}."
    )


def sections_of(proposal: Proposal) -> tuple[Section, ...]:
    """Return all of a proposal that a person wants to read, in order."""
    return (
        section_of("Choice", _choice(proposal)),
        section_of("Search space", _space(proposal)),
        section_of("Warm starts", _warm_starts(proposal), why=proposal.warm_starts.rationale),
        section_of("Plan", _plan(proposal)),
        section_of("Prediction", _prediction(proposal)),
        section_of("Similar data sets", _neighbours(proposal.neighbours[:5]), why=_novelty(proposal.novelty)),
    )


def section_of(title: str, lines: Sequence[Line], *, why: str = "") -> Section:
    """Return a section in which what several lines share, a reason or citations, is said once, at its head.

    Args:
        title: Its heading.
        lines: Its lines, each with all that is to be said of it.
        why: What is to be said of the whole.
    """
    shared = "" if why else _shared_reason(lines)
    n_sharing = sum(line.why.startswith(shared) for line in lines)
    bases = {line.citations for line in lines if line.citations}
    citations = next(iter(bases)) if len(bases) == 1 and sum(bool(line.citations) for line in lines) > 1 else ()
    rest = tuple(
        Line(line.name, line.value, line.why.removeprefix(shared).lstrip(), () if citations else line.citations)
        for line in lines
    )
    said = shared if n_sharing == len(lines) or not shared else f"Unless said otherwise: {shared}"
    return Section(title, rest, why or said, citations)


def _shared_reason(lines: Sequence[Line]) -> str:
    """Return the reason that most lines give; nothing where no two give the same."""
    reasons = Counter(line.why for line in lines if line.why)
    reason, n = reasons.most_common(1)[0] if reasons else ("", 0)
    return reason if n > 1 else ""


def verdict_lines(verdict: Verdict) -> tuple[Line, ...]:
    """Return a line for each stage of the gate: how it ended, and what it found."""
    return tuple(Line(stage.name, ": ".join((_OUTCOME[stage.outcome], *_found(stage)))) for stage in verdict.stages)


def _found(stage: StageResult) -> tuple[str, ...]:
    return (" ".join(finding.message for finding in stage.findings),) if stage.findings else ()


_OUTCOME = {
    Outcome.PASS: "pass",
    Outcome.REPAIRED: "repaired",
    Outcome.FAILED: "FAILED",
    Outcome.SKIPPED: "not checked",
}


def _line(name: str, value: str, grounding: Grounding) -> Line:
    return Line(name, value, grounding.rationale, grounding.citations)


def _choice(proposal: Proposal) -> tuple[Line, ...]:
    protocol = proposal.protocol.value
    folds = f"{protocol.folds}-fold" + (f", {protocol.repeats} times" if protocol.repeats > 1 else "")
    direction = "higher is better" if metric_named(proposal.metric.value).greater_is_better else "lower is better"
    return (
        _line("learner", proposal.learner.value, proposal.learner),
        _line("metric", f"{proposal.metric.value} ({direction})", proposal.metric),
        _line("evaluation", f"{folds} cross-validation", proposal.protocol),
    )


def _space(proposal: Proposal) -> tuple[Line, ...]:
    space, whole = proposal.search_space.value, proposal.search_space
    lines = [_line(p.name, range_text(p), whole.parts.get(p.name, whole)) for p in space.parameters]
    fixed = proposal.fixed
    lines += [_line(n, f"fixed at {value_text(v)}", fixed.parts.get(n, fixed)) for n, v in fixed.value.items()]
    return tuple(lines)


def _warm_starts(proposal: Proposal) -> tuple[Line, ...]:
    starts = proposal.warm_starts
    return tuple(
        _line(str(i + 1), configuration_text(configuration.items()), starts.parts.get(str(i), starts))
        for i, configuration in enumerate(starts.value)
    )


def _plan(proposal: Proposal) -> tuple[Line, ...]:
    budget, termination = proposal.budget.value, proposal.termination.value
    joint = " or " if termination.combine == "any" else " and "
    limits = (
        f"{budget.n_trials} trials, {duration(budget.wall_clock_s)}, a trial at most {duration(budget.per_trial_s)}"
    )
    return (
        _line("budget", limits, proposal.budget),
        _line("stop when", joint.join(rule_text(rule) for rule in termination.rules), proposal.termination),
        _line("fidelity", fidelity_text(proposal.fidelity.value), proposal.fidelity),
        _line("sampler", proposal.sampler.value.name, proposal.sampler),
        _line("pruner", proposal.pruner.value.name, proposal.pruner),
        _line("advice", proposal.advice.value.replace("_", " "), proposal.advice),
    )


def _prediction(proposal: Proposal) -> tuple[Line, ...]:
    prediction = proposal.prediction.value
    if not prediction.scores and prediction.curve is None:
        return (_line(prediction.metric, "no figure", proposal.prediction),)
    after = tuple(
        _line(
            f"after {counted(score.k, 'trial')}",
            f"{prediction.metric} {number(score.expected)}  [{number(score.low)}, {number(score.high)}]"
            f"{_about(seconds)}",
            proposal.prediction,
        )
        for score, seconds in ((one.score, one.seconds) for one in spending_curve(proposal))
    )
    return (*after, *_along(proposal))


def _along(proposal: Proposal) -> Iterable[Line]:
    """Yield what cheaper runs of the best of the first trials should score, as far as that is known."""
    prediction = proposal.prediction.value
    if (curve := prediction.curve) is not None:
        for level in curve.levels:
            yield _line(
                f"{curve.parameter} = {number(level.value)}, best of {curve.k}",
                f"{prediction.metric} {number(level.expected)}  [{number(level.low)}, {number(level.high)}]",
                proposal.prediction,
            )


def _about(seconds: float | None) -> str:
    return "" if seconds is None else f"  in about {duration(float(f'{seconds:.1g}' if seconds < 60 else seconds))}"


def _neighbours(neighbours: Sequence[Neighbour]) -> tuple[Line, ...]:
    return tuple(
        Line(n.name, f"weight {n.weight:.1%}" + ("" if n.distance is None else f", distance {n.distance:.2f}"))
        for n in neighbours
    )


def _novelty(novelty: float | None) -> str:
    if novelty is None:
        return ""
    return f"Of the known data sets, {novelty:.0%} have a nearer neighbour than this one has."


def more_text(proposal: Proposal) -> str:
    """Return how to see what stands behind the proposal."""
    names = [f"search_space.{name}" for name in proposal.search_space.parts] or ["budget"]
    return (
        "To see the rules, the evidence and the runs behind it: save it with --json > proposal.json, then "
        f"tunegraph explain proposal.json {names[0]}"
    )


def evidence_text(citations: Sequence[Iri], *, at_most: int = 2) -> str:
    """Return how many citations there are, of which kinds, and the first of them: enough to look them up."""
    if len(citations) <= at_most:
        return ", ".join(_short(iri) for iri in citations)
    kinds = Counter(_kind(iri) for iri in citations)
    how_many = ", ".join(counted(n, kind) for kind, n in kinds.most_common())
    return f"{how_many}: {', '.join(_short(iri) for iri in citations[:at_most])}, ..."


def _short(iri: Iri) -> str:
    return "/".join(iri.rsplit("/", 2)[-2:])


def _kind(iri: Iri) -> str:
    parts = iri.rsplit("/", 2)
    return parts[-2].replace("_", " ") if len(parts) > 2 else "citation"
